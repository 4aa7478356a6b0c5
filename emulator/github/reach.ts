import type { SecretScope } from './place.ts';
import { Refusal } from './refusal.ts';
import type { Store, StoredItem, Visibility } from './store.ts';

/** The members of a body that say which repositories an organization's secret or variable reaches. */
export interface ReachBody {
  visibility?: Visibility;
  selected_repository_ids?: readonly (number | string)[];
}

type Reach = Pick<StoredItem, 'visibility' | 'repositoryIds'>;

/**
 * Which repositories a secret or variable reaches once a body is carried out. What the body does not say of the
 * visibility stays; but `selected` without ids leaves one that there was with no repository at all.
 */
export function readReach(scope: SecretScope, body: ReachBody, existing: StoredItem | undefined, store: Store): Reach {
  if (!('org' in scope)) return {};
  const { visibility = existing?.visibility ?? 'private', selected_repository_ids: ids } = body;
  if (visibility !== 'selected') {
    if (ids?.length) throw new Refusal(422, 'selected_repository_ids can only be set when visibility is selected.');
    return { visibility };
  }
  if (body.visibility === undefined && ids === undefined)
    return { visibility, repositoryIds: existing?.repositoryIds ?? [] };
  if (ids === undefined && !existing)
    throw new Refusal(422, 'Invalid request.\n\n"selected_repository_ids" wasn\'t supplied.');
  // Both are within GitHub's description, yet Dependabot's own documentation and clients know strings alone.
  const number = scope.app === 'dependabot' ? ids?.find(id => typeof id === 'number') : undefined;
  if (number !== undefined) throw new Refusal(422, `Invalid request.\n\nFor 'items', ${number} is not a string.`);
  return { visibility, repositoryIds: readIds(scope, ids ?? [], store) };
}

/** Ids of repositories, each of which has to be the organization's. */
export function readIds(scope: SecretScope, ids: readonly (number | string)[], store: Store): number[] {
  const owner = 'org' in scope ? scope.org.toLowerCase() : '';
  const own = store.repositories().filter(repository => repository.owner.toLowerCase() === owner);
  return [...new Set(ids.map(Number))].map(id => {
    if (own.some(repository => repository.id === id)) return id;
    throw new Refusal(422, `The repository ${id} does not belong to the organization.`);
  });
}
