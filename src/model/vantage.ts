import type { ErrorCode } from './failure.ts';

/** What a read found. No read is documented, so each may be unreadable. That never means that nothing exists. */
export type Read<Found> = { readonly kind: 'found'; readonly found: Found } | Unreadable;

/** The items of a list. If the list is not `whole`, further items may exist. */
export type ReadList<Item> =
  | { readonly kind: 'found'; readonly found: readonly Item[]; readonly whole: boolean }
  | Unreadable;

/** A read that Vantage does not offer or does not allow, or whose response is not reliable. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** As part of a sentence, without a full stop. */
  readonly reason: string;
  /** The status of the response, if the status is the reason. */
  readonly status?: number;
  /** What to do about the account that lacks a permission, in whole sentences, if that is the reason. */
  readonly advice?: string | undefined;
  /** The error code of a step that cannot continue without the read. */
  readonly code: Extract<ErrorCode, 'forbidden' | 'unsupported' | 'unexpected-response'>;
}

/** An unreadable read. By default this Vantage does not offer it: a web page answers in its place. */
export function unreadable(reason: string, code: Unreadable['code'] = 'unsupported'): Unreadable {
  return { kind: 'unreadable', reason, code };
}

/** Whether a client exists, as far as Vantage reports it. `not-listed`: it is not in a list that may be incomplete. */
export type Presence = { readonly kind: 'present' | 'absent' | 'not-listed' } | Unreadable;

/** A client as Vantage reports it. An update writes all fields back, so the undocumented ones are kept. */
export interface ReadableClient {
  readonly [field: string]: unknown;
  readonly clientId: string;
}

/** A secret as a list reports it, without its value. A `null` description is empty; an absent description is unknown. */
export interface ListedSecret {
  readonly [field: string]: unknown;
  readonly id: string;
  readonly description?: string | null | undefined;
  /** The first three characters of the value. */
  readonly valueDisplay?: string | undefined;
  readonly startTime?: string | undefined;
  readonly expiration?: string | undefined;
}

/** The texts in a list that a server sent, or none if it sent something else. */
export function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter(item => typeof item === 'string') : [];
}
