import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import { targetLine } from '../../model/target.ts';
import type { MarkedSecret } from '../../plan/marked-secrets.ts';
import { type Plan, type RotationPlan, replan } from '../../plan/plan.ts';
import { readIfPossible } from '../reads.ts';
import { outputCurrentToken } from './access-token.ts';
import { applyClientStep, type EnsuredClient } from './client.ts';
import { assertExists } from './existence.ts';
import { type EnsureRun, targetsLeftOut } from './observe.ts';
import { recordPlan } from './preview.ts';
import { repairRepositoryAccess } from './repository-access.ts';
import { rotate } from './rotate.ts';
import { Unfinished } from './unfinished.ts';
import { reportMissingExpirations, warnOfIneffectiveInputs } from './warnings.ts';
import { repairVariables } from './write-targets.ts';

/** Applies the plan. @throws Failure also if it had to leave out targets. */
export async function apply(run: EnsureRun, plan: Plan): Promise<void> {
  const { targetsFailure } = run.observed;
  const unfinished = unfinishedTargets(run, plan.rotation);
  try {
    try {
      await applyChanges(run, plan, unfinished);
    } finally {
      // Whatever happened, these secrets were superseded before this run. Deleting them makes room for the next one.
      await prune(run, plan.prune);
    }
    if (targetsFailure) {
      throw targetsFailure;
    }
    unfinished.end();
  } catch (error) {
    if (targetsFailure && error !== targetsFailure) {
      run.context.log.warning(targetsFailure.message, targetsFailure.code);
    }
    throw unfinished.addAdvice(error, run.record);
  }
}

/**
 * The targets of which no later run can detect that their secret does not work: no mark shows it, or no run sees them. A
 * target that holds none is due as soon as it can be written.
 */
function unfinishedTargets({ request, observed, context }: EnsureRun, rotation?: RotationPlan): Unfinished {
  const ready = observed.targets.map(({ target }) => target);
  const unreported = ready.filter(target => rotation?.unreported.includes(targetLine(target)));
  const unseen = targetsLeftOut(request, observed).filter(target => !observed.emptyTargets.includes(target));
  return new Unfinished([...unreported, ...unseen], request.client.ifExists, context);
}

async function applyChanges(run: EnsureRun, planned: Plan, unfinished: Unfinished): Promise<void> {
  const { request, observed, context, record } = run;
  const client = await ensureClient(run, planned, unfinished);
  const plan = replan(planned, client.isNew);
  recordPlan(request, plan, record);
  const { rotation } = plan;
  let { secrets } = observed;
  if (client.isNew === 'yes') {
    record.liveBefore = [];
    // The list that was read before the client existed does not show whether this Vantage lists secrets.
    secrets = request.secret.revokeAtJobEnd
      ? await readIfPossible(budget => observed.tenant.secrets.list(record.clientId, budget), context.deadline)
      : undefined;
  }
  warnOfIneffectiveInputs(request, secrets, context.log);
  if (rotation?.due.due) {
    await rotate(run, client, { ...rotation, due: rotation.due }, unfinished);
  } else {
    reportNotDue(rotation, context.log);
    await assertExists(run, planned.client, client);
    reportMissingExpirations(plan, context.log);
  }
  await repairVariables(run, plan.variables);
  await repairRepositoryAccess(run, plan.targets);
  if (!rotation?.due.due) {
    await outputCurrentToken(run, client);
  }
}

/** Applies the plan to the client. Tracks whether the secrets in the targets may stop working. */
async function ensureClient(
  run: EnsureRun,
  { client: step, rotation }: Plan,
  unfinished: Unfinished,
): Promise<EnsuredClient> {
  const isUnusable = rotation?.due.due === true && rotation.due.isUnusable === true;
  // If the client is missing, the targets hold secrets of a client that no longer exists.
  if (isUnusable || step.step === 'create') {
    unfinished.begin();
  }
  const client = await applyClientStep(run, step).catch((error: unknown) => {
    // A creation that certainly failed invalidates no secret.
    if (!isUnusable && error instanceof Failure && !error.outcomeUnknown && !run.record.changed) {
      unfinished.end();
    }
    throw error;
  });
  if (!isUnusable && client.isNew === 'no') {
    unfinished.end();
  }
  return client;
}

function reportNotDue(rotation: RotationPlan | undefined, log: Log): void {
  if (rotation && !rotation.due.due) {
    const { dueAt } = rotation.due;
    log.info(dueAt ? `No secret is due before ${dueAt.toISOString()}.` : 'No secret is due: current-secret works.');
  }
}

/** Deletes superseded secrets. Warns about a secret that it cannot delete, and does not fail: nothing depends on it. */
export async function prune({ observed, context, record }: EnsureRun, secrets: readonly MarkedSecret[]): Promise<void> {
  const { deadline, log } = context;
  for (const { id, mark } of secrets) {
    const name = `superseded secret ${id} of client "${record.clientId}", created ${mark.createdAt.toISOString()}`;
    if (deadline.stopCode) {
      log.warning(`Did not delete ${name}: the step was stopped.`, 'superseded secrets');
      continue;
    }
    const reason = await observed.tenant.secrets.delete(record.clientId, id, deadline.work);
    if (reason === undefined) {
      record.pruned = [...record.pruned, id];
      record.changed = true;
      log.info(`Deleted ${name}.`);
    } else {
      log.warning(`Could not delete ${name}: ${reason}.`, 'superseded secrets');
    }
  }
}
