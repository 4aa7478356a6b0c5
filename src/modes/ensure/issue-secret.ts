import type { ClientSettings } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { ReadableClient } from '../../model/vantage.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { parseVantageTime } from '../../plan/marked-secrets.ts';
import type { RotationPlan, SecretLife } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { revokeLateListed, revokeMarked } from '../revoke.ts';
import type { StepContext } from '../step-context.ts';
import { describeRefusal, type EnsuredClient } from './client.ts';
import { type CreatedSecret, createSecret } from './create-secret.ts';
import type { EnsureRecord, SecretRecord } from './record.ts';
import { verifySecret } from './verify-secret.ts';
import { failedDelivery, partialDelivery, writeTargets } from './write-targets.ts';

/** What is to be handed on, of which client, and to whom. */
export interface IssueParams {
  readonly request: EnsureRequest;
  readonly client: EnsuredClient;
  readonly rotation: RotationPlan;
  readonly targets: readonly PreparedTarget[];
}

/**
 * Mints a secret, proves it and hands it out. Until something holds it, what goes wrong revokes it, or names it where it
 * cannot be revoked; once something does, it is kept.
 *
 * @throws Failure
 */
export async function issueSecret(
  order: IssueParams,
  tenant: Tenant,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { request, client } = order;
  const { life, clock } = order.rotation;
  const { deadline, log } = context;
  const { clientId } = request.client;
  const { description, verify, revokeAtJobEnd } = request.secret;
  const { workflow } = request;
  const digests = destinationsOf(order.targets, workflow, request.delivery.github, request.delivery.outputSecret).map(
    ({ digest }) => digest,
  );
  const newClient = client.isNew !== 'no' || client.refusal?.outcomeUnknown === true;
  const minted = await createSecret(
    { clientId, description, life, workflow, digests, clock, newClient },
    tenant,
    context,
  ).catch((error: unknown) => {
    record.secretLost = mayHaveCreated(error);
    if (isMissing(error)) {
      record.clientFound = undefined;
    }
    throw isMissing(error) ? (client.refusal ?? error) : error;
  });
  record.secretLost = minted.pendingMarks.length > 0;
  tellRefusal(client, record, context.log);
  const changedBefore = record.changed;
  record.changed = true;
  record.secret = secretRecord(minted, { verified: 'skipped', fate: 'minted' });
  try {
    const toVerify = clientToVerify(clientId, client.settings, life);
    const verified = verify ? await verifySecret(toVerify, minted, context) : 'skipped';
    record.secret = secretRecord(minted, { verified, fate: 'minted' });
    if (deadline.stopCode) {
      throw deadline.failure(`handing out the new secret of client "${clientId}"`);
    }
    // From here on something may hold it, so the post step may not take it for one that nobody was given.
    context.savePendingMarks([...minted.pendingMarks, ...(revokeAtJobEnd ? [minted.mark] : [])]);
    await deliver(order, minted, context, record, () => {
      record.secret = secretRecord(minted, { verified, fate: 'handed-out' });
    });
  } catch (error) {
    if (record.secret.fate === 'handed-out') {
      throw error;
    }
    const verified = error instanceof Failure && error.code === 'secret-unverified' ? 'false' : record.secret.verified;
    const revoked = await revoke(minted, tenant, context, clientId);
    record.secret = secretRecord(minted, { verified, fate: revoked ? 'revoked' : 'minted' });
    record.changed = revoked ? changedBefore : true;
    // Last, as the runner's file may be what went wrong, and the log has to name a secret that is left all the same.
    context.savePendingMarks([...minted.pendingMarks, ...(revoked ? [] : [minted.mark])]);
    throw error;
  }
  log.info(`Handed out the new secret. It ends ${minted.expiration ?? 'at a time that Vantage did not tell'}.`);
  record.secretLost = !(await isLateSecretRevoked(minted, tenant, context, clientId));
}

