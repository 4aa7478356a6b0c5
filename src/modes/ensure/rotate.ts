import { timeUntilLast } from '../../github/rate-limits.ts';
import { Failure, withAdvice } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { Due, DueReason } from '../../plan/due.ts';
import { dueTime } from '../../plan/due-dates.ts';
import { parseVantageTime } from '../../plan/marked-secrets.ts';
import type { Plan, RotationPlan } from '../../plan/plan.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsuredClient } from './client.ts';
import { issueSecret } from './issue-secret.ts';
import type { Observed } from './observe.ts';
import type { EnsureRecord } from './record.ts';
import { warnOfEarlyExpiration, warnOfLateStart, warnOfManySecrets, warnOfReplacedSecrets } from './warnings.ts';
import { createEnvironments } from './write-targets.ts';

/** A rotation whose secret is due. */
export type DueRotation = RotationPlan & { readonly due: Extract<Due, { due: true }> };

/** The reasons with which targets may hold a secret of another client: none of them is known to hold one of this client. */
const MAY_REPLACE_OTHERS: readonly DueReason[] = ['no-own-secret', 'new-client', 'maybe-new-client'];

/**
 * Issues the secret that is due, for the targets that are due.
 *
 * @throws Failure
 */
export async function rotate(
  request: EnsureRequest,
  client: EnsuredClient,
  rotation: DueRotation,
  observed: Observed,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { due } = rotation;
  const { secrets, tenant } = observed;
  const { log } = context;
  if (due.reason !== 'always') {
    log.info(`A secret is due: ${due.why}.`);
  }
  warnOfLateStart(rotation, due.targets, context);
  assertTimeToWrite(due.targets, context.deadline.work.remaining());
  const targets = await createEnvironments(due.targets, context, record);
  try {
    await issueSecret({ request, client, rotation, targets }, tenant, context, record);
  } catch (error) {
    throw record.secret ? error : withLimitAdvice(error, secrets, due.targets.length);
  } finally {
    recordDueTime(request, { end: rotation.end, targets, restDueAt: due.restDueAt }, observed, context, record);
    warnOfManySecrets(request, record, log);
  }
  if (secrets?.kind === 'found' && secrets.found.length > 0) {
    log.info(`Secrets that the client had before: ${secrets.found.length}.`);
  }
  if (MAY_REPLACE_OTHERS.includes(due.reason)) {
    await warnOfReplacedSecrets(request, due.targets, tenant, context);
  }
}

/** Records when the delivered secret becomes due. Warns if it expires earlier than requested. */
function recordDueTime(
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
    warnOfEarlyExpiration(request, planned, secrets, end, log);
  }
}

/** From these numbers on, a refusal may come from a limit. No limit is documented. */
const MAY_EXCEED_LIMIT = { secrets: 5, targets: 8 };

/** Adds advice about limits, because Vantage does not report which limit an additional secret would exceed. */
function withLimitAdvice(error: unknown, secrets: Observed['secrets'], targets: number): unknown {
  if (!(error instanceof Failure) || !['invalid-input', 'conflict', 'forbidden'].includes(error.code)) {
    return error;
  }
  const count = secrets?.kind === 'found' ? secrets.found.length : 0;
  const advice = [
    count >= MAY_EXCEED_LIMIT.secrets
      ? `The client had ${count} secrets, and this Vantage may limit their number. Set \`prune-after\`, or delete unused secrets in Vantage and run the step again.`
      : '',
    targets >= MAY_EXCEED_LIMIT.targets
      ? `The description of the secret names ${targets} targets, and this Vantage may limit its length. Distribute the targets over several steps.`
      : '',
  ].filter(Boolean);
  return advice.length > 0 ? withAdvice(error, advice.join(' ')) : error;
}

const MINUTE = 60_000;

/** The minutes that the rest of a step may need, in addition to the waits of its writes. */
const MARGIN = 2;

/** The largest `timeout`, in minutes. */
const MAX_TIMEOUT = 24 * 60;

/** The requests that write a secret to these targets, create their environments, write their variables and give access. */
export function countWrites(targets: readonly PreparedTarget[]): number {
  const resolvedScopes = [...new Set(targets.map(({ resolved }) => resolved))];
  const environments = resolvedScopes.filter(({ scope, key }) => scope.kind === 'environment' && key === undefined);
  const variables = resolvedScopes.flatMap(resolved =>
    [resolved.variables?.clientId, resolved.variables?.expiration].filter(Boolean),
  );
  const readers = targets.filter(
    ({ repositoryAccess, ownReader }) => ownReader && !repositoryAccess?.repositories.includes(ownReader.id),
  );
  return targets.length + readers.length + environments.length + variables.length;
}

/**
 * Refuses a delivery that cannot end in time, before there is a secret to lose.
 *
 * @param remaining milliseconds that the step has left.
 * @throws Failure `invalid-input`
 */
export function assertTimeToWrite(targets: readonly PreparedTarget[], remaining: number): void {
  const writes = countWrites(targets);
  const wait = timeUntilLast(writes);
  if (wait < remaining || wait === 0) {
    return;
  }
  const minutes = Math.ceil(wait / MINUTE);
  const enough = minutes + MARGIN;
  throw new Failure('invalid-input', {
    operation: 'planning the delivery to GitHub',
    reason: `\`timeout\` is too short: the delivery needs ${writes} writes, and at the pace that GitHub allows (450 an hour, 70 a minute) the last one starts after ${minutes} min`,
    advice:
      enough > MAX_TIMEOUT
        ? 'No `timeout` is long enough: spread the targets over several runs. Nothing was created.'
        : `Set \`timeout\` to ${enough}m, or spread the targets over several runs. Nothing was created.`,
  });
}
