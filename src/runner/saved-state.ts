import { getState } from '@actions/core';
import {
  MARKS,
  type PendingClient,
  type PendingState,
  parseStepRecord,
  readPendingState,
  type StepRecord,
  statesOfPlace,
} from '../inputs/saved-step.ts';
import { appendValues } from './command-files.ts';

/** The names of states. Those of pending secrets are in `saved-step.ts`. */
const UNFINISHED = 'unfinished';
const STEP = 'step';

/** What a step saves for its post step, which is another process. */
export class SavedState {
  /** How many places of pending clients the step has saved. */
  #places = 0;
  readonly #mask: (value: string) => void;

  /** @param mask hides a value in the log. */
  constructor(mask: (value: string) => void) {
    this.#mask = mask;
  }

  /**
   * Saves the marks of the secrets that the post step must revoke. Replaces what was saved before.
   *
   * @throws Error if the file of the runner cannot be written.
   */
  savePendingMarks(marks: readonly string[]): void {
    appendValues('GITHUB_STATE', { [MARKS]: JSON.stringify(marks) });
  }

  /**
   * Saves what is pending of some of the clients of a fleet. Replaces what this place held before. Each place is a state of
   * its own, so that what a run writes does not grow with the number of clients that are under way.
   *
   * @param place from 0.
   * @throws Error if the file of the runner cannot be written.
   */
  savePending(place: number, pending: readonly PendingClient[]): void {
    appendValues('GITHUB_STATE', statesOfPlace(place, pending, this.#places));
    this.#places = Math.max(this.#places, place + 1);
  }

  /** Reads the marks that the step saved, or what each place of a fleet holds. @throws Error if the state is something else. */
  readPending(): PendingState {
    return readPendingState(getState);
  }

  /**
   * Saves one sentence that says what the step leaves undone if it is killed now. `''` means nothing.
   *
   * @throws Error if the file of the runner cannot be written.
   */
  saveUnfinished(sentence: string): void {
    appendValues('GITHUB_STATE', { [UNFINISHED]: sentence });
  }

  /** Reads the sentence that the step saved. `''` means that the step was not killed, or left nothing undone. */
  readUnfinished(): string {
    return getState(UNFINISHED);
  }

  /**
   * Saves which client the step uses, and how it connects.
   *
   * @throws Error if the file of the runner cannot be written.
   */
  saveStep(record: StepRecord): void {
    for (const digest of Object.values(record.settings)) {
      // The debug log of the runner shows what is saved, and a digest can reveal a weak password.
      this.#mask(digest);
    }
    appendValues('GITHUB_STATE', { [STEP]: JSON.stringify(record) });
  }

  /** Reads which client the step used. @throws Error if the state does not contain that. */
  readStep(): StepRecord {
    const record = parseStepRecord(getState(STEP));
    if (!record) {
      throw new Error(`STATE_${STEP} does not contain the client of the step.`);
    }
    return record;
  }
}
