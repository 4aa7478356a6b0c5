import { Failure } from '../model/failure.ts';
import { isLoopback } from '../model/url.ts';
import type { AttemptResult, HttpRequest, HttpResponse } from './message.ts';
import { MOST_AT_ONCE } from './server.ts';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from './undici.ts';

/** Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn off a default. */
const VERIFIED = { rejectUnauthorized: true };

const OPTIONS = {
  // `attempt` has one timeout for the whole attempt. The timeouts of undici cover parts of it, so they are off.
  headersTimeout: 0,
  bodyTimeout: 0,
  connect: { timeout: 0, ...VERIFIED },
  allowH2: false,
  connections: MOST_AT_ONCE,
};

/** The largest response body by default, in bytes. A response about a single client or secret is far smaller. */
const MOST_RESPONSE_BYTES = 1024 * 1024;

/** The body of a response exceeds the limit. */
class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor(most: number) {
    super(`the body of its response exceeds the limit of ${most / 1024} KiB`);
  }
}

/** An attempt ended before there was a connection. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** Sends single attempts of requests. Only this file knows undici and its errors. */
export class Transport {
  /** For requests to this machine: a proxy would receive the secrets in plain http requests. */
  readonly #direct = new Agent(OPTIONS);
  readonly #proxied: Dispatcher;
  readonly #userAgent: string;
  readonly #requestTimeout: number;

  /**
   * @param userAgent the User-Agent header of every request.
   * @param requestTimeout milliseconds for one attempt, from the connection to the last byte of the body.
   * @throws Failure `invalid-input` if the environment names a proxy that is not a URL.
   */
  constructor(userAgent: string, requestTimeout: number) {
    this.#userAgent = userAgent;
    this.#requestTimeout = requestTimeout;
    this.#proxied = openProxied();
  }

  /**
   * Sends a request once. Redirects are not followed, because a 307 would send the body, with its secret, to another
   * host. Never throws.
   *
   * @param signal ends the attempt before its timeout.
   */
  async attempt(sent: HttpRequest, signal: AbortSignal): Promise<AttemptResult> {
    if (signal.aborted) {
      // undici would start the request regardless, and its result would be `unknown`.
      return { kind: 'not-sent', cause: asError(signal.reason) };
    }
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(this.#timeoutError()), this.#requestTimeout);
    const connection = { reached: false };
    const ended = AbortSignal.any([signal, timeout.signal]);
    try {
      return await unlessAborted(this.#exchange(sent, ended, connection), ended);
    } catch (error) {
      if (connection.reached) {
        return { kind: 'unknown', cause: asError(error) };
      }
      const cause = signal.aborted
        ? new NotConnected('no connection was established', { cause: error })
        : asError(error);
      return { kind: 'not-sent', cause };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes all connections at once. A connection that is not established yet ends with the process. */
  close(): void {
    void Promise.all([this.#direct.destroy(), this.#proxied.destroy()]);
  }

  async #exchange(sent: HttpRequest, signal: AbortSignal, connection: { reached: boolean }): Promise<HttpResponse> {
    const { origin, hostname, pathname, search } = sent.url;
    const dispatcher = isThisMachine(hostname) ? this.#direct : this.#proxied;
    const { statusCode, headers, body } = await dispatcher.compose(noteWhenReached(connection)).request({
      origin,
      path: `${pathname}${search}`,
      method: sent.method,
      headers: { ...sent.headers, 'user-agent': this.#userAgent },
      body: sent.body ?? null,
      signal,
    });
    const text = await readText(body, sent.maxResponseBytes);
    return { kind: 'answered', status: statusCode, headers: joined(headers), body: text };
  }

  #timeoutError(): Error {
    return new Error(`no complete response within request-timeout, ${this.#requestTimeout / 1000} s`);
  }
}

/** Uses the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, if any. */
function openProxied(): Dispatcher {
  try {
    return new EnvHttpProxyAgent({ ...OPTIONS, proxyTls: VERIFIED, requestTls: VERIFIED });
  } catch (cause) {
    throw new Failure(
      'invalid-input',
      {
        operation: 'reading the environment',
        reason: 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy',
        advice: 'Expected http://[user:password@]host:port.',
      },
      { cause },
    );
  }
}

/**
 * Waits for an exchange until the signal aborts. undici observes the signal only once a connection is established. It
 * never sends a request that it has not started by then.
 */
async function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([result, aborted]);
}

/**
 * Reads a body to its end, as UTF-8.
 *
 * @throws BodyTooLarge as soon as it exceeds the limit. Leaving the loop also closes the connection.
 */
async function readText(body: AsyncIterable<Uint8Array>, most = MOST_RESPONSE_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > most) {
      throw new BodyTooLarge(most);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes).toString('utf8');
}

/** Whether a request to a URL may use a proxy. undici decides which hosts NO_PROXY exempts. */
export function mayBeProxied({ hostname }: URL): boolean {
  const { https_proxy, HTTPS_PROXY, http_proxy, HTTP_PROXY } = process.env;
  return !isThisMachine(hostname) && Boolean(https_proxy || HTTPS_PROXY || http_proxy || HTTP_PROXY);
}

/** Every name under `localhost` is this machine (RFC 6761, 6.3), with or without a dot at its end. */
function isThisMachine(hostname: string): boolean {
  const name = hostname.replace(/\.$/u, '');
  return isLoopback(name) || name.endsWith('.localhost');
}

/** undici starts a request once its connection is established, right before it writes the first byte. */
function noteWhenReached(connection: { reached: boolean }): Dispatcher.DispatcherComposeInterceptor {
  return dispatch => (options, handler) =>
    dispatch(options, {
      onRequestStart(...start) {
        connection.reached = true;
        handler.onRequestStart?.(...start);
      },
      onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
      onResponseStart: (...head) => handler.onResponseStart?.(...head),
      onResponseData: (...chunk) => handler.onResponseData?.(...chunk),
      onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
      onResponseError: (...error) => handler.onResponseError?.(...error),
    });
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Whether an attempt ended because the body of its response exceeds the limit. */
export function isTooLarge(cause: Error): boolean {
  return cause instanceof BodyTooLarge;
}

/**
 * The status of a proxy that refuses to connect, if it is 403 or 407. A retry could lock the account. undici reports the
 * status in the message of its error only.
 */
export function proxyRefusal(cause: Error): 403 | 407 | undefined {
  const [, status] = /^Proxy response \((403|407)\)/u.exec(cause.message) ?? [];
  return status === '403' ? 403 : status === '407' ? 407 : undefined;
}

/** Whether the certificate of a server was not accepted, by the names that Node gives OpenSSL's verification errors. */
export function isUntrustedCertificate(cause: Error): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS_/u.test(errorCode(cause) ?? '');
}

function errorCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A network error as part of a sentence: its message and its code. */
export function describeCause(cause: Error): string {
  const refusal = proxyRefusal(cause);
  if (refusal !== undefined) {
    return `the proxy answered ${refusal} ${refusal === 407 ? '(Proxy Authentication Required)' : '(Forbidden)'}`;
  }
  const inner = cause instanceof AggregateError ? (cause.errors[0] as Error) : cause;
  const code = errorCode(inner) ?? errorCode(cause);
  const text = inner.message || inner.name;
  return code === undefined || text.includes(code) ? text : `${text} (${code})`;
}
