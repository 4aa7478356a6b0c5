import { pause, type TimeBudget } from '../http/deadline.ts';
import { messageOf } from '../model/failure.ts';
import { bearsMark } from '../model/mark.ts';
import type { RevocationRequest } from '../model/request.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { StepContext } from './step-context.ts';

/** What became of a secret that nobody is to have. */
export type Revocation =
  | { readonly kind: 'revoked' }
  /** Its mark is on no secret that Vantage lists. */
  | { readonly kind: 'not-listed' }
  /** It may be there still. `unlisted`: it is not in the list, which may be cut. */
  | { readonly kind: 'remains'; readonly why: string; readonly unlisted?: true };

/** Milliseconds between two looks for a secret that is known to exist: a list may learn of it late. */
const LATE_LIST_DELAYS = [250, 500, 1000, 2000];

/**
 * Deletes the secret that bears this very mark, and no other, where this Vantage lets secrets be listed and deleted.
 * Never throws: it cleans up after what went wrong, and must not hide it.
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
      return { kind: 'remains', why: `this Vantage does not list secrets (${secrets.reason})` };
    }
    const marked = secrets.found.find(({ description }) => bearsMark(description, mark));
    if (marked === undefined) {
      if (secrets.found.some(({ description }) => description === undefined)) {
        return { kind: 'remains', why: 'its list of secrets does not tell their descriptions' };
      }
      const why = `it is not among the ${secrets.found.length} secrets that this Vantage lists, and the list may be cut`;
      return secrets.whole ? { kind: 'not-listed' } : { kind: 'remains', why, unlisted: true };
    }
    const why = await tenant.secrets.delete(clientId, marked.id, budget);
    return why === undefined ? { kind: 'revoked' } : { kind: 'remains', why };
  } catch (error) {
    // Told in the middle of a sentence.
    return { kind: 'remains', why: messageOf(error).replace(/\.$/u, '') };
  }
}

/** The same for a secret that is known to exist: where it is not listed yet, it is looked for again for a while. */
export async function revokeLateListed(
  tenant: Tenant,
  clientId: string,
  mark: string,
  budget: TimeBudget,
): Promise<Revocation> {
  for (const wait of LATE_LIST_DELAYS) {
    const revocation = await revokeMarked(tenant, clientId, mark, budget);
    const isUnlisted = revocation.kind === 'not-listed' || (revocation.kind === 'remains' && revocation.unlisted);
    if (!isUnlisted || !(await pause(wait, budget))) {
      return revocation;
    }
  }
  return revokeMarked(tenant, clientId, mark, budget);
}

/** Deletes the secrets that bear these marks, where they are there still. What cannot be deleted is a warning with its cause. */
export async function revokePending(
  { signIn, clientId }: RevocationRequest,
  marks: readonly string[],
  { tokens, openTenant, deadline, log }: StepContext,
): Promise<void> {
  const tenant = openTenant(await tokens.signIn(signIn));
  for (const mark of marks) {
    const revocation = await revokeLateListed(tenant, clientId, mark, deadline.work);
    if (revocation.kind === 'revoked') {
      log.info(`Deleted the secret of client "${clientId}" marked ${mark}`);
    } else if (revocation.kind === 'not-listed') {
      log.info(`Vantage lists no secret of client "${clientId}" to delete: it is gone, or was never made: ${mark}`);
    } else {
      log.warning(
        `A secret of client "${clientId}" may be there still, as ${revocation.why}. Delete it in Vantage: ${mark}`,
      );
    }
  }
}
