import { type HttpRequest, type HttpResponse, parseHttpDate } from './message.ts';

const SECOND = 1000;

/** The clock of each server, according to the `Date` headers of its responses. */
export class ServerClocks {
  /** Milliseconds that the clock of an origin is ahead of the runner's clock. */
  readonly #ahead = new Map<string, number>();

  /**
   * The time by the clock of an origin, or by the runner's clock if the origin has not reported its time.
   *
   * @param now the time by the runner's clock, in milliseconds since 1970.
   */
  now(origin: string, now = Date.now()): Date {
    return new Date(now + (this.#ahead.get(origin) ?? 0));
  }

  /**
   * Learns the time from a response that has just arrived. A response with an `Age` header comes from a cache, so its
   * date is ignored.
   *
   * @param took milliseconds from the request to the response.
   */
  learn({ url }: HttpRequest, { headers }: HttpResponse, took: number): void {
    const date = parseHttpDate(headers.date);
    if (date === undefined || 'age' in headers) {
      return;
    }
    // The header has whole seconds, and the response took time to arrive. A difference within both is none.
    const least = date - Date.now();
    const most = least + SECOND + took;
    this.#ahead.set(url.origin, Math.max(least, Math.min(most, 0)));
  }
}