/** Whether Vantage did not create a secret as there is no such client. */
function isMissing(error: unknown): boolean {
  return error instanceof Failure && error.code === 'not-found';
}

function tellRefusal({ refusal }: EnsuredClient, record: EnsureRecord, log: Log): void {
  if (refusal) {
    // It exists; whether an attempt at its creation made it is another question.
    record.clientUnknown = refusal.outcomeUnknown;
    record.clientFound = 'kept';
    log.warning(
      `${describeRefusal(refusal, record.clientId)} It exists, as Vantage created a secret for it; its settings were not compared.`,
    );
  }
}

/** Whether a secret may exist that this run asked for and never saw. */
function mayHaveCreated(error: unknown): boolean {
  return !(error instanceof Failure) || error.outcomeUnknown || error.code === 'secret-unaccounted';
}

/** Writes the targets, then the output. @param onKept told as soon as something holds the secret, or may hold it. */
async function deliver(
  { request, rotation, targets }: IssueParams,
  minted: CreatedSecret,
  { github, deadline, log, outputSecret }: StepContext,
  record: EnsureRecord,
  onKept: () => void,
): Promise<void> {
  const end = parseVantageTime(minted.expiration) ?? rotation.end;
  const order = { clientId: request.client.clientId, secret: minted.value, end, targets };
  const result = github && (await writeTargets(order, github, deadline, log));
  if (result) {
    record.written = result.written;
    record.otherWrites = [...record.otherWrites, ...result.variables];
    if (result.written.length + result.unsure.length === 0) {
      throw failedDelivery(result);
    }
    onKept();
  }
  if (request.delivery.outputSecret) {
    outputSecret(minted.value);
    onKept();
  }
  if (result && result.failures.length > 0) {
    throw partialDelivery(result);
  }
}

async function revoke(
  minted: CreatedSecret,
  tenant: Tenant,
  { deadline, log }: StepContext,
  clientId: string,
): Promise<boolean> {
  const revocation = await revokeLateListed(tenant, clientId, minted.mark, deadline.cleanUp);
  if (revocation.kind === 'revoked') {
    log.info(`The new secret was not handed out, and is revoked: ${minted.mark}`);
    return true;
  }
  const why = revocation.kind === 'remains' ? revocation.why : 'Vantage does not list it yet';
  const id = minted.id === undefined ? '' : `, id ${minted.id}`;
  log.warning(
    `The new secret was not handed out and could not be revoked, as ${why}. Delete it in Vantage: client "${clientId}"${id}, ends ${minted.expiration ?? 'at a time that Vantage did not tell'}, marked ${minted.mark}`,
  );
  return false;
}

/** A secret whose mint was lost may be listed by now, and is revoked then. The post step looks once more. */
async function isLateSecretRevoked(
  minted: CreatedSecret,
  tenant: Tenant,
  { deadline, log }: StepContext,
  clientId: string,
): Promise<boolean> {
  let isGone = true;
  for (const mark of minted.pendingMarks) {
    const revocation = await revokeMarked(tenant, clientId, mark, deadline.work);
    if (revocation.kind === 'revoked') {
      log.info(`The secret of the mint that was lost is listed by now, and is revoked: ${mark}`);
    }
    isGone &&= revocation.kind === 'revoked';
  }
  return isGone;
}

function clientToVerify(clientId: string, settings: ReadableClient | ClientSettings, life: SecretLife) {
  const { requireClientSecret, allowedGrantTypes, redirectUris } = settings;
  return {
    clientId,
    requireClientSecret: requireClientSecret !== false,
    grantTypes: texts(allowedGrantTypes),
    redirectUris: texts(redirectUris),
    secretStart: life.startTime,
  };
}

function texts(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter(item => typeof item === 'string') : [];
}

function secretRecord(
  { mark, id, startTime, expiration }: CreatedSecret,
  state: Pick<SecretRecord, 'verified' | 'fate'>,
): SecretRecord {
  return { mark, id, startTime, expiration, ...state };
}
