import { Failure, withAdvice } from '../../model/failure.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { Due, DueReason } from '../../plan/due.ts';
import { dueTime } from '../../plan/due-dates.ts';
import { parseVantageTime } from '../../plan/marked-secrets.ts';
import type { Plan, RotationPlan } from '../../plan/plan.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsuredClient } from './client.ts';
import { issueSecret } from './issue-secret.ts';
import type { Observed } from './preview.ts';
import type { EnsureRecord } from './record.ts';
import { assertTimeToWrite } from './time-to-write.ts';
import { warnOfEarlyEnd, warnOfGrowth, warnOfRivals, warnOfStart } from './warnings.ts';
import { createEnvironments } from './write-targets.ts';

/** Why a secret is due where the targets may hold another client's: nothing is known to be this client's own. */
const MAY_HAVE_RIVALS: readonly DueReason[] = ['no-own-secret', 'new-client', 'maybe-new-client'];

/**
 * Creates a secret that is due, and delivers it to the targets that are.
 *
 * @throws Failure
 */
export async function rotate(
  request: EnsureRequest,
  client: EnsuredClient,
  rotation: RotationPlan & { readonly due: Extract<Due, { due: true }> },
  observed: Observed,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { due } = rotation;
  if (due.reason !== 'always') {
    context.log.info(`A secret is due: ${due.why}.`);
  }
  warnOfStart(rotation, due.targets, context);
  assertTimeToWrite(due.targets, context.deadline.work.remaining());
  const targets = await createEnvironments(due.targets, context, record);
  await issueSecret({ request, client, rotation, targets }, observed.tenant, context, record)
    .catch((error: unknown) => {
      throw record.secret ? error : withLimitsInMind(error, observed.secrets, due.targets.length);
    })
    .finally(() => {
      noteEnd(request, { end: rotation.end, targets, restDueAt: due.restDueAt }, observed, context, record);
      warnOfGrowth(request, record, context.log);
    });
  countEarlierSecrets(observed, context);
  if (MAY_HAVE_RIVALS.includes(due.reason)) {
    await warnOfRivals(request, due.targets, observed.tenant, context);
  }
}

/** Notes when the secret that was delivered becomes due, and says where it ends earlier than was asked for. */
function noteEnd(
  request: EnsureRequest,
  planned: Pick<RotationPlan, 'end'> & Pick<Plan, 'targets'> & { readonly restDueAt: Date | undefined },
  { secrets }: Observed,
  { log }: StepContext,
  record: EnsureRecord,
): void {
  const { fate, startTime, expiration } = record.secret ?? {};
  const end = parseVantageTime(expiration);
  if (fate === 'handed-out' && end) {
    const due = dueTime(parseVantageTime(startTime) ?? new Date(), end, request.secret.rotateBefore);
    const first = planned.restDueAt && planned.restDueAt < due ? planned.restDueAt : due;
    record.rotationDue = first.toISOString();
    warnOfEarlyEnd(request, planned, secrets, end, log);
  }
}

/** So many secrets of one client, or targets in one mark, are enough to think of a limit, of which no documentation tells. */
const MANY = { secrets: 5, targets: 8 };

/** Vantage does not say that it is a limit that keeps it from creating one more secret. */
function withLimitsInMind(error: unknown, secrets: Observed['secrets'], targets: number): unknown {
  if (!(error instanceof Failure) || !['invalid-input', 'conflict', 'forbidden'].includes(error.code)) {
    return error;
  }
  const count = secrets?.kind === 'found' ? secrets.found.length : 0;
  const advice = [
    count >= MANY.secrets
      ? `The client had ${count} secrets: this Vantage may limit their number. Set \`prune-after\`, or delete in Vantage those that nobody uses, and run the step again.`
      : '',
    targets >= MANY.targets
      ? `The description of the secret names ${targets} targets: this Vantage may limit its length. Spread them over several steps.`
      : '',
  ].filter(Boolean);
  return advice.length > 0 ? withAdvice(error, advice.join(' ')) : error;
}

function countEarlierSecrets({ secrets }: Observed, { log }: StepContext): void {
  if (secrets?.kind === 'found' && secrets.found.length > 0) {
    log.info(`Secrets that the client had before: ${secrets.found.length}.`);
  }
}
