import type { OrganizationPlace, Place, Visibility } from '../request/targets.ts';

/** Who may read an organization's secret or variable. */
export interface Audience {
  readonly visibility: Visibility;
  /** Ids of repositories, where `visibility` is `selected`. */
  readonly repositories: readonly number[];
}

/** Who is to read an organization's secret: who may now, unless the line names others. A new one is private. */
export function audienceOf({ visibility }: OrganizationPlace, found: Audience | undefined): Audience {
  return visibility === undefined || visibility === found?.visibility
    ? (found ?? { visibility: 'private', repositories: [] })
    : { visibility, repositories: [] };
}

/** Whether who is to read a secret depends on who may read it now. */
export function keepsReaders({ visibility }: OrganizationPlace): boolean {
  return visibility === undefined || visibility === 'selected';
}

/** The part of a body that says who may read. Dependabot alone takes the ids of repositories as texts. */
export function audienceBody(place: Place, audience: Audience | undefined): Record<string, unknown> {
  if (place.kind !== 'organization' || !audience) {
    return {};
  }
  const { visibility, repositories } = audience;
  const ids = place.app === 'dependabot' ? repositories.map(String) : repositories;
  return visibility === 'selected' ? { visibility, selected_repository_ids: ids } : { visibility };
}
