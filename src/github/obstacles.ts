import { Failure } from '../model/failure.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { type SecretScope, scopeKey, scopeLine, type Target } from '../model/target.ts';
import type { GitHub } from './github.ts';
import { UNARCHIVE } from './reasons.ts';

/** So many names of secrets an error holds. */
const MOST_NAMED = 5;

/** Something that may keep targets from being written. */
export interface Obstacle {
  /** Whether it would keep this one. */
  readonly blocks: (target: PreparedTarget) => boolean;
  /** A Failure ends it where the obstacle is there. */
  readonly deletedFromGitHub: Promise<void>;
}

/**
 * Looks for what keeps places from taking secrets though the token may write them. What GitHub does not tell is left to
 * the write. The questions go out at once, but for those that the answers to other ones may spare.
 *
 * @param own `owner/repo` of the workflow, where this GitHub has it.
 * @param isAsked whether a target is asked for its secret anyway.
 * @param prepared the targets that could be prepared.
 */
export function findObstacles(
  targets: readonly Target[],
  own: string | undefined,
  isAsked: (scope: SecretScope) => boolean,
  prepared: Promise<readonly PreparedTarget[]>,
  github: GitHub,
): readonly Obstacle[] {
  const rooms = [...Map.groupBy(targets, ({ scope }) => scopeKey(scope)).entries()].flatMap(([key, group]) => {
    const [{ scope }] = group as [Target];
    const most = mostSecrets(scope);
    const wanting = async () => (isAsked(scope) ? missingOf(group, await prepared) : group);
    return most === undefined
      ? []
      : [
          {
            // A secret that is there takes no more room.
            blocks: ({ target, updatedAt }: PreparedTarget) =>
              scopeKey(target.scope) === key && updatedAt === undefined,
            deletedFromGitHub: wanting().then(wanted => assertRoom(scope, wanted, most, github)),
          },
        ];
  });
  const archives = otherRepositories(targets, own).map(({ owner, repo }) => ({
    blocks: ({ target: { scope } }: PreparedTarget) => repositoryKey(scope) === repositoryKey({ owner, repo }),
    deletedFromGitHub: assertNotArchived({ owner, repo }, github),
  }));
  return [...archives, ...rooms];
}

/** The targets that are known to have no secret yet, in places that are there. */
function missingOf(targets: readonly Target[], prepared: readonly PreparedTarget[]): readonly Target[] {
  return prepared
    .filter(({ target, resolved, updatedAt }) => targets.includes(target) && resolved.key && !updatedAt)
    .map(({ target }) => target);
}

/** Each repository but the workflow's own: no workflow runs in one that is archived. */
function otherRepositories(targets: readonly Target[], own: string | undefined) {
  const named = targets.flatMap(({ scope }) => (scope.kind === 'organization' ? [] : [scope]));
  const repositories = new Map(named.map(scope => [repositoryKey(scope), scope]));
  repositories.delete(own?.toLowerCase());
  return [...repositories.values()];
}

function repositoryKey(
  scope: SecretScope | Pick<Extract<SecretScope, { kind: 'repository' }>, 'owner' | 'repo'>,
): string | undefined {
  return 'owner' in scope ? `${scope.owner}/${scope.repo}`.toLowerCase() : undefined;
}

async function assertNotArchived(
  { owner, repo }: { readonly owner: string; readonly repo: string },
  { repositories }: GitHub,
): Promise<void> {
  if (await repositories.isArchived(owner, repo)) {
    throw new Failure('github-permission', {
      operation: `looking at repository ${owner}/${repo}`,
      reason: 'it is archived, so it is read-only',
      advice: UNARCHIVE,
    });
  }
}

/**
 * "You can store up to 1,000 organization secrets, 100 repository secrets, and 100 environment secrets" (GitHub, secrets
 * reference). Of codespaces it is 100 in either. For other apps GitHub documents no number.
 */
function mostSecrets(scope: SecretScope): number | undefined {
  if (scope.kind === 'environment' || scope.app === 'codespaces') {
    return 100;
  }
  return scope.app === 'actions' ? { repository: 100, organization: 1000 }[scope.kind] : undefined;
}

/** The first of some names, and how many there are beside them. */
function listed(names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} and ${more} more` : names.join(', ');
}

/** Refuses secrets that would be more than their place takes. */
async function assertRoom(
  scope: SecretScope,
  targets: readonly Target[],
  most: number,
  { secrets }: GitHub,
): Promise<void> {
  const count = targets.length === 0 ? undefined : await secrets.count(scope);
  if (count === undefined || count + targets.length <= most) {
    return;
  }
  const held = await Promise.all(targets.map(target => secrets.read(target)));
  const fresh = targets.filter((_, index) => held[index] === undefined).map(({ secretName }) => secretName);
  if (count + fresh.length > most) {
    throw new Failure('invalid-input', {
      operation: `looking for room in ${scopeLine(scope)}`,
      reason: `it holds ${count} of ${most} secrets, the most that GitHub takes, and not yet ${listed(fresh)}`,
      advice: 'Delete secrets there that nobody uses, or name another place in `write-to`.',
    });
  }
}
