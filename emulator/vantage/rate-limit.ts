import { type Answer, json } from '../http/answer.ts';

/** How many requests Vantage accepts in each window. No limit is documented. */
export interface RateLimit {
  requests: number;
  /** In milliseconds. */
  windowMs: number;
}

/** Counts requests in fixed windows, the first of which begins with the first request. */
export function openRateLimit({ requests, windowMs }: RateLimit): { refuse(): Answer | undefined } {
  let used = 0;
  let ends = 0;
  return {
    refuse: () => {
      const now = performance.now();
      if (now >= ends) {
        used = 0;
        ends = ends === 0 ? now + windowMs : ends + Math.ceil((now - ends + 1) / windowMs) * windowMs;
      }
      used += 1;
      if (used <= requests) return undefined;
      const answer = json(429, { title: 'Too Many Requests', status: 429 });
      return { ...answer, headers: { ...answer.headers, 'retry-after': String(Math.ceil((ends - now) / 1000)) } };
    },
  };
}
