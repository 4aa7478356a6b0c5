import { type Preflight, preflight } from '../../github/preflight.ts';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { type DryRunFindings, describePlan } from '../../plan/describe-plan.ts';
import { liveOwnSecrets } from '../../plan/marked-secrets.ts';
import { type Plan, planEnsure, type RotationPlan, replan } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import { applyToClient } from './client.ts';
import { assertExists, tryingCurrentSecret } from './existence.ts';
import { type Observed, preview } from './preview.ts';
import { prune } from './prune.ts';
import { repairReaders } from './readers.ts';
import type { EnsureRecord } from './record.ts';
import { rotate } from './rotate.ts';
import { assertTimeToWrite } from './time-to-write.ts';
import { Unfinished } from './unfinished.ts';
import { repairVariables } from './variables.ts';
import { tellUnknownEnds, warnOfLists, warnOfOtherClients, warnOfSharing, warnOfVariables } from './warnings.ts';

/**
 * Ensures the client, and creates, verifies and delivers a secret, as the request asks: observe, plan, apply.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure
 */
export async function ensure(request: EnsureRequest, context: StepContext, record: EnsureRecord): Promise<void> {
  const [observed, { ready: targets, problem }] = await Promise.all([
    observe(request, context),
    checkTargets(request, context),
  ]);
  record.clientFound = observed.client.kind === 'found' ? 'kept' : undefined;
  record.liveBefore = liveOwnSecrets(observed.secrets, request.workflow, context.now().vantage);
  const plan = planEnsure(request, { ...observed, targets }, context.now());
  notePlan(request, plan, record);
  if (plan.rotation?.due.due) {
    assertTimeToWrite(plan.rotation.due.targets, context.deadline.work.remaining());
  }
  warnOfVariables(targets, context.log);
  warnOfOtherClients(request, targets, context.log);
  warnOfSharing(request, plan.shared, context.log);
  if (request.run.dryRun) {
    await preview(request, plan, observed, context, record);
    return throwIf(problem);
  }
  const unreported = [...(plan.rotation?.unreported ?? []), ...unreached(request, targets)];
  const unfinished = new Unfinished(unreported, request.client.ifExists, context);
  try {
    await apply(request, plan, observed, unfinished, context, record);
    throwIf(problem);
    unfinished.end();
  } catch (error) {
    if (problem && error !== problem) {
      context.log.warning(problem.message);
    }
    throw unfinished.failure(error, record);
  }
}

/** Whether the targets that are well get what they need though others are not: an old secret must not end for their sake. */
function isForSome(
  { rotate }: EnsureRequest['secret'],
  ready: readonly PreparedTarget[],
  { stopCode }: StepContext['deadline'],
): boolean {
  return rotate === 'when-due' && ready.length > 0 && stopCode === undefined;
}

/** The targets that this run cannot write, in words. */
function unreached({ delivery: { github } }: EnsureRequest, ready: readonly PreparedTarget[]): readonly string[] {
  const reached = ready.map(({ target }) => target);
  return (github?.targets ?? []).filter(target => ready.length > 0 && !reached.includes(target)).map(targetLine);
}

function throwIf(problem: Failure | undefined): void {
  if (problem) {
    throw problem;
  }
}

async function apply(
  request: EnsureRequest,
  planned: Plan,
  observed: Observed,
  unfinished: Unfinished,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  try {
    await rotateIfDue(request, planned, observed, unfinished, context, record);
  } finally {
    // What was superseded before this run may go whatever became of it, and makes room for the next secret.
    await prune(planned.prune, observed.tenant, context, record);
  }
}

