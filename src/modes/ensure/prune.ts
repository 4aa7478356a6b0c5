import type { MarkedSecret } from '../../plan/marked-secrets.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/** Deletes superseded secrets. Warns about a secret that it cannot delete, and does not fail: nothing depends on it. */
export async function prune(
  secrets: readonly MarkedSecret[],
  tenant: Tenant,
  { deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  for (const { id, mark } of secrets) {
    const name = `superseded secret ${id} of client "${record.clientId}", created ${mark.createdAt.toISOString()}`;
    if (deadline.stopCode) {
      log.warning(`Did not delete ${name}: the step was stopped.`);
      continue;
    }
    const reason = await tenant.secrets.delete(record.clientId, id, deadline.work);
    if (reason === undefined) {
      record.pruned = [...record.pruned, id];
      record.changed = true;
      log.info(`Deleted ${name}.`);
    } else {
      log.warning(`Could not delete ${name}: ${reason}.`);
    }
  }
}
