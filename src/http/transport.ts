import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { AttemptResult, HttpRequest, HttpResponse } from './message.ts';
import { isThisMachine, type ProxyEnv, readProxy } from './proxy.ts';
import { MOST_AT_ONCE } from './request-queue.ts';

/** Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn off a default. */
const OPTIONS = { keepAlive: true, maxSockets: MOST_AT_ONCE, rejectUnauthorized: true };

/** The milliseconds after which an idle connection is closed, before its server would close it. */
const MOST_IDLE = 4000;

/** The largest response body by default, in bytes. A response about a single client or secret is far smaller. */
const MOST_RESPONSE_BYTES = 1024 * 1024;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';

  constructor(most: number) {
    super(`the body of its response exceeds the limit of ${most / 1024} KiB`);
  }
}

/** How the message of an attempt begins that took longer than `request-timeout`. */
export const TIMED_OUT = 'no complete response within request-timeout';

export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** Sends single attempts of requests. Only this file knows the errors of the network. */
export class Transport {
  readonly #agents = new Map<string, Agent>();
  readonly #proxy: ProxyEnv | undefined;
  readonly #userAgent: string;
  readonly #requestTimeout: number;

  /** @param requestTimeout milliseconds for one attempt, to its last byte. @throws Failure as `readProxy`. */
  constructor(userAgent: string, requestTimeout: number) {
    this.#userAgent = userAgent;
    this.#requestTimeout = requestTimeout;
    this.#proxy = readProxy(process.env);
  }

  /**
   * Sends a request once, until the signal aborts. Redirects are not followed, because a 307 would send the body, with its
   * secret, to another host. Never throws.
   */
  async attempt(sent: HttpRequest, signal: AbortSignal): Promise<AttemptResult> {
    if (signal.aborted) {
      // Otherwise a connection would be opened for nothing.
      return { kind: 'not-sent', cause: signal.reason };
    }
    const timeout = new AbortController();
    const tooLate = new Error(`${TIMED_OUT}, ${this.#requestTimeout / 1000} s`);
    const timer = setTimeout(() => timeout.abort(tooLate), this.#requestTimeout);
    const connection = { reached: false };
    const ended = AbortSignal.any([signal, timeout.signal]);
    try {
      return await unlessAborted(this.#exchange(sent, ended, connection), ended);
    } catch (error) {
      const cause = error as Error;
      if (connection.reached) {
        return { kind: 'unknown', cause };
      }
      const notConnected = new NotConnected('no connection was established', { cause });
      return { kind: 'not-sent', cause: signal.aborted ? notConnected : cause };
    } finally {
      clearTimeout(timer);
    }
  }

  /** Closes all connections at once. A connection that is not established yet ends with the process. */
  close(): void {
    for (const agent of this.#agents.values()) {
      agent.destroy();
    }
  }

  async #exchange(sent: HttpRequest, signal: AbortSignal, connection: { reached: boolean }): Promise<HttpResponse> {
    const { url, method, body } = sent;
    // Loaded on demand, because https takes a while to load and a step on the machine of its server does not need it.
    const { request, Agent } =
      url.protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
    const proxy = isThisMachine(url.hostname) ? undefined : this.#proxy;
    const key = `${url.protocol} ${proxy ? 'proxy' : 'direct'}`;
    // An empty `proxyEnv`, because NODE_USE_ENV_PROXY would turn on a default. Node applies `timeout` also to the opening of
    // a tunnel.
    const options = proxy ? { proxyEnv: proxy, timeout: this.#requestTimeout } : { proxyEnv: {}, timeout: MOST_IDLE };
    const agent = this.#agents.get(key) ?? survivingErrors(new Agent({ ...OPTIONS, ...options }));
    this.#agents.set(key, agent);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const headers = { ...sent.headers, ...length, 'user-agent': this.#userAgent };
    const response = await responseTo(request(url, { method, headers, agent, signal }), body, connection);
    const { statusCode: status = 0, headersDistinct } = response;
    return {
      kind: 'answered',
      status,
      headers: joined(headersDistinct),
      body: await readText(response, sent.maxResponseBytes),
    };
  }
}

/**
 * Makes sure that no error of a connection ends the process. Node itself reports the errors of connections to the requests,
 * but listens to none between the refusal of a proxy and the end of its connection.
 */
function survivingErrors(agent: Agent): Agent {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => connect(options, callback)?.on('error', () => undefined);
  return agent;
}

/** Sends a request as soon as its connection is established: the server is `reached`, and can act on it. */
function responseTo(
  request: ClientRequest,
  body: string | undefined,
  connection: { reached: boolean },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve).on('error', reject);
    // Without an error: the server switched to another protocol, which was not asked for.
    request.on('close', () => reject(new Error('the connection was closed without a response')));
    request.on('socket', (socket: Socket | TLSSocket) => {
      const start = () => {
        connection.reached = true;
        request.end(body);
      };
      const established = 'authorized' in socket ? socket.authorized : !socket.connecting;
      if (established) {
        // A connection that is used again, or through a proxy.
        start();
      } else {
        socket.once('authorized' in socket ? 'secureConnect' : 'connect', start);
      }
    });
  });
}

/**
 * Waits for an exchange until the signal aborts. Node observes the signal only once the proxy has connected. It never sends
 * a request that was not started by then.
 */
async function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([result, aborted]);
}

/** Reads a body to its end. @throws BodyTooLarge: to leave the loop also closes the connection. */
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

function joined(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]));
}

/** The status of a proxy that refuses to connect, if it is 403 or 407. A retry could lock the account. */
export function proxyRefusal(cause: Error): 403 | 407 | undefined {
  const status = 'statusCode' in cause && errorCode(cause) === 'ERR_PROXY_TUNNEL' ? cause.statusCode : undefined;
  return status === 403 || status === 407 ? status : undefined;
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
