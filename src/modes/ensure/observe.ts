import { preflight } from '../../github/preflight.ts';
import type { Failure } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { Observation } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';

/** What Vantage and GitHub report before anything changes. */
export interface Observed extends Observation {
  readonly tenant: Tenant;
  /** Why this run cannot write the targets that are not in `targets`. */
  readonly targetsFailure: Failure | undefined;
}

/**
 * Asks Vantage and GitHub for all that the plan needs, at the same time.
 *
 * @throws Failure
 */
export async function observe(request: EnsureRequest, context: StepContext): Promise<Observed> {
  const [currentSecretAccepted, vantage, github] = await Promise.all([
    request.secret.rotate === 'when-due' ? isCurrentSecretAccepted(request, context) : undefined,
    observeVantage(request, context),
    observeTargets(request, context),
  ]);
  return { currentSecretAccepted, ...vantage, ...github };
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
 * Whether the token endpoint accepts `current-secret`. Undefined if the workflow does not set it.
 *
 * @throws Failure if the answer does not show it.
 */
export async function isCurrentSecretAccepted(
  { client: { clientId }, secret: { currentSecret } }: EnsureRequest,
  { tokens }: StepContext,
): Promise<boolean | undefined> {
  if (!currentSecret) {
    return undefined;
  }
  const operation = `verifying current-secret for client "${clientId}"`;
  const { kind } = await tokens.probe({ operation, clientId, secret: currentSecret });
  return kind === 'accepted';
}

async function observeTargets(
  { delivery, secret, workflow }: EnsureRequest,
  { github, deadline }: StepContext,
): Promise<Pick<Observed, 'targets' | 'targetsFailure'>> {
  if (!github || !delivery.github || secret.rotate === 'never') {
    return { targets: [], targetsFailure: undefined };
  }
  const ages = secret.rotate === 'when-due' || secret.pruneAfter !== undefined;
  const missingEnvironments = delivery.github.createEnvironments ? 'allowed' : 'refused';
  const questions = { workflow, ages, missingEnvironments, writes: true } as const;
  const { ready, problem } = await preflight(delivery.github, questions, github);
  if (problem && (deadline.stopCode || !mayWriteOnlySome(secret, ready))) {
    throw problem;
  }
  return { targets: ready, targetsFailure: problem };
}

/** A target that cannot be written must not let the secrets in the other targets expire. */
function mayWriteOnlySome({ rotate }: EnsureRequest['secret'], ready: readonly PreparedTarget[]): boolean {
  return rotate === 'when-due' && ready.length > 0;
}
