import { Failure } from '../failure.ts';
import type { Deadline, Span } from '../http/deadline.ts';
import { type Unreadable, unreadable } from '../vantage/admin-api.ts';

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
  read: (span: Span) => Promise<Found>,
  deadline: Deadline,
): Promise<Found | Unreadable> {
  const span = deadline.within(Math.min(PATIENCE.most, deadline.work.remaining() * PATIENCE.part));
  try {
    return await read(span);
  } catch (error) {
    if (!(error instanceof Failure) || deadline.stopCode) {
      throw error;
    }
    return unreadable(reasonOf(error, span), 'unexpected-response');
  }
}

function reasonOf({ parts: { at = 'it', why } }: Failure, span: Span): string {
  return span.signal.aborted ? `${at} did not answer in time` : `${at}: ${why}`;
}
