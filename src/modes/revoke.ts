import pMap from 'p-map';
import { pause, type TimeBudget } from '../http/deadline.ts';
import { clause, messageOf } from '../model/failure.ts';
import { hasMark } from '../model/mark.ts';
import type { RevocationRequest } from '../model/request.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { StepContext } from './step-context.ts';

/** The result of revoking a secret that nobody uses. */
export type Revocation =
  | { readonly kind: 'revoked' }
  /** Vantage lists all secrets, and none of them has the mark. */
  | { readonly kind: 'not-listed' }
  /** The secret may still exist. `isUnlisted`: it is not in the list, and the list may be incomplete. */
  | { readonly kind: 'remains'; readonly reason: string; readonly isUnlisted?: true };

/** Milliseconds to wait before each further search for a secret that exists: Vantage may list it late. */
const RETRY_DELAYS = [250, 500, 1000, 2000];

/**
 * Deletes the one secret with this mark, if this Vantage lists and deletes secrets.
 * Never throws: it cleans up after a failure and must not hide it.
 */
export async function revokeMarked(
  tenant: Tenant,
  clientId: string,
  mark: string,
  budget: TimeBudget,
): Promise<Revocation> {
  try {
    const secrets = await tenant.secrets.list(clientId, budget);
    if (secrets.kind === 'unreadable') {
      return { kind: 'remains', reason: `this Vantage does not list secrets (${secrets.reason})` };
    }
    const marked = secrets.found.find(({ description }) => hasMark(description, mark));
    if (marked) {
      const reason = await tenant.secrets.delete(clientId, marked.id, budget);
      return reason === undefined ? { kind: 'revoked' } : { kind: 'remains', reason };
    }
    if (secrets.found.some(({ description }) => description === undefined)) {
      return { kind: 'remains', reason: 'the list of secrets does not include their descriptions' };
    }
    if (!secrets.whole) {
      const reason = `it is not among the ${secrets.found.length} secrets that this Vantage lists, and the list may be incomplete`;
      return { kind: 'remains', reason, isUnlisted: true };
    }
    return { kind: 'not-listed' };
  } catch (error) {
    return { kind: 'remains', reason: clause(messageOf(error)) };
  }
}

/** Deletes a secret that is known to exist: searches for it again for a few seconds if Vantage does not list it yet. */
export async function revokeOnceListed(
  tenant: Tenant,
  clientId: string,
  mark: string,
  budget: TimeBudget,
): Promise<Revocation> {
  for (const delay of RETRY_DELAYS) {
    const revocation = await revokeMarked(tenant, clientId, mark, budget);
    const isUnlisted = revocation.kind === 'not-listed' || (revocation.kind === 'remains' && revocation.isUnlisted);
    if (!isUnlisted || !(await pause(delay, budget))) {
      return revocation;
    }
  }
  return revokeMarked(tenant, clientId, mark, budget);
}

interface PendingSecret {
  readonly clientId: string;
  readonly mark: string;
}

const CLIENTS_AT_ONCE = 8;

/**
 * Deletes these secrets, at the end of the job. Warns about each secret that it cannot delete.
 *
 * @throws Failure if it cannot sign in.
 */
export async function revokePending(
  { signIn }: Pick<RevocationRequest, 'signIn'>,
  pending: readonly PendingSecret[],
  context: StepContext,
): Promise<void> {
  const tenant = context.openTenant(await context.tokens.signIn(signIn));
  const revokeAll = async (secrets: readonly PendingSecret[]) => {
    for (const secret of secrets) {
      await revokeOne(secret, tenant, context);
    }
  };
  const byClient = Map.groupBy(pending, ({ clientId }) => clientId).values();
  await pMap(byClient, revokeAll, { concurrency: CLIENTS_AT_ONCE });
}

async function revokeOne({ clientId, mark }: PendingSecret, tenant: Tenant, { deadline, log }: StepContext) {
  const revocation = await revokeOnceListed(tenant, clientId, mark, deadline.work);
  switch (revocation.kind) {
    case 'revoked':
      log.info(`Deleted the secret of client "${clientId}" marked ${mark}`);
      break;
    case 'not-listed':
      log.info(
        `Vantage does not list a secret of client "${clientId}" with this mark. It was deleted or never created: ${mark}`,
      );
      break;
    case 'remains':
      log.warning(
        `A secret of client "${clientId}" may still exist, because ${revocation.reason}. Delete it in Vantage: ${mark}`,
        'secret to delete',
      );
  }
}
