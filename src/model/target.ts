/** The four apps that read secrets of their own. */
export const APPS = ['actions', 'dependabot', 'codespaces', 'agents'] as const;

export type App = (typeof APPS)[number];

/** Who may read an organization secret. */
export type Visibility = 'all' | 'private' | 'selected';

/** Where a GitHub secret lives. */
export type Place =
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
export type OrganizationPlace = Extract<Place, { kind: 'organization' }>;

/** One secret to write: a place and a name. */
export interface Target {
  readonly place: Place;
  readonly secretName: string;
}

/** How a place reads, in the words of a target. */
export function placeLine(place: Place): string {
  switch (place.kind) {
    case 'repository':
      return `${place.app} repository ${place.owner}/${place.repo}`;
    case 'environment':
      return `environment ${place.owner}/${place.repo} ${place.environment}`;
    case 'organization':
      return `${place.app} organization ${place.org}`;
  }
}

/** How a target reads, whole: the same for every way of writing it. */
export function targetLine({ place, secretName }: Target): string {
  return `${placeLine(place)} as ${secretName}`;
}

/** One text for one place: GitHub does not tell upper from lower case in the names of one. */
export function placeKey(place: Place): string {
  return placeLine(place).toLowerCase();
}

/** One text for one secret: GitHub does not tell upper from lower case in any of these names. */
export function targetKey(target: Target): string {
  return targetLine(target).toLowerCase();
}
