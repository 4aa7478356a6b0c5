import type { RevocationRequest } from '../request/request.ts';
import { revokeMinted } from './revoke.ts';
import type { Workbench } from './workbench.ts';

/** Deletes the secrets that bear these marks, where they are there still. What cannot be deleted is a warning with its cause. */
export async function revokeLeft(
  { signIn, clientId }: RevocationRequest,
  marks: readonly string[],
  { tokens, openTenant, deadline, log }: Workbench,
): Promise<void> {
  const tenant = openTenant(await tokens.signIn(signIn));
  for (const mark of marks) {
    const revocation = await revokeMinted(tenant, clientId, mark, deadline.work);
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
