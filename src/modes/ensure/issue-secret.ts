import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { parseVantageTime } from '../../plan/marked-secrets.ts';
import type { RotationPlan } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import type { IssuedToken } from '../../vantage/token-answers.ts';
import { revokeMarked } from '../revoke.ts';
import type { StepContext } from '../step-context.ts';
import { describeRefusal, type EnsuredClient } from './client.ts';
import { type CreatedSecret, createSecret } from './create-secret.ts';
import { idTaken } from './existence.ts';
import { expirationOf, type PendingSecret, withPendingSecret } from './pending-secret.ts';
import type { EnsureRecord } from './record.ts';
import { verifySecret } from './verify-secret.ts';
import { failedDelivery, partialDelivery, possiblyWritten, writeTargets } from './write-targets.ts';

/** The secret to issue, its client and its targets. */
interface IssueParams {
  readonly request: EnsureRequest;
  readonly client: EnsuredClient;
  readonly rotation: RotationPlan;
  readonly targets: readonly PreparedTarget[];
}

/**
 * Creates a secret, verifies it and delivers it. If this fails before anything holds the secret, revokes it.
 *
 * @throws Failure
 */
export async function issueSecret(
  params: IssueParams,
  tenant: Tenant,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { request, client, rotation } = params;
  const { deadline, log } = context;
  const { clientId } = request.client;
  const { verify, revokeAtJobEnd } = request.secret;
  const created = await create(params, tenant, context, record);
  reportRefusal(client, record, log);
  await withPendingSecret(created, tenant, context, record, async pending => {
    const { settings } = client;
    const { outputAccessToken: wantsToken } = request.delivery;
    const { startTime: secretStart } = rotation.life;
    const token = verify
      ? await verifySecret({ clientId, settings, secretStart, wantsToken }, pending, context)
      : undefined;
    if (deadline.stopCode) {
      throw deadline.failure(`delivering the new secret of client "${clientId}"`);
    }
    pending.beginDelivery(revokeAtJobEnd);
    await deliver(params, { pending, token }, context, record);
  });
  log.info(`Delivered the new secret. It expires ${expirationOf(created)}.`);
  record.secretLost = !(await revokeUnconfirmed(created, clientId, tenant, context, record));
}

async function create(
  { request, client, rotation, targets }: IssueParams,
  tenant: Tenant,
  context: StepContext,
  record: EnsureRecord,
): Promise<CreatedSecret> {
  const { workflow, delivery } = request;
  const destinations = destinationsOf(targets, workflow, delivery.github, delivery.outputSecret);
  const params = {
    clientId: request.client.clientId,
    description: request.secret.description,
    life: rotation.life,
    workflow,
    digests: destinations.map(({ digest }) => digest),
    clock: rotation.clock,
    isNewClient: client.isNew !== 'no' || client.refusal?.outcomeUnknown === true,
  };
  const created = await createSecret(params, tenant, context, record).catch((error: unknown) => {
    record.secretLost = mayHaveCreated(error);
    if (error instanceof Failure && error.code === 'not-found') {
      record.clientFound = undefined;
      throw client.refusal ?? (client.isTaken ? idTaken(request.client.clientId, error.parts.request) : error);
    }
    throw error;
  });
  record.secretLost = created.unconfirmedMarks.length > 0;
  return created;
}

function mayHaveCreated(error: unknown): boolean {
  return !(error instanceof Failure) || error.outcomeUnknown || error.code === 'secret-unaccounted';
}

/** Warns that Vantage refused to create the client. A secret was created for it, so it exists. */
function reportRefusal({ refusal }: EnsuredClient, record: EnsureRecord, log: Log): void {
  if (refusal) {
    // An attempt to create it may have succeeded.
    record.clientUnknown = refusal.outcomeUnknown;
    record.clientFound = 'kept';
    log.warning(
      `${describeRefusal(refusal, record.clientId)} The client exists: Vantage created a secret for it. Its settings were not compared.`,
      refusal.code,
    );
  }
}

/**
 * Writes the secret to the targets and then sets the outputs. Keeps the secret as soon as one of them holds it, or may hold
 * it.
 */
async function deliver(
  { request, rotation, targets }: IssueParams,
  { pending, token }: { readonly pending: PendingSecret; readonly token: IssuedToken | undefined },
  { github, deadline, log, outputSecret, outputAccessToken }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { value: secret, expiration } = pending.created;
  const { clientId } = request.client;
  const end = parseVantageTime(expiration) ?? rotation.end;
  const result = github && (await writeTargets({ clientId, secret, end, targets }, github, deadline, log));
  if (result) {
    const unwritten = result.unwritten.map(({ target, failure }) => ({
      line: targetLine(target),
      why: failure.parts.reason,
      maybe: failure.outcomeUnknown,
    }));
    record.written = result.written.map(targetLine);
    record.unwritten = [...record.unwritten, ...unwritten];
    record.otherWrites = [...record.otherWrites, ...result.variables];
    if (result.written.length + possiblyWritten(result).length === 0) {
      throw failedDelivery(result);
    }
    pending.keep();
  }
  if (request.delivery.outputSecret) {
    outputSecret(secret);
    pending.keep();
  }
  if (token) {
    outputAccessToken(token);
  }
  if (result && result.failures.length > 0) {
    throw partialDelivery(result);
  }
}

/**
 * Revokes the secrets that Vantage did not confirm and may list by now. The post step tries again.
 *
 * @returns whether none of them remains.
 */
async function revokeUnconfirmed(
  { unconfirmedMarks }: CreatedSecret,
  clientId: string,
  tenant: Tenant,
  { deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<boolean> {
  let areRevoked = true;
  for (const mark of unconfirmedMarks) {
    const { kind } = await revokeMarked(tenant, clientId, mark, deadline.work);
    if (kind === 'revoked') {
      record.lost = record.lost.filter(secret => secret.mark !== mark);
      log.info(`Vantage now lists the secret that it did not confirm. Revoked it: ${mark}`);
    }
    areRevoked &&= kind === 'revoked';
  }
  return areRevoked;
}
