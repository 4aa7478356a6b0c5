import type { Log } from '../log.ts';
import { describePlan, type Observation, planEnsure } from '../plan/plan.ts';
import type { Request } from '../request/request.ts';
import type { AdminApi } from '../vantage/admin.ts';
import { applyToClient, reportComparison } from './client.ts';
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
  const admin = bench.openAdmin(await bench.tokens.signIn(request.signIn));
  const observed = await observe(request, admin);
  const plan = planEnsure(request, observed, new Date());
  ledger.plan = describePlan(request.client, plan);
  if (request.run.dryRun) {
    if (plan.client.step !== 'create') {
      reportComparison(plan.client, ledger, bench.log);
    }
    bench.log.info(`A dry run changes nothing. The plan: ${JSON.stringify(ledger.plan)}`);
    return;
  }
  const settings = await applyToClient(request.client, plan.client, admin, ledger, bench.log);
  if (plan.mint) {
    await handOn(request, settings, plan.mint, admin, bench, ledger);
    countEarlierSecrets(observed, bench.log);
  }
}

async function observe({ client: { clientId }, secret }: Request, admin: AdminApi): Promise<Observation> {
  const [client, secrets] = await Promise.all([
    admin.readClient(clientId),
    secret.rotate === 'never' ? undefined : admin.readSecrets(clientId),
  ]);
  return { client, secrets };
}

function countEarlierSecrets({ secrets }: Observation, log: Log): void {
  if (secrets?.kind === 'found' && secrets.found.length > 0) {
    log.info(`Earlier secrets of the client, left as they are: ${secrets.found.length}.`);
  }
}
