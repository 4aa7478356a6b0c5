import type * as z from 'zod/mini';

/** A request as it goes over the wire. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The most bytes of body that its answer may have, where that is more than usual. */
  readonly largestAnswer?: number;
}

/** An answer that arrived whole. */
export interface HttpResponse {
  readonly kind: 'answered';
  readonly status: number;
  /** By lower-case name; a header that came more than once is joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * How one attempt ended. The difference between the last two decides whether a request that is not safe to repeat may
 * be repeated: `not-sent` never reached a server that could have acted on it, `unknown` may have been carried out.
 */
export type AttemptResult =
  | HttpResponse
  | { readonly kind: 'not-sent'; readonly cause: Error }
  | { readonly kind: 'unknown'; readonly cause: Error };

/** How a log or an error names a request. Queries are left out: none of ours says anything that the path does not. */
export function requestLine({ method, url }: HttpRequest): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** Whether an answer leaves open if the request was carried out: gateways say these of a server that may have done its part. */
export function isAmbiguous({ status }: HttpResponse): boolean {
  return status === 408 || (status >= 500 && status !== 501);
}

/** What JSON.parse tells a reviver of a value that is no object: its text. Node 24 does; TypeScript does not know of it yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An id may be a number that no JavaScript number holds. Its text is the id, to the digit. */
const keepDigits: Reviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/u.test(source) ? source : value;

/**
 * The JSON in a text, or undefined where it is none. A byte order mark is no reason to refuse it. An integer beyond
 * those that a number holds exactly is given as text.
 */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/u, ''), keepDigits as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

/** What a body holds, or undefined where it is no JSON of that shape. */
export function readBody<Schema extends z.ZodMiniType>(
  { body }: HttpResponse,
  schema: Schema,
): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(parseJson(body));
  return parsed.success ? parsed.data : undefined;
}

/** The most bytes that the body of an answer may have: no answer about one thing comes near it. */
const LARGEST_ANSWER = 1024 * 1024;

/** The body of an answer is longer than whoever asked can use. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor(largest: number) {
    super(`the body of its answer is over the limit of ${largest / 1024} KiB`);
  }
}

/**
 * Reads a body to its end, as UTF-8.
 *
 * @throws BodyTooLarge as soon as it is over the limit. What leaves the loop early ends the connection as well.
 */
export async function readText(body: AsyncIterable<Uint8Array>, largest = LARGEST_ANSWER): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > largest) {
      throw new BodyTooLarge(largest);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}
