import type { PendingClient } from '../../inputs/saved-pending.ts';
import type { StepContext } from '../step-context.ts';

/** How many clients that have ended and left something pending are kept for the post step. The log names all of them. */
const MAX_LEFT = 200;

/** What is pending of one client. */
export type Saves = Pick<StepContext, 'savePendingMarks' | 'saveUnfinished'>;

/**
 * Saves what is pending of the clients of a fleet. Each client that is under way has a place of its own, and those that
 * ended and left something share the first one.
 */
export class PendingClients {
  readonly #save: StepContext['savePending'];
  readonly #free: number[];
  readonly #left: PendingClient[] = [];

  /** @param atOnce how many clients can be under way at the same time. */
  constructor(save: StepContext['savePending'], atOnce: number) {
    this.#save = save;
    this.#free = Array.from({ length: atOnce }, (_, index) => index + 1);
  }

  /** Does work that saves what is pending of a client. @throws what the work throws, or Error if the state cannot be written. */
  async within<Result>(clientId: string, work: (saves: Saves) => Promise<Result>): Promise<Result> {
    const place = this.#free.shift() ?? 0;
    let pending: PendingClient = { clientId, marks: [], unfinished: '' };
    const save = (change: Partial<PendingClient>) => {
      pending = { ...pending, ...change };
      this.#save(place, isNothing(pending) ? [] : [pending]);
    };
    try {
      return await work({
        savePendingMarks: marks => save({ marks }),
        saveUnfinished: unfinished => save({ unfinished }),
      });
    } finally {
      this.#free.push(place);
      if (!isNothing(pending) && this.#left.length < MAX_LEFT) {
        this.#left.push(pending);
        this.#save(0, this.#left);
        this.#save(place, []);
      }
    }
  }
}

function isNothing({ marks, unfinished }: PendingClient): boolean {
  return marks.length === 0 && unfinished === '';
}
