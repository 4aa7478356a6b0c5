import { capitalized, Failure, withAdvice } from '../../model/failure.ts';
import type { PreparedTarget, ResolvedScope } from '../../model/prepared-target.ts';
import { scopeInProse } from '../../model/target.ts';
import type { Due, DueReason } from '../../plan/due.ts';
import { dueTime } from '../../plan/due-dates.ts';
import { parseVantageTime } from '../../plan/marked-secrets.ts';
import type { RotationPlan } from '../../plan/plan.ts';
import type { EnsuredClient } from './client.ts';
import { issueSecret } from './issue-secret.ts';
import type { EnsureRun } from './observe.ts';
import type { Unfinished } from './unfinished.ts';
import { warnOfEarlyExpiration, warnOfLateStart, warnOfManySecrets, warnOfReplacedSecrets } from './warnings.ts';
import { reserveWrites, waitForTurn } from './write-turns.ts';

/** A rotation whose secret is due. */
export type DueRotation = RotationPlan & { readonly due: Extract<Due, { due: true }> };

/** The reasons with which targets may hold a secret of another client: none of them is known to hold one of this client. */
const MAY_REPLACE_OTHERS: readonly DueReason[] = ['no-own-secret', 'new-client', 'maybe-new-client'];

/** Issues the secret that is due, for the targets that are due. @throws Failure */
export async function rotate(
  run: EnsureRun,
  client: EnsuredClient,
  rotation: DueRotation,
  unfinished: Unfinished,
): Promise<void> {
  const { observed, context, record } = run;
  const { due } = rotation;
  const { log } = context;
  const secretsBefore = observed.secrets?.kind === 'found' ? observed.secrets.found.length : 0;
  if (due.reason !== 'always') {
    log.info(`A secret is due: ${due.why}.`);
  }
  warnOfLateStart(rotation, due.targets, context);
  reserveWrites(due.targets, context);
  await waitForTurn(context);
  const targets = await createEnvironments(run, due.targets);
  try {
    await issueSecret(run, { client, rotation, targets, unfinished });
  } catch (error) {
    throw record.secret ? error : withLimitAdvice(error, secretsBefore, targets.length);
  } finally {
    recordDueTime(run, rotation, targets);
    warnOfManySecrets(run);
  }
  if (secretsBefore > 0) {
    log.info(`Secrets that the client had before: ${secretsBefore}.`);
  }
  if (MAY_REPLACE_OTHERS.includes(due.reason)) {
    await warnOfReplacedSecrets(run, due.targets);
  }
}

/** Records when the delivered secret becomes due. Warns if it expires earlier than requested. */
function recordDueTime(run: EnsureRun, rotation: DueRotation, targets: readonly PreparedTarget[]): void {
  const { request, context, record } = run;
  const { restDueAt } = rotation.due;
  const { fate, startTime, expiration } = record.secret ?? {};
  const end = parseVantageTime(expiration);
  if (fate === 'handed-out' && end) {
    const due = dueTime(parseVantageTime(startTime) ?? context.now().vantage, end, request.secret.rotateBefore);
    record.rotationDue = (restDueAt && restDueAt < due ? restDueAt : due).toISOString();
    warnOfEarlyExpiration(run, targets, rotation.end, end);
  }
}

/** From these numbers on, a refusal may come from a limit. No limit is documented. */
const MAY_EXCEED_LIMIT = { secrets: 5, targets: 8 };

/** Adds advice about limits, because Vantage does not report which limit an additional secret would exceed. */
function withLimitAdvice(error: unknown, secrets: number, targets: number): unknown {
  if (!(error instanceof Failure) || !['invalid-input', 'conflict', 'forbidden'].includes(error.code)) {
    return error;
  }
  const advice = [
    secrets >= MAY_EXCEED_LIMIT.secrets
      ? `The client had ${secrets} secrets, and this Vantage may limit their number. Set \`prune-after\`, or delete unused secrets in Vantage and run the step again.`
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
  { context, record }: EnsureRun,
  targets: readonly PreparedTarget[],
): Promise<readonly PreparedTarget[]> {
  const { github, deadline, log } = context;
  const withKey = new Map<ResolvedScope, ResolvedScope>();
  for (const resolved of new Set(targets.map(target => target.resolved))) {
    const { scope, key } = resolved;
    if (github && key === undefined && scope.kind === 'environment') {
      const name = scopeInProse(scope);
      if (!(await github.pace.turn(deadline.work))) {
        throw deadline.failure(`creating ${name}`, { service: 'GitHub' });
      }
      if (await github.environments.createIfMissing(scope)) {
        record.changed = true;
        record.otherWrites = [...record.otherWrites, name];
        log.info(`Created ${name}.`);
      } else {
        log.info(`${capitalized(name)} exists by now, and is left unchanged.`);
      }
      withKey.set(resolved, { ...resolved, key: await github.secrets.publicKey(scope) });
    }
  }
  return targets.map(target => ({ ...target, resolved: withKey.get(target.resolved) ?? target.resolved }));
}
