import { messageOf } from '../model/failure.ts';
import { beginningOf, pause, type TimeBudget } from './deadline.ts';
import {
  type AttemptResult,
  BodyTooLarge,
  type HttpRequest,
  type HttpResponse,
  isAmbiguous,
  requestLine,
} from './message.ts';
import { HeldBack, Lane, parseHttpDate, parseRetryAfter, ServerClocks } from './server.ts';
import type { Transport } from './transport.ts';

/** Attempts of one request, the first one included. */
const MOST_ATTEMPTS = 5;

/** Milliseconds: the ceiling of the first pause, doubled for each further one up to the last. */
const PAUSE = { first: 1000, most: 60_000 };

/** Statuses after which the same request may fare better: a timeout, too many, and what gateways say of a sick server. */
const TRANSIENT_STATUSES = [408, 429, 500, 502, 503, 504];

/** When a request is sent again by itself. */
export interface RetryPolicy {
  /** Whether an answer says that the same request may fare better later. */
  readonly isTransient: (response: HttpResponse) => boolean;
  /** Whether a request may be sent again that may have been carried out, its answer lost. */
  readonly retryAmbiguous: boolean;
  /** Milliseconds that an answer asks to wait, if it does. */
  readonly wait: (response: HttpResponse) => number | undefined;
  /** Whether an answer asks that of everything that goes to the same server. */
  readonly holdsAll: (response: HttpResponse) => boolean;
}

/** For what has the same effect twice as once: reads, tokens, PUT, DELETE, and a creation under a name of ours. */
export const RETRY_IDEMPOTENT: RetryPolicy = {
  isTransient: ({ status }) => TRANSIENT_STATUSES.includes(status),
  retryAmbiguous: true,
  wait: retryAfter,
  holdsAll: () => false,
};

/** For a mint: only where it provably had no effect, as it never arrived or was turned away with 429. */
export const RETRY_IF_NOT_APPLIED: RetryPolicy = {
  isTransient: ({ status }) => status === 429,
  retryAmbiguous: false,
  wait: retryAfter,
  holdsAll: () => false,
};

/** How a request ended, after all its attempts. */
export interface RequestResult {
  readonly outcome: AttemptResult;
  readonly attempts: number;
  /** Whether an attempt before the last one may have been carried out, its answer lost. */
  readonly maybeApplied: boolean;
}

/** Sends requests, and again where that is safe and may help. */
export class Http {
  readonly #transport: Transport;
  readonly #info: (line: string) => void;
  readonly #clocks = new ServerClocks();
  readonly #lanes = new Map<string, Lane>();

  /** @param info told of each pause before a further attempt. */
  constructor(transport: Transport, info: (line: string) => void) {
    this.#transport = transport;
    this.#info = info;
  }

