import { Failure } from '../model/failure.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { type SecretScope, scopeInProse, scopeKey, type Target } from '../model/target.ts';
import { UNARCHIVE } from './failures.ts';
import type { Lookups } from './lookups.ts';
import type { GitHubSecrets } from './secrets.ts';

/** The most names of secrets in an error. */
const MAX_NAMES = 5;

type RepositoryName = Pick<Extract<SecretScope, { kind: 'repository' }>, 'owner' | 'repo'>;

interface Services {
  readonly secrets: Pick<GitHubSecrets, 'read'>;
  readonly lookups: Lookups;
}

/** Something that may prevent the writes of the targets that it blocks. The check rejects with a Failure if it exists. */
interface Obstacle {
  readonly blocks: (target: PreparedTarget) => boolean;
  readonly check: Promise<void>;
}

/**
 * Looks for archived repositories and for scopes without room for more secrets: neither takes a secret, whatever the
 * token may do. If GitHub does not say, the write will. All requests are sent at once, but for those that the responses
 * to others may make needless.
 *
 * @param ownRepository `OWNER/REPO` of the workflow, if it is on this GitHub.
 * @param isRead whether the preflight, which can prepare the `prepared` targets, reads the secrets of a scope anyway.
 */
export function findObstacles(
  targets: readonly Target[],
  ownRepository: string | undefined,
  isRead: (scope: SecretScope) => boolean,
  prepared: Promise<readonly PreparedTarget[]>,
  github: Services,
): readonly Obstacle[] {
  const full = [...Map.groupBy(targets, ({ scope }) => scopeKey(scope))].flatMap(([key, group]) => {
    const [{ scope }] = group as [Target];
    const limit = secretLimit(scope);
    if (limit === undefined) {
      return [];
    }
    // A secret that exists needs no more room.
    const blocks = ({ target, updatedAt }: PreparedTarget) => scopeKey(target.scope) === key && !updatedAt;
    const findNew = async () => (isRead(scope) ? missingSecrets(group, await prepared) : group);
    return [{ blocks, check: findNew().then(added => assertRoom(scope, added, limit, github)) }];
  });
  const archived = otherRepositories(targets, ownRepository).map(repository => ({
    blocks: ({ target: { scope } }: PreparedTarget) => 'owner' in scope && nameOf(scope) === nameOf(repository),
    check: assertNotArchived(repository, github),
  }));
  return [...archived, ...full];
}

/** The targets whose scope exists and whose secret does not. */
function missingSecrets(targets: readonly Target[], prepared: readonly PreparedTarget[]): readonly Target[] {
  return prepared
    .filter(({ target, resolved, updatedAt }) => targets.includes(target) && resolved.key && !updatedAt)
    .map(({ target }) => target);
}

/** All repositories but the workflow's own: no workflow runs in an archived one. */
function otherRepositories(targets: readonly Target[], own = ''): readonly RepositoryName[] {
  const repositories = new Map(
    targets.flatMap(({ scope }) => (scope.kind === 'organization' ? [] : [[nameOf(scope), scope]])),
  );
  repositories.delete(own.toLowerCase());
  return [...repositories.values()];
}

function nameOf({ owner, repo }: RepositoryName): string {
  return `${owner}/${repo}`.toLowerCase();
}

async function assertNotArchived({ owner, repo }: RepositoryName, { lookups }: Services): Promise<void> {
  if (await lookups.isArchived(owner, repo)) {
    throw new Failure('github-permission', {
      operation: `looking at repository ${owner}/${repo}`,
      reason: 'it is archived, so it is read-only',
      advice: UNARCHIVE,
    });
  }
}

/**
 * "You can store up to 1,000 organization secrets, 100 repository secrets, and 100 environment secrets" (GitHub, secrets
 * reference). For Codespaces it is 100 in a repository or an organization. For other apps GitHub documents no limit.
 */
function secretLimit(scope: SecretScope): number | undefined {
  if (scope.kind === 'environment' || scope.app === 'codespaces') {
    return 100;
  }
  return scope.app === 'actions' ? { repository: 100, organization: 1000 }[scope.kind] : undefined;
}

async function assertRoom(
  scope: SecretScope,
  targets: readonly Target[],
  limit: number,
  { lookups, secrets }: Services,
): Promise<void> {
  const count = targets.length === 0 ? undefined : await lookups.countBefore(scope, targets.length, limit);
  if (count === undefined || count + targets.length <= limit) {
    return;
  }
  const stored = await Promise.all(targets.map(target => secrets.read(target)));
  const names = targets.filter((_, index) => stored[index] === undefined).map(({ secretName }) => secretName);
  if (count + names.length > limit) {
    throw new Failure('invalid-input', {
      operation: `counting the ${scope.app} secrets in ${scopeInProse(scope)}`,
      reason: `it holds ${count} of ${limit} secrets, which is GitHub's limit, and not yet ${listed(names)}`,
      advice: 'Delete secrets there that nobody uses, or name another place in `write-to`.',
    });
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return more > 0 ? `${names.slice(0, MAX_NAMES).join(', ')} and ${more} more` : names.join(', ');
}
