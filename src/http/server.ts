import { pause, type TimeBudget } from './deadline.ts';
import type { AttemptResult, HttpRequest, HttpResponse } from './message.ts';

/** GitHub takes 100 requests at once, from all that a user has running. */
export const MOST_AT_ONCE = 50;

/** Why a request was not sent: its server asks to wait for longer than there is time. */
export class HeldBack extends Error {
  override readonly name = 'HeldBack';
}

/**
 * What goes to one server: so many requests at once, and none while it asks to wait. A request that waits here is not
 * under way, so that none of its time is taken.
 */
export class Lane {
  readonly #origin: string;
  readonly #waiting: (() => void)[] = [];
  #free = MOST_AT_ONCE;
  #heldUntil = 0;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /**
   * Holds back all requests for so many milliseconds. Those that are under way are not touched.
   *
   * @returns whether none was held back before.
   */
  hold(milliseconds: number): boolean {
    const isFirst = this.#held === 0;
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + milliseconds);
    return isFirst;
  }

  /** Has an attempt made once there is room for it and nobody asks to wait, or not at all where the span ends before. */
  async through(attempt: () => Promise<AttemptResult>, budget: TimeBudget): Promise<AttemptResult> {
    await this.#enter();
    try {
      for (let held = this.#held; held > 0; held = this.#held) {
        if (held >= budget.remaining()) {
          const cause = new HeldBack(
            `it was not sent, as ${this.#origin} asks to wait another ${Math.ceil(held / 1000)} s`,
          );
          return { kind: 'not-sent', cause };
        }
        await pause(held, budget);
      }
      return await attempt();
    } finally {
      this.#leave();
    }
  }

  get #held(): number {
    return Math.max(0, this.#heldUntil - performance.now());
  }

  /** Nobody waits here for ever: whoever is before them has a span that ends. */
  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>(resolve => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) {
      next();
    } else {
      this.#free += 1;
    }
  }
}

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
  learn({ url }: HttpRequest, { headers }: HttpResponse, took: number): void {
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

/** The oldest form of an HTTP date, which names no zone and means GMT (RFC 9110, 5.6.7). */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/u;

/**
 * Reads a Retry-After header (RFC 9110, 10.2.3).
 *
 * @param value seconds, or an HTTP date.
 * @param now the time of the answer in milliseconds since 1970, as its `Date` header tells it where it has one.
 * @returns milliseconds to wait, or undefined where the header says nothing usable.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/u.test(text)) {
    return Number(text) * 1000;
  }
  const date = parseHttpDate(text);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** Reads an HTTP date (RFC 9110, 5.6.7): milliseconds since 1970, or undefined where it is none. */
export function parseHttpDate(value: string | undefined): number | undefined {
  const text = value?.trim() ?? '';
  const date = Date.parse(ASCTIME.test(text) ? `${text} GMT` : /GMT$/u.test(text) ? text : '');
  return Number.isNaN(date) ? undefined : date;
}
