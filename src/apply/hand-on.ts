import { Failure } from '../failure.ts';
import type { SecretLife } from '../plan/plan.ts';
import type { ClientSettings } from '../request/client.ts';
import type { Request } from '../request/request.ts';
import type { AdminApi } from '../vantage/admin.ts';
import type { ReadableClient } from '../vantage/schema.ts';
import type { Ledger, SecretRecord } from './ledger.ts';
import { type Minted, mint } from './mint.ts';
import { prove } from './prove.ts';
import { revokeMarked } from './revoke.ts';
import type { Workbench } from './workbench.ts';

/**
 * Mints a secret, proves it and hands it out. What goes wrong after the mint revokes the new secret, or names it where
 * it cannot be revoked.
 *
 * @throws Failure
 */
export async function handOn(
  request: Request,
  settings: ReadableClient | ClientSettings,
  life: SecretLife,
  admin: AdminApi,
  bench: Workbench,
  ledger: Ledger,
): Promise<void> {
  const { deadline, log } = bench;
  const { clientId } = request.client;
  const { description, verify } = request.secret;
  const order = { clientId, description, life, workflow: request.workflow, targets: [] };
  const minted = await mint(order, admin, deadline, log);
  const changedBefore = ledger.changed;
  ledger.changed = true;
  ledger.secret = record(minted, { verified: 'skipped', fate: 'minted' });
  try {
    const verified = verify
      ? await prove(provenClient(clientId, settings, life), minted, bench.tokens, deadline, log)
      : 'skipped';
    ledger.secret = record(minted, { verified, fate: 'minted' });
    if (deadline.stopCode) {
      throw deadline.failure(`handing out the new secret of client "${clientId}"`);
    }
    bench.handOut(minted.value);
    ledger.secret = record(minted, { verified, fate: 'handed-out' });
    log.info(`Handed out the new secret. It ends ${minted.expiration ?? 'at a time that Vantage did not tell'}.`);
  } catch (error) {
    const verified = error instanceof Failure && error.code === 'secret-unverified' ? 'false' : ledger.secret.verified;
    const revoked = await revoke(minted, admin, bench, clientId);
    ledger.secret = record(minted, { verified, fate: revoked ? 'revoked' : 'minted' });
    ledger.changed = revoked ? changedBefore : true;
    throw error;
  }
}

async function revoke(
  minted: Minted,
  admin: AdminApi,
  { deadline, log }: Workbench,
  clientId: string,
): Promise<boolean> {
  const revocation = await revokeMarked(admin, clientId, minted.mark, deadline.cleanUp);
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
