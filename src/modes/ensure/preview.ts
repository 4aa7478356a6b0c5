import type { EnsureRequest } from '../../model/request.ts';
import type { Presence, Unreadable } from '../../model/vantage.ts';
import { clientExists } from '../../plan/client-step.ts';
import { type DryRunFindings, describePlan, withPresence } from '../../plan/describe-plan.ts';
import { marksAreReadable } from '../../plan/marked-secrets.ts';
import type { Plan } from '../../plan/plan.ts';
import { dryRunTexts, planLines, planVerdict } from '../../plan/plan-lines.ts';
import { readIfPossible } from '../reads.ts';
import { reportComparison } from './client.ts';
import type { EnsureRun } from './observe.ts';
import type { EnsureRecord, Offer } from './record.ts';
import { warnOfIneffectiveInputs, warnOfLateStart } from './warnings.ts';

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
export async function preview(run: EnsureRun, planned: Plan, { withOffers = false } = {}): Promise<void> {
  const { request, observed, context, record } = run;
  const { log } = context;
  if (planned.client.step !== 'create') {
    reportComparison(run, planned.client.comparison);
  }
  const presence = await findClient(run, planned);
  if (presence === 'absent') {
    record.clientFound = 'absent';
    record.liveBefore = [];
  } else {
    record.clientFound = presence === 'present' ? 'kept' : undefined;
  }
  if (presence === 'present' && request.client.ifExists === 'fail') {
    throw clientExists(record.clientId);
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
  for (const text of dryRunTexts(planVerdict(lines), lines)) {
    log.info(text);
  }
  if (withOffers) {
    record.preview = { lines, offers: await findOffers(run) };
  }
  if (observed.targetsFailure) {
    throw observed.targetsFailure;
  }
}

/** Finds out whether the client exists. A run learns it when it creates the client; a dry run asks only if it matters. */
async function findClient(
  { request: { client, secret }, observed: { tenant }, context }: EnsureRun,
  { client: { step }, rotation }: Plan,
): Promise<Presence['kind'] | 'unknown'> {
  if (step !== 'create') {
    return 'present';
  }
  const dependsOnIt = client.ifExists === 'fail' || secret.pruneAfter !== undefined || secret.revokeAtJobEnd;
  if (rotation?.due.due !== false && !dependsOnIt) {
    return 'unknown';
  }
  return (await readIfPossible(budget => tenant.clients.find(client.clientId, budget), context.deadline)).kind;
}

/**
 * Finds out which undocumented operations this tenant offers, as far as reading can tell. Reads another client if the
 * client of the step does not exist.
 *
 * @throws Failure if the step was stopped.
 */
export async function findOffers({ observed, context, record }: EnsureRun): Promise<readonly Offer[]> {
  const { client, secrets, tenant } = observed;
  const { deadline } = context;
  const clients = await readIfPossible(budget => tenant.clients.list(budget), deadline);
  const sample =
    client.kind === 'found' ? record.clientId : clients.kind === 'found' ? clients.found[0]?.clientId : undefined;
  const [read, listed] = await Promise.all([
    client.kind === 'found' || sample === undefined
      ? client
      : readIfPossible(budget => tenant.clients.read(sample, budget), deadline),
    secrets?.kind === 'found' || sample === undefined
      ? secrets
      : readIfPossible(budget => tenant.secrets.list(sample, budget), deadline),
  ]);
  const isEmpty = sample === undefined && clients.kind === 'found';
  const toRead = isEmpty ? NO_CLIENT : isOffered(read);
  const toList = isEmpty || listed === undefined ? NO_CLIENT : isOffered(listed);
  const byExpiration =
    toList.offered === 'yes' && !marksAreReadable(listed)
      ? ({ offered: 'no', why: 'the list does not show the whole descriptions of secrets' } as const)
      : toList;
  const toListClients = isOffered(clients);
  return [
    { what: 'Report how an existing client differs', ...toRead },
    { what: 'Update a client', ...afterReading(toRead) },
    { what: 'Rotate by the expiration that Vantage reports', ...byExpiration },
    { what: 'Delete replaced secrets, revoke a secret', ...afterReading(byExpiration) },
    { what: 'Delete a client, or those of closed pull requests', ...afterReading(toListClients) },
    { what: 'Audit the tenant', ...toListClients },
  ];
}

type Answer = Omit<Offer, 'what'>;

const NO_CLIENT: Answer = { offered: 'not known', why: 'there is no client to read' };

function isOffered(read: { readonly kind: 'found' } | Unreadable): Answer {
  return read.kind === 'found' ? { offered: 'yes' } : { offered: 'no', why: read.reason };
}

/** What needs a read first cannot be offered without it. */
function afterReading(read: Answer): Answer {
  return read.offered === 'yes' ? { offered: 'not tried', why: 'a dry run changes nothing' } : read;
}
