import type { Answer } from '../http/answer.ts';
import type { Clock } from '../http/clock.ts';
import type { Mishap } from '../http/faults.ts';
import { describeRefusal, Refusal } from './refusal.ts';

/**
 * How many requests GitHub accepts (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). All
 * times are from GitHub's clock.
 */
export interface Limits {
  /** Requests per hour and token. Default: 5000. */
  requests?: number;
  /** The status of a request that exceeds the limit. Default: 403. */
  status?: 403 | 429;
  /** Requests that write, in any window. Default: no limit. GitHub documents about 80 per minute. */
  writes?: number;
  /** The window of `writes`, in milliseconds. Default: a minute. */
  windowMs?: number;
  /** Whether the refusal of a write says how long to wait. Default: true. */
  retryAfter?: boolean;
}

const HOUR = 3_600_000;

/** Counts requests. */
export interface Limiter {
  /** Counts a request of a token, or throws GitHub's refusal of it. A refused write does not count as one. */
  count(token: string, isWrite: boolean): void;
  /** The headers about the primary limit in every response. */
  headers(token: string): Record<string, string>;
}

/** A limiter without requests. */
export function openLimiter(clock: Clock, limits: Limits): Limiter {
  const { requests: most = 5000, status = 403, writes: mostWrites, windowMs = 60_000, retryAfter = true } = limits;
  const windows = new Map<string, { used: number; reset: number }>();
  let writes: number[] = [];

  const windowOf = (token: string) => {
    const found = windows.get(token);
    if (found && clock.now() < found.reset) return found;
    const opened = { used: 0, reset: clock.now() + HOUR };
    windows.set(token, opened);
    return opened;
  };

  return {
    count: (token, isWrite) => {
      const window = windowOf(token);
      if (window.used >= most) throw new Refusal(status, 'API rate limit exceeded for user ID 1.');
      window.used += 1;
      if (!isWrite || mostWrites === undefined) return;
      const now = clock.now();
      writes = writes.filter(at => at > now - windowMs);
      const [oldest = now] = writes;
      if (writes.length >= mostWrites)
        throw secondary(retryAfter ? Math.ceil((oldest + windowMs - now) / 1000) : undefined);
      writes.push(now);
    },
    headers: token => {
      const { used, reset } = windowOf(token);
      return primaryHeaders(most, used, reset);
    },
  };
}

function primaryHeaders(limit: number, used: number, reset: number): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(limit - used),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(Math.ceil(reset / 1000)),
    'x-ratelimit-resource': 'core',
  };
}

function secondary(retryAfter: number | undefined): Refusal {
  return new Refusal(
    403,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );
}

/** The refusal of the secondary limit, for a fault. `retryAfter`: seconds. Default: GitHub does not say. */
export function secondaryRateLimit(retryAfter?: number): Mishap {
  return asMishap(describeRefusal(secondary(retryAfter)));
}

/**
 * The refusal of the primary limit, for a fault. `reset`: when requests are accepted again, in milliseconds since 1970.
 */
export function primaryRateLimit(reset: number, status: 403 | 429 = 403): Mishap {
  const refusal = new Refusal(status, 'API rate limit exceeded for user ID 1.', primaryHeaders(5000, 5000, reset));
  return asMishap(describeRefusal(refusal));
}

function asMishap({ status, headers, body }: Answer): Mishap {
  return { kind: 'answer', status, headers, body };
}
