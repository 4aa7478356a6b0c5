import { Failure } from '../failure.ts';
import { preflight } from '../github/preflight.ts';
import { dueAt } from '../plan/due.ts';
import { liveOwnSecrets } from '../plan/live-secrets.ts';
import { instant } from '../plan/own-secrets.ts';
import { type MintPlan, type Plan, planEnsure, replan } from '../plan/plan.ts';
import { assertTimeToWrite } from '../plan/writes.ts';
import type { EnsureRequest } from '../request/request.ts';
import type { Tenant } from '../vantage/tenant.ts';
import {
  tellUnknownEnds,
  warnOfEarlyEnd,
  warnOfGrowth,
  warnOfLists,
  warnOfStart,
  warnOfVariables,
} from './announce.ts';
import { applyToClient } from './client.ts';
import { createEnvironments } from './environments.ts';
import { assertExists, tryingCurrentSecret } from './existence.ts';
import { handOn } from './hand-on.ts';
import type { EnsureLedger } from './ledger.ts';
import { notePlan } from './note-plan.ts';
import { type Observed, preview } from './preview.ts';
import { prune } from './prune.ts';
import { readIfPossible } from './read-if-possible.ts';
import { Unfinished } from './unfinished.ts';
import { repairVariables } from './variables.ts';
import type { Workbench } from './workbench.ts';

/**
 * Ensures the client, and creates, verifies and delivers a secret, as the request asks: observe, plan, apply.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure
 */
export async function ensure(request: EnsureRequest, bench: Workbench, ledger: EnsureLedger): Promise<void> {
  const [observed, targets] = await Promise.all([observe(request, bench), checkTargets(request, bench)]);
  ledger.clientFound = observed.client.kind === 'found' ? 'kept' : undefined;
  ledger.liveBefore = liveOwnSecrets(observed.secrets, request.workflow, bench.now().vantage);
  const plan = planEnsure(request, { ...observed, targets }, bench.now());
  notePlan(request, plan, ledger);
  if (plan.mint?.due.due) {
    assertTimeToWrite(plan.targets, bench.deadline.work.remaining());
  }
  warnOfVariables(targets, bench.log);
  if (request.run.dryRun) {
    return preview(request, plan, observed, bench, ledger);
  }
  const unfinished = new Unfinished(plan.mint?.untold ?? [], request.client.ifExists, bench);
  try {
    await apply(request, plan, observed, unfinished, bench, ledger);
    unfinished.end();
  } catch (error) {
    throw unfinished.failure(error, ledger);
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
  if (mint && isDue(mint, request, bench)) {
    warnOfStart(mint, plan.targets, bench.log);
    assertTimeToWrite(plan.targets, bench.deadline.work.remaining());
    const targets = await createEnvironments(plan.targets, bench, ledger);
    await handOn({ request, client, mint, targets }, tenant, bench, ledger).finally(() => {
      noteEnd(request, { end: mint.end, targets }, observed, bench, ledger);
      warnOfGrowth(request, ledger, bench.log);
    });
    countEarlierSecrets(observed, bench);
  } else {
    await assertExists(request, planned.client, client, observed, bench, ledger);
    tellUnknownEnds(plan, bench.log);
    await repairVariables(plan.variables, bench, ledger);
  }
  await prune(plan.prune, tenant, bench, ledger);
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

async function checkTargets({ handOff, secret, workflow }: EnsureRequest, { github }: Workbench) {
  if (!github || !handOff.github || secret.rotate === 'never') {
    return [];
  }
  const ages = secret.rotate === 'when-due' || secret.pruneAfter !== undefined;
  const missingEnvironments = handOff.github.createEnvironments ? 'allowed' : 'refused';
  const [targets] = await Promise.all([
    preflight(handOff.github, { workflow, ages, missingEnvironments, writes: true }, github),
    // Loaded while GitHub answers, as sealing needs it at once when there is a secret.
    import('../github/seal.ts'),
  ]);
  return targets;
}

function isDue({ due }: MintPlan, { secret }: EnsureRequest, { log }: Workbench): boolean {
  if (secret.rotate === 'always') {
    return true;
  }
  if (due.due) {
    log.info(`A secret is due: ${due.why}.`);
    return true;
  }
  log.info(
    due.dueAt ? `No secret is due before ${due.dueAt.toISOString()}.` : 'No secret is due: current-secret works.',
  );
  return false;
}

async function listAnew({ client: { clientId }, secret }: EnsureRequest, { secrets }: Tenant, { deadline }: Workbench) {
  return secret.revokeAtJobEnd ? readIfPossible(span => secrets.list(clientId, span), deadline) : undefined;
}

/** Notes when the secret that was delivered becomes due, and says where it ends earlier than was asked for. */
function noteEnd(
  request: EnsureRequest,
  planned: Pick<MintPlan, 'end'> & Pick<Plan, 'targets'>,
  { secrets }: Observed,
  { log }: Workbench,
  ledger: EnsureLedger,
): void {
  const { fate, startTime, expiration } = ledger.secret ?? {};
  const end = instant(expiration);
  if (fate === 'handed-out' && end) {
    ledger.rotationDue = dueAt(instant(startTime) ?? new Date(), end, request.secret.rotateBefore).toISOString();
    warnOfEarlyEnd(request, planned, secrets, end, log);
  }
}

function countEarlierSecrets({ secrets }: Observed, { log }: Workbench): void {
  if (secrets?.kind === 'found' && secrets.found.length > 0) {
    log.info(`Secrets that the client had before: ${secrets.found.length}.`);
  }
}
