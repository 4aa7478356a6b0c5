import type { Failure } from '../../model/failure.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { Target } from '../../model/target.ts';
import type { Observation } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import type { IssuedToken, Probe } from '../../vantage/token-answers.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import { probeForToken } from './access-token.ts';
import type { EnsureRecord } from './record.ts';

/** What Vantage and GitHub report before anything changes. */
export interface Observed extends Observation {
  readonly tenant: Tenant;
  /** Why this run cannot write the targets that are not in `targets`. */
  readonly targetsFailure: Failure | undefined;
  /** The targets that hold no secret yet, ready or not. Only a run that rotates when due knows them. */
  readonly emptyTargets: readonly Target[];
  /** An access token that the token endpoint issued for `current-secret`, if the workflow wants one. */
  readonly currentToken?: IssuedToken | undefined;
}

/** A run that knows what there is. Each part of it works with these. */
export interface EnsureRun {
  readonly request: EnsureRequest;
  readonly observed: Observed;
  readonly context: StepContext;
  /** Gets everything that the run does, as it happens. */
  readonly record: EnsureRecord;
}

/** Asks Vantage and GitHub for all that the plan needs, at the same time. @throws Failure */
export async function observe(request: EnsureRequest, context: StepContext): Promise<Observed> {
  const [current, vantage, github] = await Promise.all([
    request.secret.rotate === 'when-due' ? probeCurrentSecret(request, context) : undefined,
    observeVantage(request, context),
    observeTargets(request, context),
  ]);
  return {
    currentSecretAccepted: current && current.kind === 'accepted',
    currentToken: current?.kind === 'accepted' ? current.token : undefined,
    ...vantage,
    ...github,
  };
}

async function observeVantage(
  { signIn, client: { clientId }, secret: { rotate } }: EnsureRequest,
  { tokens, openTenant, deadline }: StepContext,
): Promise<Pick<Observed, 'tenant' | 'client' | 'secrets'>> {
  const tenant = openTenant(await tokens.signIn(signIn));
  const [client, secrets] = await Promise.all([
    readIfPossible(budget => tenant.clients.read(clientId, budget), deadline),
    rotate === 'never' ? undefined : readIfPossible(budget => tenant.secrets.list(clientId, budget), deadline),
  ]);
  return { tenant, client, secrets };
}

/**
 * Tries `current-secret` at the token endpoint. Undefined if the workflow does not set it.
 *
 * @throws Failure if the answer does not show whether the endpoint accepts it.
 */
export async function probeCurrentSecret(
  { client: { clientId, initial }, secret: { currentSecret }, delivery: { outputAccessToken } }: EnsureRequest,
  context: StepContext,
): Promise<Probe | undefined> {
  if (!currentSecret) {
    return undefined;
  }
  const probe = { operation: `verifying current-secret for client "${clientId}"`, clientId, secret: currentSecret };
  return outputAccessToken ? probeForToken(context, probe, initial) : context.tokens.probe(probe);
}

async function observeTargets(
  { delivery, secret: { rotate, pruneAfter }, workflow }: EnsureRequest,
  { github, deadline }: StepContext,
): Promise<Pick<Observed, 'targets' | 'targetsFailure' | 'emptyTargets'>> {
  if (!github || !delivery.github || rotate === 'never') {
    return { targets: [], targetsFailure: undefined, emptyTargets: [] };
  }
  const ages = rotate === 'when-due' || pruneAfter !== undefined;
  const missingEnvironments = delivery.github.createEnvironments ? 'allowed' : 'refused';
  const questions = { workflow, ages, missingEnvironments, writes: true } as const;
  const { ready, empty, problem } = await github.preflight(delivery.github, questions);
  // A target that cannot be written must not let the secrets in the other targets expire.
  const mayWriteOnlySome = rotate === 'when-due' && ready.length > 0;
  if (problem && (deadline.stopCode || !mayWriteOnlySome)) {
    throw problem;
  }
  return { targets: ready, targetsFailure: problem, emptyTargets: empty };
}

/** The targets that this run leaves out, because it cannot write them. A run that writes no target leaves out none. */
export function targetsLeftOut({ delivery: { github } }: EnsureRequest, { targets }: Observed): readonly Target[] {
  const ready = targets.map(({ target }) => target);
  return github && ready.length > 0 ? github.targets.filter(target => !ready.includes(target)) : [];
}
