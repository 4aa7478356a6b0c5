import type { ClientSettings } from '../request/client.ts';
import { lifetimeSeconds } from '../request/lifetime.ts';
import type { ReadableClient } from '../vantage/schema.ts';

/** Setting → what the workflow wants, and what the client holds. */
export type Drift = Readonly<Record<string, readonly [wanted: unknown, found: unknown]>>;

/** How a client differs from what the workflow declared. */
export interface Comparison {
  readonly drift: Drift;
  /** Declared settings that Vantage does not tell of, so that nothing can be said. */
  readonly untold: readonly string[];
}

/** Compares the declared settings, and no others. Lists are compared as sets, lifetimes by their length. */
export function compareClient(declared: ClientSettings, found: ReadableClient): Comparison {
  const wanted = Object.entries(declared);
  const told = wanted.filter(([field]) => found[field] !== undefined);
  const differing = told.filter(([field, value]) => !isSame(field, value, found[field]));
  return {
    drift: Object.fromEntries(differing.map(([field, value]) => [field, [value, found[field]]])),
    untold: wanted.filter(([field]) => found[field] === undefined).map(([field]) => field),
  };
}

function isSame(field: string, wanted: unknown, found: unknown): boolean {
  if (Array.isArray(wanted)) {
    const other = found ?? [];
    return (
      Array.isArray(other) && wanted.every(item => other.includes(item)) && other.every(item => wanted.includes(item))
    );
  }
  if (field.endsWith('Lifetime')) {
    return lifetimeSeconds(wanted) === lifetimeSeconds(found);
  }
  return wanted === found;
}
