import { preflight } from '../github/preflight.ts';
import type { Log } from '../log.ts';
import { describePlan, type Observation, planEnsure } from '../plan/plan.ts';
import type { Request } from '../request/request.ts';
import { applyToClient, reportComparison } from './client.ts';
import { createEnvironments } from './environments.ts';
import { handOn } from './hand-on.ts';
import type { Ledger } from './ledger.ts';
import type { Workbench } from './workbench.ts';

/**
 * Ensures the client, and mints, proves and hands out a secret, as the request asks: observe, plan, apply.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure
 */
export async function ensure(request: Request, bench: Workbench, ledger: Ledger): Promise<void> {
  const [{ admin, ...vantage }, targets] = await Promise.all([observe(request, bench), checkTargets(request, bench)]);
  const observed = { ...vantage, targets };
  const plan = planEnsure(request, observed, new Date());
  ledger.plan = describePlan(request.client, plan);
  if (request.run.dryRun) {
    if (plan.client.step !== 'create') {
      reportComparison(plan.client, ledger, bench.log);
    }
    bench.log.info(`A dry run changes nothing. The plan: ${JSON.stringify(ledger.plan)}`);
    return;
  }
  const ready = await createEnvironments(plan.targets, bench, ledger);
  const settings = await applyToClient(request.client, plan.client, admin, ledger, bench.log);
  if (plan.mint) {
    await handOn({ request, settings, life: plan.mint, targets: ready }, admin, bench, ledger);
    countEarlierSecrets(observed, bench.log);
  }
}

async function observe({ signIn, client: { clientId }, secret }: Request, { tokens, openAdmin }: Workbench) {
  const admin = openAdmin(await tokens.signIn(signIn));
  const [client, secrets] = await Promise.all([
    admin.readClient(clientId),
    secret.rotate === 'never' ? undefined : admin.readSecrets(clientId),
  ]);
  return { admin, client, secrets };
}

async function checkTargets({ handOff, secret, workflow }: Request, { github }: Workbench) {
  return github && handOff.github && secret.rotate !== 'never' ? preflight(handOff.github, workflow, github) : [];
}

function countEarlierSecrets({ secrets }: Pick<Observation, 'secrets'>, log: Log): void {
  if (secrets?.kind === 'found' && secrets.found.length > 0) {
    log.info(`Earlier secrets of the client, left as they are: ${secrets.found.length}.`);
  }
}
