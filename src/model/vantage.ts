import type { ErrorCode } from './failure.ts';

/** What a read found. None of the reads is documented, so each may find nothing to read: that never means "empty". */
export type Read<Found> = { readonly kind: 'found'; readonly found: Found } | Unreadable;

/** A list that a read found. Where it is not whole, what it does not hold may be there all the same. */
export type ReadList<Item> =
  | { readonly kind: 'found'; readonly found: readonly Item[]; readonly whole: boolean }
  | Unreadable;

/** A read that Vantage did not let happen, or whose answer cannot be relied on. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly why: string;
  /** The status of the answer, where that is what says so. */
  readonly status?: number;
  /** What a step ends with that cannot do without it. */
  readonly code: Extract<ErrorCode, 'forbidden' | 'unsupported' | 'unexpected-response'>;
}

/** A read that gave nothing to rely on. By default this Vantage does not offer it: its pages answer in its place. */
export function unreadable(why: string, code: Unreadable['code'] = 'unsupported'): Unreadable {
  return { kind: 'unreadable', why, code };
}

/** Whether a client is there, as far as Vantage can be asked. */
export type Presence =
  | { readonly kind: 'there' }
  | { readonly kind: 'gone' }
  /** It was not found, in a list that may be cut. */
  | { readonly kind: 'not-seen'; readonly why: string }
  | Unreadable;

/** A client as Vantage reports it. Undocumented fields are kept, so that an update can write them back. */
export interface ReadableClient {
  readonly [field: string]: unknown;
  readonly clientId: string;
}

/** A secret as a list reports it: never its value. A `null` description is an empty one; an absent one is unknown. */
export interface ListedSecret {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly description?: string | null | undefined;
  /** The first three characters of its value. */
  readonly valueDisplay?: string | undefined;
  readonly startTime?: string | undefined;
  readonly expiration?: string | undefined;
}
