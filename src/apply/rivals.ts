import type { PreparedTarget } from '../github/preflight.ts';
import { destinationsOf } from '../plan/destinations.ts';
import { secretOfWrite } from '../plan/other-clients.ts';
import type { EnsureRequest } from '../request/request.ts';
import { targetLine } from '../request/targets.ts';
import type { Tenant } from '../vantage/tenant.ts';
import { twoSteps } from './announce.ts';
import { readOtherSecrets } from './other-secrets.ts';
import type { Workbench } from './workbench.ts';

/**
 * Says which targets held the secret of another client before this run wrote them, as the marks of that client tell. Where
 * a variable beside a target tells, nobody is asked.
 */
export async function warnOfRivals(
  { client: { clientId }, workflow, handOff }: EnsureRequest,
  targets: readonly PreparedTarget[],
  tenant: Tenant,
  bench: Workbench,
): Promise<void> {
  const untold = targets.filter(({ updatedAt, site }) => updatedAt && site.variables?.clientId?.value === undefined);
  if (untold.length === 0) {
    return;
  }
  const others = (await readOtherSecrets(clientId, tenant, bench)) ?? [];
  for (const { prepared, isNamedBy } of destinationsOf(untold, workflow, handOff.github)) {
    const named = others.filter(({ mark }) => isNamedBy(mark));
    const rival = prepared?.updatedAt && secretOfWrite(prepared.updatedAt, named);
    if (prepared && rival) {
      bench.log.warning(
        `${targetLine(prepared.target)} held a secret of client "${rival.clientId}", as its mark says. ${twoSteps(clientId)}`,
      );
    }
  }
}
