import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { Failure } from '../model/failure.ts';
import { isLoopback } from '../model/url.ts';
import { type AttemptResult, type HttpRequest, type HttpResponse, readText } from './message.ts';
import { MOST_AT_ONCE } from './server.ts';

/** Said here, as NODE_TLS_REJECT_UNAUTHORIZED=0 would turn it off where it is left to Node. */
const VERIFIED = { rejectUnauthorized: true };

const OPTIONS = {
  // One deadline covers a whole attempt, so undici's own, which cover parts of it, are off.
  headersTimeout: 0,
  bodyTimeout: 0,
  connect: { timeout: 0, ...VERIFIED },
  allowH2: false,
  connections: MOST_AT_ONCE,
};

/** What one attempt of one request needs of undici. The only place that knows that library. */
export class Transport {
  /** For this machine itself: a proxy would get in clear what is sent to it over plain http. */
  readonly #direct = new Agent(OPTIONS);
  readonly #outward: Dispatcher;
  readonly #userAgent: string;
  readonly #requestTimeout: number;

  /**
   * @param userAgent sent with every request.
   * @param requestTimeout milliseconds that one attempt may take, from the connection to the last byte of the body.
   * @throws Failure `invalid-input` where the environment names a proxy that is none.
   */
  constructor(userAgent: string, requestTimeout: number) {
    this.#userAgent = userAgent;
    this.#requestTimeout = requestTimeout;
    this.#outward = openProxied();
  }

  /**
   * Sends a request once. Redirects are not followed: a 307 would send the body, secret and all, to another host.
   * Never throws.
   *
   * @param signal ends the attempt before its own deadline does.
   */
  async attempt(sent: HttpRequest, signal: AbortSignal): Promise<AttemptResult> {
    if (signal.aborted) {
      // undici would begin it all the same, and it would count as one that may have been carried out.
      return { kind: 'not-sent', cause: asError(signal.reason) };
    }
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(this.#lateness()), this.#requestTimeout);
    const wire = { reached: false };
    const ended = AbortSignal.any([signal, deadline.signal]);
    try {
      return await unlessAborted(this.#result(sent, ended, wire), ended);
    } catch (error) {
      return { kind: wire.reached ? 'unknown' : 'not-sent', cause: asError(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all connections at once. A connection that is not established yet only ends with the process. */
  close(): void {
    void Promise.all([this.#direct.destroy(), this.#outward.destroy()]);
  }

  #dispatcherFor({ hostname }: URL): Dispatcher {
    return isThisMachine(hostname) ? this.#direct : this.#outward;
  }

  async #result(sent: HttpRequest, signal: AbortSignal, wire: { reached: boolean }): Promise<HttpResponse> {
    const { statusCode, headers, body } = await request(sent.url, {
      method: sent.method,
      headers: { ...sent.headers, 'user-agent': this.#userAgent },
      body: sent.body ?? null,
      signal,
      dispatcher: this.#dispatcherFor(sent.url).compose(noteWhenReached(wire)),
    });
    const text = await readText(body, sent.largestAnswer);
    return { kind: 'answered', status: statusCode, headers: joined(headers), body: text };
  }

  #lateness(): Error {
    return new Error(`no whole answer within request-timeout, ${this.#requestTimeout / 1000} s`);
  }
}

/** Connects through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, if any. */
function openProxied(): Dispatcher {
  try {
    return new EnvHttpProxyAgent({ ...OPTIONS, proxyTls: VERIFIED, requestTls: VERIFIED });
  } catch (cause) {
    throw new Failure(
      'invalid-input',
      {
        operation: 'reading the environment',
        reason: 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy',
        advice: 'It takes http://[user:password@]host:port.',
      },
      { cause },
    );
  }
}

/**
 * Waits for an exchange until the signal ends it. undici heeds the signal only once the connection is established: before
 * that nobody may wait for it. A request that it has not started by then is never sent.
 */
async function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([result, aborted]);
}

/** Whether a request there may go through a proxy: which of them NO_PROXY exempts, undici decides. */
export function mayBeProxied({ hostname }: URL): boolean {
  const { https_proxy, HTTPS_PROXY, http_proxy, HTTP_PROXY } = process.env;
  return !isThisMachine(hostname) && Boolean(https_proxy || HTTPS_PROXY || http_proxy || HTTP_PROXY);
}

/** Every name under `localhost` is this machine's (RFC 6761, 6.3), and a dot at its end changes nothing. */
function isThisMachine(hostname: string): boolean {
  const name = hostname.replace(/\.$/u, '');
  return isLoopback(name) || name.endsWith('.localhost');
}

/** undici starts a request once its connection stands and its first byte is about to be written, not before. */
function noteWhenReached(wire: { reached: boolean }): Dispatcher.DispatcherComposeInterceptor {
  return dispatch => (options, handler) =>
    dispatch(options, {
      onRequestStart(...start) {
        wire.reached = true;
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
