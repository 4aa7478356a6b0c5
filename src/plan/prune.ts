import { isOwnMark } from '../model/mark.ts';
import type { WorkflowRun } from '../model/request.ts';
import { type Duration, later } from '../model/time.ts';
import type { ListedSecret } from '../model/vantage.ts';
import type { Destination } from './destinations.ts';
import {
  CLOCK_SKEW,
  heldSince,
  instant,
  isValid,
  type MarkedSecret,
  maybeHeldSince,
  secretsFor,
} from './marked-secrets.ts';

/** What a decision to prune rests on. */
export interface PruneEvidence {
  readonly workflow: WorkflowRun;
  readonly listed: readonly ListedSecret[];
  /** Whoever created them. Newest first. */
  readonly marked: readonly MarkedSecret[];
  /** Where the secrets of the step go. */
  readonly destinations: readonly Destination[];
  /** Whether a listed secret may be the one that this run signs in with, or that the workflow holds. */
  readonly isNeeded: (secret: ListedSecret) => boolean;
  /** What time it is by the clock of the marks. */
  readonly marksNow: Date;
}

/**
 * The secrets that may go: created by this repository, and superseded longer ago than `pruneAfter` in every place that
 * their mark names; held by no target, not signed in with, and never the last one that works. One that went to a place
 * that this step does not know stays. It is the caller's to give a `pruneAfter` longer than any run takes.
 */
export function planPrune(pruneAfter: Duration, evidence: PruneEvidence, vantageNow: Date): readonly MarkedSecret[] {
  const { workflow, listed, marked, isNeeded } = evidence;
  const old = marked.filter(secret => isOwnMark(secret.mark, workflow) && isSuperseded(secret, pruneAfter, evidence));
  const candidates = old.filter(({ id }) => listed.some(secret => secret.id === id && !isNeeded(secret)));
  const toDelete = new Set(candidates.map(({ id }) => id));
  const stays = listed.some(
    ({ id, startTime, expiration }) =>
      !toDelete.has(id) && isValid({ startTime: instant(startTime), expiration: instant(expiration) }, vantageNow),
  );
  return stays ? candidates : candidates.filter(secret => !isValid(secret, vantageNow));
}

function isSuperseded(
  secret: MarkedSecret,
  pruneAfter: Duration,
  { marked, destinations, marksNow }: PruneEvidence,
): boolean {
  const named = destinations.filter(({ isNamedBy }) => isNamedBy(secret.mark));
  return (
    named.length === secret.mark.digests.length &&
    named.every(destination => {
      const rivals = secretsFor(destination, marked);
      const successor = rivals[rivals.indexOf(secret) - 1];
      return (
        successor !== undefined &&
        isOver(later(successor.mark.createdAt, pruneAfter), marksNow) &&
        !mayBeHeld(secret, destination, rivals)
      );
    })
  );
}

/**
 * A target that was not seen may hold any, and so may one that was written when no run created a secret: somebody touched
 * it. What an output became `current-secret` tells, which is needed.
 */
function mayBeHeld(secret: MarkedSecret, { prepared }: Destination, rivals: readonly MarkedSecret[]): boolean {
  if (prepared === undefined) {
    return false;
  }
  const { updatedAt } = prepared;
  return (
    updatedAt === undefined ||
    heldSince(updatedAt, rivals).length === 0 ||
    maybeHeldSince(updatedAt, rivals).includes(secret)
  );
}

/** Whether a time has come by every clock: the run that created the secret may still be writing it by its own. */
function isOver(time: Date, now: Date): boolean {
  return time.getTime() + CLOCK_SKEW <= now.getTime();
}
