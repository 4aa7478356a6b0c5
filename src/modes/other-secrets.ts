import pMap from 'p-map';
import { readMark } from '../model/mark.ts';
import { marksAreReadable, type OtherSecret } from '../plan/marked-secrets.ts';
import type { Tenant } from '../vantage/tenant.ts';
import { readIfPossible } from './reads.ts';
import type { StepContext } from './step-context.ts';

/** Clients that are asked for their secrets at once. */
const AT_ONCE = 8;

/**
 * The secrets that this action created for the other clients of the tenant. They tell whether a target serves another
 * client by now.
 *
 * @returns undefined where Vantage does not tell of all of them within the time that a read may take.
 * @throws Failure where the step was stopped.
 */
export async function readOtherSecrets(
  clientId: string,
  { clients, secrets }: Tenant,
  { deadline }: StepContext,
): Promise<readonly OtherSecret[] | undefined> {
  const read = await readIfPossible(async budget => {
    const list = await clients.list(budget);
    if (list.kind === 'unreadable' || !list.whole) {
      return undefined;
    }
    const others = list.found.filter(client => client.clientId !== clientId);
    const found = await pMap(
      others,
      async other => marksOf(other.clientId, await secrets.list(other.clientId, budget)),
      {
        concurrency: AT_ONCE,
      },
    );
    return found.every(marks => marks !== undefined) ? found.flat() : undefined;
  }, deadline);
  return Array.isArray(read) ? read : undefined;
}

function marksOf(clientId: string, list: Awaited<ReturnType<Tenant['secrets']['list']>>): OtherSecret[] | undefined {
  if (!marksAreReadable(list)) {
    return undefined;
  }
  return list.found.flatMap(({ description }) => {
    const mark = readMark(description);
    return mark ? [{ clientId, mark }] : [];
  });
}
