import type { MarkedSecret } from '../../plan/marked-secrets.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/** Deletes the secrets that the plan lets go. One that cannot be deleted is a warning: nothing depends on it. */
export async function prune(
  secrets: readonly MarkedSecret[],
  tenant: Tenant,
  { deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  for (const { id, mark } of secrets) {
    const which = `secret ${id} of client "${record.clientId}", created ${mark.createdAt.toISOString()} and superseded`;
    if (deadline.stopCode) {
      log.warning(`Left the ${which}: the step was stopped.`);
      continue;
    }
    const why = await tenant.secrets.delete(record.clientId, id, deadline.work);
    if (why === undefined) {
      record.pruned = [...record.pruned, id];
      record.changed = true;
      log.info(`Deleted the ${which}.`);
    } else {
      log.warning(`Could not delete the ${which}: ${why}.`);
    }
  }
}
