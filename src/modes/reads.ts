import pMap from 'p-map';
import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { clause, Failure } from '../model/failure.ts';
import { readMark } from '../model/mark.ts';
import {
  type ListedSecret,
  type ReadableClient,
  type ReadList,
  type Unreadable,
  unreadable,
} from '../model/vantage.ts';
import { marksAreReadable, type OtherSecret } from '../plan/marked-secrets.ts';
import { unreadableFailure } from '../vantage/failures.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { StepContext } from './step-context.ts';

/** The most time that an undocumented read may take: a share of the time that is left, and milliseconds. */
const READ_LIMIT = { share: 0.25, longest: 10_000 };

/**
 * Reads what Vantage may or may not offer. The documented requests decide whatever this read returns, so every failure is
 * `unreadable`.
 *
 * @param read sends its requests within the budget that it gets.
 * @throws Failure if the step was stopped.
 */
export async function readIfPossible<Found>(
  read: (budget: TimeBudget) => Promise<Found>,
  deadline: Deadline,
): Promise<Found | Unreadable> {
  const budget = deadline.within(Math.min(READ_LIMIT.longest, deadline.work.remaining() * READ_LIMIT.share));
  try {
    return await read(budget);
  } catch (error) {
    if (!(error instanceof Failure) || deadline.stopCode) {
      throw error;
    }
    const { request = 'it', reason } = error.parts;
    const why = budget.signal.aborted ? `${request} did not answer in time` : `${request}: ${reason}`;
    return unreadable(why, 'unexpected-response');
  }
}

const AFFECTS_ALL_READS = ['authentication-failed', 'rate-limited'];

/**
 * Reads one client of many. A failure that concerns this client alone is `unreadable`, so that it does not hide the others.
 *
 * @throws Failure that every other read would have as well, or if the step was stopped.
 */
export function readOne<Found>({ deadline }: StepContext, read: () => Promise<Found>): Promise<Found | Unreadable> {
  return read().catch((error: unknown) => {
    if (error instanceof Failure && !AFFECTS_ALL_READS.includes(error.code) && !deadline.stopCode) {
      return unreadable(clause(error.message), 'unexpected-response');
    }
    throw error;
  });
}

/** What a run records of the list of clients. */
export interface ListRecord {
  /** How many clients the tenant has. Absent if Vantage did not list them. */
  listed?: number;
  /** Set if the list may be incomplete. */
  cut?: true;
}

/**
 * Lists all clients of the tenant. Warns if the list may be incomplete.
 *
 * @param advice what to do if this Vantage does not list clients. Default: do it by hand.
 * @throws Failure if the clients cannot be listed.
 */
export async function listClients(
  tenant: Tenant,
  { log }: StepContext,
  record: ListRecord,
  advice?: string,
): Promise<readonly ReadableClient[]> {
  const list = await tenant.clients.list();
  if (list.kind === 'unreadable') {
    const unsupported = list.code === 'unsupported' ? advice : undefined;
    throw unreadableFailure('listing the clients of the tenant', list, unsupported);
  }
  record.listed = list.found.length;
  if (!list.whole) {
    record.cut = true;
    log.warning(
      `The list of clients may be incomplete: this Vantage returns the same ${record.listed} clients for every page and does not report a total. Look for further clients in Vantage.`,
    );
  }
  return list.found;
}

/** Requests for the secrets of a client that are under way at once. */
const CONCURRENCY = 8;

/**
 * Lists the secrets that this action created for the other clients of the tenant, as `readMarkedSecrets` does. Their marks
 * show whether a target holds the secret of another client.
 */
export async function readOtherSecrets(
  clientId: string,
  tenant: Tenant,
  { deadline, markedSecrets }: Pick<StepContext, 'deadline' | 'markedSecrets'>,
): Promise<readonly OtherSecret[] | undefined> {
  return markedSecrets
    ? (await markedSecrets())?.filter(secret => secret.clientId !== clientId)
    : readMarkedSecrets(tenant, deadline, clientId);
}

/**
 * Lists the secrets that this action created for the clients of the tenant.
 *
 * @param except the id of a client that is left out.
 * @returns undefined if Vantage does not list all of them within the time that a read may take.
 * @throws Failure if the step was stopped.
 */
export async function readMarkedSecrets(
  { clients, secrets }: Tenant,
  deadline: Deadline,
  except?: string,
): Promise<readonly OtherSecret[] | undefined> {
  const read = await readIfPossible(async budget => {
    const list = await clients.list(budget);
    if (list.kind === 'unreadable' || !list.whole) {
      return undefined;
    }
    const others = list.found.map(({ clientId }) => clientId).filter(clientId => clientId !== except);
    const read = async (clientId: string) => withMarks(clientId, await secrets.list(clientId, budget));
    const found = await pMap(others, read, { concurrency: CONCURRENCY });
    return found.every(marked => marked !== undefined) ? found.flat() : undefined;
  }, deadline);
  return Array.isArray(read) ? read : undefined;
}

function withMarks(clientId: string, list: ReadList<ListedSecret>): OtherSecret[] | undefined {
  if (!marksAreReadable(list)) {
    return undefined;
  }
  return list.found.flatMap(({ description }) => {
    const mark = readMark(description);
    return mark ? [{ clientId, mark }] : [];
  });
}
