import { getState } from '@actions/core';
import {
  MARKS,
  type PendingClient,
  type PendingState,
  parseStepRecord,
  readPendingState,
  STEP,
  type StepRecord,
  statesOfPlace,
} from '../inputs/saved-step.ts';
import { appendValues } from './command-files.ts';

const UNFINISHED = 'unfinished';

/**
 * What a step saves for its post step, which is another process. What is saved replaces what was saved before. A method
 * throws an Error if the file of the runner cannot be written, or if a state is something else than what the step saves.
 */
export class SavedState {
  /** How many places of pending clients the step has saved. */
  #places = 0;
  readonly #mask: (value: string) => void;

  /** @param mask hides a value in the log. */
  constructor(mask: (value: string) => void) {
    this.#mask = mask;
  }

  /** Saves the marks of the secrets that the post step must revoke. */
  savePendingMarks(marks: readonly string[]): void {
    appendValues('GITHUB_STATE', { [MARKS]: JSON.stringify(marks) });
  }

  /**
   * Saves what is pending of some of the clients of a fleet. Each place is a state of its own, so that what a run writes does
   * not grow with the number of clients that are under way.
   *
   * @param place from 0.
   */
  savePending(place: number, pending: readonly PendingClient[]): void {
    appendValues('GITHUB_STATE', statesOfPlace(place, pending, this.#places));
    this.#places = Math.max(this.#places, place + 1);
  }

  readPending(): PendingState {
    return readPendingState(getState);
  }

  /** Saves one sentence that says what the step leaves undone if it is killed now. `''` means nothing. */
  saveUnfinished(sentence: string): void {
    appendValues('GITHUB_STATE', { [UNFINISHED]: sentence });
  }

  readUnfinished(): string {
    return getState(UNFINISHED);
  }

  saveStep(record: StepRecord): void {
    for (const digest of Object.values(record.settings)) {
      // The debug log of the runner shows what is saved, and a digest can reveal a weak password.
      this.#mask(digest);
    }
    appendValues('GITHUB_STATE', { [STEP]: JSON.stringify(record) });
  }

  readStep(): StepRecord {
    return parseStepRecord(getState(STEP));
  }
}
