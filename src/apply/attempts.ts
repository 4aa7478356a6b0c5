import { asFailure, Failure } from '../failure.ts';
import { pacer } from '../github/pace.ts';
import type { Deadline, Span } from '../http/deadline.ts';

/** Writes to GitHub, one after the other at its pace. One that fails stops no other. */
export class Attempts {
  /** Those that failed, in order. */
  readonly failures: Failure[] = [];
  /** A write under way finishes, so it has the time for cleaning up as well. */
  readonly span: Span;
  readonly #deadline: Deadline;
  readonly #paced: ReturnType<typeof pacer>;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
    this.span = deadline.handOff;
    this.#paced = pacer(this.span);
  }

  /** @returns why it failed, if it did. Never throws. */
  async attempt(what: string, write: () => Promise<void>): Promise<Failure | undefined> {
    try {
      await this.#paced(write);
      return undefined;
    } catch (error) {
      // The pace that is kept gives no failure of its own where the step is stopped.
      const stopped = this.span.signal.aborted && !(error instanceof Failure);
      const failure = stopped ? this.#deadline.failure(what, { service: 'GitHub' }) : asFailure(error);
      this.failures.push(failure);
      return failure;
    }
  }
}
