import { Failure } from '../failure.ts';
import type { PreparedTarget } from '../github/preflight.ts';
import type { SecretLife } from '../plan/plan.ts';
import type { ClientSettings } from '../request/client.ts';
import type { Request } from '../request/request.ts';
import { targetKey } from '../request/targets.ts';
import type { AdminApi } from '../vantage/admin.ts';
import type { ReadableClient } from '../vantage/schema.ts';
import { failedHandOff, handOut, partialHandOff } from './hand-out.ts';
import type { Ledger, SecretRecord } from './ledger.ts';
import { type Minted, mint } from './mint.ts';
import { prove } from './prove.ts';
import { revokeMarked } from './revoke.ts';
import type { Workbench } from './workbench.ts';

/** What is to be handed on, of which client, and to whom. */
export interface HandOnOrder {
  readonly request: Request;
  /** The settings of the client, as far as they are known. */
  readonly settings: ReadableClient | ClientSettings;
  readonly life: SecretLife;
  readonly targets: readonly PreparedTarget[];
}

/**
 * Mints a secret, proves it and hands it out. Until something holds it, what goes wrong revokes it, or names it where it
 * cannot be revoked; once something does, it is kept.
 *
 * @throws Failure
 */
export async function handOn(order: HandOnOrder, admin: AdminApi, bench: Workbench, ledger: Ledger): Promise<void> {
  const { request, life, targets } = order;
  const { deadline, log } = bench;
  const { clientId } = request.client;
  const { description, verify } = request.secret;
  const minted = await mint(
    {
      clientId,
      description,
      life,
      workflow: request.workflow,
      targets: targets.map(({ target }) => targetKey(target)),
    },
    admin,
    deadline,
    log,
  );
  const changedBefore = ledger.changed;
  ledger.changed = true;
  ledger.secret = record(minted, { verified: 'skipped', fate: 'minted' });
  try {
    const proven = provenClient(clientId, order.settings, life);
    const verified = verify ? await prove(proven, minted, bench.tokens, deadline, log) : 'skipped';
    ledger.secret = record(minted, { verified, fate: 'minted' });
    if (deadline.stopCode) {
      throw deadline.failure(`handing out the new secret of client "${clientId}"`);
    }
    await give(order, minted, bench, ledger, () => {
      ledger.secret = record(minted, { verified, fate: 'handed-out' });
    });
  } catch (error) {
    if (ledger.secret.fate === 'handed-out') {
      throw error;
    }
    const verified = error instanceof Failure && error.code === 'secret-unverified' ? 'false' : ledger.secret.verified;
    const revoked = await revoke(minted, admin, bench, clientId);
    ledger.secret = record(minted, { verified, fate: revoked ? 'revoked' : 'minted' });
    ledger.changed = revoked ? changedBefore : true;
    throw error;
  }
  log.info(`Handed out the new secret. It ends ${minted.expiration ?? 'at a time that Vantage did not tell'}.`);
}

/** Writes the targets, then the output. @param onKept told as soon as something holds the secret, or may hold it. */
async function give(
  { request, targets }: HandOnOrder,
  minted: Minted,
  { github, deadline, log, outputSecret }: Workbench,
  ledger: Ledger,
  onKept: () => void,
): Promise<void> {
  const result =
    github && targets.length > 0
      ? await handOut({ clientId: request.client.clientId, secret: minted.value, targets }, github, deadline, log)
      : undefined;
  if (result) {
    ledger.written = result.written;
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
