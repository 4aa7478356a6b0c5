import { pause, type TimeBudget } from './deadline.ts';
import { LearnedPace } from './learned-pace.ts';
import type { AttemptResult } from './message.ts';

/** The most requests to one server at the same time. GitHub allows 100, across everything that a user runs. */
export const MOST_AT_ONCE = 50;

export class ServerPaused extends Error {
  override readonly name = 'ServerPaused';
}

/**
 * Limits how many requests to one server are under way, and sends none while the server asks to wait. The time that a
 * request waits here does not count toward its own timeout.
 */
export class RequestQueue {
  readonly origin: string;
  readonly #pace: LearnedPace | undefined;
  readonly #waiting: (() => void)[] = [];
  #free = MOST_AT_ONCE;
  #pausedUntil = 0;

  /** @param learnsPace whether the queue slows down to the pace that the server accepts. */
  constructor(origin: string, learnsPace = false) {
    this.origin = origin;
    this.#pace = learnsPace ? new LearnedPace() : undefined;
  }

  /** Slows down, because the server refused a request that started at a time. @returns what to say of it, if it is news. */
  slowDown(startedAt: number, wait: number | undefined): string | undefined {
    const pace = this.#pace;
    if (!pace) {
      return undefined;
    }
    const milliseconds = pace.refuse(startedAt, performance.now(), wait);
    return this.pause(milliseconds)
      ? `${this.origin} asks to wait ${(milliseconds / 1000).toFixed(1)} s. No request is sent to it until then, and ${Math.ceil(pace.perMinute)} a minute after that.`
      : undefined;
  }

  /** Notes that the server did not refuse a request. */
  accept(): void {
    this.#pace?.accept();
  }

  /** Requests that are under way continue. @returns whether the queue was running until now. */
  pause(milliseconds: number): boolean {
    const now = performance.now();
    const wasRunning = this.#pausedUntil <= now;
    this.#pausedUntil = Math.max(this.#pausedUntil, now + milliseconds);
    return wasRunning;
  }

  /** Makes an attempt as soon as the queue has room and is not paused, or gives up if the pause exceeds the budget. */
  async run(attempt: () => Promise<AttemptResult>, budget: TimeBudget): Promise<AttemptResult> {
    // A wait for other requests of the run says nothing about the server.
    const mustWait = this.#free === 0 || this.#waitLeft > 0;
    const release = this.#pace && mustWait ? budget.hold?.() : undefined;
    await this.#enter();
    try {
      const paused = await this.#waitForTurn(budget).finally(release);
      if (paused) {
        return { kind: 'not-sent', cause: paused };
      }
      return await attempt();
    } finally {
      this.#leave();
    }
  }

  async #waitForTurn(budget: TimeBudget): Promise<ServerPaused | undefined> {
    for (let left = this.#waitLeft; left > 0; left = this.#waitLeft) {
      if (left >= budget.remaining()) {
        const seconds = Math.ceil(left / 1000);
        return new ServerPaused(`it was not sent, because ${this.origin} asks to wait another ${seconds} s`);
      }
      await pause(left, budget);
    }
    // Right after the check, so that no other request takes the same turn.
    this.#pace?.start(performance.now());
    return undefined;
  }

  /** Milliseconds. Not positive if a request may start now. */
  get #waitLeft(): number {
    const now = performance.now();
    return Math.max(this.#pausedUntil - now, this.#pace?.left(now) ?? 0);
  }

  /** This wait always ends, because every request ahead has a budget that ends. */
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
