import { type Deadline, pause } from '../../http/deadline.ts';
import { Failure } from '../../model/failure.ts';
import { markedDescription, markNonce, ownershipMark } from '../../model/mark.ts';
import { defaultEnd, type Secret } from '../../model/secret.ts';
import { inUtc } from '../../model/time.ts';
import type { RotationPlan } from '../../plan/plan.ts';
import type { AmbiguousCreation } from '../../vantage/secrets.ts';
import { type Revocation, revokeMarked } from '../revoke.ts';
import type { EnsureRun } from './observe.ts';
import type { LostSecret, SecretRecord } from './record.ts';

/** A secret that this run created, with its value. */
export interface CreatedSecret extends Omit<SecretRecord, 'verified' | 'fate'> {
  readonly value: Secret;
  /** The marks of secrets that this run requested before and that may exist, although nobody has their values. */
  readonly unconfirmedMarks: readonly string[];
}

/** The secret to create. Its client and description are those of the request. */
export interface NewSecret extends Pick<RotationPlan, 'life' | 'clock'> {
  /** The digests of the places that get the secret, for its mark. */
  readonly digests: readonly string[];
  /** Whether this run may have created the client. Parts of Vantage may not know it yet. */
  readonly isNewClient: boolean;
}

/** A secret that may exist and whose value nobody has, after the attempt to revoke it. */
interface UnconfirmedSecret extends LostSecret {
  readonly creation: AmbiguousCreation;
  readonly revocation: Revocation;
}

/**
 * Creates a secret. Vantage shows the value once, and the request has no idempotency key. So if the answer is lost, this
 * revokes the secret that may exist, by its mark, and creates another one with its own mark. It does so once.
 *
 * @throws Failure `secret-unaccounted` if a secret may exist whose value nobody has. Other codes: no secret was created.
 */
export async function createSecret(run: EnsureRun, wanted: NewSecret): Promise<CreatedSecret> {
  const { deadline, log, savePendingMarks } = run.context;
  const { clientId } = run.record;
  const first = await attempt(run, wanted, []);
  if ('value' in first) {
    return first;
  }
  const { creation, revocation } = first;
  const unconfirmedMarks = revocation.kind === 'revoked' ? [] : [first.mark];
  savePendingMarks(unconfirmedMarks);
  const wait = creation.retryAfter ?? Math.random() * 1000;
  const mayRetry = !creation.permanent && wait < deadline.work.remaining() && (await pause(wait, deadline.work));
  if (!mayRetry) {
    throw mayRemain(first) ? unaccounted(clientId, creation, [first]) : notCreated(clientId, creation, deadline);
  }
  log.info('Creating another secret.');
  const second = await attempt(run, wanted, unconfirmedMarks).catch((error: unknown) => {
    throw withUnconfirmed(error, first);
  });
  if ('value' in second) {
    return second;
  }
  throw unaccounted(clientId, second.creation, [first, second]);
}

/** Requests a secret once, and revokes it if its value is lost. */
async function attempt(
  run: EnsureRun,
  wanted: NewSecret,
  unconfirmedMarks: readonly string[],
): Promise<CreatedSecret | UnconfirmedSecret> {
  const { life, digests, clock, isNewClient } = wanted;
  const { observed, context, record, request } = run;
  const { now, log, savePendingMarks } = context;
  const { clientId } = record;
  const expirationText = () => (life.expiration ?? defaultEnd(now().vantage)).toISOString();
  // Loaded here, because a step that creates no secret does not need it.
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const mark = ownershipMark(request.workflow, digests, markNonce(now()[clock], randomBytes(4).toString('hex')));
  const expiration = expirationText();
  log.infoAtOnce(`Creating a secret for client "${clientId}", expires ${expiration}, marked ${mark}`);
  savePendingMarks([...unconfirmedMarks, mark]);
  const body = {
    description: markedDescription(request.secret.description, mark),
    startTime: life.startTime?.toISOString(),
    expiration: life.expiration?.toISOString(),
  };
  const creation = await observed.tenant.secrets.create(clientId, body, { isNewClient }).catch((error: unknown) => {
    if (error instanceof Failure) {
      savePendingMarks(unconfirmedMarks);
    } else {
      record.lost = [...record.lost, { mark, expiration }];
      log.warning(
        `A secret marked ${mark} may exist until ${expiration}. The post step deletes it if Vantage lists it. If it is not deleted, delete it in Vantage.`,
        'secret to delete',
      );
    }
    throw error;
  });
  if (creation.kind === 'ambiguous') {
    return revokeUnconfirmed(run, mark, creation, expirationText);
  }
  const { id, startTime, expiration: end } = creation.reported;
  return {
    value: creation.value,
    mark,
    id,
    startTime: startTime && inUtc(startTime),
    expiration: end && inUtc(end),
    unconfirmedMarks,
  };
}

async function revokeUnconfirmed(
  { observed, context, record }: EnsureRun,
  mark: string,
  creation: AmbiguousCreation,
  expirationText: () => string,
): Promise<UnconfirmedSecret> {
  const revocation = await revokeMarked(observed.tenant, record.clientId, mark, context.deadline.cleanUp);
  const expiration = expirationText();
  const secret = { mark, expiration, creation, revocation };
  if (revocation.kind !== 'revoked') {
    record.lost = [...record.lost, { mark, expiration }];
  }
  context.log.warning(
    `Vantage did not confirm that it created a secret: ${creation.reason}. ${describeUnconfirmed(secret)}`,
    'secret to delete',
  );
  return secret;
}

function describeUnconfirmed({ mark, expiration, revocation }: UnconfirmedSecret): string {
  switch (revocation.kind) {
    case 'revoked':
      return `The secret marked ${mark} existed and was revoked.`;
    case 'not-listed':
      return `Vantage does not list a secret marked ${mark}. If it appears later, delete it (it would expire at ${expiration}).`;
    case 'remains':
      return `A secret marked ${mark} may exist until ${expiration}. Delete it in Vantage, because ${revocation.reason}.`;
  }
}

function mayRemain({ revocation }: UnconfirmedSecret): boolean {
  return revocation.kind === 'remains';
}

function notCreated(clientId: string, { request, reason, permanent }: AmbiguousCreation, deadline: Deadline): Failure {
  const operation = `creating a secret for client "${clientId}"`;
  if (deadline.stopCode) {
    return deadline.failure(operation, { request });
  }
  const parts = { operation, request, reason };
  return permanent
    ? new Failure('unexpected-response', { ...parts, advice: 'Check that no proxy answers in place of Vantage.' })
    : new Failure('vantage-unavailable', { ...parts, advice: 'Run the step again when Vantage is available.' });
}

function unaccounted(
  clientId: string,
  { request, reason }: AmbiguousCreation,
  secrets: readonly UnconfirmedSecret[],
): Failure {
  const isLost = secrets.some(mayRemain);
  return new Failure('secret-unaccounted', {
    operation: `creating a secret for client "${clientId}"`,
    request,
    reason,
    advice: `${secrets.map(describeUnconfirmed).join(' ')}${isLost ? '' : ' Run the step again when Vantage is available.'}`,
    outcomeUnknown: isLost,
  });
}

/** The error of the second request, which must not hide the secret that the first request may have created. */
function withUnconfirmed(error: unknown, first: UnconfirmedSecret): unknown {
  if (!(error instanceof Failure) || !mayRemain(first)) {
    return error;
  }
  return new Failure(
    'secret-unaccounted',
    {
      operation: 'creating another secret',
      reason: error.message,
      advice: describeUnconfirmed(first),
      outcomeUnknown: true,
    },
    { cause: error },
  );
}
