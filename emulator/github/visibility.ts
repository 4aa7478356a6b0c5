import type { SecretScope } from './place.ts';
import { Refusal } from './refusal.ts';
import type { Visibility } from './seed.ts';
import type { Store, StoredItem } from './store.ts';

/** The members of a request body that set which repositories can read a secret or variable of an organization. */
export interface VisibilityBody {
  visibility?: Visibility;
  selected_repository_ids?: readonly (number | string)[];
}

type RepositoryAccess = Pick<StoredItem, 'visibility' | 'repositoryIds'>;

/**
 * Which repositories can read a secret or variable after a request. A visibility that the request leaves out is kept. But
 * `selected` without IDs leaves an existing item without any repository.
 */
export function readVisibility(
  scope: SecretScope,
  body: VisibilityBody,
  existing: StoredItem | undefined,
  store: Store,
): RepositoryAccess {
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
  // GitHub's OpenAPI description allows numbers and strings, but the documentation of Dependabot only has strings.
  const number = scope.app === 'dependabot' ? ids?.find(id => typeof id === 'number') : undefined;
  if (number !== undefined) throw new Refusal(422, `Invalid request.\n\nFor 'items', ${number} is not a string.`);
  return { visibility, repositoryIds: readIds(scope, ids ?? [], store) };
}

/** Reads IDs of repositories. Throws the refusal of a repository that does not belong to the organization. */
export function readIds(scope: SecretScope, ids: readonly (number | string)[], store: Store): number[] {
  const owner = 'org' in scope ? scope.org.toLowerCase() : '';
  const own = store.repositories().filter(repository => repository.owner.toLowerCase() === owner);
  return [...new Set(ids.map(Number))].map(id => {
    if (own.some(repository => repository.id === id)) return id;
    throw new Refusal(422, `The repository ${id} does not belong to the organization.`);
  });
}
