import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { Failure } from '../failure.ts';
import type { Answer, HttpRequest, Outcome } from './answer.ts';
import { readText } from './body-limit.ts';

/** What one attempt of one request needs of undici. The only place that knows that library. */
export class Transport {
  readonly #dispatcher: Dispatcher;
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
    this.#dispatcher = openDispatcher();
  }

  /**
   * Sends a request once. Redirects are not followed: a 307 would send the body, secret and all, to another host.
   * Never throws.
   *
   * @param signal ends the attempt before its own deadline does.
   */
  async attempt(sent: HttpRequest, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) {
      // undici would begin it all the same, and it would count as one that may have been carried out.
      return { kind: 'not-sent', cause: asError(signal.reason) };
    }
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(this.#lateness()), this.#requestTimeout);
    const wire = { reached: false };
    try {
      return await this.#exchange(sent, AbortSignal.any([signal, deadline.signal]), wire);
    } catch (error) {
      return { kind: wire.reached ? 'unknown' : 'not-sent', cause: asError(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async #exchange(sent: HttpRequest, signal: AbortSignal, wire: { reached: boolean }): Promise<Answer> {
    const { statusCode, headers, body } = await request(sent.url, {
      method: sent.method,
      headers: { ...sent.headers, 'user-agent': this.#userAgent },
      body: sent.body ?? null,
      signal,
      dispatcher: this.#dispatcher.compose(noteWhenReached(wire)),
    });
    const text = await readText(body, sent.largestAnswer);
    return { kind: 'answered', status: statusCode, headers: joined(headers), body: text };
  }

  #lateness(): Error {
    return new Error(`no whole answer within request-timeout, ${this.#requestTimeout / 1000} s`);
  }
}

/** Connects through the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name, if any. */
function openDispatcher(): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      // One deadline covers a whole attempt, so undici's own, which cover parts of it, are off.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: 0 },
      allowH2: false,
      // GitHub takes 100 requests at once.
      connections: 50,
    });
  } catch (cause) {
    throw new Failure(
      'invalid-input',
      {
        what: 'reading the environment',
        why: 'HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy',
        todo: 'It takes http://[user:password@]host:port.',
      },
      { cause },
    );
  }
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
