import { type Preflight, preflight } from '../../github/preflight.ts';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { describePlan, type Foresight } from '../../plan/describe-plan.ts';
import { liveOwnSecrets } from '../../plan/marked-secrets.ts';
import { type MintPlan, type Plan, planEnsure, replan } from '../../plan/plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { Workbench } from '../step-context.ts';
import { applyToClient } from './client.ts';
import { assertExists, tryingCurrentSecret } from './existence.ts';
import { type Observed, preview } from './preview.ts';
import { prune } from './prune.ts';
import { repairReaders } from './readers.ts';
import type { EnsureLedger } from './record.ts';
import { deliver } from './rotate.ts';
import { assertTimeToWrite } from './time-to-write.ts';
import { Unfinished } from './unfinished.ts';
import { repairVariables } from './variables.ts';
import { tellUnknownEnds, warnOfLists, warnOfOtherClients, warnOfSharing, warnOfVariables } from './warnings.ts';

/**
 * Ensures the client, and creates, verifies and delivers a secret, as the request asks: observe, plan, apply.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure
 */
export async function ensure(request: EnsureRequest, bench: Workbench, ledger: EnsureLedger): Promise<void> {
  const [observed, { ready: targets, problem }] = await Promise.all([
    observe(request, bench),
    checkTargets(request, bench),
  ]);
  ledger.clientFound = observed.client.kind === 'found' ? 'kept' : undefined;
  ledger.liveBefore = liveOwnSecrets(observed.secrets, request.workflow, bench.now().vantage);
  const plan = planEnsure(request, { ...observed, targets }, bench.now());
  notePlan(request, plan, ledger);
  if (plan.mint?.due.due) {
    assertTimeToWrite(plan.mint.due.targets, bench.deadline.work.remaining());
  }
  warnOfVariables(targets, bench.log);
  warnOfOtherClients(request, targets, bench.log);
  warnOfSharing(request, plan.shared, bench.log);
  if (request.run.dryRun) {
    await preview(request, plan, observed, bench, ledger);
    return throwIf(problem);
  }
  const untold = [...(plan.mint?.untold ?? []), ...unreached(request, targets)];
  const unfinished = new Unfinished(untold, request.client.ifExists, bench);
  try {
    await apply(request, plan, observed, unfinished, bench, ledger);
    throwIf(problem);
    unfinished.end();
  } catch (error) {
    if (problem && error !== problem) {
      bench.log.warning(problem.message);
    }
    throw unfinished.failure(error, ledger);
  }
}

/** Whether the targets that are well get what they need though others are not: an old secret must not end for their sake. */
function isForSome(
  { rotate }: EnsureRequest['secret'],
  ready: readonly PreparedTarget[],
  { stopCode }: Workbench['deadline'],
): boolean {
  return rotate === 'when-due' && ready.length > 0 && stopCode === undefined;
}

/** The targets that this run cannot write, in words. */
function unreached({ handOff: { github } }: EnsureRequest, ready: readonly PreparedTarget[]): readonly string[] {
  const reached = ready.map(({ target }) => target);
  return (github?.targets ?? []).filter(target => ready.length > 0 && !reached.includes(target)).map(targetLine);
}

function throwIf(problem: Failure | undefined): void {
  if (problem) {
    throw problem;
  }
}

async function apply(
  request: EnsureRequest,
  planned: Plan,
  observed: Observed,
  unfinished: Unfinished,
  bench: Workbench,
  ledger: EnsureLedger,
): Promise<void> {
  try {
    await deliverIfDue(request, planned, observed, unfinished, bench, ledger);
  } finally {
    // What was superseded before this run may go whatever became of it, and makes room for the next secret.
    await prune(planned.prune, observed.tenant, bench, ledger);
  }
}

