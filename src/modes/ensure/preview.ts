import type { EnsureRequest } from '../../model/request.ts';
import type { Presence } from '../../model/vantage.ts';
import { clientExists } from '../../plan/client-step.ts';
import { foreseen, shortPlan } from '../../plan/describe-plan.ts';
import type { Observation, Plan } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import { reportComparison } from './client.ts';
import { foretellReaders } from './readers.ts';
import type { EnsureRecord } from './record.ts';
import { notePlan } from './run.ts';
import { warnOfLists, warnOfStart } from './warnings.ts';

/** What Vantage said, and the tenant that said it. */
export type Observed = Omit<Observation, 'targets'> & { readonly tenant: Tenant };

/**
 * Tells what a run would do, and changes nothing.
 *
 * @throws Failure what the run would fail with, where that is known beforehand.
 */
export async function preview(
  request: EnsureRequest,
  plan: Plan,
  observed: Observed,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const { client: wanted } = request;
  const { log } = context;
  if (plan.client.step !== 'create') {
    reportComparison(plan.client, record, log);
  }
  const known = await findClient(request, plan, observed.tenant, context);
  noteFound(known, record);
  if (known === 'present' && wanted.ifExists === 'fail') {
    throw clientExists(wanted.clientId);
  }
  const foretold = foreseen(plan, known);
  notePlan(request, foretold, record);
  if (known !== 'absent') {
    warnOfLists(request, observed.secrets, log);
  }
  if (foretold.rotation?.due.due) {
    warnOfStart(foretold.rotation, foretold.rotation.due.targets, context);
  }
  foretellReaders(plan.targets, context);
  const shown = shortPlan(record.plan ?? {}, text => log.redact(text));
  log.info(`A dry run changes nothing. The plan: ${JSON.stringify(shown)}`);
}

function noteFound(known: Presence['kind'] | 'unknown', record: EnsureRecord): void {
  if (known === 'absent') {
    record.clientFound = 'absent';
    record.liveBefore = [];
  } else {
    record.clientFound = known === 'present' ? 'kept' : undefined;
  }
}

/** A run finds out by creating it whether a client is there that it cannot read; a dry run has to ask, where that matters. */
async function findClient(
  { client: { clientId, ifExists }, secret: { pruneAfter, revokeAtJobEnd } }: EnsureRequest,
  { client, rotation }: Plan,
  { clients }: Tenant,
  { deadline }: StepContext,
): Promise<Presence['kind'] | 'unknown'> {
  if (client.step !== 'create') {
    return 'present';
  }
  const matters = rotation?.due.due === false || ifExists === 'fail' || pruneAfter !== undefined || revokeAtJobEnd;
  if (!matters) {
    return 'unknown';
  }
  return (await readIfPossible(budget => clients.find(clientId, budget), deadline)).kind;
}
