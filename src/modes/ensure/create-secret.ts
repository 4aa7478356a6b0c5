import { randomBytes } from 'node:crypto';
import { type Deadline, pause } from '../../http/deadline.ts';
import { Failure } from '../../model/failure.ts';
import { markedDescription, markNonce, ownershipMark } from '../../model/mark.ts';
import type { WorkflowRun } from '../../model/request.ts';
import type { Secret } from '../../model/secret.ts';
import { defaultEnd } from '../../model/secret-life.ts';
import { type Clocks, inUtc } from '../../model/time.ts';
import type { SecretLife } from '../../plan/plan.ts';
import type { AmbiguousCreation } from '../../vantage/secrets.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { type Revocation, revokeMarked } from '../revoke.ts';
import type { StepContext } from '../step-context.ts';

/** A secret that exists and whose value this run has. */
export interface CreatedSecret {
  readonly value: Secret;
  readonly mark: string;
  readonly id: string | undefined;
  readonly startTime: string | undefined;
  readonly expiration: string | undefined;
  /** The mark of a mint before this one whose secret may exist, or be listed late. */
  readonly pendingMarks: readonly string[];
}

/** What a mint is asked for. */
export interface CreateSecretParams {
  readonly clientId: string;
  readonly description: string | undefined;
  readonly life: SecretLife;
  readonly workflow: WorkflowRun;
  /** Where the secret goes, as its mark is to name it. */
  readonly digests: readonly string[];
  /** `clockOfMarks` of where the secret goes. */
  readonly clock: keyof Clocks;
  /** Whether this run created the client, so that Vantage may not know of it everywhere yet. */
  readonly newClient: boolean;
}

/**
 * Mints a secret. A mint has no idempotency key and its answer is shown once, so where the answer is lost the secret
 * that may have been made is looked for by its mark and revoked, and one more is minted under a mark of its own. A
 * second loss ends the run.
 *
 * @throws Failure `secret-unaccounted` where a secret may exist whose value nobody has; else why none was minted.
 */
export async function createSecret(
  order: CreateSecretParams,
  tenant: Tenant,
  context: StepContext,
): Promise<CreatedSecret> {
  const { deadline, log } = context;
  const first = await createOnce(order, [], tenant, context);
  if (!('creation' in first)) {
    return first;
  }
  const found = await recover(first, order, tenant, context);
  const pendingMarks = found.revocation.kind === 'revoked' ? [] : [found.mark];
  context.savePendingMarks(pendingMarks);
  if (!first.creation.permanent && (await mayCreateAgain(first.creation, deadline))) {
    log.info('Minting once more.');
    const second = await createOnce(order, pendingMarks, tenant, context).catch((error: unknown) => {
      throw withRecovery(error, found);
    });
    if (!('creation' in second)) {
      return second;
    }
    throw unaccounted(order, second.creation, [found, await recover(second, order, tenant, context)]);
  }
  throw isAccounted(found) ? endOf(order, first.creation, deadline) : unaccounted(order, first.creation, [found]);
}

/** A mint whose answer was lost, and its mark. */
interface AmbiguousAttempt {
  readonly creation: AmbiguousCreation;
  readonly mark: string;
}

/** What is known of a secret that may have been made. */
interface Recovery {
  readonly mark: string;
  readonly end: string;
  readonly revocation: Revocation;
}

