import type { Secret } from './secret.ts';
import { type Duration, later, type Moment, resolveMoment } from './time.ts';

/** What the workflow says of the secret. */
export interface SecretRequest {
  readonly rotate: 'always' | 'when-due' | 'never';
  /** `when-due`: a secret is due once less than this is left of its life. */
  readonly rotateBefore: Duration;
  /** The stored secret, handed back by the workflow. */
  readonly currentSecret?: Secret;
  /** Own secrets go that were superseded longer ago than this. Absent: none ever. */
  readonly pruneAfter?: Duration;
  readonly revokeAtJobEnd: boolean;
  readonly description?: string;
  readonly startTime?: Moment;
  readonly expiration?: Moment;
  readonly verify: boolean;
}

/** The documented limits of a secret's life, and its documented default: "exactly six months". */
export const SHORTEST = { days: 1 };

/** The longest life that Vantage documents. */
export const LONGEST_LIFE = { years: 3 };

const DEFAULT_LIFE = { months: 6 };

/**
 * How far a life asked for as a duration keeps inside the limits. Vantage measures by its own clock, and later than
 * this process does: without it `1d` and `P3Y` could not be had.
 */
const SLACK = { minutes: 5 };

/** The instants to ask Vantage for. Absent ones are left to its defaults: from now, for six months. */
export function resolveLife(
  { startTime, expiration }: Pick<SecretRequest, 'startTime' | 'expiration'>,
  now: Date,
): { readonly startTime?: Date; readonly expiration?: Date } {
  const start = startTime && resolveMoment(startTime, now);
  const end = expiration && keepInside(expiration, start ?? now, start === undefined);
  return { ...(start ? { startTime: start } : {}), ...(end ? { expiration: end } : {}) };
}

function keepInside(expiration: Moment, start: Date, startsOnArrival: boolean): Date {
  const asked = resolveMoment(expiration, start);
  if ('at' in expiration || !startsOnArrival) {
    return asked;
  }
  const least = later(later(start, SHORTEST), SLACK).getTime();
  const most = later(start, LONGEST_LIFE).getTime() - (later(start, SLACK).getTime() - start.getTime());
  return new Date(Math.min(Math.max(asked.getTime(), least), most));
}

/** When a secret ends that was asked for without an end: "exactly six months from the secret creation date". */
export function defaultEnd(created: Date): Date {
  return later(created, DEFAULT_LIFE);
}
