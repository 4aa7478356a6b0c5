import { isDeepStrictEqual } from 'node:util';
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
