import type { GitHub } from '../github/github.ts';
import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { asFailure, Failure, together } from '../model/failure.ts';
import type { Log } from '../model/log.ts';

/** Writes to GitHub and deletes there, one after the other, at the pace that GitHub allows. */
export class GitHubWriter {
  readonly github: GitHub;
  readonly deadline: Deadline;
  readonly log: Log;
  /** Of the writes that failed, in order. */
  readonly failures: Failure[] = [];
  /** The time for each write. */
  readonly budget: TimeBudget;

  /** @param budget by default, a write that is under way when the work ends has the time for cleaning up as well. */
  constructor(github: GitHub, deadline: Deadline, log: Log, budget = deadline.delivery) {
    this.github = github;
    this.deadline = deadline;
    this.log = log;
    this.budget = budget;
  }

  /** Does one write. A failure does not stop the next one. @returns the failure. Never throws. */
  async attempt(operation: string, write: () => Promise<void>): Promise<Failure | undefined> {
    const stopped = () => this.deadline.failure(operation, { service: 'GitHub' });
    let failure: Failure;
    try {
      if (await this.github.pace.turn(this.budget)) {
        await write();
        return undefined;
      }
      failure = stopped();
    } catch (error) {
      // If the step is stopped, what a write waits for ends with an error that is no failure.
      failure = this.budget.signal.aborted && !(error instanceof Failure) ? stopped() : asFailure(error);
    }
    this.failures.push(failure);
    return failure;
  }

  /** @throws Failure that names every write that failed, if one did. */
  assertWritten(operation: string): void {
    if (this.failures.length > 0) {
      throw together(operation, this.failures);
    }
  }
}
