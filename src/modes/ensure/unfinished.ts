import type { ClientRequest } from '../../model/client.ts';
import { asFailure, messageOf, withAdvice } from '../../model/failure.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/**
 * Watches over the targets that no later run can judge. Their secrets may stop working in this run: their client is
 * created anew, say. If the run then ends before it has written them all, the next one finds secrets that are young
 * enough, and does nothing. So whoever reads of the failure learns what repairs it; where the step is killed, the post
 * step says it.
 */
export class Unfinished {
  readonly #targets: readonly string[];
  readonly #inputs: string;
  readonly #context: StepContext;
  #isNoted = false;

  /** @param targets as `targetLine` names them. */
  constructor(targets: readonly string[], ifExists: ClientRequest['ifExists'], context: StepContext) {
    this.#targets = targets;
    // The client may be there by then.
    this.#inputs = ifExists === 'fail' ? '`rotate: always` and `if-exists: adopt`' : '`rotate: always`';
    this.#context = context;
  }

  /** From here on, what the targets hold may not work any more. @throws Error where the runner's file cannot be written. */
  begin(): void {
    if (this.#targets.length > 0) {
      this.#context.saveUnfinished(`The step was ended before it was done. ${this.#repair(this.#targets)}`);
      this.#isNoted = true;
    }
  }

  /** It turned out that it works, or that nothing is left to write. */
  end(): void {
    if (this.#isNoted) {
      this.#context.saveUnfinished('');
      this.#isNoted = false;
    }
  }

  /** The failure of the run, with what repairs the targets that it did not write. */
  failure(error: unknown, { written }: EnsureRecord): unknown {
    const left = this.#isNoted ? this.#targets.filter(line => !written.includes(line)) : [];
    try {
      this.end();
    } catch (cause) {
      // The failure is worth more, and the post step then says the same once more.
      this.#context.log.warning(`The runner's file of states could not be written: ${messageOf(cause)}`);
    }
    return left.length > 0 ? withAdvice(asFailure(error), this.#repair(left)) : error;
  }

  #repair(targets: readonly string[]): string {
    return `These targets may hold a secret that no longer works, and no later run can tell: ${targets.join(', ')}. Run this step once with ${this.#inputs}.`;
  }
}
