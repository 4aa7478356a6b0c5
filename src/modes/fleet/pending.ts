import type { PendingClient } from '../../inputs/saved-pending.ts';
import type { StepContext } from '../step-context.ts';

/** How many clients that have ended and left something pending are kept for the post step. The log names all of them. */
const MAX_LEFT = 200;

/**
 * The longest state of a place, in characters. The post step gets each state as a variable of its environment. One of more
 * than 32,767 characters on Windows, or 128 KiB on Linux, would keep it from starting.
 */
const MAX_CHARACTERS = 30_000;

/** What is pending of one client. */
export type Saves = Pick<StepContext, 'savePendingMarks' | 'saveUnfinished'>;

/**
 * Saves what is pending of the clients of a fleet. Each client that is under way has a place of its own, and those that
 * ended and left something share the first one, and further ones once that is full.
 */
export class PendingClients {
  readonly #save: StepContext['savePending'];
  readonly #free: number[];
  /** Those that ended and left something, in the place that is not full. */
  #left: { readonly place: number; readonly clients: readonly PendingClient[] } = { place: 0, clients: [] };
  #leftCount = 0;
  #nextPlace: number;

  /** @param atOnce how many clients can be under way at the same time. */
  constructor(save: StepContext['savePending'], atOnce: number) {
    this.#save = save;
    this.#free = Array.from({ length: atOnce }, (_, index) => index + 1);
    this.#nextPlace = atOnce + 1;
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
      if (!isNothing(pending) && this.#leftCount < MAX_LEFT) {
        this.#keep(pending);
        this.#save(place, []);
      }
    }
  }

  #keep(pending: PendingClient): void {
    const clients = [...this.#left.clients, pending];
    const isFull = JSON.stringify(clients).length > MAX_CHARACTERS;
    if (isFull) {
      this.#left = { place: this.#nextPlace, clients: [pending] };
      this.#nextPlace += 1;
    } else {
      this.#left = { ...this.#left, clients };
    }
    this.#leftCount += 1;
    this.#save(this.#left.place, this.#left.clients);
  }
}

function isNothing({ marks, unfinished }: PendingClient): boolean {
  return marks.length === 0 && unfinished === '';
}
