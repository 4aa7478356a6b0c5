import pMap from 'p-map';
import { countText } from '../../model/dates.ts';
import { clause, messageOf } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { FleetRequest } from '../../model/request.ts';
import { findOrphan, othersOf } from '../../plan/orphans.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import type { StepContext } from '../step-context.ts';
import type { FleetRecord } from './record.ts';

/** How many clients that the manifest does not name are looked at. A tenant with more of them is not mostly this manifest. */
const MAX_OTHERS = 2000;

/** The part of the time that is left, and the most of it in milliseconds, for a search that the run can do without. */
const LIMIT = { part: 0.25, most: 60_000 };

/**
 * Looks for clients that this repository created a secret for, and that the manifest does not name: somebody took them out of
 * it. Only reports them. Never throws: nothing depends on it.
 */
export async function findOrphans(
  request: FleetRequest,
  tenant: Tenant,
  context: StepContext,
  record: FleetRecord,
): Promise<void> {
  const { deadline, log } = context;
  // One job of a matrix is enough.
  if ((request.shard && request.shard.index !== 1) || request.workflow.repositoryId === undefined) {
    return;
  }
  const budget = deadline.within(Math.min(deadline.work.remaining() * LIMIT.part, LIMIT.most));
  try {
    const list = await tenant.clients.list(budget);
    if (list.kind === 'unreadable') {
      record.orphansUnknown = 'this Vantage does not list its clients';
      return;
    }
    const clientIds = list.found.map(({ clientId }) => clientId);
    const others = othersOf(clientIds, request.manifestClientIds);
    if (others.length > MAX_OTHERS) {
      record.orphansUnknown = `the tenant has ${others.length} clients that the manifest does not name, and more than ${MAX_OTHERS} are not looked at`;
      return;
    }
    const now = context.now().vantage;
    const look = async (clientId: string) =>
      findOrphan(clientId, await tenant.secrets.list(clientId, budget), request.workflow, now);
    const found = await pMap(others, look, { concurrency: request.concurrency });
    record.orphaned = found.filter(orphan => orphan !== undefined);
  } catch (error) {
    record.orphansUnknown = budget.signal.aborted ? 'there was no time to look at all clients' : messageOf(error);
  } finally {
    report(record, log);
  }
}

function report({ orphaned, orphansUnknown }: FleetRecord, log: Log): void {
  const [first] = orphaned;
  if (first) {
    log.info(
      `The manifest does not name ${countText(orphaned.length, 'client')} that this repository created secrets for. The first is "${first.clientId}". The job summary lists them, and nothing deletes them.`,
    );
  } else if (orphansUnknown !== undefined) {
    log.info(`Did not look for clients that are no longer in the manifest: ${clause(orphansUnknown)}.`);
  }
}