  /**
   * Sends a request until it is answered for good, the span ends, or the attempts are used up. Pauses have full jitter;
   * Retry-After wins over it. A pause that would outlast the span is not begun. While a server asks everybody to wait,
   * nothing else is sent to it. Never throws.
   *
   * @param renew makes the request anew for each further attempt. Where that fails, no further one is made.
   */
  async send(
    first: HttpRequest,
    policy: RetryPolicy,
    budget: TimeBudget,
    renew: () => Promise<HttpRequest> = async () => first,
  ): Promise<RequestResult> {
    let request = first;
    let maybeApplied = false;
    for (let attempts = 1; ; attempts += 1) {
      const outcome = await this.#attempt(request, policy, budget);
      const wait = pauseBefore(attempts, outcome, policy);
      const last =
        attempts === MOST_ATTEMPTS ||
        !mayRetry(outcome, policy) ||
        wait >= budget.remaining() ||
        beginningOf(budget).aborted;
      if (last) {
        return { outcome, attempts, maybeApplied };
      }
      this.#info(
        `${requestLine(request)}: ${whatHappened(outcome)}. Asking again in ${(wait / 1000).toFixed(1)} s (attempt ${attempts} of ${MOST_ATTEMPTS}).`,
      );
      maybeApplied ||= outcome.kind === 'unknown' || (outcome.kind === 'answered' && isAmbiguous(outcome));
      const next = (await pause(wait, budget)) ? await this.#renewed(request, renew) : undefined;
      if (!next) {
        return { outcome, attempts, maybeApplied };
      }
      request = next;
    }
  }

  /** What the last attempt came to counts for more than why there is no further one. */
  async #renewed(request: HttpRequest, renew: () => Promise<HttpRequest>): Promise<HttpRequest | undefined> {
    try {
      return await renew();
    } catch (error) {
      this.#info(`${requestLine(request)} is not sent again: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** The time by the clock of the server at an origin, as far as its answers have told. */
  now(origin: string): Date {
    return this.#clocks.now(origin);
  }

  #attempt(request: HttpRequest, { holdsAll, wait }: RetryPolicy, budget: TimeBudget): Promise<AttemptResult> {
    const { origin } = request.url;
    const lane = this.#lanes.get(origin) ?? new Lane(origin);
    this.#lanes.set(origin, lane);
    return lane.through(async () => {
      const { aborted, reason } = beginningOf(budget);
      if (aborted) {
        return { kind: 'not-sent', cause: reason };
      }
      const sent = performance.now();
      const outcome = await this.#transport.attempt(request, budget.signal);
      if (outcome.kind !== 'answered') {
        return outcome;
      }
      this.#clocks.learn(request, outcome, performance.now() - sent);
      const asked = holdsAll(outcome) ? (wait(outcome) ?? 0) : 0;
      if (asked > 0 && lane.hold(asked)) {
        this.#info(`${origin} asks to wait ${(asked / 1000).toFixed(1)} s: nothing more is sent there until then.`);
      }
      return outcome;
    }, budget);
  }
}

function mayRetry(outcome: AttemptResult, { isTransient, retryAmbiguous }: RetryPolicy): boolean {
  return outcome.kind === 'answered'
    ? isTransient(outcome)
    : !isPermanent(outcome.cause) && (retryAmbiguous || outcome.kind === 'not-sent');
}

function pauseBefore(attempts: number, outcome: AttemptResult, { wait }: RetryPolicy): number {
  const asked = outcome.kind === 'answered' ? wait(outcome) : undefined;
  return asked ?? Math.random() * Math.min(PAUSE.most, PAUSE.first * 2 ** (attempts - 1));
}

/** Milliseconds that an answer asks to wait. */
export function retryAfter(response: HttpResponse): number | undefined {
  return parseRetryAfter(response.headers['retry-after'], timeOf(response));
}

/** When an answer was given, in milliseconds since 1970, by the clock of its server where it tells. */
export function timeOf({ headers }: HttpResponse): number {
  return parseHttpDate(headers.date) ?? Date.now();
}

/** Whether asking again cannot help: an untrusted certificate, a body over the limit, a proxy that refuses, or no time. */
export function isPermanent(cause: Error): boolean {
  return (
    isUntrustedCertificate(cause) || isTooLarge(cause) || cause instanceof HeldBack || proxyRefusal(cause) !== undefined
  );
}

/** Whether a body was over the limit. */
export function isTooLarge(cause: Error): boolean {
  return cause instanceof BodyTooLarge;
}

/**
 * The status by which a proxy refuses to connect: 407 or 403. To ask again would lock accounts. undici tells it in the
 * message of its error alone.
 */
export function proxyRefusal(cause: Error): 403 | 407 | undefined {
  const [, status] = /^Proxy response \((403|407)\)/u.exec(cause.message) ?? [];
  return status === '403' ? 403 : status === '407' ? 407 : undefined;
}

/** Whether a server could not prove who it is: OpenSSL's verification errors, as Node names them. */
export function isUntrustedCertificate(cause: Error): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS_/u.test(errorCode(cause) ?? '');
}

function errorCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** How an outcome reads in a line of the log. */
export function whatHappened(outcome: AttemptResult): string {
  return outcome.kind === 'answered' ? `answered ${outcome.status}` : describeCause(outcome.cause);
}

/** What a network error says of itself: its own words and its code. */
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
