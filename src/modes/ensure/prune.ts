import type { MarkedSecret } from '../../plan/marked-secrets.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import type { Workbench } from '../step-context.ts';
import type { EnsureLedger } from './record.ts';

/** Deletes the secrets that the plan lets go. One that cannot be deleted is a warning: nothing depends on it. */
export async function prune(
  secrets: readonly MarkedSecret[],
  tenant: Tenant,
  { deadline, log }: Workbench,
  ledger: EnsureLedger,
): Promise<void> {
  for (const { id, mark } of secrets) {
    const which = `secret ${id} of client "${ledger.clientId}", created ${mark.mintedAt.toISOString()} and superseded`;
    if (deadline.stopCode) {
      log.warning(`Left the ${which}: the step was stopped.`);
      continue;
    }
    const why = await tenant.secrets.delete(ledger.clientId, id, deadline.work);
    if (why === undefined) {
      ledger.pruned = [...ledger.pruned, id];
      ledger.changed = true;
      log.info(`Deleted the ${which}.`);
    } else {
      log.warning(`Could not delete the ${which}: ${why}.`);
    }
  }
}
