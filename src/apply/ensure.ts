import { preflight } from '../github/preflight.ts';
import type { Log } from '../log.ts';
import { describePlan, type MintPlan, type Observation, planEnsure } from '../plan/plan.ts';
import type { Request } from '../request/request.ts';
import type { SecretRequest } from '../request/secret.ts';
import { applyToClient, reportComparison } from './client.ts';
import { createEnvironments } from './environments.ts';
import { handOn } from './hand-on.ts';
import type { Ledger } from './ledger.ts';
import { prune } from './prune.ts';
import type { Workbench } from './workbench.ts';

/**
 * Ensures the client, and mints, proves and hands out a secret, as the request asks: observe, plan, apply.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure
 */
export async function ensure(request: Request, bench: Workbench, ledger: Ledger): Promise<void> {
  const [{ admin, ...vantage }, targets] = await Promise.all([observe(request, bench), checkTargets(request, bench)]);
  const plan = planEnsure(request, { ...vantage, targets }, new Date());
  ledger.plan = describePlan(request.client, plan);
  if (request.run.dryRun) {
    if (plan.client.step !== 'create') {
      reportComparison(plan.client, ledger, bench.log);
    }
    bench.log.info(`A dry run changes nothing. The plan: ${JSON.stringify(ledger.plan)}`);
    return;
  }
  const settings = await applyToClient(request.client, plan.client, admin, ledger, bench.log);
  if (plan.mint && isDue(plan.mint, request.secret.rotate, ledger, bench.log)) {
    const targets = await createEnvironments(plan.targets, bench, ledger);
    await handOn({ request, settings, mint: plan.mint, targets }, admin, bench, ledger);
    countEarlierSecrets(vantage, bench.log);
  }
  await prune(plan.prune, admin, bench, ledger);
}

async function observe({ signIn, client, secret }: Request, { tokens, openAdmin, deadline }: Workbench) {
  const { clientId } = client;
  const { rotate, currentSecret } = secret;
  const what = `trying current-secret for client "${clientId}"`;
  const probed =
    rotate === 'when-due' && currentSecret ? tokens.probe({ what, clientId, secret: currentSecret }) : undefined;
  const read = async () => {
    const admin = openAdmin(await tokens.signIn(signIn));
    const [found, secrets] = await Promise.all([
      admin.readClient(clientId),
      rotate === 'never' ? undefined : admin.readSecrets(clientId, deadline.work),
    ]);
    return { admin, client: found, secrets };
  };
  const [vantage, probe] = await Promise.all([read(), probed]);
  return { ...vantage, currentSecretAccepted: probe && probe.kind === 'accepted' };
}

async function checkTargets({ handOff, secret, workflow }: Request, { github }: Workbench) {
  const ages = secret.rotate === 'when-due' || secret.pruneAfter !== undefined;
  return github && handOff.github && secret.rotate !== 'never'
    ? preflight(handOff.github, { workflow, ages }, github)
    : [];
}

/** A client that this run created has no secret yet, whatever the targets hold. */
function isDue({ due }: MintPlan, rotate: SecretRequest['rotate'], ledger: Ledger, log: Log): boolean {
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
