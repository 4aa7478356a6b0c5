import type { Answer } from '../http/answer.ts';
import { REPEAT_SAFELY, type Repeating, retryAfter, timeOf } from '../http/http.ts';

/** "If the retry-after header is not present … wait for at least one minute" (GitHub, rate limits for the REST API). */
const UNSTATED_WAIT = 60_000;

/** Whether GitHub turned a request away for coming too often: a primary or a secondary rate limit. */
export function isRateLimited({ status, headers, body }: Answer): boolean {
  return (
    status === 429 ||
    (status === 403 &&
      ('retry-after' in headers || headers['x-ratelimit-remaining'] === '0' || /secondary rate limit/iu.test(body)))
  );
}

/**
 * Everything that the action asks of GitHub has the same effect twice as once. "Continuing to make requests while you are
 * rate limited may result in the banning of your integration" (GitHub, best practices for using the REST API), so a limit
 * that one request meets holds back all.
 */
export const REPEAT_ON_GITHUB: Repeating = {
  isPassing: answer => REPEAT_SAFELY.isPassing(answer) || isRateLimited(answer),
  afterLoss: true,
  holdsAll: isRateLimited,
  wait: answer => retryAfter(answer) ?? (isRateLimited(answer) ? untilReset(answer) : undefined),
};

function untilReset(answer: Answer): number {
  const { headers } = answer;
  const reset = Number(headers['x-ratelimit-reset']) * 1000;
  return headers['x-ratelimit-remaining'] === '0' && reset > 0 ? Math.max(0, reset - timeOf(answer)) : UNSTATED_WAIT;
}
