import { type Deadline, pause } from '../../http/deadline.ts';
import { Failure } from '../../model/failure.ts';
import { markedDescription, markNonce, ownershipMark } from '../../model/mark.ts';
import type { WorkflowRun } from '../../model/request.ts';
import { defaultEnd, type Secret, type SecretLife } from '../../model/secret.ts';
import { type Clocks, inUtc } from '../../model/time.ts';
import type { AmbiguousCreation } from '../../vantage/secrets.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { type Revocation, revokeMarked } from '../revoke.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord, LostSecret } from './record.ts';

/** A secret that this run created, with its value. */
export interface CreatedSecret {
  readonly value: Secret;
  readonly mark: string;
  readonly id: string | undefined;
  /** RFC 3339, if Vantage reports it. */
  readonly startTime: string | undefined;
  /** RFC 3339, if Vantage reports it. */
  readonly expiration: string | undefined;
  /** The marks of secrets that this run requested before and that may exist, although nobody has their values. */
  readonly unconfirmedMarks: readonly string[];
}

/** The secret to create. */
export interface CreateSecretParams {
  readonly clientId: string;
  readonly description: string | undefined;
  readonly life: SecretLife;
  readonly workflow: WorkflowRun;
  /** The digests of the places that get the secret, for its mark. */
  readonly digests: readonly string[];
  /** The clock that dates the mark. */
  readonly clock: keyof Clocks;
  /** Whether this run may have created the client. Parts of Vantage may not know it yet. */
  readonly isNewClient: boolean;
}

/** The result of one request. `unconfirmed`: a secret may exist whose value nobody has. */
type Attempt =
  | { readonly kind: 'created'; readonly secret: CreatedSecret }
  | { readonly kind: 'unconfirmed'; readonly mark: string; readonly creation: AmbiguousCreation };

/** A secret that may exist and whose value nobody has, after the attempt to revoke it. */
interface UnconfirmedSecret {
  readonly mark: string;
  /** RFC 3339. */
  readonly expiration: string;
  readonly revocation: Revocation;
}

/**
 * Creates a secret. Vantage shows the value once, and the request has no idempotency key. So if the answer is lost, this
 * revokes the secret that may exist, by its mark, and creates another one with its own mark. It does so once.
 *
 * @throws Failure `secret-unaccounted` if a secret may exist whose value nobody has. Other codes: no secret was created.
 */
export async function createSecret(
  params: CreateSecretParams,
  tenant: Tenant,
  context: StepContext,
  record: Pick<EnsureRecord, 'lost'>,
): Promise<CreatedSecret> {
  const { deadline, log } = context;
  const first = await attemptCreation(params, [], tenant, context, record);
  if (first.kind === 'created') {
    return first.secret;
  }
  const firstSecret = await revokeUnconfirmed(first, params, tenant, context, record);
  const unconfirmedMarks = firstSecret.revocation.kind === 'revoked' ? [] : [firstSecret.mark];
  context.savePendingMarks(unconfirmedMarks);
  if (first.creation.permanent || !(await waitToRetry(first.creation, deadline))) {
    throw mayRemain(firstSecret)
      ? unaccountedFailure(params, first.creation, [firstSecret])
      : creationFailure(params, first.creation, deadline);
  }
  log.info('Creating another secret.');
  const second = await attemptCreation(params, unconfirmedMarks, tenant, context, record).catch((error: unknown) => {
    throw withUnconfirmed(error, firstSecret);
  });
  if (second.kind === 'created') {
    return second.secret;
  }
  const secondSecret = await revokeUnconfirmed(second, params, tenant, context, record);
  throw unaccountedFailure(params, second.creation, [firstSecret, secondSecret]);
}