async function rotateIfDue(
  request: EnsureRequest,
  planned: Plan,
  observed: Observed,
  unfinished: Unfinished,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { tenant } = observed;
  const isUnusable = planned.rotation?.due.due === true && planned.rotation.due.isUnusable === true;
  // If it turns out to be missing, what the targets hold is of a client that is no more.
  if (isUnusable || planned.client.step === 'create') {
    unfinished.begin();
  }
  const client = await applyToClient(request.client, planned.client, tenant, context, record).catch(error => {
    // A creation that Vantage refused for certain ended no secret.
    if (!isUnusable && error instanceof Failure && !error.outcomeUnknown && !record.changed) {
      unfinished.end();
    }
    throw error;
  });
  if (!isUnusable && client.isNew === 'no') {
    unfinished.end();
  }
  const plan = replan(planned, client.isNew);
  const { rotation } = plan;
  notePlan(request, plan, record);
  // Of a client that was missing nothing was listed, whatever this Vantage offers.
  const wasMissing = client.isNew === 'yes';
  record.liveBefore = wasMissing ? [] : record.liveBefore;
  warnOfLists(request, wasMissing ? await listAnew(request, tenant, context) : observed.secrets, context.log);
  if (rotation?.due.due) {
    await rotate(request, client, { ...rotation, due: rotation.due }, observed, context, record);
  } else {
    tellNotDue(rotation, context.log);
    await assertExists(request, planned.client, client, observed, context, record);
    tellUnknownEnds(plan, context.log);
  }
  await repairVariables(plan.variables, context, record);
  await repairReaders(plan.targets, context, record);
}

async function observe(
  { signIn, client, secret }: EnsureRequest,
  { tokens, openTenant, deadline }: StepContext,
): Promise<Observed> {
  const { clientId } = client;
  const { rotate, currentSecret } = secret;
  const probed =
    rotate === 'when-due' && currentSecret
      ? tokens.probe({ ...tryingCurrentSecret(clientId), secret: currentSecret })
      : undefined;
  const read = async () => {
    const tenant = openTenant(await tokens.signIn(signIn));
    const [found, secrets] = await Promise.all([
      readIfPossible(budget => tenant.clients.read(clientId, budget), deadline),
      rotate === 'never' ? undefined : readIfPossible(budget => tenant.secrets.list(clientId, budget), deadline),
    ]);
    return { tenant, client: found, secrets };
  };
  const [vantage, probe] = await Promise.all([read(), probed]);
  return { ...vantage, currentSecretAccepted: probe && probe.kind === 'accepted' };
}

async function checkTargets(
  { delivery, secret, workflow }: EnsureRequest,
  { github, deadline }: StepContext,
): Promise<Preflight> {
  if (!github || !delivery.github || secret.rotate === 'never') {
    return { ready: [] };
  }
  const ages = secret.rotate === 'when-due' || secret.pruneAfter !== undefined;
  const missingEnvironments = delivery.github.createEnvironments ? 'allowed' : 'refused';
  const [checked] = await Promise.all([
    preflight(delivery.github, { workflow, ages, missingEnvironments, writes: true }, github),
    // Loaded while GitHub answers, as sealing needs it at once when there is a secret.
    import('../../github/seal.ts'),
  ]);
  if (checked.problem && !isForSome(secret, checked.ready, deadline)) {
    throw checked.problem;
  }
  return checked;
}

function tellNotDue(rotation: RotationPlan | undefined, log: Log): void {
  if (rotation && !rotation.due.due) {
    const { dueAt: time } = rotation.due;
    log.info(time ? `No secret is due before ${time.toISOString()}.` : 'No secret is due: current-secret works.');
  }
}

async function listAnew(
  { client: { clientId }, secret }: EnsureRequest,
  { secrets }: Tenant,
  { deadline }: StepContext,
) {
  return secret.revokeAtJobEnd ? readIfPossible(budget => secrets.list(clientId, budget), deadline) : undefined;
}

/** Notes what a run sets out to do, as far as it knows by now, and when the secret in use becomes due. */
export function notePlan({ client }: EnsureRequest, plan: Plan & DryRunFindings, record: EnsureRecord): void {
  const { rotation } = plan;
  record.plan = describePlan(client, plan);
  record.rotationDue = rotation && !rotation.due.due ? rotation.due.dueAt?.toISOString() : undefined;
}
