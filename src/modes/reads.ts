import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { Failure } from '../model/failure.ts';
import type { ReadableClient } from '../model/vantage.ts';
import { type Unreadable, unreadable } from '../model/vantage.ts';
import { unreadableFailure } from '../vantage/failures.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { AuditRecord } from './audit/record.ts';
import type { StepContext } from './step-context.ts';
import type { SweepRecord } from './sweep/record.ts';

/** What a read that no documentation promises may cost: a part of the time that is left, and so many milliseconds. */
const PATIENCE = { part: 0.25, most: 10_000 };

/**
 * Reads what Vantage may or may not let be read. Whatever it answers, or if it answers nothing, the documented requests
 * decide: so every failure is `unreadable`, but for that the step was stopped.
 *
 * @param read asks within the span that it is given.
 * @throws Failure where the step was stopped meanwhile.
 */
export async function readIfPossible<Found>(
  read: (budget: TimeBudget) => Promise<Found>,
  deadline: Deadline,
): Promise<Found | Unreadable> {
  const budget = deadline.within(Math.min(PATIENCE.most, deadline.work.remaining() * PATIENCE.part));
  try {
    return await read(budget);
  } catch (error) {
    if (!(error instanceof Failure) || deadline.stopCode) {
      throw error;
    }
    return unreadable(reasonOf(error, budget), 'unexpected-response');
  }
}

function reasonOf({ parts: { request: at = 'it', reason: why } }: Failure, budget: TimeBudget): string {
  return budget.signal.aborted ? `${at} did not answer in time` : `${at}: ${why}`;
}

/** What is wrong with a read of one client is wrong with every read. */
const GENERAL = ['authentication-failed', 'rate-limited'];

/** A read of one client among many. That Vantage is unwell on it must not hide all others: it is unreadable then. */
export async function readOne<Found>(
  { deadline }: StepContext,
  read: () => Promise<Found>,
): Promise<Found | Unreadable> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Failure && !GENERAL.includes(error.code) && !deadline.stopCode) {
      return unreadable(error.message.replace(/\.$/u, ''), 'unexpected-response');
    }
    throw error;
  }
}

/**
 * Lists the clients of the tenant for a mode that looks at all of them, and warns where the list may be cut.
 *
 * @param todo what to do where this Vantage lists none, if not by hand.
 * @throws Failure where they cannot be listed.
 */
export async function listClients(
  tenant: Tenant,
  { log }: StepContext,
  record: SweepRecord | AuditRecord,
  advice?: string,
): Promise<readonly ReadableClient[]> {
  const list = await tenant.clients.list();
  if (list.kind === 'unreadable') {
    throw unreadableFailure(
      'listing the clients of the tenant',
      list,
      list.code === 'unsupported' ? advice : undefined,
    );
  }
  record.listed = list.found.length;
  if (!list.whole) {
    record.cut = true;
    log.warning(
      `The list of clients may be cut at ${record.listed}: this Vantage gives the same ${record.listed} for every page, and does not tell how many there are. Look for further ones in Vantage.`,
    );
  }
  return list.found;
}
