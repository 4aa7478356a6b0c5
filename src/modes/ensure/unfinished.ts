import type { ClientRequest } from '../../model/client.ts';
import { asFailure, messageOf, withAdvice } from '../../model/failure.ts';
import { type Target, targetInProse, targetLine } from '../../model/target.ts';
import type { StepContext } from '../step-context.ts';
import type { CreatedSecret } from './create-secret.ts';
import { describeSecret } from './pending-secret.ts';
import type { EnsureRecord } from './record.ts';

/**
 * What a run leaves undone if it ends now, and how to repair it. The failure of the run says it. If the step is killed, the
 * post step says it. There are two kinds:
 *
 * - Targets whose secrets may stop working in this run, for example because it creates their client again, and that no later
 *   run repairs, because it finds secrets that look young enough.
 * - A new secret that a target may store, so that the post step must not revoke it.
 *
 * Methods throw an Error if the file of the runner cannot be written.
 */
export class Unfinished {
  readonly #targets: readonly Target[];
  readonly #inputs: string;
  readonly #context: StepContext;
  #targetsMayFail = false;
  #delivery = '';

  constructor(targets: readonly Target[], ifExists: ClientRequest['ifExists'], context: StepContext) {
    this.#targets = targets;
    // The client may exist when the step runs again.
    this.#inputs = ifExists === 'fail' ? '`rotate: always` and `if-exists: adopt`' : '`rotate: always`';
    this.#context = context;
  }

  /** From here on, the secrets in the targets may not work. */
  begin(): void {
    if (this.#targets.length > 0) {
      this.#targetsMayFail = true;
      this.#save();
    }
  }

  /** From here on, a target may store the new secret. */
  beginDelivery(created: CreatedSecret, clientId: string): void {
    this.#delivery = `If no target stores the new secret, delete it in Vantage: ${describeSecret(created, clientId)}`;
    this.#save();
  }

  /** The secrets in the targets work, or all targets are written. */
  end(): void {
    if (this.#targetsMayFail || this.#delivery !== '') {
      this.#targetsMayFail = false;
      this.#delivery = '';
      this.#save();
    }
  }

  /** Returns the failure of the run, with advice on how to repair the targets that were not written. */
  addAdvice(error: unknown, { written }: EnsureRecord): unknown {
    const left = this.#targetsMayFail ? this.#targets.filter(target => !written.includes(targetLine(target))) : [];
    try {
      this.end();
    } catch (cause) {
      // The failure is more important. The post step then prints its message in addition.
      this.#context.log.warning(`Could not write the state file of the runner: ${messageOf(cause)}`, 'internal-error');
    }
    return left.length > 0 ? withAdvice(asFailure(error), this.#advice(left)) : error;
  }

  #save(): void {
    const advice = [this.#targetsMayFail ? this.#advice(this.#targets) : '', this.#delivery].filter(Boolean).join(' ');
    this.#context.saveUnfinished(advice === '' ? '' : `The step was stopped before it finished. ${advice}`);
  }

  #advice(targets: readonly Target[]): string {
    const names = targets.map(targetInProse).join(', ');
    return `These targets may hold a secret that no longer works, and no later run can detect it: ${names}. Run this step once with ${this.#inputs}.`;
  }
}
