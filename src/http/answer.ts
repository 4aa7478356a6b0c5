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
export interface Answer {
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
export type Outcome =
  | Answer
  | { readonly kind: 'not-sent'; readonly cause: Error }
  | { readonly kind: 'unknown'; readonly cause: Error };

/** How a log or an error names a request. Queries are left out: none of ours says anything that the path does not. */
export function requestLine({ method, url }: HttpRequest): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** Whether an answer leaves open if the request was carried out: gateways say these of a server that may have done its part. */
export function leavesOpen({ status }: Answer): boolean {
  return status === 408 || (status >= 500 && status !== 501);
}
