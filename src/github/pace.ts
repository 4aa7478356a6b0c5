import pThrottle from 'p-throttle';
import type { Span } from '../http/deadline.ts';

/** "No more than 80 content-generating requests per minute" (GitHub, secondary rate limits), with some to spare. */
const PACE = { limit: 70, interval: 60_000, strict: true };

/** Does writes at the pace that GitHub takes them, for as long as the span lasts. */
export function pacer({ signal }: Span): <Result>(write: () => Promise<Result>) => Promise<Result> {
  const wait = pThrottle({ ...PACE, signal })(async () => undefined);
  return async write => {
    await wait();
    return write();
  };
}
