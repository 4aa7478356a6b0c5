import { closeSync, constants, openSync } from 'node:fs';
import * as core from '@actions/core';
import type { Ledger } from '../apply/ledger.ts';
import { Failure, type FailureParts, messageOf, oneLine } from '../failure.ts';
import type { Log } from '../log.ts';
import { INPUTS, type InputName } from '../request/inputs.ts';
import { Secret } from '../secret.ts';
import { leftOut, type OutputName, outputsOf } from './outputs.ts';
import { Redactor, secretForms } from './redactor.ts';

/** The name that the runner keeps the marks under, from the step to its post step. */
const MARKS = 'marks';

/** The runner: the only place that knows @actions/core. Whatever it prints has passed the redactor. */
export class Report implements Log {
  readonly #redactor = new Redactor();

  /** What the workflow gave for an input, as it is. */
  readInput(name: InputName): string {
    return core.getInput(name, { trimWhitespace: false });
  }

  /** Masks every secret input, so that no later line can show one. */
  protectInputs(): void {
    for (const name of Object.keys(INPUTS) as InputName[]) {
      const value = INPUTS[name].secret ? this.readInput(name).trim() : '';
      if (value) {
        this.protect(new Secret(value));
      }
    }
  }

  protect(secret: Secret): void {
    this.#redactor.protect(secret);
    for (const form of secretForms(secret)) {
      core.setSecret(form);
    }
  }

  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  info(line: string): void {
    core.info(this.#safe(line));
  }

  warning(line: string): void {
    core.warning(this.#safe(line));
  }

  debug(line: string): void {
    core.debug(this.#safe(line));
  }

  /**
   * Makes sure that outputs and state can be written before there is anything to lose. Without the runner's files they
   * would be printed to the log instead.
   *
   * @throws Failure `internal-error`
   */
  assertFilesWritable(): void {
    assertWritable('GITHUB_OUTPUT');
    assertWritable('GITHUB_STATE');
  }

  /**
   * Sets every output but the secret one, on success and on failure alike.
   *
   * @throws Error where the runner's file cannot be written.
   */
  setOutputs(ledger: Ledger, failure: Failure | undefined): void {
    for (const [name, value] of Object.entries(outputsOf(ledger))) {
      core.setOutput(name, this.#redactor.redact(value));
    }
    core.setOutput('error-code' satisfies OutputName, failure?.code ?? '');
    const missing = leftOut(ledger);
    if (missing !== undefined) {
      this.warning(missing);
    }
  }

  /**
   * Notes which secrets the post step is to delete, by their marks: never a value. What was noted before is forgotten.
   *
   * @throws Error where the runner's file cannot be written.
   */
  saveMarks(marks: readonly string[]): void {
    core.saveState(MARKS, JSON.stringify(marks));
  }

  /** The marks that the step noted last, for the post step. */
  readMarks(): readonly string[] {
    const saved = core.getState(MARKS);
    const marks: unknown = saved === '' ? [] : JSON.parse(saved);
    return Array.isArray(marks) ? marks.filter(mark => typeof mark === 'string') : [];
  }

  /** Sets the one output that is a secret. @throws Error where the runner's file cannot be written. */
  setSecretOutput(secret: Secret): void {
    core.setOutput('client-secret', secret.reveal());
  }

  /** Adds Markdown to the job summary. A summary that cannot be written is a warning: nothing depends on it. */
  async addSummary(markdown: string): Promise<void> {
    try {
      await core.summary.addRaw(this.#redactor.redact(markdown), true).write();
    } catch (error) {
      this.warning(`The job summary could not be written: ${messageOf(error)}`);
    }
  }

  /** Fails the step with one line. The chain of causes goes to the debug log. */
  fail(failure: Failure): void {
    for (let cause = failure.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
      this.debug(`Caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
    }
    core.setFailed(this.#safe(`[${failure.code}] ${failure.message}`));
  }

  /** Fails a step that got no further than its inputs: all that it has to tell is why. */
  refuse(failure: Failure): void {
    this.fail(failure);
    try {
      assertWritable('GITHUB_OUTPUT');
    } catch {
      // The line above says all that there is to say, and without the file core would print the output to the log.
      return;
    }
    core.setOutput('error-code', failure.code);
  }

  /** The runner takes `##[name]` for a command wherever it stands in a line, and a name in Vantage may hold it. */
  #safe(line: string): string {
    return this.#redactor.redact(oneLine(line)).replaceAll('##[', '## [');
  }
}

function assertWritable(variable: 'GITHUB_OUTPUT' | 'GITHUB_STATE'): void {
  try {
    // For appending, as a write will: that is refused to a directory as well.
    closeSync(openSync(process.env[variable] ?? '', constants.O_WRONLY | constants.O_APPEND));
  } catch (cause) {
    throw new Failure(
      'internal-error',
      {
        what: `looking for the ${variable === 'GITHUB_OUTPUT' ? 'output' : 'state'} file of the runner`,
        ...(isDenied(cause) ? denied(variable) : noFile(variable)),
      },
      { cause },
    );
  }
}

function isDenied(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'EACCES' || cause.code === 'EPERM');
}

/** The runner makes the files as its own user; a container may run the step as another. Windows knows no user ids. */
function denied(variable: string): Pick<FailureParts, 'why' | 'todo'> {
  const user = process.getuid ? `user ${process.getuid()}` : 'the user of the step';
  return {
    why: `${user} may not write the file that ${variable} names: permission denied`,
    todo: 'Nothing was sent. A container job with `options: --user` needs access to the files of the runner: name the user id of the runner there (1001 on those of GitHub), or root.',
  };
}

function noFile(variable: string): Pick<FailureParts, 'why' | 'todo'> {
  return {
    why: `${variable} does not name a file that can be written`,
    todo: 'Nothing was sent. Run the action in a workflow.',
  };
}
