import { closeSync, constants, openSync } from 'node:fs';
import * as core from '@actions/core';
import { parseJson } from '../http/message.ts';
import { type InputName, SECRET_INPUTS } from '../inputs/names.ts';
import { parseStepRecord, type StepRecord } from '../inputs/saved-step.ts';
import { noWorkflow } from '../inputs/workflow-run.ts';
import { Failure, type FailureParts, messageOf, oneLine } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import { Secret } from '../model/secret.ts';
import { masksOf, Redactor } from '../redaction/redactor.ts';
import { leftOut, type OutputName, outputsOf } from '../report/outputs.ts';
import type { StepEnd } from '../report/results.ts';
import type { WorkflowContext } from './runner-context.ts';

/** The name that the runner keeps the marks under, from the step to its post step. */
const MARKS = 'marks';

/** The same for the sentence that says what a killed step left undone. */
const UNFINISHED = 'unfinished';

/** The same for what else the step tells it. */
const STEP = 'step';

/** The runner: the only place that knows @actions/core and @actions/github. Whatever it prints has passed the redactor. */
export class ActionsRunner implements Log {
  readonly #redactor = new Redactor();

  /** What the workflow gave for an input, as it is. */
  readInput(name: InputName): string {
    return core.getInput(name, { trimWhitespace: false });
  }

  /**
   * What the runner tells of the run. Begun only here, as what reads the event throws where that is no JSON.
   *
   * @throws Failure `invalid-input` where the action does not run in a workflow.
   */
  async readContext(): Promise<WorkflowContext> {
    try {
      // Every step needs it, so the bundler is to keep it in the same file.
      return (await import(/* webpackMode: "eager" */ './workflow-context.ts')).readContext();
    } catch (cause) {
      throw noWorkflow(
        'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not as a runner sets it, or the file of GITHUB_EVENT_PATH holds no JSON',
        cause,
      );
    }
  }

  /** Masks every secret input, so that no later line can show one. */
  maskInputs(): void {
    for (const name of SECRET_INPUTS) {
      const value = this.readInput(name).trim();
      if (value) {
        this.maskSecret(new Secret(value));
      }
    }
  }

  maskSecret(secret: Secret): void {
    this.#redactor.maskSecret(secret);
    for (const form of masksOf(secret)) {
      core.setSecret(form);
    }
  }

  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  redactValue(value: string): string {
    return this.#redactor.redactValue(value);
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
  setOutputs(end: StepEnd): void {
    // Not redacted as texts: that would break ids, and `changed` where a password is `true`.
    const hide = (value: string) => this.redactValue(value);
    for (const [name, value] of Object.entries(outputsOf(end, hide))) {
      core.setOutput(name, value);
    }
    core.setOutput('error-code' satisfies OutputName, end.failure?.code ?? '');
    const missing = leftOut(end, hide);
    if (missing !== undefined) {
      this.warning(missing);
    }
  }

  /**
   * Notes which secrets the post step is to delete, by their marks: never a value. What was noted before is forgotten.
   *
   * @throws Error where the runner's file cannot be written.
   */
  savePendingMarks(marks: readonly string[]): void {
    core.saveState(MARKS, JSON.stringify(marks));
  }

  /**
   * What the step noted last as its marks, for the post step: texts, of which any may be no mark.
   *
   * @throws Error where the state is no list of texts.
   */
  readPendingMarks(): readonly string[] {
    const saved = core.getState(MARKS);
    const marks: unknown = saved === '' ? [] : parseJson(saved);
    if (!Array.isArray(marks) || !marks.every(mark => typeof mark === 'string')) {
      throw new Error(`STATE_${MARKS} is no list of texts.`);
    }
    return marks;
  }

  /**
   * Notes what the step would leave undone if it were killed now, as one sentence; '' for nothing.
   *
   * @throws Error where the runner's file cannot be written.
   */
  saveUnfinished(sentence: string): void {
    core.saveState(UNFINISHED, sentence);
  }

  /** The sentence that the step noted last, for the post step; '' where it came to its own end. */
  readUnfinished(): string {
    return core.getState(UNFINISHED);
  }

  /**
   * Notes for the post step where the client of the step is.
   *
   * @throws Error where the runner's file cannot be written.
   */
  saveStep(record: StepRecord): void {
    for (const digest of Object.values(record.settings)) {
      // The debug log of the runner shows what is saved, and a weak password can be found by its digest.
      core.setSecret(digest);
    }
    core.saveState(STEP, JSON.stringify(record));
  }

  /** Where the client of the step is. @throws Error where the state does not say so. */
  readStep(): StepRecord {
    const record = parseStepRecord(core.getState(STEP));
    if (!record) {
      throw new Error(`STATE_${STEP} does not say where the client of the step is.`);
    }
    return record;
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
  rejectInputs(failure: Failure): void {
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
        operation: `looking for the ${variable === 'GITHUB_OUTPUT' ? 'output' : 'state'} file of the runner`,
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
function denied(variable: string): Pick<FailureParts, 'reason' | 'advice'> {
  const user = process.getuid ? `user ${process.getuid()}` : 'the user of the step';
  return {
    reason: `${user} may not write the file that ${variable} names: permission denied`,
    advice:
      'Nothing was sent. A container job with `options: --user` needs access to the files of the runner: name the user id of the runner there (1001 on those of GitHub), or root.',
  };
}

function noFile(variable: string): Pick<FailureParts, 'reason' | 'advice'> {
  return {
    reason: `${variable} does not name a file that can be written`,
    advice: 'Nothing was sent. Run the action in a workflow.',
  };
}
