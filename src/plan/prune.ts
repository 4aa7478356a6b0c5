import { isOwnMark } from '../model/mark.ts';
import type { WorkflowRun } from '../model/request.ts';
import { type Duration, later } from '../model/time.ts';
import type { ListedSecret } from '../model/vantage.ts';
import type { Destination } from './destinations.ts';
import {
  CLOCK_SKEW,
  isValid,
  lifeOf,
  likelyHeldSecrets,
  type MarkedSecret,
  possiblyHeldSecrets,
  secretsFor,
} from './marked-secrets.ts';

export interface PruneFacts {
  readonly workflow: WorkflowRun;
  readonly listed: readonly ListedSecret[];
  /** The secrets with a mark, whoever created them. Newest first. */
  readonly marked: readonly MarkedSecret[];
  readonly destinations: readonly Destination[];
  /** Whether this run may have received the secret: as the one that it signs in with, or as `current-secret`. */
  readonly mayBeInUse: (secret: ListedSecret) => boolean;
  /** The current time from the clock of the marks. */
  readonly marksNow: Date;
}

/**
 * The secrets to delete. This repository created each of them, and it was superseded longer ago than `pruneAfter`, which
 * is longer than any run, in every destination that its mark names. No target can hold it, and the run did not receive
 * it. A secret with a destination that this step does not know is kept. So are all valid ones if none would remain.
 */
export function planPrune(pruneAfter: Duration, facts: PruneFacts, vantageNow: Date): readonly MarkedSecret[] {
  const { workflow, listed, marked, mayBeInUse } = facts;
  const old = marked.filter(secret => isOwnMark(secret.mark, workflow) && isSuperseded(secret, pruneAfter, facts));
  const candidates = old.filter(({ id }) => listed.some(secret => secret.id === id && !mayBeInUse(secret)));
  const toDelete = new Set(candidates.map(({ id }) => id));
  const keepsValidSecret = listed.some(secret => !toDelete.has(secret.id) && isValid(lifeOf(secret), vantageNow));
  return keepsValidSecret ? candidates : candidates.filter(secret => !isValid(secret, vantageNow));
}

function isSuperseded(secret: MarkedSecret, pruneAfter: Duration, facts: PruneFacts): boolean {
  const { marked, destinations, marksNow } = facts;
  const named = destinations.filter(({ isNamedBy }) => isNamedBy(secret.mark));
  return (
    named.length === secret.mark.digests.length &&
    named.every(destination => {
      const delivered = secretsFor(destination, marked);
      const successor = delivered[delivered.indexOf(secret) - 1];
      return (
        successor !== undefined &&
        // A run whose clock is behind may still be writing its secret.
        later(successor.mark.createdAt, pruneAfter).getTime() + CLOCK_SKEW <= marksNow.getTime() &&
        !canBeHeld(secret, destination, delivered)
      );
    })
  );
}

/**
 * A target can hold any secret if its last write is not known, or if no run created a secret around that write: then
 * something else wrote it. A secret that was an output comes back as `current-secret`, which `mayBeInUse` covers.
 */
function canBeHeld(secret: MarkedSecret, { prepared }: Destination, delivered: readonly MarkedSecret[]): boolean {
  if (prepared === undefined) {
    return false;
  }
  const { updatedAt } = prepared;
  return (
    updatedAt === undefined ||
    likelyHeldSecrets(updatedAt, delivered).length === 0 ||
    possiblyHeldSecrets(updatedAt, delivered).includes(secret)
  );
}
