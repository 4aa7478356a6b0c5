import pThrottle from 'p-throttle';
import type { Span } from '../http/deadline.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * "No more than 80 content-generating requests per minute and no more than 500 content-generating requests per hour"
 * (GitHub, secondary rate limits), with some to spare.
 */
const AN_HOUR = { limit: 450, interval: HOUR, strict: true };
const A_MINUTE = { limit: 70, interval: MINUTE, strict: true };

/** Does writes at the pace that GitHub takes them, for as long as the span lasts. */
export function pacer({ signal }: Span): <Result>(write: () => Promise<Result>) => Promise<Result> {
  const waits = [AN_HOUR, A_MINUTE].map(rule => pThrottle({ ...rule, signal })(async () => undefined));
  return async write => {
    for (const wait of waits) {
      await wait();
    }
    return write();
  };
}

/** How long the last of so many writes has to wait for its turn at that pace, in milliseconds. */
export function timeUntilLast(writes: number): number {
  const before = Math.max(writes - 1, 0);
  return Math.max(...[AN_HOUR, A_MINUTE].map(rule => timeAfter(before, rule)));
}

/** One rule alone: as many as it allows go out at once, those after them evenly over each interval. */
function timeAfter(before: number, { limit, interval }: typeof AN_HOUR): number {
  const rounds = Math.floor(before / limit);
  return rounds === 0 ? 0 : rounds * interval + (before % limit) * Math.ceil(interval / limit);
}
