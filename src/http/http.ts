import { messageOf } from '../model/failure.ts';
import { pause, startSignalOf, type TimeBudget } from './deadline.ts';
import {
  type AttemptResult,
  type HttpRequest,
  type HttpResponse,
  isAmbiguous,
  type RequestResult,
  requestLine,
  retryAfter,
} from './message.ts';
import { RequestQueue, ServerPaused } from './request-queue.ts';
import { ServerClocks } from './server-clocks.ts';
import { BodyTooLarge, describeCause, isUntrustedCertificate, proxyRefusal, type Transport } from './transport.ts';

/** Attempts of one request, the first one included. */
const MOST_ATTEMPTS = 5;

/** Attempts of one request that its server refuses because of its pace, while all clients of a run slow down. */
const MOST_REFUSALS = 20;

/** The upper bound of the first pause, in milliseconds. It doubles with each attempt, up to the maximum. */
const PAUSE = { first: 1000, most: 60_000 };

const TRANSIENT_STATUSES = [408, 429, 500, 502, 503, 504];

export interface RetryPolicy {
  readonly isTransient: (response: HttpResponse) => boolean;
  /** Whether a request that may have taken effect is sent again if its response was lost. */
  readonly retryAmbiguous: boolean;
  /** The milliseconds that a response asks to wait, if it does. */
  readonly wait: (response: HttpResponse) => number | undefined;
  /** Whether all other requests to the same server must wait as well. */
  readonly pausesServer: (response: HttpResponse) => boolean;
  /** Whether the server refused the request because of its pace, so that a run with many clients slows down. */
  readonly slowsServer: (response: HttpResponse) => boolean;
}

interface HttpOptions {
  /** Gets a line for the log about each request that is retried. */
  readonly info: (line: string) => void;
  /** Gets a line about what concerns all requests of the run. */
  readonly announce?: (line: string) => void;
  /** Whether many clients share the pace of a server: then a refusal slows down all of them. */
  readonly sharesPace?: boolean;
}

/** For requests that have the same effect if repeated: GET, PUT, DELETE, token requests, and a POST with an ID of our own. */
export const RETRY_IDEMPOTENT: RetryPolicy = {
  isTransient: ({ status }) => TRANSIENT_STATUSES.includes(status),
  retryAmbiguous: true,
  wait: retryAfter,
  pausesServer: () => false,
  slowsServer: ({ status }) => status === 429,
};

/** Sends requests, and retries them according to their policy. */
export class Http {
  readonly #transport: Transport;
  readonly #options: HttpOptions;
  readonly #clocks = new ServerClocks();
  readonly #queues = new Map<string, RequestQueue>();

  constructor(transport: Transport, options: HttpOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /**
   * Sends a request until its response is final, the budget ends, or no attempts are left. The pauses have full jitter,
   * unless the response has a Retry-After header. A pause that would outlast the budget is not started. `renew` builds the
   * request for each further attempt. If it throws, the request is not sent again. Never throws.
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
      // Its queue waits instead, and as long as for all others.
      const isSlowed = this.#options.sharesPace && outcome.kind === 'answered' && policy.slowsServer(outcome);
      const wait = isSlowed ? 0 : pauseBefore(attempts, outcome, policy);
      const last =
        attempts >= (isSlowed ? MOST_REFUSALS : MOST_ATTEMPTS) ||
        !mayRetry(outcome, policy) ||
        wait >= budget.remaining() ||
        startSignalOf(budget).aborted;
      if (last) {
        return { outcome, attempts, maybeApplied };
      }
      if (!isSlowed) {
        this.#options.info(
          `${requestLine(request)}: ${describeAttempt(outcome)}. Retrying in ${(wait / 1000).toFixed(1)} s (attempt ${attempts} of ${MOST_ATTEMPTS}).`,
        );
      }
      maybeApplied ||= outcome.kind === 'unknown' || (outcome.kind === 'answered' && isAmbiguous(outcome));
      const next = (await pause(wait, budget)) ? await this.#renewed(request, renew) : undefined;
      if (!next) {
        return { outcome, attempts, maybeApplied };
      }
      request = next;
    }
  }

  /** The caller gets the result of the last attempt, so the log alone says why there is no further attempt. */
  async #renewed(request: HttpRequest, renew: () => Promise<HttpRequest>): Promise<HttpRequest | undefined> {
    try {
      return await renew();
    } catch (error) {
      this.#options.info(`${requestLine(request)} is not sent again: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** The time by the clock of the server at an origin, or by the runner's clock before its first response. */
  now(origin: string, now?: number): Date {
    return this.#clocks.now(origin, now);
  }

  #attempt(request: HttpRequest, policy: RetryPolicy, budget: TimeBudget): Promise<AttemptResult> {
    const { origin } = request.url;
    const queue = this.#queues.get(origin) ?? new RequestQueue(origin, this.#options.sharesPace);
    this.#queues.set(origin, queue);
    return queue.run(async () => {
      const { aborted, reason } = startSignalOf(budget);
      if (aborted) {
        return { kind: 'not-sent', cause: reason };
      }
      const started = performance.now();
      const outcome = await this.#transport.attempt(request, budget.signal);
      if (outcome.kind !== 'answered') {
        return outcome;
      }
      this.#clocks.learn(request, outcome, performance.now() - started);
      const line = this.#slow(queue, started, outcome, policy);
      if (line !== undefined) {
        const { info, announce = info } = this.#options;
        announce(line);
      }
      return outcome;
    }, budget);
  }

  /** Makes all requests to a server wait if its response asks for it. @returns what to say of it. */
  #slow(queue: RequestQueue, started: number, response: HttpResponse, policy: RetryPolicy): string | undefined {
    if (this.#options.sharesPace && policy.slowsServer(response)) {
      return queue.slowDown(started, policy.wait(response));
    }
    queue.accept();
    const wait = policy.pausesServer(response) ? (policy.wait(response) ?? 0) : 0;
    return wait > 0 && queue.pause(wait)
      ? `${queue.origin} asks to wait ${(wait / 1000).toFixed(1)} s. No request is sent to it until then.`
      : undefined;
  }
}

function mayRetry(outcome: AttemptResult, { isTransient, retryAmbiguous }: RetryPolicy): boolean {
  return outcome.kind === 'answered'
    ? isTransient(outcome)
    : !isPermanent(outcome.cause) && (retryAmbiguous || outcome.kind === 'not-sent');
}

function pauseBefore(attempts: number, outcome: AttemptResult, { wait }: RetryPolicy): number {
  const requested = outcome.kind === 'answered' ? wait(outcome) : undefined;
  return requested ?? Math.random() * Math.min(PAUSE.most, PAUSE.first * 2 ** (attempts - 1));
}

/** Whether a retry would fail for the same cause. */
export function isPermanent(cause: Error): boolean {
  return (
    isUntrustedCertificate(cause) ||
    cause instanceof BodyTooLarge ||
    cause instanceof ServerPaused ||
    proxyRefusal(cause) !== undefined
  );
}

/** How an attempt ended, as part of a sentence: `answered 503`. */
export function describeAttempt(outcome: AttemptResult): string {
  return outcome.kind === 'answered' ? `answered ${outcome.status}` : describeCause(outcome.cause);
}