async function createOnce(
  order: CreateSecretParams,
  pendingMarks: readonly string[],
  tenant: Tenant,
  { now, log, savePendingMarks }: StepContext,
): Promise<CreatedSecret | AmbiguousAttempt> {
  const mark = ownershipMark(
    order.workflow,
    order.digests,
    markNonce(now()[order.clock], randomBytes(4).toString('hex')),
  );
  const { startTime, expiration } = order.life;
  const end = endOfLife(order, now());
  log.info(`Minting a secret for client "${order.clientId}", to end ${end}, marked ${mark}`);
  savePendingMarks([...pendingMarks, mark]);
  const outcome = await tenant.secrets
    .create(
      order.clientId,
      {
        description: markedDescription(order.description, mark),
        ...(startTime ? { startTime: startTime.toISOString() } : {}),
        ...(expiration ? { expiration: expiration.toISOString() } : {}),
      },
      { isNewClient: order.newClient },
    )
    .catch((error: unknown) => {
      if (error instanceof Failure) {
        savePendingMarks(pendingMarks);
      } else {
        log.warning(
          `A secret marked ${mark} may exist until ${end}: the end of the job deletes it where Vantage lists it. Delete it in Vantage if it does not.`,
        );
      }
      throw error;
    });
  if (outcome.kind === 'ambiguous') {
    return { creation: outcome, mark };
  }
  const { id, startTime: starts, expiration: ends } = outcome.reported;
  return {
    value: outcome.value,
    mark,
    id,
    startTime: starts && inUtc(starts),
    expiration: ends && inUtc(ends),
    pendingMarks,
  };
}

function endOfLife({ life: { expiration } }: CreateSecretParams, { vantage }: Clocks): string {
  return (expiration ?? defaultEnd(vantage)).toISOString();
}

async function recover(
  loss: AmbiguousAttempt,
  order: CreateSecretParams,
  tenant: Tenant,
  context: StepContext,
): Promise<Recovery> {
  const { deadline, now, log } = context;
  const revocation = await revokeMarked(tenant, order.clientId, loss.mark, deadline.cleanUp);
  const found = { mark: loss.mark, end: endOfLife(order, now()), revocation };
  log.warning(`The answer to a mint was lost: ${loss.creation.reason}. ${describeRecovery(found)}`);
  return found;
}

function describeRecovery({ mark, end, revocation }: Recovery): string {
  switch (revocation.kind) {
    case 'revoked':
      return `The secret marked ${mark} had been made, and is revoked.`;
    case 'not-listed':
      return `Vantage lists no secret marked ${mark}; should one turn up, delete it (it would end at ${end}).`;
    case 'remains':
      return `A secret marked ${mark} may exist until ${end}: delete it in Vantage, as ${revocation.why}.`;
  }
}

async function mayCreateAgain(
  { retryAfter: wait = Math.random() * 1000 }: AmbiguousCreation,
  deadline: Deadline,
): Promise<boolean> {
  return wait < deadline.work.remaining() && (await pause(wait, deadline.work));
}

function isAccounted({ revocation }: Recovery): boolean {
  return revocation.kind !== 'remains';
}

function endOf({ clientId }: CreateSecretParams, creation: AmbiguousCreation, deadline: Deadline): Failure {
  const operation = `creating a secret for client "${clientId}"`;
  const at = creation.request;
  if (deadline.stopCode) {
    return deadline.failure(operation, { request: at });
  }
  return creation.permanent
    ? new Failure('unexpected-response', {
        operation,
        request: at,
        reason: creation.reason,
        advice: 'Check that no proxy answers in its place.',
      })
    : new Failure('vantage-unavailable', {
        operation,
        request: at,
        reason: creation.reason,
        advice: 'Run the step again when Vantage is available.',
      });
}

function unaccounted(
  { clientId }: CreateSecretParams,
  creation: AmbiguousCreation,
  recoveries: readonly Recovery[],
): Failure {
  return new Failure('secret-unaccounted', {
    operation: `creating a secret for client "${clientId}"`,
    request: creation.request,
    reason: creation.reason,
    advice: recoveries.map(describeRecovery).join(' '),
    outcomeUnknown: !recoveries.every(isAccounted),
  });
}

/** A refusal of the second mint must not hide what the first one may have left. */
function withRecovery(error: unknown, recover: Recovery): unknown {
  return error instanceof Failure && !isAccounted(recover)
    ? new Failure(
        'secret-unaccounted',
        {
          operation: 'minting once more',
          reason: error.message,
          advice: describeRecovery(recover),
          outcomeUnknown: true,
        },
        { cause: error },
      )
    : error;
}
