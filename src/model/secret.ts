import { inspect } from 'node:util';
import { type Duration, later, type Moment, resolveMoment } from './time.ts';

/**
 * A value that must not be printed. It shows itself as `***` wherever it is turned into text by accident: in a
 * template, in JSON, in `console.log`. Only `reveal` gives the value, so every use of it can be found by name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** The secret that the workflow declares. */
export interface SecretRequest {
  readonly rotate: 'always' | 'when-due' | 'never';
  /** With `when-due`, a secret is due if its remaining life is shorter. */
  readonly rotateBefore: Duration;
  /** The stored secret, as passed by the workflow. */
  readonly currentSecret?: Secret | undefined;
  /** Own secrets that were superseded longer ago are deleted. If absent, none is deleted. */
  readonly pruneAfter?: Duration | undefined;
  readonly revokeAtJobEnd: boolean;
  readonly description?: string | undefined;
  readonly startTime?: Moment | undefined;
  readonly expiration?: Moment | undefined;
  readonly verify: boolean;
}

/** The shortest life of a secret that Vantage documents. */
export const SHORTEST_LIFE = { days: 1 };

/** The longest life of a secret that Vantage documents. */
export const LONGEST_LIFE = { years: 3 };

/**
 * The milliseconds that a life given as a duration keeps from the limits. Vantage checks it later and by its own clock, so
 * it would otherwise reject `1d` and `P3Y`.
 */
const SLACK = 5 * 60_000;

/** The life to request. Vantage uses its defaults for what is absent: from now, for six months. */
export interface SecretLife {
  readonly startTime?: Date | undefined;
  readonly expiration?: Date | undefined;
}

/** The times to send to Vantage. */
export function resolveLife(
  { startTime, expiration }: Pick<SecretRequest, 'startTime' | 'expiration'>,
  now: Date,
): SecretLife {
  const start = startTime && resolveMoment(startTime, now);
  const end = expiration && resolveMoment(expiration, start ?? now);
  const isFromNow = expiration && 'after' in expiration && !start;
  return { startTime: start, expiration: end && isFromNow ? keepInside(end, now) : end };
}

function keepInside(end: Date, now: Date): Date {
  const least = later(now, SHORTEST_LIFE).getTime() + SLACK;
  const most = later(now, LONGEST_LIFE).getTime() - SLACK;
  return new Date(Math.min(Math.max(end.getTime(), least), most));
}

/** The default expiration, as documented: "exactly six months from the secret creation date". */
export function defaultEnd(created: Date): Date {
  return later(created, { months: 6 });
}
