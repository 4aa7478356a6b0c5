import { capitalized, Failure, withAdvice } from '../../model/failure.ts';
import type { PreparedTarget, ResolvedScope } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { scopeInProse } from '../../model/target.ts';
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
import { reserveWrites, waitForTurn } from './write-turns.ts';

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
  reserveWrites(due.targets, context);
  await waitForTurn(context);
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
  { log, now }: StepContext,
  record: EnsureRecord,
): void {
  const { fate, startTime, expiration } = record.secret ?? {};
  const end = parseVantageTime(expiration);
  if (fate === 'handed-out' && end) {
    const due = dueTime(parseVantageTime(startTime) ?? now().vantage, end, request.secret.rotateBefore);
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

/**
 * Creates the environments that do not exist, and reads their public keys.
 *
 * @throws Failure if one cannot be created. No secret was created yet.
 */
export async function createEnvironments(
  targets: readonly PreparedTarget[],
  { github, deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<readonly PreparedTarget[]> {
  const withKey = new Map<ResolvedScope, ResolvedScope>();
  for (const resolved of new Set(targets.map(target => target.resolved))) {
    const { scope, key } = resolved;
    if (github && key === undefined && scope.kind === 'environment') {
      if (!(await github.pace.turn(deadline.work))) {
        throw deadline.failure(`creating ${scopeInProse(scope)}`, { service: 'GitHub' });
      }
      if (await github.environments.createIfMissing(scope)) {
        record.changed = true;
        record.otherWrites = [...record.otherWrites, scopeInProse(scope)];
        log.info(`Created ${scopeInProse(scope)}.`);
      } else {
        log.info(`${capitalized(scopeInProse(scope))} exists by now, and is left unchanged.`);
      }
      withKey.set(resolved, { ...resolved, key: await github.secrets.publicKey(scope) });
    }
  }
  return targets.map(target => ({ ...target, resolved: withKey.get(target.resolved) ?? target.resolved }));
}
