import type { Outcome } from './answer.ts';
import { pause, type Span } from './deadline.ts';

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
  async through(attempt: () => Promise<Outcome>, span: Span): Promise<Outcome> {
    await this.#enter();
    try {
      for (let held = this.#held; held > 0; held = this.#held) {
        if (held >= span.remaining()) {
          const cause = new HeldBack(
            `it was not sent, as ${this.#origin} asks to wait another ${Math.ceil(held / 1000)} s`,
          );
          return { kind: 'not-sent', cause };
        }
        await pause(held, span);
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