async function attemptCreation(
  params: CreateSecretParams,
  unconfirmedMarks: readonly string[],
  tenant: Tenant,
  { now, log, savePendingMarks }: StepContext,
  record: Pick<EnsureRecord, 'lost'>,
): Promise<Attempt> {
  const { clientId, description, life, workflow, digests, clock, isNewClient } = params;
  // Loaded here, because a step that creates no secret does not need it.
  const { randomBytes } = process.getBuiltinModule('node:crypto');
  const mark = ownershipMark(workflow, digests, markNonce(now()[clock], randomBytes(4).toString('hex')));
  const expiration = expectedExpiration(params, now());
  log.infoAtOnce(`Creating a secret for client "${clientId}", expires ${expiration}, marked ${mark}`);
  savePendingMarks([...unconfirmedMarks, mark]);
  const body = {
    description: markedDescription(description, mark),
    startTime: life.startTime?.toISOString(),
    expiration: life.expiration?.toISOString(),
  };
  const creation = await tenant.secrets.create(clientId, body, { isNewClient }).catch((error: unknown) => {
    if (error instanceof Failure) {
      savePendingMarks(unconfirmedMarks);
    } else {
      noteLost({ mark, expiration }, record);
      log.warning(
        `A secret marked ${mark} may exist until ${expiration}. The post step deletes it if Vantage lists it. If it is not deleted, delete it in Vantage.`,
        'secret to delete',
      );
    }
    throw error;
  });
  if (creation.kind === 'ambiguous') {
    return { kind: 'unconfirmed', mark, creation };
  }
  const { value, reported } = creation;
  const secret = {
    value,
    mark,
    id: reported.id,
    startTime: reported.startTime && inUtc(reported.startTime),
    expiration: reported.expiration && inUtc(reported.expiration),
    unconfirmedMarks,
  };
  return { kind: 'created', secret };
}

function expectedExpiration({ life: { expiration } }: CreateSecretParams, { vantage }: Clocks): string {
  return (expiration ?? defaultEnd(vantage)).toISOString();
}

async function revokeUnconfirmed(
  { mark, creation }: Extract<Attempt, { kind: 'unconfirmed' }>,
  params: CreateSecretParams,
  tenant: Tenant,
  { deadline, now, log }: StepContext,
  record: Pick<EnsureRecord, 'lost'>,
): Promise<UnconfirmedSecret> {
  const revocation = await revokeMarked(tenant, params.clientId, mark, deadline.cleanUp);
  const expiration = expectedExpiration(params, now());
  const secret = { mark, expiration, revocation };
  if (revocation.kind !== 'revoked') {
    noteLost({ mark, expiration }, record);
  }
  log.warning(
    `Vantage did not confirm that it created a secret: ${creation.reason}. ${describeUnconfirmed(secret)}`,
    'secret to delete',
  );
  return secret;
}

function noteLost(secret: LostSecret, record: Pick<EnsureRecord, 'lost'>): void {
  record.lost = [...record.lost, secret];
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

/** @returns false if the time for the work ends first. */
async function waitToRetry(
  { retryAfter: wait = Math.random() * 1000 }: AmbiguousCreation,
  { work }: Deadline,
): Promise<boolean> {
  return wait < work.remaining() && (await pause(wait, work));
}

/** The failure if no secret was created. */
function creationFailure({ clientId }: CreateSecretParams, creation: AmbiguousCreation, deadline: Deadline): Failure {
  const operation = `creating a secret for client "${clientId}"`;
  const request = creation.request;
  if (deadline.stopCode) {
    return deadline.failure(operation, { request });
  }
  const parts = { operation, request, reason: creation.reason };
  return creation.permanent
    ? new Failure('unexpected-response', { ...parts, advice: 'Check that no proxy answers in place of Vantage.' })
    : new Failure('vantage-unavailable', { ...parts, advice: 'Run the step again when Vantage is available.' });
}

function unaccountedFailure(
  { clientId }: CreateSecretParams,
  creation: AmbiguousCreation,
  secrets: readonly UnconfirmedSecret[],
): Failure {
  return new Failure('secret-unaccounted', {
    operation: `creating a secret for client "${clientId}"`,
    request: creation.request,
    reason: creation.reason,
    advice: secrets.map(describeUnconfirmed).join(' '),
    outcomeUnknown: secrets.some(mayRemain),
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
