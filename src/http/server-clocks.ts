import type { Answer, HttpRequest } from './answer.ts';
import { parseHttpDate } from './retry-after.ts';

const SECOND = 1000;

/** What time it is by the clock of each server, as the `Date` headers of its answers tell it. */
export class ServerClocks {
  /** Milliseconds that the clock of an origin is ahead of the runner's. */
  readonly #ahead = new Map<string, number>();

  /** The time by the clock of an origin, or by the runner's where it has told none. */
  now(origin: string): Date {
    return new Date(Date.now() + (this.#ahead.get(origin) ?? 0));
  }

  /**
   * Learns from an answer that has just arrived. One that a cache has kept for a while, as its `Age` tells, says nothing.
   *
   * @param took milliseconds from the request to the answer.
   */
  learn({ url }: HttpRequest, { headers }: Answer, took: number): void {
    const date = parseHttpDate(headers.date);
    if (date === undefined || 'age' in headers) {
      return;
    }
    // The header tells whole seconds, and the answer was on its way: what that may account for is no difference.
    const least = date - Date.now();
    const most = least + SECOND + took;
    this.#ahead.set(url.origin, Math.max(least, Math.min(most, 0)));
  }
}
