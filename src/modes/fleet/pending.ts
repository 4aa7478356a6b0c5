import type { PendingClient } from '../../inputs/saved-step.ts';
import type { StepContext } from '../step-context.ts';

/** How many clients that have ended and left something pending are kept for the post step (docs/fleet.md). The log names all. */
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
  /** The places of clients that have ended. */
  readonly #free: number[] = [];
  /** Those that ended and left something, in the place that is not full. */
  #left: { readonly place: number; readonly clients: readonly PendingClient[] } = { place: 0, clients: [] };
  #leftCount = 0;
  #nextPlace = 1;

  constructor(save: StepContext['savePending']) {
    this.#save = save;
  }

  /** Does work that saves what is pending of a client. @throws what the work throws, or Error if the state cannot be written. */
  async within<Result>(clientId: string, work: (saves: Saves) => Promise<Result>): Promise<Result> {
    const place = this.#free.shift() ?? this.#newPlace();
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
    this.#left = isFull ? { place: this.#newPlace(), clients: [pending] } : { ...this.#left, clients };
    this.#leftCount += 1;
    this.#save(this.#left.place, this.#left.clients);
  }

  #newPlace(): number {
    this.#nextPlace += 1;
    return this.#nextPlace - 1;
  }
}

function isNothing({ marks, unfinished }: PendingClient): boolean {
  return marks.length === 0 && unfinished === '';
}
