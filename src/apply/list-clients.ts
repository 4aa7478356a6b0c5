import { unreadableFailure } from '../vantage/clients.ts';
import type { ReadableClient } from '../vantage/schema.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { AuditLedger, SweepLedger } from './ledger.ts';
import type { Workbench } from './workbench.ts';

/**
 * Lists the clients of the tenant for a mode that looks at all of them, and warns where the list may be cut.
 *
 * @param todo what to do where this Vantage lists none, if not by hand.
 * @throws Failure where they cannot be listed.
 */
export async function listClients(
  tenant: Tenant,
  { log }: Workbench,
  ledger: SweepLedger | AuditLedger,
  todo?: string,
): Promise<readonly ReadableClient[]> {
  const list = await tenant.clients.list();
  if (list.kind === 'unreadable') {
    throw unreadableFailure('listing the clients of the tenant', list, list.code === 'unsupported' ? todo : undefined);
  }
  ledger.listed = list.found.length;
  if (!list.whole) {
    ledger.cut = true;
    log.warning(
      `The list of clients may be cut at ${ledger.listed}: this Vantage gives the same ${ledger.listed} for every page, and does not tell how many there are. Look for further ones in Vantage.`,
    );
  }
  return list.found;
}