async function deliverIfDue(
  request: EnsureRequest,
  planned: Plan,
  observed: Observed,
  unfinished: Unfinished,
  bench: Workbench,
  ledger: EnsureLedger,
): Promise<void> {
  const { tenant } = observed;
  const isDead = planned.mint?.due.due === true && planned.mint.due.isDead === true;
  // If it turns out to be missing, what the targets hold is of a client that is no more.
  if (isDead || planned.client.step === 'create') {
    unfinished.begin();
  }
  const client = await applyToClient(request.client, planned.client, tenant, bench, ledger).catch(error => {
    // A creation that Vantage refused for certain ended no secret.
    if (!isDead && error instanceof Failure && !error.unsettled && !ledger.changed) {
      unfinished.end();
    }
    throw error;
  });
  if (!isDead && client.isNew === 'no') {
    unfinished.end();
  }
  const plan = replan(planned, client.isNew);
  const { mint } = plan;
  notePlan(request, plan, ledger);
  // Of a client that was missing nothing was listed, whatever this Vantage offers.
  const wasMissing = client.isNew === 'yes';
  ledger.liveBefore = wasMissing ? [] : ledger.liveBefore;
  warnOfLists(request, wasMissing ? await listAnew(request, tenant, bench) : observed.secrets, bench.log);
  if (mint?.due.due) {
    await deliver(request, client, { ...mint, due: mint.due }, observed, bench, ledger);
  } else {
    tellNotDue(mint, bench.log);
    await assertExists(request, planned.client, client, observed, bench, ledger);
    tellUnknownEnds(plan, bench.log);
  }
  await repairVariables(plan.variables, bench, ledger);
  await repairReaders(plan.targets, bench, ledger);
}

async function observe(
  { signIn, client, secret }: EnsureRequest,
  { tokens, openTenant, deadline }: Workbench,
): Promise<Observed> {
  const { clientId } = client;
  const { rotate, currentSecret } = secret;
  const probed =
    rotate === 'when-due' && currentSecret
      ? tokens.probe({ ...tryingCurrentSecret(clientId), secret: currentSecret })
      : undefined;
  const read = async () => {
    const tenant = openTenant(await tokens.signIn(signIn));
    const [found, secrets] = await Promise.all([
      readIfPossible(span => tenant.clients.read(clientId, span), deadline),
      rotate === 'never' ? undefined : readIfPossible(span => tenant.secrets.list(clientId, span), deadline),
    ]);
    return { tenant, client: found, secrets };
  };
  const [vantage, probe] = await Promise.all([read(), probed]);
  return { ...vantage, currentSecretAccepted: probe && probe.kind === 'accepted' };
}

async function checkTargets(
  { handOff, secret, workflow }: EnsureRequest,
  { github, deadline }: Workbench,
): Promise<Preflight> {
  if (!github || !handOff.github || secret.rotate === 'never') {
    return { ready: [] };
  }
  const ages = secret.rotate === 'when-due' || secret.pruneAfter !== undefined;
  const missingEnvironments = handOff.github.createEnvironments ? 'allowed' : 'refused';
  const [checked] = await Promise.all([
    preflight(handOff.github, { workflow, ages, missingEnvironments, writes: true }, github),
    // Loaded while GitHub answers, as sealing needs it at once when there is a secret.
    import('../../github/seal.ts'),
  ]);
  if (checked.problem && !isForSome(secret, checked.ready, deadline)) {
    throw checked.problem;
  }
  return checked;
}

function tellNotDue(mint: MintPlan | undefined, log: Log): void {
  if (mint && !mint.due.due) {
    const { dueAt: time } = mint.due;
    log.info(time ? `No secret is due before ${time.toISOString()}.` : 'No secret is due: current-secret works.');
  }
}

async function listAnew({ client: { clientId }, secret }: EnsureRequest, { secrets }: Tenant, { deadline }: Workbench) {
  return secret.revokeAtJobEnd ? readIfPossible(span => secrets.list(clientId, span), deadline) : undefined;
}

/** Notes what a run sets out to do, as far as it knows by now, and when the secret in use becomes due. */
export function notePlan({ client }: EnsureRequest, plan: Plan & Foresight, ledger: EnsureLedger): void {
  const { mint } = plan;
  ledger.plan = describePlan(client, plan);
  ledger.rotationDue = mint && !mint.due.due ? mint.due.dueAt?.toISOString() : undefined;
}
