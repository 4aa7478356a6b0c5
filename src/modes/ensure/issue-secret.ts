import type { ClientSettings } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { ReadableClient } from '../../model/vantage.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { instant } from '../../plan/marked-secrets.ts';
import type { MintPlan, SecretLife } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { revokeMarked, revokeMinted } from '../revoke.ts';
import type { Workbench } from '../step-context.ts';
import { describeRefusal, type EnsuredClient } from './client.ts';
import { type Minted, mint } from './create-secret.ts';
import type { EnsureLedger, SecretRecord } from './record.ts';
import { prove } from './verify-secret.ts';
import { failedHandOff, handOut, partialHandOff } from './write-targets.ts';

/** What is to be handed on, of which client, and to whom. */
export interface HandOnOrder {
  readonly request: EnsureRequest;
  readonly client: EnsuredClient;
  readonly mint: MintPlan;
  readonly targets: readonly PreparedTarget[];
}

/**
 * Mints a secret, proves it and hands it out. Until something holds it, what goes wrong revokes it, or names it where it
 * cannot be revoked; once something does, it is kept.
 *
 * @throws Failure
 */
export async function handOn(
  order: HandOnOrder,
  tenant: Tenant,
  bench: Workbench,
  ledger: EnsureLedger,
): Promise<void> {
  const { request, client } = order;
  const { life, clock } = order.mint;
  const { deadline, log } = bench;
  const { clientId } = request.client;
  const { description, verify, revokeAtJobEnd } = request.secret;
  const { workflow } = request;
  const digests = destinationsOf(order.targets, workflow, request.handOff.github, request.handOff.outputSecret).map(
    ({ digest }) => digest,
  );
  const newClient = client.isNew !== 'no' || client.refusal?.unsettled === true;
  const minted = await mint({ clientId, description, life, workflow, digests, clock, newClient }, tenant, bench).catch(
    (error: unknown) => {
      ledger.secretLost = mayHaveCreated(error);
      if (isMissing(error)) {
        ledger.clientFound = undefined;
      }
      throw isMissing(error) ? (client.refusal ?? error) : error;
    },
  );
  ledger.secretLost = minted.unsettled.length > 0;
  tellRefusal(client, ledger, bench.log);
  const changedBefore = ledger.changed;
  ledger.changed = true;
  ledger.secret = record(minted, { verified: 'skipped', fate: 'minted' });
  try {
    const proven = provenClient(clientId, client.settings, life);
    const verified = verify ? await prove(proven, minted, bench) : 'skipped';
    ledger.secret = record(minted, { verified, fate: 'minted' });
    if (deadline.stopCode) {
      throw deadline.failure(`handing out the new secret of client "${clientId}"`);
    }
    // From here on something may hold it, so the post step may not take it for one that nobody was given.
    bench.remember([...minted.unsettled, ...(revokeAtJobEnd ? [minted.mark] : [])]);
    await give(order, minted, bench, ledger, () => {
      ledger.secret = record(minted, { verified, fate: 'handed-out' });
    });
  } catch (error) {
    if (ledger.secret.fate === 'handed-out') {
      throw error;
    }
    const verified = error instanceof Failure && error.code === 'secret-unverified' ? 'false' : ledger.secret.verified;
    const revoked = await revoke(minted, tenant, bench, clientId);
    ledger.secret = record(minted, { verified, fate: revoked ? 'revoked' : 'minted' });
    ledger.changed = revoked ? changedBefore : true;
    // Last, as the runner's file may be what went wrong, and the log has to name a secret that is left all the same.
    bench.remember([...minted.unsettled, ...(revoked ? [] : [minted.mark])]);
    throw error;
  }
  log.info(`Handed out the new secret. It ends ${minted.expiration ?? 'at a time that Vantage did not tell'}.`);
  ledger.secretLost = !(await isLostOneGone(minted, tenant, bench, clientId));
}

/** Whether Vantage did not create a secret as there is no such client. */
function isMissing(error: unknown): boolean {
  return error instanceof Failure && error.code === 'not-found';
}

function tellRefusal({ refusal }: EnsuredClient, ledger: EnsureLedger, log: Log): void {
  if (refusal) {
    // It exists; whether an attempt at its creation made it is another question.
    ledger.clientUnknown = refusal.unsettled;
    ledger.clientFound = 'kept';
    log.warning(
      `${describeRefusal(refusal, ledger.clientId)} It exists, as Vantage created a secret for it; its settings were not compared.`,
    );
  }
}

/** Whether a secret may exist that this run asked for and never saw. */
function mayHaveCreated(error: unknown): boolean {
  return !(error instanceof Failure) || error.unsettled || error.code === 'secret-unaccounted';
}

/** Writes the targets, then the output. @param onKept told as soon as something holds the secret, or may hold it. */
async function give(
  { request, mint, targets }: HandOnOrder,
  minted: Minted,
  { github, deadline, log, outputSecret }: Workbench,
  ledger: EnsureLedger,
  onKept: () => void,
): Promise<void> {
  const end = instant(minted.expiration) ?? mint.end;
  const order = { clientId: request.client.clientId, secret: minted.value, end, targets };
  const result = github && (await handOut(order, github, deadline, log));
  if (result) {
    ledger.written = result.written;
    ledger.beside = [...ledger.beside, ...result.variables];
    if (result.written.length + result.unsure.length === 0) {
      throw failedHandOff(result);
    }
    onKept();
  }
  if (request.handOff.outputSecret) {
    outputSecret(minted.value);
    onKept();
  }
  if (result && result.failures.length > 0) {
    throw partialHandOff(result);
  }
}

async function revoke(
  minted: Minted,
  tenant: Tenant,
  { deadline, log }: Workbench,
  clientId: string,
): Promise<boolean> {
  const revocation = await revokeMinted(tenant, clientId, minted.mark, deadline.cleanUp);
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
async function isLostOneGone(
  minted: Minted,
  tenant: Tenant,
  { deadline, log }: Workbench,
  clientId: string,
): Promise<boolean> {
  let isGone = true;
  for (const mark of minted.unsettled) {
    const revocation = await revokeMarked(tenant, clientId, mark, deadline.work);
    if (revocation.kind === 'revoked') {
      log.info(`The secret of the mint that was lost is listed by now, and is revoked: ${mark}`);
    }
    isGone &&= revocation.kind === 'revoked';
  }
  return isGone;
}

function provenClient(clientId: string, settings: ReadableClient | ClientSettings, life: SecretLife) {
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

function record(
  { mark, id, startTime, expiration }: Minted,
  state: Pick<SecretRecord, 'verified' | 'fate'>,
): SecretRecord {
  return { mark, id, startTime, expiration, ...state };
}
