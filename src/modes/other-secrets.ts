import pMap from 'p-map';
import { readMark } from '../model/mark.ts';
import { marksAreReadable, type OtherSecret } from '../plan/marked-secrets.ts';
import type { Tenant } from '../vantage/tenant.ts';
import { readIfPossible } from './reads.ts';
import type { StepContext } from './step-context.ts';

/** Requests for the secrets of a client that are under way at once. */
const CONCURRENCY = 8;

/**
 * Lists the secrets that this action created for the other clients of the tenant. Their marks show whether a target holds
 * the secret of another client.
 *
 * @returns undefined if Vantage does not list all of them within the time that a read may take.
 * @throws Failure if the step was stopped.
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
      async other => withMarks(other.clientId, await secrets.list(other.clientId, budget)),
      { concurrency: CONCURRENCY },
    );
    return found.every(marked => marked !== undefined) ? found.flat() : undefined;
  }, deadline);
  return Array.isArray(read) ? read : undefined;
}

function withMarks(clientId: string, list: Awaited<ReturnType<Tenant['secrets']['list']>>): OtherSecret[] | undefined {
  if (!marksAreReadable(list)) {
    return undefined;
  }
  return list.found.flatMap(({ description }) => {
    const mark = readMark(description);
    return mark ? [{ clientId, mark }] : [];
  });
}
