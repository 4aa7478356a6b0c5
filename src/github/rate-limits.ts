import { RETRY_IDEMPOTENT, type RetryPolicy } from '../http/http.ts';
import { dateOf, type HttpResponse, retryAfter } from '../http/message.ts';

const MINUTE = 60_000;

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
  slowsServer: () => false,
  wait: response => retryAfter(response) ?? (isRateLimited(response) ? untilReset(response) : undefined),
};

function untilReset(response: HttpResponse): number {
  const { headers } = response;
  const reset = Number(headers['x-ratelimit-reset']) * 1000;
  return headers['x-ratelimit-remaining'] === '0' && reset > 0 ? Math.max(0, reset - dateOf(response)) : DEFAULT_WAIT;
}
