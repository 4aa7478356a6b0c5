import { isDeepStrictEqual } from 'node:util';
import { excerpt } from '../failure.ts';
import type { ClientSettings } from '../request/client.ts';
import type { ReadableClient } from '../vantage/schema.ts';
import { isTold, meaningOf } from './spelling.ts';

/** Setting → what the workflow wants, and what the client holds. */
export type Drift = Readonly<Record<string, readonly [wanted: unknown, found: unknown]>>;

/** How a client differs from what the workflow declared. */
export interface Comparison {
  readonly drift: Drift;
  /** Declared settings that Vantage does not tell of, so that nothing can be said. */
  readonly untold: readonly string[];
}

/**
 * A drift with texts in place of the values that are long, so that a server cannot fill a log with them.
 *
 * @param redact hides what is secret, before anything is cut.
 */
export function shortDrift(drift: Drift, redact: (text: string) => string): Drift {
  const short = (value: unknown) => (isLong(value) ? excerpt(JSON.stringify(value), redact) : value);
  return Object.fromEntries(
    Object.entries(drift).map(([field, [wanted, found]]) => [field, [short(wanted), short(found)]]),
  );
}

/** The settings of which `shortDrift` leaves out a part. */
export function longSettings(drift: Drift): readonly string[] {
  return Object.keys(drift).filter(field => drift[field]?.some(isLong));
}

function isLong(value: unknown): boolean {
  return (JSON.stringify(value)?.length ?? 0) > 300;
}

/** Compares the declared settings, and no others, by what they mean: a spelling of Vantage's own is no drift. */
export function compareClient(declared: ClientSettings, found: ReadableClient): Comparison {
  const wanted = Object.entries(declared) as [keyof ClientSettings, unknown][];
  const told = wanted.filter(([field]) => isTold(field, found[field]));
  const differing = told.filter(
    ([field, value]) => !isDeepStrictEqual(meaningOf(field, value), meaningOf(field, found[field])),
  );
  return {
    drift: Object.fromEntries(differing.map(([field, value]) => [field, [value, found[field]]])),
    untold: wanted.filter(([field]) => !isTold(field, found[field])).map(([field]) => field),
  };
}
