/** The four apps that read secrets of their own. */
export const APPS = ['actions', 'dependabot', 'codespaces', 'agents'] as const;

export type App = (typeof APPS)[number];

/** Who may read an organization secret. */
export type Visibility = 'all' | 'private' | 'selected';

/** Where a GitHub secret lives. */
export type SecretScope =
  | { readonly kind: 'repository'; readonly app: App; readonly owner: string; readonly repo: string }
  | {
      readonly kind: 'environment';
      readonly app: 'actions';
      readonly owner: string;
      readonly repo: string;
      readonly environment: string;
    }
  | {
      readonly kind: 'organization';
      readonly app: App;
      readonly org: string;
      /** Absent where the workflow leaves an existing secret's as it is. */
      readonly visibility?: Visibility;
    };

/** Where an organization keeps its secrets. */
export type OrganizationScope = Extract<SecretScope, { kind: 'organization' }>;

/** One secret to write: a place and a name. */
export interface Target {
  readonly scope: SecretScope;
  readonly secretName: string;
}

/** How a place reads, in the words of a target. */
export function scopeLine(scope: SecretScope): string {
  switch (scope.kind) {
    case 'repository':
      return `${scope.app} repository ${scope.owner}/${scope.repo}`;
    case 'environment':
      return `environment ${scope.owner}/${scope.repo} ${scope.environment}`;
    case 'organization':
      return `${scope.app} organization ${scope.org}`;
  }
}

/** How a target reads, whole: the same for every way of writing it. */
export function targetLine({ scope, secretName }: Target): string {
  return `${scopeLine(scope)} as ${secretName}`;
}

/** One text for one place: GitHub does not tell upper from lower case in the names of one. */
export function scopeKey(scope: SecretScope): string {
  return scopeLine(scope).toLowerCase();
}

/** One text for one secret: GitHub does not tell upper from lower case in any of these names. */
export function targetKey(target: Target): string {
  return targetLine(target).toLowerCase();
}
