import type { ClientRequest } from '../../model/client.ts';
import { asFailure, messageOf, withAdvice } from '../../model/failure.ts';
import { type Target, targetInProse, targetLine } from '../../model/target.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/**
 * Reports targets whose secrets may stop working in this run, for example because it creates their client again, and that
 * no later run repairs: if the run ends before it has written them, the next run finds secrets that look young enough. The
 * failure then says how to repair them. If the step is killed, the post step says it.
 */
export class UnfinishedTargets {
  readonly #targets: readonly Target[];
  readonly #inputs: string;
  readonly #context: StepContext;
  #isSaved = false;

  constructor(targets: readonly Target[], ifExists: ClientRequest['ifExists'], context: StepContext) {
    this.#targets = targets;
    // The client may exist when the step runs again.
    this.#inputs = ifExists === 'fail' ? '`rotate: always` and `if-exists: adopt`' : '`rotate: always`';
    this.#context = context;
  }

  /** From here on, the secrets in the targets may not work. @throws Error if the file of the runner cannot be written. */
  begin(): void {
    if (this.#targets.length > 0) {
      this.#context.saveUnfinished(`The step was stopped before it finished. ${this.#advice(this.#targets)}`);
      this.#isSaved = true;
    }
  }

  /** The secrets in the targets work, or all targets are written. @throws Error if the file of the runner cannot be written. */
  end(): void {
    if (this.#isSaved) {
      this.#context.saveUnfinished('');
      this.#isSaved = false;
    }
  }

  /** Returns the failure of the run, with advice on how to repair the targets that were not written. */
  addAdvice(error: unknown, { written }: EnsureRecord): unknown {
    const left = this.#isSaved ? this.#targets.filter(target => !written.includes(targetLine(target))) : [];
    try {
      this.end();
    } catch (cause) {
      // The failure is more important. The post step then prints its message in addition.
      this.#context.log.warning(`Could not write the state file of the runner: ${messageOf(cause)}`, 'internal-error');
    }
    return left.length > 0 ? withAdvice(asFailure(error), this.#advice(left)) : error;
  }

  #advice(targets: readonly Target[]): string {
    const names = targets.map(targetInProse).join(', ');
    return `These targets may hold a secret that no longer works, and no later run can detect it: ${names}. Run this step once with ${this.#inputs}.`;
  }
}
