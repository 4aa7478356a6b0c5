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

export type OrganizationScope = Extract<SecretScope, { kind: 'organization' }>;

/** One secret to write: a place and a name. */
export interface Target {
  readonly scope: SecretScope;
  readonly secretName: string;
}

/** How a place reads, in the words of a target. */
export function scopeLine(scope: SecretScope): string {
  return scope.kind === 'environment'
    ? `environment ${placeName(scope)}`
    : `${scope.app} ${scope.kind} ${placeName(scope)}`;
}

/** How a target reads, whole: the same for every way of writing it. */
export function targetLine({ scope, secretName }: Target): string {
  return `${scopeLine(scope)} as ${secretName}`;
}

const APP_NAMES = { actions: '', dependabot: 'Dependabot ', codespaces: 'Codespaces ', agents: 'Agents ' };

/** A target as a sentence names it: `secret VANTAGE_CLIENT_SECRET in environment "staging" of octo-org/octo-repo`. */
export function targetInProse({ scope, secretName }: Target): string {
  return itemInProse('secret', secretName, scope);
}

/** A secret or a variable as a sentence names it. A secret of another app than Actions names its app. */
export function itemInProse(kind: 'secret' | 'variable', name: string, scope: SecretScope): string {
  const app = kind === 'secret' ? APP_NAMES[scope.app] : '';
  return `${app}${kind} ${name} in ${scopeInProse(scope)}`;
}

/** A place as a sentence names it: `environment "staging" of octo-org/octo-repo`. */
export function scopeInProse(scope: SecretScope): string {
  return scope.kind === 'environment'
    ? `environment "${scope.environment}" of ${scope.owner}/${scope.repo}`
    : `${scope.kind} ${placeName(scope)}`;
}

/** The name of a place alone: `octo-org/octo-repo staging`. */
export function placeName(scope: SecretScope): string {
  if (scope.kind === 'organization') {
    return scope.org;
  }
  const repository = `${scope.owner}/${scope.repo}`;
  return scope.kind === 'environment' ? `${repository} ${scope.environment}` : repository;
}

/** One text for one place: GitHub does not tell upper from lower case in the names of one. */
export function scopeKey(scope: SecretScope): string {
  return scopeLine(scope).toLowerCase();
}

/** One text for one secret: GitHub does not tell upper from lower case in any of these names. */
export function targetKey(target: Target): string {
  return targetLine(target).toLowerCase();
}
