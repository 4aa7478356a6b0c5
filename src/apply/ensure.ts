import { preflight } from '../github/preflight.ts';
import type { Log } from '../log.ts';
import { describePlan, type MintPlan, type Observation, planEnsure } from '../plan/plan.ts';
import type { EnsureRequest } from '../request/request.ts';
import type { SecretRequest } from '../request/secret.ts';
import { applyToClient, reportComparison } from './client.ts';
import { createEnvironments } from './environments.ts';
import { handOn } from './hand-on.ts';
import type { EnsureLedger } from './ledger.ts';
import { prune } from './prune.ts';
import type { Workbench } from './workbench.ts';

/**
 * Ensures the client, and mints, proves and hands out a secret, as the request asks: observe, plan, apply.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure
 */
export async function ensure(request: EnsureRequest, bench: Workbench, ledger: EnsureLedger): Promise<void> {
  const [{ tenant, ...vantage }, targets] = await Promise.all([observe(request, bench), checkTargets(request, bench)]);
  const plan = planEnsure(request, { ...vantage, targets }, new Date());
  ledger.plan = describePlan(request.client, plan);
  if (request.run.dryRun) {
    if (plan.client.step !== 'create') {
      reportComparison(plan.client, ledger, bench.log);
    }
    bench.log.info(`A dry run changes nothing. The plan: ${JSON.stringify(ledger.plan)}`);
    return;
  }
  const settings = await applyToClient(request.client, plan.client, tenant, ledger, bench.log);
  if (plan.mint && isDue(plan.mint, request.secret.rotate, ledger, bench.log)) {
    const targets = await createEnvironments(plan.targets, bench, ledger);
    await handOn({ request, settings, mint: plan.mint, targets }, tenant, bench, ledger);
    countEarlierSecrets(vantage, bench.log);
  }
  await prune(plan.prune, tenant, bench, ledger);
}

async function observe({ signIn, client, secret }: EnsureRequest, { tokens, openTenant, deadline }: Workbench) {
  const { clientId } = client;
  const { rotate, currentSecret } = secret;
  const what = `trying current-secret for client "${clientId}"`;
  const probed =
    rotate === 'when-due' && currentSecret ? tokens.probe({ what, clientId, secret: currentSecret }) : undefined;
  const read = async () => {
    const tenant = openTenant(await tokens.signIn(signIn));
    const [found, secrets] = await Promise.all([
      tenant.clients.read(clientId),
      rotate === 'never' ? undefined : tenant.secrets.list(clientId, deadline.work),
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

/** A client that this run created has no secret yet, whatever the targets hold. */
function isDue({ due }: MintPlan, rotate: SecretRequest['rotate'], ledger: EnsureLedger, log: Log): boolean {
  if (rotate === 'always') {
    return true;
  }
  if (due.due || ledger.clientCreated) {
    log.info(`A secret is due: ${due.due ? due.why : 'the client is new'}.`);
    return true;
  }
  log.info(
    due.dueAt ? `No secret is due before ${due.dueAt.toISOString()}.` : 'No secret is due: current-secret works.',
  );
  return false;
}

function countEarlierSecrets({ secrets }: Pick<Observation, 'secrets'>, log: Log): void {
  if (secrets?.kind === 'found' && secrets.found.length > 0) {
    log.info(`Secrets that the client had before: ${secrets.found.length}.`);
  }
}
