import { quoted } from '../model/failure.ts';
import { DEFAULTS } from './defaults.ts';
import { type InputName, SECRET_INPUTS } from './names.ts';
import { type InputProblem, type Problem, problemText, RefusedInputs } from './problem.ts';
import { WHY_VALUES_ARE_EMPTY } from './workflow-run.ts';

/** The inputs whose values workflows usually take from variables. */
const VARIABLES: readonly InputName[] = ['base-url', 'tenant-id', 'auth-client-id', 'username'];

/** Where the texts of inputs come from. */
export interface Inputs {
  /** The value of an input as the runner passes it, or `''` if the input is not set. */
  readInput(name: InputName): string;
  /** The items of a list, or `undefined` if the input is not set. By default, they are in the text of the input. */
  readItems?(name: InputName): readonly string[] | undefined;
  /** How errors name an input. By default, by its name. */
  nameOf?(name: InputName): string;
  /** Hides the values of secret inputs in a text. */
  redact(text: string): string;
}

/** The texts of inputs, and everything that is wrong with them, so that users see all of it after one run. */
export class InputTexts {
  /** What the texts come from. */
  readonly source: Inputs;
  readonly #whySecretsAreEmpty: string;
  readonly #problems: Problem[] = [];
  #secretIsMissing = false;
  #variableIsMissing = false;

  /** @param whySecretsAreEmpty advice for a step that needs a secret input which is empty, in whole sentences. */
  constructor(source: Inputs, whySecretsAreEmpty: string) {
    this.source = source;
    this.#whySecretsAreEmpty = whySecretsAreEmpty;
  }

  /** How errors name an input. */
  nameOf(name: InputName): string {
    return this.source.nameOf?.(name) ?? name;
  }

  /**
   * Rejects the value of an input.
   *
   * @param reason what is expected, or what is wrong.
   * @param shown the value in quotes. By default the whole value, or no value for a secret input.
   */
  reject(name: InputName, reason: string, shown?: string): undefined {
    return this.#add({ input: name, found: shown ? `is ${shown}` : this.#state(name), expected: reason });
  }

  /** Rejects a value that contradicts another one. @param line both, as a part of the error line. */
  rejectPair(name: InputName, line: string, expected: string): undefined {
    return this.#add({ input: name, found: this.#state(name), expected, line });
  }

  /** Rejects a part of the value, described by `part`. */
  rejectPart(name: InputName, reason: string, part: string): undefined {
    return this.#add({ input: name, found: `contains ${part}`, expected: reason });
  }

  /** Rejects an item of a list. @param further what is wrong with it, after its quotes. */
  rejectItem(name: InputName, reason: string, item: string, further = ''): undefined {
    return this.#add({ input: name, item, found: `contains ${this.quote(item)}${further}`, expected: reason });
  }

  /** Adds a problem that another reader found, unless this reader has it already. */
  adopt(problem: Problem | InputProblem): void {
    if ('input' in problem) {
      this.#secretIsMissing ||= SECRET_INPUTS.includes(problem.input) && !this.isSet(problem.input);
    }
    const text = problemText(problem);
    if (!this.#problems.some(known => problemText(known) === text)) {
      this.#problems.push(problem);
    }
  }

  /** Every problem so far. */
  get problems(): readonly (Problem | InputProblem)[] {
    return this.#problems;
  }

  /** Whether an input has a problem so far. */
  isRejected(name: InputName): boolean {
    return this.#problems.some(problem => 'input' in problem && problem.input === name);
  }

  /** @throws Failure `invalid-input` with every problem so far, if there is any. */
  assertAccepted(): void {
    if (this.#problems.length > 0) {
      throw new RefusedInputs(this.#problems, this.#whyEmpty());
    }
  }

  /** Whether the workflow sets the input to more than white space. */
  isSet(name: InputName): boolean {
    return this.source.readInput(name).trim() !== '';
  }

  /** The trimmed value, or the default of the input. */
  text(name: InputName): string | undefined {
    return this.source.readInput(name).trim() || DEFAULTS[name];
  }

  /** Whether the value is the default. The runner does not tell whether the workflow sets it. */
  isDefault(name: InputName): boolean {
    return this.text(name) === DEFAULTS[name];
  }

  /** The value in quotes, without secrets and without the user information of a URL, which may contain a password. */
  quote(value: string): string {
    return quoted(this.source.redact(value).replace(/^([^/]*\/\/)[^/]*@/u, '$1***@'));
  }

  /** The value as errors show it, without quotes. */
  shown(name: InputName): string {
    return this.quote(this.text(name) ?? '').slice(1, -1);
  }

  #add(problem: InputProblem): undefined {
    const { input } = problem;
    this.#problems.push({ name: this.nameOf(input), ...problem });
    this.#secretIsMissing ||= SECRET_INPUTS.includes(input) && !this.isSet(input);
    this.#variableIsMissing ||= VARIABLES.includes(input) && !this.isSet(input);
    return undefined;
  }

  #whyEmpty(): string {
    if (this.#secretIsMissing) {
      return this.#whySecretsAreEmpty;
    }
    return this.#variableIsMissing ? WHY_VALUES_ARE_EMPTY : '';
  }

  #state(name: InputName): string {
    if (!this.isSet(name)) {
      return 'is empty';
    }
    if (SECRET_INPUTS.includes(name)) {
      return 'is set (value not shown)';
    }
    const byDefault = this.isDefault(name) ? ', the default' : '';
    return `is ${this.quote(this.source.readInput(name))}${byDefault}`;
  }
}
