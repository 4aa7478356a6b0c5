import type { InputReader } from './reader.ts';
import { exactMilliseconds, parseDuration } from './time.ts';

/** The two documented versions of the admin API. */
export type ApiVersion = 'v1' | 'v2';

/** A lifetime as Vantage takes it: whole seconds, or a .NET `d.hh:mm:ss` text. */
export type Lifetime = number | string;

const DOTNET_TIMESPAN = /^(?:(\d{1,5})\.)?([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)$/u;
const MOST_SECONDS = 2 ** 31 - 1;

/** Reads how long tokens of the client live. */
export function readLifetime(
  input: InputReader,
  name: 'access-token-lifetime' | 'refresh-token-lifetime',
  apiVersion: ApiVersion,
): Lifetime | undefined {
  const text = input.text(name);
  if (text === undefined) {
    return undefined;
  }
  if (apiVersion === 'v1') {
    return input.refuse(name, 'lifetimes exist on v2 alone: set api-version to v2');
  }
  const seconds = lifetimeSeconds(text);
  if (seconds === undefined || !Number.isInteger(seconds)) {
    return input.refuse(name, 'it takes whole seconds (3600), a duration without months or years (1h), or d.hh:mm:ss');
  }
  if (seconds <= 0 || seconds > MOST_SECONDS) {
    return input.refuse(name, `it takes a lifetime above 0, of ${MOST_SECONDS} seconds at most`);
  }
  return DOTNET_TIMESPAN.test(text) ? text : seconds;
}

/**
 * The length in seconds of a lifetime as Vantage may write it: a number, its digits, `d.hh:mm:ss`, either with a fraction
 * of nothing at its end, or ISO 8601.
 */
export function lifetimeSeconds(lifetime: unknown): number | undefined {
  if (typeof lifetime !== 'string') {
    return typeof lifetime === 'number' ? lifetime : undefined;
  }
  const text = lifetime.replace(/\.0+$/u, '');
  return /^\d+$/u.test(text) ? Number(text) : (timespanSeconds(text) ?? durationSeconds(text));
}

function timespanSeconds(text: string): number | undefined {
  const [, days = 0, hours, minutes, seconds] = DOTNET_TIMESPAN.exec(text) ?? [];
  return hours === undefined
    ? undefined
    : ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

function durationSeconds(text: string): number | undefined {
  const duration = parseDuration(text);
  const milliseconds = duration && exactMilliseconds(duration);
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
