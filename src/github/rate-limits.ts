import pThrottle from 'p-throttle';
import type { TimeBudget } from '../http/deadline.ts';
import { RETRY_IDEMPOTENT, type RetryPolicy } from '../http/http.ts';
import { dateOf, type HttpResponse, retryAfter } from '../http/message.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** "If the retry-after header is not present … wait for at least one minute" (GitHub, rate limits for the REST API). */
const DEFAULT_WAIT = MINUTE;

/** Whether GitHub refused a request for a primary or a secondary rate limit. */
export function isRateLimited({ status, headers, body }: HttpResponse): boolean {
  return (
    status === 429 ||
    (status === 403 &&
      ('retry-after' in headers || headers['x-ratelimit-remaining'] === '0' || /secondary rate limit/iu.test(body)))
  );
}

/**
 * Every request of the action to GitHub has the same effect twice as once. "Continuing to make requests while you are rate
 * limited may result in the banning of your integration" (GitHub, best practices for using the REST API), so a rate limit
 * of one request holds back all.
 */
export const RETRY_ON_GITHUB: RetryPolicy = {
  isTransient: response => RETRY_IDEMPOTENT.isTransient(response) || isRateLimited(response),
  retryAmbiguous: true,
  pausesServer: isRateLimited,
  wait: response => retryAfter(response) ?? (isRateLimited(response) ? untilReset(response) : undefined),
};

function untilReset(response: HttpResponse): number {
  const { headers } = response;
  const reset = Number(headers['x-ratelimit-reset']) * 1000;
  return headers['x-ratelimit-remaining'] === '0' && reset > 0 ? Math.max(0, reset - dateOf(response)) : DEFAULT_WAIT;
}

/**
 * "No more than 80 content-generating requests per minute and no more than 500 content-generating requests per hour"
 * (GitHub, secondary rate limits), with a margin.
 */
const PER_HOUR = { limit: 450, interval: HOUR, strict: true };
const PER_MINUTE = { limit: 70, interval: MINUTE, strict: true };

/** Starts writes at the pace that GitHub allows. A write that waits for its turn is rejected when the budget ends. */
export function pacer({ signal }: TimeBudget): <Result>(write: () => Promise<Result>) => Promise<Result> {
  const waits = [PER_HOUR, PER_MINUTE].map(rule => pThrottle({ ...rule, signal })(async () => undefined));
  return async write => {
    for (const wait of waits) {
      await wait();
    }
    return write();
  };
}

/** The milliseconds that the last of a number of writes waits for its turn at that pace. */
export function timeUntilLast(writes: number): number {
  const before = Math.max(writes - 1, 0);
  return Math.max(...[PER_HOUR, PER_MINUTE].map(rule => timeAfter(before, rule)));
}

/** By one rule: as many as it allows start at once, those after them evenly over each interval. */
function timeAfter(before: number, { limit, interval }: typeof PER_HOUR): number {
  const rounds = Math.floor(before / limit);
  return rounds === 0 ? 0 : rounds * interval + (before % limit) * Math.ceil(interval / limit);
}
