import { inUtc } from '../request/time.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import type { Destination } from './destinations.ts';
import { type Mark, readMark } from './mark.ts';

/**
 * How far two times of one clock may lie apart and still be in either order, in milliseconds: a run learns a server's
 * clock to the second, and from an answer that took its time.
 */
export const CLOCK_SKEW = 5 * 60_000;

/** The longest that a run may take from the creation of its secret to its last write, in milliseconds: the most that `timeout` takes. */
export const LONGEST_RUN = 24 * 60 * 60_000;

/** A secret that the action created, for this repository or another one. */
export interface MarkedSecret {
  readonly id: string;
  readonly mark: Mark;
  /** Absent where Vantage does not tell it. */
  readonly startTime: Date | undefined;
  readonly expiration: Date | undefined;
}

/** The secrets that bear a mark, whoever created them. Newest first. */
export function markedSecrets(listed: readonly ListedSecret[]): readonly MarkedSecret[] {
  return listed
    .flatMap(({ id, description, startTime, expiration }): MarkedSecret[] => {
      const mark = readMark(description);
      return mark ? [{ id, mark, startTime: instant(startTime), expiration: instant(expiration) }] : [];
    })
    .sort((one, other) => other.mark.mintedAt.getTime() - one.mark.mintedAt.getTime());
}

/** Those of the secrets whose mark names a destination. */
export function secretsFor({ isNamedBy }: Destination, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  return secrets.filter(({ mark }) => isNamedBy(mark));
}

/**
 * The secrets of which a target holds one that was last written at that time: the newest one that was created before,
 * but not longer before than a run takes, and those created so shortly before that runs beside each other may have written
 * them in either order. Where there is none, it was deleted, or it is not the action's.
 *
 * @param secrets those whose mark names the target.
 * @param longestRun in milliseconds. Too short a one only lets a secret be created earlier than it need be.
 */
export function heldSince(
  updatedAt: Date,
  secrets: readonly MarkedSecret[],
  longestRun = LONGEST_RUN,
): readonly MarkedSecret[] {
  const earliest = updatedAt.getTime() - longestRun - CLOCK_SKEW;
  return createdBefore(updatedAt, secrets).filter(({ mark }) => mark.mintedAt.getTime() >= earliest);
}

/**
 * Every secret that such a target may hold: the newest that was created before, however long before; and of two runs at
 * once the one that created first may have written last, so all that were created within the longest run before as well.
 */
export function maybeHeldSince(updatedAt: Date, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  const earliest = updatedAt.getTime() - LONGEST_RUN - CLOCK_SKEW;
  return createdBefore(updatedAt, secrets).filter(
    ({ mark }, index) => index === 0 || mark.mintedAt.getTime() >= earliest,
  );
}

function createdBefore(time: Date, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  return secrets.filter(({ mark }) => mark.mintedAt.getTime() <= time.getTime() + CLOCK_SKEW);
}

/** Whether a secret works at that time, as far as Vantage tells. */
export function isValid({ startTime, expiration }: Pick<MarkedSecret, 'startTime' | 'expiration'>, now: Date): boolean {
  return (startTime === undefined || startTime <= now) && (expiration === undefined || expiration > now);
}

/** A time as Vantage tells it, or undefined where it tells none: .NET's default, 1 January of the year 1, is none. */
export function instant(text: string | undefined): Date | undefined {
  const date = new Date(inUtc(text ?? ''));
  return date.getTime() > 0 ? date : undefined;
}
