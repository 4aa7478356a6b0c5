import { parseCommand, type WorkflowCommand } from './commands.ts';
import { Masker } from './masker.ts';

/** A message that GitHub shows on the page of the run, masked. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly title?: string;
  /** Where it is in a file of the repository, as `FILE:LINE:COLUMN`. */
  readonly place?: string;
}

/** Commands whose line is never repeated by `::echo::on`. */
const NOT_ECHOED = new Set(['add-mask', 'debug', 'error', 'notice', 'stop-commands', 'warning']);
const LABELS = { error: 'Error', warning: 'Warning', notice: 'Notice' } as const;

/** Interprets what a step prints, line by line, and keeps what the web page would show of it. */
export class StepLog {
  readonly annotations: Annotation[] = [];
  /** The values that the step itself asked to mask, in order. */
  readonly masks: string[] = [];
  /** Set by the deprecated `::set-output::` and `::save-state::`, which the runner still accepts. */
  readonly outputs: Record<string, string> = {};
  readonly state: Record<string, string> = {};
  /** Whether a command failed the step, whatever its exit code is. */
  failed = false;

  /** Other known commands, for problem matchers, do not change what is shown of such an action. */
  readonly #commands: Readonly<Record<string, (command: WorkflowCommand, line: string) => void>> = {
    'add-mask': ({ data }) => this.#addMask(data),
    debug: ({ data }) => {
      if (this.#showsDebug) this.#print(data.replace(/^/gm, '##[debug]'));
    },
    error: ({ data, properties }) => this.annotate('error', data, properties.title, placeOf(properties)),
    warning: ({ data, properties }) => this.annotate('warning', data, properties.title, placeOf(properties)),
    notice: ({ data, properties }) => this.annotate('notice', data, properties.title, placeOf(properties)),
    group: ({ data }) => {
      this.#inGroup = false;
      this.#print(`▼ ${data}`);
      this.#inGroup = true;
    },
    endgroup: () => {
      this.#inGroup = false;
    },
    echo: ({ data }) => {
      this.#echo = data.trim().toLowerCase() === 'on';
    },
    'stop-commands': ({ data }, line) => {
      this.#resumeToken = data;
      this.#print(line);
    },
    'set-output': command => this.#setDeprecated(this.outputs, command),
    'save-state': command => this.#setDeprecated(this.state, command),
    'set-env': ({ name }) => this.#refuse(name),
    'add-path': ({ name }) => this.#refuse(name),
  };
  readonly #lines: string[] = [];
  readonly #masker = new Masker();
  readonly #showsDebug: boolean;
  #inGroup = false;
  #echo = false;
  #resumeToken: string | undefined;

  /**
   * @param secrets values that the runner masks from the start, as it does for each `secrets.NAME` that a job uses
   * @param showsDebug whether `::debug::` is shown (RUNNER_DEBUG)
   */
  constructor(secrets: readonly string[], showsDebug: boolean) {
    for (const secret of secrets) this.#masker.add(secret);
    this.#showsDebug = showsDebug;
  }

  /** The log so far. Each line was masked when it arrived. */
  get text(): string {
    return this.#lines.map(line => `${line}\n`).join('');
  }

  mask(text: string): string {
    return this.#masker.mask(text);
  }

  /** Processes one line of stdout or stderr: the runner looks for commands in both. */
  take(line: string): void {
    const command = parseCommand(line, this.#resumeToken);
    if (this.#resumeToken !== undefined) {
      if (command?.name === this.#resumeToken) this.#resumeToken = undefined;
      this.#print(line);
    } else if (command === undefined) {
      this.#print(line);
    } else {
      this.#carryOut(command, line);
    }
  }

  /** An annotation: of the step, or of the runner about the step. */
  annotate(level: Annotation['level'], message: string, title?: string, place?: string): void {
    const masked = this.mask(message);
    this.annotations.push({
      level,
      message: masked,
      ...(title !== undefined && { title: this.mask(title) }),
      ...(place !== undefined && { place: this.mask(place) }),
    });
    this.#print(`${LABELS[level]}: ${masked}`);
  }

  /** An error that fails the step. */
  fail(message: string): void {
    this.failed = true;
    this.annotate('error', message);
  }

  #carryOut(command: WorkflowCommand, line: string): void {
    const name = command.name.toLowerCase();
    if (this.#echo && !NOT_ECHOED.has(name)) this.#print(line);
    this.#commands[name]?.(command, line);
  }

  #addMask(value: string): void {
    if (value.trim() === '') {
      this.annotate('warning', "Can't add secret mask for empty string in ##[add-mask] command.");
      return;
    }
    if (this.#echo) this.#print('::add-mask::***');
    this.masks.push(value);
    this.#masker.add(value);
  }

  #setDeprecated(values: Record<string, string>, { name, properties, data }: WorkflowCommand): void {
    if (properties.name === undefined) {
      this.fail(`Required field 'name' is missing in ##[${name}] command.`);
      return;
    }
    values[properties.name] = data;
    this.annotate('warning', `The \`${name}\` command is deprecated and will be disabled soon.`);
  }

  #refuse(name: string): void {
    this.fail(`The \`${name}\` command is disabled. Please upgrade to using Environment Files.`);
  }

  #print(text: string): void {
    const indent = this.#inGroup ? '  ' : '';
    for (const line of this.mask(text).split(/\r?\n/)) this.#lines.push(indent + line);
  }
}

function placeOf({ file, line, col }: Readonly<Record<string, string | undefined>>): string | undefined {
  return file === undefined ? undefined : [file, line, col].filter(Boolean).join(':');
}
