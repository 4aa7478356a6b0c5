import { UTCDateMini } from '@date-fns/utc/date/mini';
import { add } from 'date-fns/add';
import { type Duration, parse } from 'tinyduration';

export type { Duration } from 'tinyduration';

/** A point in time that a workflow named: itself, or by its distance from another one. */
export type Moment = { readonly at: Date } | { readonly after: Duration };

const SHORT = /^(?=\d)(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/u;

const ZONELESS = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/u;

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/u;

/**
 * Reads a duration: `30s`, `5m`, `1h30m`, `90d`, `12w` or ISO 8601 such as `PT30S`, `P6M`, `P1Y`. A short `m` is
 * minutes. Gives undefined for anything else, for nothing at all (`P0D` is a duration, `` is none) and below zero.
 */
export function parseDuration(text: string): Duration | undefined {
  const short = SHORT.exec(text);
  if (short) {
    const [weeks, days, hours, minutes, seconds] = short.slice(1).map(count => Number(count ?? 0));
    return { weeks, days, hours, minutes, seconds } as Duration;
  }
  try {
    const duration = parse(text);
    // Half a month has no length, not even by the calendar.
    const whole = Number.isInteger(duration.years ?? 0) && Number.isInteger(duration.months ?? 0);
    return duration.negative || !whole ? undefined : duration;
  } catch {
    return undefined;
  }
}

/** `moment` later by `duration`, by the UTC calendar: a month after 31 January is the last day of February. */
export function later(moment: Date, duration: Duration): Date {
  const { years = 0, months = 0, ...rest } = duration;
  return new Date(add(new UTCDateMini(moment), { years, months }).getTime() + (exactMilliseconds(rest) ?? 0));
}

/** `moment` earlier by `duration`, by the UTC calendar. */
export function earlier(moment: Date, duration: Duration): Date {
  const { years = 0, months = 0, ...rest } = duration;
  const days = new Date(moment.getTime() - (exactMilliseconds(rest) ?? 0));
  return new Date(add(new UTCDateMini(days), { years: -years, months: -months }).getTime());
}

/** The length of a duration in milliseconds, or undefined where it has none of its own: months and years vary. */
export function exactMilliseconds(duration: Duration): number | undefined {
  if (duration.years || duration.months) {
    return undefined;
  }
  const { weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0 } = duration;
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
}

/** A date and time as a server tells it, with the zone that one without means: .NET leaves it out where it is UTC. */
export function inUtc(text: string): string {
  const [, date, time] = ZONELESS.exec(text) ?? [];
  return date && time ? `${date}T${time}Z` : text;
}

/** Reads an RFC 3339 date and time with its offset. Gives undefined for anything else, such as 30 February. */
export function parseInstant(text: string): Date | undefined {
  const [, year, month, day] = RFC_3339.exec(text) ?? [];
  if (!year || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) {
    return undefined;
  }
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** Reads an RFC 3339 instant or a duration. */
export function parseMoment(text: string): Moment | undefined {
  const at = parseInstant(text);
  if (at) {
    return { at };
  }
  const after = parseDuration(text);
  // What lies beyond the calendar of JavaScript, some 270,000 years, is no moment.
  return after && !Number.isNaN(later(new Date(), after).getTime()) ? { after } : undefined;
}

/** The point in time that a moment names, where durations count from `from`. */
export function resolveMoment(moment: Moment, from: Date): Date {
  return 'at' in moment ? moment.at : later(from, moment.after);
}

/** What time it is by each server's clock. Theirs and the runner's may disagree. */
export interface Clocks {
  readonly github: Date;
  readonly vantage: Date;
}

/** Whose clock dates the marks: GitHub's where there are targets, as GitHub tells when it wrote them; else Vantage's. */
export function clockOfMarks(targets: readonly unknown[]): keyof Clocks {
  return targets.length > 0 ? 'github' : 'vantage';
}

/** A time by GitHub's clock, as Vantage's shows it. */
export function inVantageTime(time: Date, { github, vantage }: Clocks): Date {
  return new Date(time.getTime() + vantage.getTime() - github.getTime());
}
