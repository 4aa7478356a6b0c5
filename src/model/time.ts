import { UTCDateMini } from '@date-fns/utc/date/mini';
import { add } from 'date-fns/add';
import { type Duration, parse } from 'tinyduration';

export type { Duration } from 'tinyduration';

/** A point in time: absolute, or relative to another one. */
export type Moment = { readonly at: Date } | { readonly after: Duration };

const SHORT = /^(?=\d)(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/u;

const ZONELESS = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/u;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/u;

/**
 * Parses a duration: `30s`, `5m`, `1h30m`, `90d`, `12w`, or ISO 8601 such as `PT30S`, `P6M`, `P1Y`. In the short form,
 * `m` means minutes. Returns `undefined` for anything else, and for negative durations.
 */
export function parseDuration(text: string): Duration | undefined {
  const short = SHORT.exec(text);
  if (short) {
    const [weeks, days, hours, minutes, seconds] = short.slice(1).map(count => Number(count ?? 0));
    return { weeks, days, hours, minutes, seconds } as Duration;
  }
  try {
    const duration = parse(text);
    // Half a month has no length, not even in the calendar.
    const whole = Number.isInteger(duration.years ?? 0) && Number.isInteger(duration.months ?? 0);
    return duration.negative || !whole ? undefined : duration;
  } catch {
    return undefined;
  }
}

/** `moment` plus `duration` in the UTC calendar: a month after January 31 is the last day of February. */
export function later(moment: Date, duration: Duration): Date {
  const { years = 0, months = 0, ...rest } = duration;
  return new Date(add(new UTCDateMini(moment), { years, months }).getTime() + (exactMilliseconds(rest) ?? 0));
}

/** `moment` minus `duration` in the UTC calendar. */
export function earlier(moment: Date, duration: Duration): Date {
  const { years = 0, months = 0, ...rest } = duration;
  const days = new Date(moment.getTime() - (exactMilliseconds(rest) ?? 0));
  return new Date(add(new UTCDateMini(days), { years: -years, months: -months }).getTime());
}

/** The length of a duration in milliseconds, or `undefined` for months and years, whose length varies. */
export function exactMilliseconds(duration: Duration): number | undefined {
  if (duration.years || duration.months) {
    return undefined;
  }
  const { weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0 } = duration;
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
}

/** Adds the zone UTC to a date and time without a zone: .NET omits the zone of a UTC time. */
export function inUtc(text: string): string {
  const [, date, time] = ZONELESS.exec(text) ?? [];
  return date && time ? `${date}T${time}Z` : text;
}

/** Parses an RFC 3339 date and time. Returns `undefined` for anything else, such as February 30. */
export function parseInstant(text: string): Date | undefined {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  if (!year || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) {
    return undefined;
  }
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** Parses an RFC 3339 date and time, or a duration. */
export function parseMoment(text: string): Moment | undefined {
  const at = parseInstant(text);
  if (at) {
    return { at };
  }
  const after = parseDuration(text);
  // JavaScript dates end some 270,000 years from now.
  return after && !Number.isNaN(later(new Date(), after).getTime()) ? { after } : undefined;
}

/** The date of a moment. @param from the time from which a duration counts. */
export function resolveMoment(moment: Moment, from: Date): Date {
  return 'at' in moment ? moment.at : later(from, moment.after);
}

/** The current time by the clock of each server. These clocks and that of the runner may differ. */
export interface Clocks {
  readonly github: Date;
  readonly vantage: Date;
}

/** Milliseconds. `Date` headers have whole seconds, and a busy server may send one that is older. */
const CLOCK_PRECISION = 5000;

/** Whether a time is still to come, by the clock of a server as far as it is known. */
export function isToCome(time: Date | undefined, now: Date): time is Date {
  return time !== undefined && time.getTime() - now.getTime() > CLOCK_PRECISION;
}

/** The clock for the times in marks: that of GitHub if there are targets, which GitHub dates; otherwise of Vantage. */
export function clockOfMarks(targets: readonly unknown[]): keyof Clocks {
  return targets.length > 0 ? 'github' : 'vantage';
}

/** Converts a time by the clock of GitHub to one by the clock of Vantage. */
export function inVantageTime(time: Date, { github, vantage }: Clocks): Date {
  return new Date(time.getTime() + vantage.getTime() - github.getTime());
}
