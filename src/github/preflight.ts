import { asFailure, Failure, together } from '../model/failure.ts';
import type { HeldVariable, PreparedTarget, RepositoryAccess, ResolvedScope } from '../model/prepared-target.ts';
import type { TargetsRequest, WorkflowRun } from '../model/request.ts';
import { type OrganizationScope, type SecretScope, scopeKey, scopeLine, type Target } from '../model/target.ts';
import { repositoryAccessOf } from './access.ts';
import type { GitHub } from './github.ts';
import { findObstacles } from './obstacles.ts';

/** What the targets are asked beside what a write needs. */
export interface PreflightQuestions {
  readonly workflow: WorkflowRun;
  /** Whether to ask when their secrets were last written. */
  readonly ages: boolean;
  /** Whether their secrets are to be written. */
  readonly writes: boolean;
  /** Whether an environment may be missing. */
  readonly missingEnvironments: 'refused' | 'allowed';
}

/** What the targets answered. */
export interface Preflight {
  /** Those that a write would reach. */
  readonly ready: readonly PreparedTarget[];
  /** Names everything that is wrong with the others. */
  readonly problem?: Failure;
}

/**
 * Asks every target for all that a write will need, before there is a secret to lose: its public key, its environment,
 * what it holds now. Changes nothing.
 */
export async function preflight(
  wanted: TargetsRequest,
  questions: PreflightQuestions,
  github: GitHub,
): Promise<Preflight> {
  const places = new Map(wanted.targets.map(({ scope }) => [scopeKey(scope), scope]));
  const resolvedScopes = new Map(
    [...places].map(([key, scope]) => [key, resolveScope(scope, wanted, questions, github)]),
  );
  const own = wanted.isOwn ? questions.workflow : undefined;
  const preparing = Promise.allSettled(
    wanted.targets.map(async (target): Promise<PreparedTarget> => {
      const resolved = resolvedScopes.get(scopeKey(target.scope));
      const [prepared, held] = await Promise.all([resolved, askTarget(target, own, questions, resolved, github)]);
      if (!prepared) {
        throw new Error(`${scopeLine(target.scope)} was not prepared`);
      }
      return { target, resolved: prepared, ...held };
    }),
  );
  const isAsked = (scope: SecretScope) => isAskedFor(scope, questions);
  const ready = preparing.then(fulfilled);
  const obstacles = questions.writes ? findObstacles(wanted.targets, own?.repository, isAsked, ready, github) : [];
  const [prepared, deletedFromGitHub] = await Promise.all([
    preparing,
    Promise.allSettled(obstacles.map(one => one.deletedFromGitHub)),
  ]);
  const problems = [...prepared, ...deletedFromGitHub].flatMap(result =>
    result.status === 'rejected' ? [asFailure(result.reason)] : [],
  );
  const met = obstacles.filter((_, index) => deletedFromGitHub[index]?.status === 'rejected');
  return {
    ready: fulfilled(prepared).filter(target => !met.some(({ blocks }) => blocks(target))),
    ...(problems.length > 0 ? { problem: together('checking the targets in write-to', problems) } : {}),
  };
}

function fulfilled<Value>(results: readonly PromiseSettledResult<Value>[]): readonly Value[] {
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}

async function resolveScope(
  scope: SecretScope,
  wanted: TargetsRequest,
  { missingEnvironments }: PreflightQuestions,
  github: GitHub,
): Promise<ResolvedScope> {
  if (scope.kind === 'environment' && !(await github.environments.exists(scope))) {
    if (missingEnvironments === 'refused') {
      throw new Failure('not-found', {
        operation: `looking for ${scopeLine(scope)}`,
        reason: 'the repository has no such environment',
        advice: 'Create it, or set `create-environments` to true.',
      });
    }
    return withVariables({ scope }, wanted, async name => ({ name }));
  }
  const hold = async (name: string) => ({ name, ...(await github.variables.read(scope, name)) });
  const [key, resolved] = await Promise.allSettled([
    github.secrets.publicKey(scope),
    withVariables({ scope }, wanted, hold),
  ]);
  // First, as where the token does not see the place, its variables seem not to be offered.
  if (key.status === 'rejected') {
    throw key.reason;
  }
  if (resolved.status === 'rejected') {
    throw resolved.reason;
  }
  return { ...resolved.value, key: key.value };
}

/** A site with the variables that the workflow names; only Actions has any. */
async function withVariables(
  resolved: ResolvedScope,
  { clientIdVariable, expirationVariable }: TargetsRequest,
  hold: (name: string) => Promise<HeldVariable>,
): Promise<ResolvedScope> {
  if (resolved.scope.app !== 'actions' || (clientIdVariable ?? expirationVariable) === undefined) {
    return resolved;
  }
  const [clientId, expiration] = await Promise.all([
    clientIdVariable === undefined ? undefined : hold(clientIdVariable),
    expirationVariable === undefined ? undefined : hold(expirationVariable),
  ]);
  return { ...resolved, variables: { ...(clientId ? { clientId } : {}), ...(expiration ? { expiration } : {}) } };
}

/** Whether the targets of a place are asked for what they hold now. An organization's secret is, for who may read it. */
function isAskedFor(scope: SecretScope, { ages }: PreflightQuestions): boolean {
  return ages || scope.kind === 'organization';
}

/** Asks for what a target holds now, where that is needed: in an environment that is missing there is nothing to ask. */
async function askTarget(
  target: Target,
  own: WorkflowRun | undefined,
  questions: PreflightQuestions,
  resolved: Promise<ResolvedScope> | undefined,
  github: GitHub,
): Promise<Omit<PreparedTarget, 'target' | 'resolved'>> {
  const { scope } = target;
  const mayBeMissing = scope.kind === 'environment';
  if (!isAskedFor(scope, questions) || (mayBeMissing && (await resolved)?.key === undefined)) {
    return {};
  }
  const stored = await github.secrets.read(target);
  return {
    ...(stored ? { updatedAt: stored.updatedAt } : {}),
    ...(scope.kind === 'organization' ? readersOf(scope, stored?.repositoryAccess, own) : {}),
  };
}

/** Who is to read an organization's secret, and whether the workflow's own repository is one that is missing. */
function readersOf(
  scope: OrganizationScope,
  found: RepositoryAccess | undefined,
  own: WorkflowRun | undefined,
): Pick<PreparedTarget, 'repositoryAccess' | 'ownReader'> {
  const id = scope.visibility === 'selected' ? own && idIn(scope, own) : undefined;
  const isMissing = found?.visibility === 'selected' && id !== undefined && !found.repositories.includes(id);
  return {
    repositoryAccess: repositoryAccessOf(scope, found),
    ...(id === undefined ? {} : { ownReader: { id, isMissing } }),
  };
}

/** The number of the workflow's own repository, where that is of the organization: no other may read its secrets. */
function idIn({ org }: OrganizationScope, { repository, repositoryId }: WorkflowRun): number | undefined {
  return repository.toLowerCase().startsWith(`${org.toLowerCase()}/`) ? repositoryId : undefined;
}
