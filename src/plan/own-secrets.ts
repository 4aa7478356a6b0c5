import { inUtc } from '../request/time.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import { readMark } from './mark.ts';

/**
 * How far two times of one clock may lie apart and still be in either order, in milliseconds. Marks are dated by GitHub's
 * clock, but those of earlier versions by a runner's.
 */
export const CLOCK_SKEW = 5 * 60_000;

/** The longest that a run may take from its mint to its last write, in milliseconds: the most that `timeout` takes. */
export const LONGEST_RUN = 24 * 60 * 60_000;

/** A secret that the action minted for the same repository and targets. */
export interface OwnSecret {
  readonly id: string;
  readonly mintedAt: Date;
  /** Absent where Vantage does not tell it. */
  readonly startTime: Date | undefined;
  readonly expiration: Date | undefined;
}

/** The secrets that provably are the action's own, for this repository and these targets. Newest first. */
export function ownSecrets(
  listed: readonly ListedSecret[],
  owner: { readonly repository: string; readonly digest: string },
): readonly OwnSecret[] {
  return listed
    .flatMap(({ id, description, startTime, expiration }): OwnSecret[] => {
      const mark = readMark(description);
      const isOwn = mark?.repository === owner.repository && mark.digest === owner.digest;
      return isOwn
        ? [{ id, mintedAt: mark.mintedAt, startTime: instant(startTime), expiration: instant(expiration) }]
        : [];
    })
    .sort((one, other) => other.mintedAt.getTime() - one.mintedAt.getTime());
}

/**
 * The secret that a target holds which was last written at that time: the newest one that was minted before, but not
 * longer before than a run takes. Where there is none, it was deleted, or it is not the action's.
 *
 * @param longestRun in milliseconds. Too short a one only lets a secret be created earlier than it need be.
 */
export function heldSince(updatedAt: Date, own: readonly OwnSecret[], longestRun = LONGEST_RUN): OwnSecret | undefined {
  const earliest = updatedAt.getTime() - longestRun - CLOCK_SKEW;
  return mintedBefore(updatedAt, own).find(({ mintedAt }) => mintedAt.getTime() >= earliest);
}

/**
 * Every secret that such a target may hold: the newest that was minted before, however long before; and of two runs at
 * once the one that minted first may have written last, so all that were minted within the longest run before as well.
 */
export function maybeHeldSince(updatedAt: Date, own: readonly OwnSecret[]): readonly OwnSecret[] {
  const earliest = updatedAt.getTime() - LONGEST_RUN - CLOCK_SKEW;
  return mintedBefore(updatedAt, own).filter(({ mintedAt }, index) => index === 0 || mintedAt.getTime() >= earliest);
}

function mintedBefore(time: Date, own: readonly OwnSecret[]): readonly OwnSecret[] {
  return own.filter(({ mintedAt }) => mintedAt.getTime() <= time.getTime() + CLOCK_SKEW);
}

/** Whether a secret works at that time, as far as Vantage tells. */
export function isValid({ startTime, expiration }: Pick<OwnSecret, 'startTime' | 'expiration'>, now: Date): boolean {
  return (startTime === undefined || startTime <= now) && (expiration === undefined || expiration > now);
}

/** A time as Vantage tells it, or undefined where it tells none: .NET's default, 1 January of the year 1, is none. */
export function instant(text: string | undefined): Date | undefined {
  const date = new Date(inUtc(text ?? ''));
  return date.getTime() > 0 ? date : undefined;
}
