import { type HttpRequest, type HttpResponse, parseHttpDate } from './message.ts';

/** The clock of each server, according to the `Date` headers of its responses. */
export class ServerClocks {
  /** Milliseconds that the clock of an origin is ahead of the runner's clock. */
  readonly #ahead = new Map<string, number>();

  /** The time by the clock of an origin, or by the runner's clock, which shows `now`, if the origin has not reported it. */
  now(origin: string, now = Date.now()): Date {
    return new Date(now + (this.#ahead.get(origin) ?? 0));
  }

  /** Learns from a response that has just arrived, `took` milliseconds after its request. */
  learn({ url }: HttpRequest, { headers }: HttpResponse, took: number): void {
    const date = parseHttpDate(headers.date);
    // With an `Age` header, the response and its date come from a cache.
    if (date !== undefined && !('age' in headers)) {
      // The header has whole seconds, and the response took time to arrive. A difference within both is none.
      const least = date - Date.now();
      const most = least + 1000 + took;
      this.#ahead.set(url.origin, Math.max(least, Math.min(most, 0)));
    }
  }
}
