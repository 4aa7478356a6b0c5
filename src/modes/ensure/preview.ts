import type { EnsureRequest } from '../../model/request.ts';
import type { Presence } from '../../model/vantage.ts';
import { clientExists } from '../../plan/client-step.ts';
import { type DryRunFindings, describePlan, withPresence } from '../../plan/describe-plan.ts';
import type { Plan } from '../../plan/plan.ts';
import { planLines, planVerdict } from '../../plan/plan-lines.ts';
import { readIfPossible } from '../reads.ts';
import { reportPlan } from '../report-plan.ts';
import type { StepContext } from '../step-context.ts';
import { reportComparison } from './client.ts';
import type { Observed } from './observe.ts';
import { findOffers } from './offers.ts';
import type { EnsureRecord } from './record.ts';
import { warnOfIneffectiveInputs, warnOfLateStart } from './warnings.ts';

type ClientPresence = Presence['kind'] | 'unknown';

/** Records what a run is going to do, as far as it is known, and when the secret in use becomes due. */
export function recordPlan({ client }: EnsureRequest, plan: Plan & DryRunFindings, record: EnsureRecord): void {
  const { rotation } = plan;
  record.plan = describePlan(client, plan);
  record.rotationDue = rotation && !rotation.due.due ? rotation.due.dueAt?.toISOString() : undefined;
}

/**
 * Reports what a run would do, and changes nothing.
 *
 * @param withOffers whether to find out what the tenant offers. That takes up to three more reads.
 * @throws Failure of the run, if it is known beforehand.
 */
export async function preview(
  request: EnsureRequest,
  planned: Plan,
  observed: Observed,
  context: StepContext,
  record: EnsureRecord,
  { withOffers = false } = {},
): Promise<void> {
  const { clientId, ifExists } = request.client;
  const { log } = context;
  if (planned.client.step !== 'create') {
    reportComparison(planned.client, record, log);
  }
  const presence = await findClient(request, planned, observed, context);
  recordPresence(presence, record);
  if (presence === 'present' && ifExists === 'fail') {
    throw clientExists(clientId);
  }
  const plan = withPresence(planned, presence);
  recordPlan(request, plan, record);
  if (presence !== 'absent') {
    warnOfIneffectiveInputs(request, observed.secrets, log);
  }
  if (plan.rotation?.due.due) {
    warnOfLateStart(plan.rotation, plan.rotation.due.targets, context);
  }
  const lines = planLines(request, plan);
  record.preview = { lines };
  reportPlan(planVerdict(lines), lines, log);
  if (withOffers) {
    record.preview = { lines, offers: await findOffers(clientId, observed, context) };
  }
  if (observed.targetsFailure) {
    throw observed.targetsFailure;
  }
}

/** Finds out whether the client exists. A run learns it when it creates the client; a dry run asks only if it matters. */
async function findClient(
  { client: { clientId, ifExists }, secret: { pruneAfter, revokeAtJobEnd } }: EnsureRequest,
  { client, rotation }: Plan,
  { tenant: { clients } }: Observed,
  { deadline }: StepContext,
): Promise<ClientPresence> {
  if (client.step !== 'create') {
    return 'present';
  }
  const matters = rotation?.due.due === false || ifExists === 'fail' || pruneAfter !== undefined || revokeAtJobEnd;
  return matters ? (await readIfPossible(budget => clients.find(clientId, budget), deadline)).kind : 'unknown';
}

function recordPresence(presence: ClientPresence, record: EnsureRecord): void {
  if (presence === 'absent') {
    record.clientFound = 'absent';
    record.liveBefore = [];
  } else {
    record.clientFound = presence === 'present' ? 'kept' : undefined;
  }
}
