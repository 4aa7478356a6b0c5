import { ExitCode, getInput } from '@actions/core';
import { type InputName, SECRET_INPUTS } from '../inputs/names.ts';
import { RefusedInputs } from '../inputs/problem.ts';
import { noWorkflow } from '../inputs/workflow-run.ts';
import { type Failure, messageOf, oneLine } from '../model/failure.ts';
import type { Log, WarningTopic } from '../model/log.ts';
import type { WorkflowContext } from '../model/request.ts';
import { Secret } from '../model/secret.ts';
import { masksOf } from '../redaction/masks.ts';
import { Redactor } from '../redaction/redactor.ts';
import type { ReportOutput } from '../report/outputs.ts';
import type { IssuedToken } from '../vantage/token-answers.ts';
import { appendToFile, appendValues, assertWritable } from './command-files.ts';
import { SavedState } from './saved-state.ts';
import { type Print, print, workflowCommand } from './workflow-commands.ts';

/** The runner. Only this folder uses @actions/core and @actions/github. Redacts everything that it prints. */
export class ActionsRunner implements Log {
  /** What the step saves for its post step. */
  readonly state: SavedState;
  readonly #redactor = new Redactor();
  #print: Print;

  /** @param printTo where the log goes. */
  constructor(printTo = print) {
    this.#print = printTo;
    this.state = new SavedState(value => this.#mask([value]));
  }

  readInput(name: InputName): string {
    return getInput(name, { trimWhitespace: false });
  }

  /**
   * Reads what the runner reports of the run. Loads the code on demand, because it throws if the event is not JSON.
   *
   * @throws Failure `invalid-input` if the action does not run in a workflow.
   */
  async readContext(): Promise<WorkflowContext> {
    try {
      return (await import('./workflow-context.ts')).readContext();
    } catch (cause) {
      const variables = 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not as a runner sets it';
      throw noWorkflow(`${variables}, or the file of GITHUB_EVENT_PATH is not JSON`, cause);
    }
  }

  /** Masks every secret input in all later lines of the log. */
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
    this.#mask(masksOf(secret));
  }

  retireSecret(secret: Secret): void {
    this.#redactor.retireSecret(secret);
  }

  redact(text: string): string {
    return this.#redactor.redact(text);
  }

  redactValue(value: string): string {
    return this.#redactor.redactValue(value);
  }

  info(line: string): void {
    this.#print(this.#safe(line));
  }

  infoAtOnce(line: string): void {
    this.info(line);
  }

  warning(line: string, topic?: WarningTopic): void {
    const title = topic === undefined ? 'Vantage' : `Vantage: ${topic}`;
    this.#print(workflowCommand('warning', this.#safe(line), { title }));
  }

  debug(line: string): void {
    this.#print(workflowCommand('debug', this.#safe(line)));
  }

  group(title: string, print: () => void): void {
    const outside = this.#print;
    const lines = [workflowCommand('group', this.#safe(title))];
    this.#print = (...more) => lines.push(...more);
    try {
      print();
    } finally {
      this.#print = outside;
      // One write to the log instead of one for each line.
      outside(...lines, workflowCommand('endgroup'));
    }
  }

  /** Checks that outputs and state can be written. @throws Failure `internal-error` */
  assertFilesWritable(): void {
    assertWritable('GITHUB_OUTPUT');
    assertWritable('GITHUB_STATE');
  }

  /** Sets outputs that are not secret. Does not redact them. @throws Error if the file of the runner cannot be written. */
  setOutputs(outputs: Partial<Record<ReportOutput, string>>): void {
    appendValues('GITHUB_OUTPUT', outputs);
  }

  /** @throws Error if the file of the runner cannot be written. */
  setSecretOutput(secret: Secret): void {
    appendValues('GITHUB_OUTPUT', { 'client-secret': secret.reveal() });
  }

  /** Outputs an access token of the client. @throws Error if the file of the runner cannot be written. */
  setAccessTokenOutput({ token, expiration }: IssuedToken): void {
    appendValues('GITHUB_OUTPUT', {
      'client-access-token': token.reveal(),
      'client-access-token-expiration': expiration?.toISOString() ?? '',
    });
  }

  /** Adds Markdown to the job summary. Warns if the summary cannot be written, because nothing depends on it. */
  addSummary(markdown: string): void {
    try {
      appendToFile('GITHUB_STEP_SUMMARY', `${this.#redactor.redact(markdown)}\n`);
    } catch (error) {
      this.warning(`Cannot write the job summary: ${messageOf(error)}`, 'outputs');
    }
  }

  /**
   * Fails the step with one line. The line begins with the code, because the log does not show the title of an annotation.
   * Writes the chain of causes to the debug log.
   */
  fail(failure: Failure): void {
    for (let cause = failure.cause; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined) {
      this.debug(`Caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
    }
    process.exitCode = ExitCode.Failure;
    const text = this.#safe(`[${failure.code}] ${failure.message}`);
    // It says which action of the job reports the error.
    const title = `Vantage: ${failure.code}`;
    // Where GitHub shows the annotation, in a pull request too.
    const place = failure instanceof RefusedInputs ? failure.place : undefined;
    const file = place && this.#redactor.redact(place.file);
    this.#print(workflowCommand('error', text, { title, file, line: place?.line, col: place?.column }));
  }

  /** Fails a step whose inputs are wrong. Sets no output but the error code. */
  rejectInputs(failure: Failure): void {
    this.fail(failure);
    try {
      appendValues('GITHUB_OUTPUT', { 'error-code': failure.code });
    } catch (error) {
      // The failure may be that very file, which then says so itself.
      this.debug(`Cannot write the outputs: ${messageOf(error)}`);
    }
  }

  #mask(values: Iterable<string>): void {
    this.#print(...Array.from(values, value => workflowCommand('add-mask', value)));
  }

  /** The runner treats `##[name]` anywhere in a line as a command, and a name in Vantage may contain it. */
  #safe(line: string): string {
    return this.#redactor.redact(oneLine(line)).replaceAll('##[', '## [');
  }
}
