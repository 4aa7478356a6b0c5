import { asFailure, Failure, together } from '../model/failure.ts';
import type { HeldVariable, PreparedTarget, RepositoryAccess, ResolvedScope } from '../model/prepared-target.ts';
import type { TargetsRequest, WorkflowRun } from '../model/request.ts';
import { type OrganizationScope, type SecretScope, scopeInProse, scopeKey, type Target } from '../model/target.ts';
import type { Lookups } from './lookups.ts';
import { findObstacles } from './obstacles.ts';
import { wantedAccess } from './repository-access.ts';
import type { GitHubSecrets } from './secrets.ts';
import type { Variables } from './variables.ts';

/** What the preflight asks. */
interface Services {
  readonly secrets: GitHubSecrets;
  readonly variables: Variables;
  readonly lookups: Lookups;
}

/** What the preflight reads in addition to what a write needs. */
export interface PreflightQuestions {
  readonly workflow: WorkflowRun;
  /** Whether to read when the secrets were last written. */
  readonly ages: boolean;
  /** Whether the run may write the secrets. */
  readonly writes: boolean;
  /** What to do about an environment that does not exist. */
  readonly missingEnvironments: 'refused' | 'allowed';
}

/** The result of the preflight. */
export interface Preflight {
  /** The targets that can be written. */
  readonly ready: readonly PreparedTarget[];
  /** The targets that hold no secret yet, ready or not, if their ages were read. */
  readonly empty: readonly Target[];
  /** Names everything that is wrong with the others. */
  readonly problem?: Failure;
}

/**
 * Reads from GitHub all that a write needs, before there is a secret to lose: the public key and the environment of each
 * target, and what the target holds now. Changes nothing.
 */
export async function preflight(
  request: TargetsRequest,
  questions: PreflightQuestions,
  github: Services,
): Promise<Preflight> {
  const scopes = new Map(request.targets.map(({ scope }) => [scopeKey(scope), scope]));
  const resolving = new Map([...scopes].map(([key, scope]) => [key, resolveScope(scope, request, questions, github)]));
  const own = request.isOwn ? questions.workflow : undefined;
  const preparing = Promise.allSettled(
    request.targets.map(async (target): Promise<PreparedTarget> => {
      const scope = resolving.get(scopeKey(target.scope));
      const [resolved, held] = await Promise.all([scope, readTarget(target, own, questions, github)]);
      if (!resolved) {
        throw new Error(`${scopeInProse(target.scope)} was not resolved`);
      }
      return { target, resolved, ...held };
    }),
  );
  const obstacles = questions.writes
    ? findObstacles(
        request.targets,
        own?.repository,
        scope => isRead(scope, questions),
        preparing.then(fulfilled),
        github,
      )
    : [];
  const [prepared, checks] = await Promise.all([preparing, Promise.allSettled(obstacles.map(({ check }) => check))]);
  const problems = [...prepared, ...checks].flatMap(result =>
    result.status === 'rejected' ? [asFailure(result.reason)] : [],
  );
  const existing = obstacles.filter((_, index) => checks[index]?.status === 'rejected');
  return {
    ready: fulfilled(prepared).filter(target => !existing.some(({ blocks }) => blocks(target))),
    empty: request.targets.filter((_, index) => questions.ages && isEmpty(prepared[index])),
    ...(problems.length > 0 ? { problem: together('checking the targets in write-to', problems) } : {}),
  };
}

function fulfilled<Value>(results: readonly PromiseSettledResult<Value>[]): readonly Value[] {
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Whether a target holds no secret: GitHub says so, or its environment does not exist. */
function isEmpty(prepared: PromiseSettledResult<PreparedTarget> | undefined): boolean {
  return prepared?.status === 'rejected'
    ? asFailure(prepared.reason).code === 'not-found'
    : prepared?.value.updatedAt === undefined;
}

async function resolveScope(
  scope: SecretScope,
  request: TargetsRequest,
  { missingEnvironments }: PreflightQuestions,
  github: Services,
): Promise<ResolvedScope> {
  // The key of an environment comes alone, because an environment that does not exist is not asked for its variables.
  if (scope.kind === 'environment' && !(await github.lookups.publicKey(scope))) {
    if (missingEnvironments === 'refused') {
      throw new Failure('not-found', {
        operation: `looking for ${scopeInProse(scope)}`,
        reason: 'the repository has no such environment',
        advice:
          'Check its name, create it on GitHub (Settings of the repository, Environments), or set `create-environments` to true.',
      });
    }
    return resolveVariables(scope, request, async name => ({ name }));
  }
  const [key, resolved] = await Promise.allSettled([
    github.lookups.publicKey(scope),
    resolveVariables(scope, request, async name => ({ name, ...(await github.variables.read(scope, name)) })),
  ]);
  // The key comes first: if the token cannot see the scope, GitHub seems to have no variables there.
  if (key.status === 'rejected') {
    throw key.reason;
  }
  if (resolved.status === 'rejected') {
    throw resolved.reason;
  }
  return { ...resolved.value, key: key.value };
}

/** The scope with the variables that the workflow names. Only Actions has variables. */
async function resolveVariables(
  scope: SecretScope,
  { clientIdVariable, expirationVariable }: TargetsRequest,
  read: (name: string) => Promise<HeldVariable>,
): Promise<ResolvedScope> {
  if (scope.app !== 'actions' || (clientIdVariable ?? expirationVariable) === undefined) {
    return { scope };
  }
  const [clientId, expiration] = await Promise.all([
    clientIdVariable === undefined ? undefined : read(clientIdVariable),
    expirationVariable === undefined ? undefined : read(expirationVariable),
  ]);
  return { scope, variables: { clientId, expiration } };
}

/** Whether the secrets of a scope are read. An organization's secret is, for its repository access. */
function isRead(scope: SecretScope, { ages }: PreflightQuestions): boolean {
  return ages || scope.kind === 'organization';
}

/** Reads what a target holds now, if that matters and its environment exists. */
async function readTarget(
  target: Target,
  own: WorkflowRun | undefined,
  questions: PreflightQuestions,
  github: Services,
): Promise<Omit<PreparedTarget, 'target' | 'resolved'>> {
  const { scope } = target;
  if (!isRead(scope, questions) || (scope.kind === 'environment' && !(await github.lookups.publicKey(scope)))) {
    return {};
  }
  const stored = await github.secrets.read(target);
  return {
    updatedAt: stored?.updatedAt,
    ...(scope.kind === 'organization' ? accessOf(scope, stored?.repositoryAccess, own) : {}),
  };
}

/** The repository access that an organization's secret is to have, and whether the workflow's own repository lacks it. */
function accessOf(
  scope: OrganizationScope,
  current: RepositoryAccess | undefined,
  own: WorkflowRun | undefined,
): Pick<PreparedTarget, 'repositoryAccess' | 'ownReader'> {
  const id = scope.visibility === 'selected' ? own && idIn(scope, own) : undefined;
  const isMissing = current?.visibility === 'selected' && id !== undefined && !current.repositories.includes(id);
  return {
    repositoryAccess: wantedAccess(scope, current),
    ownReader: id === undefined ? undefined : { id, isMissing },
  };
}

/** The id of the workflow's repository if it belongs to the organization: no other repository can read its secrets. */
function idIn({ org }: OrganizationScope, { repository, repositoryId }: WorkflowRun): number | undefined {
  return repository.toLowerCase().startsWith(`${org.toLowerCase()}/`) ? repositoryId : undefined;
}
