import type { PreparedTarget } from '../github/preflight.ts';
import { type Duration, later } from '../request/time.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import { type Clocks, clockOfMarks } from './clocks.ts';
import { CLOCK_SKEW, instant, isValid, maybeHeldSince, type OwnSecret } from './own-secrets.ts';

/** What a decision to prune rests on. */
export interface PruneEvidence {
  readonly listed: readonly ListedSecret[];
  /** Newest first. */
  readonly own: readonly OwnSecret[];
  readonly targets: readonly PreparedTarget[];
  /** Whether a listed secret may be the one that this run signs in with, or that the workflow holds. */
  readonly isNeeded: (secret: ListedSecret) => boolean;
}

/**
 * The action's own secrets that may go: superseded longer ago than `pruneAfter`, in no target, not signed in with, and
 * never the last one that works. It is the caller's to give a `pruneAfter` longer than any run takes.
 */
export function planPrune(
  pruneAfter: Duration,
  { listed, own, targets, isNeeded }: PruneEvidence,
  now: Clocks,
): readonly OwnSecret[] {
  const inUse = new Set(targets.flatMap(({ updatedAt }) => (updatedAt ? maybeHeldSince(updatedAt, own) : own)));
  const marksNow = now[clockOfMarks(targets)];
  const old = own.filter((secret, index) => {
    const successor = own[index - 1];
    return successor !== undefined && isOver(later(successor.mintedAt, pruneAfter), marksNow) && !inUse.has(secret);
  });
  const candidates = old.filter(({ id }) => listed.some(secret => secret.id === id && !isNeeded(secret)));
  const going = new Set(candidates.map(({ id }) => id));
  const stays = listed.some(
    ({ id, startTime, expiration }) =>
      !going.has(id) && isValid({ startTime: instant(startTime), expiration: instant(expiration) }, now.vantage),
  );
  return stays ? candidates : candidates.filter(secret => !isValid(secret, now.vantage));
}

/** Whether a time has come by every clock: the run that minted the secret may still be writing it by its own. */
function isOver(time: Date, now: Date): boolean {
  return time.getTime() + CLOCK_SKEW <= now.getTime();
}
