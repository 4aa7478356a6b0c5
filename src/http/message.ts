import type * as z from 'zod/mini';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The most bytes that the body of the response may have, if not 1 MiB. */
  readonly maxResponseBytes?: number;
}

/** A response that arrived completely. */
export interface HttpResponse {
  readonly kind: 'answered';
  readonly status: number;
  /** By lower-case name. A header that occurs more than once has its values joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * How one attempt ended. A request that did not reach a server that could act on it is `not-sent` and may always be sent
 * again. A request that may have taken effect is `unknown`.
 */
export type AttemptResult =
  | HttpResponse
  | { readonly kind: 'not-sent'; readonly cause: Error }
  | { readonly kind: 'unknown'; readonly cause: Error };

/** How a request ended, after all its attempts. */
export interface RequestResult {
  readonly outcome: AttemptResult;
  readonly attempts: number;
  /** Whether an attempt before the last one may have taken effect. */
  readonly maybeApplied: boolean;
}

/** A request as logs and errors show it. The query is left out: the path says enough. */
export function requestLine({ method, url }: HttpRequest): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** Whether a request may have taken effect despite this status: gateways use it for a server that did not answer in time. */
export function isAmbiguous({ status }: HttpResponse): boolean {
  return status === 408 || (status >= 500 && status !== 501);
}

/** TypeScript does not know yet that Node 24 passes the source text of a number. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An ID may be an integer that no JavaScript number represents exactly. */
const keepDigits: Reviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/u.test(source) ? source : value;

/** No integer with fewer digits is beyond the safe ones. */
const LONG_INTEGER = /\d{16}/u;

/** Gives undefined if the text is not JSON. An integer beyond the safe integers is a string of its digits. */
export function parseJson(text: string): unknown {
  // A reviver takes several times as long, and a list of all clients is long.
  return parse(text, LONG_INTEGER.test(text) ? keepDigits : undefined);
}

function parse(text: string, reviver: Reviver | undefined): unknown {
  try {
    // Some servers send a byte order mark.
    return JSON.parse(text.replace(/^\ufeff/u, ''), reviver as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

/** What is written back must not change, and a number with more digits than this may. */
const EXACT_DIGITS = 15;

/** Keeps each number that JavaScript may not represent exactly as its source text, which `JSON.stringify` writes back. */
const keepSource: Reviver = (_key, value, { source = '' }) => {
  const isExact =
    typeof value !== 'number' ||
    (Number.isFinite(value) && (/[1-9][\d.]*/u.exec(source)?.[0] ?? '').replace('.', '').length <= EXACT_DIGITS);
  return isExact ? value : (JSON as typeof JSON & { rawJSON: (text: string) => unknown }).rawJSON(source);
};

/** Parses JSON as `parseJson` does, to write it back: a number that is not exact stays as it is. */
export function parseJsonToWrite(text: string): unknown {
  return parse(text, keepSource);
}

/** Parses the body of a response. @returns undefined if it is not JSON of that shape. */
export function parseBody<Schema extends z.ZodMiniType>(
  { body }: HttpResponse,
  schema: Schema,
  parseText = parseJson,
): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(parseText(body));
  return parsed.success ? parsed.data : undefined;
}

/** The milliseconds that a response asks to wait, if it does. */
export function retryAfter(response: HttpResponse): number | undefined {
  return parseRetryAfter(response.headers['retry-after'], dateOf(response));
}

/** The time of a response by its Date header, or the runner's time without one, in milliseconds since 1970. */
export function dateOf({ headers }: HttpResponse): number {
  return parseHttpDate(headers.date) ?? Date.now();
}

/** The milliseconds in a Retry-After header (RFC 9110, 10.2.3): seconds, or an HTTP date, after `now` since 1970. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/u.test(text)) {
    return Number(text) * 1000;
  }
  const date = parseHttpDate(text);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** The oldest form of an HTTP date. It has no time zone and means GMT (RFC 9110, 5.6.7). */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/u;

/** Parses an HTTP date (RFC 9110, 5.6.7). @returns milliseconds since 1970, or undefined if it is not an HTTP date. */
export function parseHttpDate(value: string | undefined): number | undefined {
  const text = value?.trim() ?? '';
  const date = Date.parse(ASCTIME.test(text) ? `${text} GMT` : /GMT$/u.test(text) ? text : '');
  return Number.isNaN(date) ? undefined : date;
}
