import { pause, type TimeBudget } from './deadline.ts';
import { LearnedPace } from './learned-pace.ts';
import type { AttemptResult } from './message.ts';

/** The most requests to one server at the same time. GitHub allows 100, across everything that a user runs. */
export const MOST_AT_ONCE = 50;

/** A request was not sent, because its server asks to wait for longer than the time that is left. */
export class ServerPaused extends Error {
  override readonly name = 'ServerPaused';
}

/**
 * The requests to one server: limits how many are under way, and sends none while the server asks to wait. The time that
 * a request waits here does not count toward its own timeout.
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

  /**
   * Slows down to the pace that the server accepts, because it refused a request.
   *
   * @param startedAt when that request started, by `performance.now()`.
   * @param wait the milliseconds that the server asks to wait.
   * @returns what to say of it, or undefined if it is known, or if the queue does not learn the pace.
   */
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

  /**
   * Pauses the queue for a number of milliseconds. Requests that are under way continue.
   *
   * @returns whether the queue was running until now.
   */
  pause(milliseconds: number): boolean {
    const wasRunning = this.#pauseLeft === 0;
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
    return wasRunning;
  }

  /** Makes an attempt as soon as the queue has room and is not paused, or gives up if the pause exceeds the budget. */
  async run(attempt: () => Promise<AttemptResult>, budget: TimeBudget): Promise<AttemptResult> {
    // A wait for other requests of the run says nothing about the server.
    const release = this.#pace && this.#mustWait ? budget.hold?.() : undefined;
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

  get #mustWait(): boolean {
    return this.#free === 0 || this.#waitLeft > 0;
  }

  get #waitLeft(): number {
    return Math.max(this.#pauseLeft, this.#pace?.left(performance.now()) ?? 0);
  }

  get #pauseLeft(): number {
    return Math.max(0, this.#pausedUntil - performance.now());
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
