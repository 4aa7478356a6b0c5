import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { type Target, targetLine } from '../../model/target.ts';
import type { ListedSecret, ReadList } from '../../model/vantage.ts';
import type { MarkedSecret } from '../../plan/marked-secrets.ts';
import { type Plan, type RotationPlan, replan } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import { outputCurrentToken } from './access-token.ts';
import { applyClientStep, type EnsuredClient } from './client.ts';
import { assertExists } from './existence.ts';
import { type Observed, targetsLeftOut } from './observe.ts';
import { recordPlan } from './preview.ts';
import type { EnsureRecord } from './record.ts';
import { repairRepositoryAccess } from './repository-access.ts';
import { rotate } from './rotate.ts';
import { UnfinishedTargets } from './unfinished-targets.ts';
import { reportMissingExpirations, warnOfIneffectiveInputs } from './warnings.ts';
import { repairVariables } from './write-targets.ts';

/**
 * Applies the plan.
 *
 * @throws Failure also if it had to leave out targets.
 */
export async function apply(
  request: EnsureRequest,
  plan: Plan,
  observed: Observed,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { tenant, targetsFailure } = observed;
  const undetectable = undetectableTargets(request, plan.rotation, observed);
  const unfinished = new UnfinishedTargets(undetectable, request.client.ifExists, context);
  try {
    try {
      await applyChanges(request, plan, observed, unfinished, context, record);
    } finally {
      // Whatever happened, these secrets were superseded before this run. Deleting them makes room for the next one.
      await prune(plan.prune, tenant, context, record);
    }
    if (targetsFailure) {
      throw targetsFailure;
    }
    unfinished.end();
  } catch (error) {
    if (targetsFailure && error !== targetsFailure) {
      context.log.warning(targetsFailure.message, targetsFailure.code);
    }
    throw unfinished.addAdvice(error, record);
  }
}

/**
 * The targets of which no later run can detect that their secret does not work: no mark shows it, or no run sees them. A
 * target that holds none is due as soon as it can be written.
 */
function undetectableTargets(
  request: EnsureRequest,
  rotation: RotationPlan | undefined,
  observed: Observed,
): readonly Target[] {
  const ready = observed.targets.map(({ target }) => target);
  const unreported = ready.filter(target => rotation?.unreported.includes(targetLine(target)));
  const unseen = targetsLeftOut(request, observed).filter(target => !observed.emptyTargets.includes(target));
  return [...unreported, ...unseen];
}

async function applyChanges(
  request: EnsureRequest,
  planned: Plan,
  observed: Observed,
  unfinished: UnfinishedTargets,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const client = await ensureClient(request, planned, observed, unfinished, context, record);
  const plan = replan(planned, client.isNew);
  recordPlan(request, plan, record);
  const { rotation } = plan;
  let { secrets } = observed;
  if (client.isNew === 'yes') {
    record.liveBefore = [];
    secrets = await listSecretsOfNewClient(request, observed, context);
  }
  warnOfIneffectiveInputs(request, secrets, context.log);
  if (rotation?.due.due) {
    await rotate(request, client, { ...rotation, due: rotation.due }, observed, context, record);
  } else {
    reportNotDue(rotation, context.log);
    await assertExists(request, planned.client, client, observed, context, record);
    reportMissingExpirations(plan, context.log);
  }
  await repairVariables(plan.variables, context, record);
  await repairRepositoryAccess(plan.targets, context, record);
  if (!rotation?.due.due) {
    await outputCurrentToken(request, client, observed, context);
  }
}

/** Applies the plan to the client. Tracks whether the secrets in the targets may stop working. */
async function ensureClient(
  { client: wanted }: EnsureRequest,
  { client: step, rotation }: Plan,
  { tenant }: Observed,
  unfinished: UnfinishedTargets,
  context: StepContext,
  record: EnsureRecord,
): Promise<EnsuredClient> {
  const isUnusable = rotation?.due.due === true && rotation.due.isUnusable === true;
  // If the client is missing, the targets hold secrets of a client that no longer exists.
  if (isUnusable || step.step === 'create') {
    unfinished.begin();
  }
  const client = await applyClientStep(wanted, step, tenant, context, record).catch((error: unknown) => {
    // A creation that certainly failed invalidates no secret.
    if (!isUnusable && error instanceof Failure && !error.outcomeUnknown && !record.changed) {
      unfinished.end();
    }
    throw error;
  });
  if (!isUnusable && client.isNew === 'no') {
    unfinished.end();
  }
  return client;
}

/** The list that was read before the client existed does not show whether this Vantage lists secrets. */
async function listSecretsOfNewClient(
  { client: { clientId }, secret }: EnsureRequest,
  { tenant: { secrets } }: Observed,
  { deadline }: StepContext,
): Promise<ReadList<ListedSecret> | undefined> {
  return secret.revokeAtJobEnd ? readIfPossible(budget => secrets.list(clientId, budget), deadline) : undefined;
}

function reportNotDue(rotation: RotationPlan | undefined, log: Log): void {
  if (rotation && !rotation.due.due) {
    const { dueAt } = rotation.due;
    log.info(dueAt ? `No secret is due before ${dueAt.toISOString()}.` : 'No secret is due: current-secret works.');
  }
}

/** Deletes superseded secrets. Warns about a secret that it cannot delete, and does not fail: nothing depends on it. */
export async function prune(
  secrets: readonly MarkedSecret[],
  tenant: Tenant,
  { deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  for (const { id, mark } of secrets) {
    const name = `superseded secret ${id} of client "${record.clientId}", created ${mark.createdAt.toISOString()}`;
    if (deadline.stopCode) {
      log.warning(`Did not delete ${name}: the step was stopped.`, 'superseded secrets');
      continue;
    }
    const reason = await tenant.secrets.delete(record.clientId, id, deadline.work);
    if (reason === undefined) {
      record.pruned = [...record.pruned, id];
      record.changed = true;
      log.info(`Deleted ${name}.`);
    } else {
      log.warning(`Could not delete ${name}: ${reason}.`, 'superseded secrets');
    }
  }
}
