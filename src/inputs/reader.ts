import { quoted } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';
import { exactMilliseconds, parseDuration } from '../model/time.ts';
import { DEFAULTS } from './defaults.ts';
import { type InputName, SECRET_INPUTS } from './names.ts';
import { anyOf, type Problem, problemText, RefusedInputs } from './problem.ts';
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

/**
 * Reads and checks inputs, and collects everything that is wrong with them, so that users see all of it after one run. A
 * method returns `undefined` if the input is not set and has no default, or if its value is rejected.
 */
export class InputReader {
  readonly source: Inputs;
  /** Every problem so far. */
  readonly problems: Problem[] = [];
  readonly #whySecretsAreEmpty: string;

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
   * @param expected what is expected, or what is wrong.
   * @param more what to show in place of the whole value. No value of a secret input is shown.
   */
  reject(input: InputName, expected: string, more: Pick<Problem, 'item' | 'found' | 'line'> = {}): undefined {
    this.problems.push({ input, name: this.nameOf(input), found: this.#state(input), expected, ...more });
    return undefined;
  }

  /** Whether an input has a problem so far. */
  isRejected(name: InputName): boolean {
    return this.problems.some(({ input }) => input === name);
  }

  /** Rejects an item of a list. @param further what is wrong with it, after its quotes. */
  rejectItem(name: InputName, reason: string, item: string, further = ''): undefined {
    return this.reject(name, reason, { item, found: `contains ${this.quote(item)}${further}` });
  }

  /** Adds a problem that another reader found, unless this reader has it already. */
  adopt(problem: Problem): void {
    const text = problemText(problem);
    if (!this.problems.some(known => problemText(known) === text)) {
      this.problems.push(problem);
    }
  }

  /** @throws Failure `invalid-input` with every problem so far, if there is any. */
  assertAccepted(): void {
    if (this.problems.length > 0) {
      throw new RefusedInputs(this.problems, this.#whyEmpty());
    }
  }

  #whyEmpty(): string {
    const empty = this.problems.flatMap(({ input }) => (input === undefined || this.isSet(input) ? [] : [input]));
    if (empty.some(input => SECRET_INPUTS.includes(input))) {
      return this.#whySecretsAreEmpty;
    }
    return empty.some(input => VARIABLES.includes(input)) ? WHY_VALUES_ARE_EMPTY : '';
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

  /** Whether the workflow sets the input to more than white space. */
  isSet(name: InputName): boolean {
    return this.source.readInput(name).trim() !== '';
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

  /** The trimmed value, or the default of the input. */
  text(name: InputName): string | undefined {
    return this.source.readInput(name).trim() || DEFAULTS[name];
  }

  required(name: InputName, reason: string): string | undefined {
    return this.text(name) ?? this.reject(name, reason);
  }

  /** What `parse` makes of the value. Rejects a value that it makes nothing of. */
  parsed<Result>(name: InputName, parse: (text: string) => Result | undefined, reason: string): Result | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : (parse(text) ?? this.reject(name, reason));
  }

  /** A text without line breaks and other control characters. */
  line(name: InputName): string | undefined {
    const parse = (text: string) => (/\p{Cc}/u.test(text) ? undefined : text);
    return this.parsed(name, parse, 'expected one line without control characters');
  }

  secret(name: InputName): Secret | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : new Secret(value);
  }

  /** One of the choices. For a rejected value it returns the first choice, because `assertAccepted` stops the step. */
  choice<Choice extends string>(name: InputName, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.text(name);
    const choice = choices.find(candidate => candidate === value);
    if (choice === undefined) {
      this.reject(name, `expected ${anyOf(choices)}`);
    }
    return choice ?? choices[0];
  }

  /** Accepts the spellings of the YAML 1.2 core schema. */
  boolean(name: InputName): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) {
      return undefined;
    }
    if (['true', 'True', 'TRUE'].includes(value)) {
      return true;
    }
    return ['false', 'False', 'FALSE'].includes(value) ? false : this.reject(name, 'expected true or false');
  }

  /** A boolean input that has a default. */
  flag(name: InputName): boolean {
    return this.boolean(name) ?? false;
  }

  /** The items of a list, separated by line breaks or by what `separator` matches. Rejects repeated items. */
  list(name: InputName, separator = /\r?\n/u): readonly string[] | undefined {
    if (!this.isSet(name)) {
      return undefined;
    }
    const items = this.source.readItems?.(name) ?? itemsOf(this.source.readInput(name), separator);
    if (items.length === 0) {
      return this.reject(name, 'expected at least one item, or an empty input for none');
    }
    const repeated = items.length > new Set(items).size && items.find((item, at) => items.indexOf(item) !== at);
    return repeated === false || repeated === undefined
      ? Object.freeze(items)
      : this.rejectItem(name, 'expected each item once', repeated, ' twice');
  }

  /** The milliseconds of a duration within the bounds, without months and years, whose length varies. */
  milliseconds(name: InputName, min: number, max: number, reason: string): number | undefined {
    const parse = (text: string) => {
      const duration = parseDuration(text);
      const length = duration && exactMilliseconds(duration);
      return length !== undefined && length >= min && length <= max ? length : undefined;
    };
    return this.parsed(name, parse, reason);
  }

  /** An integer within the bounds. For a rejected value it returns `min`, because `assertAccepted` stops the step. */
  count(name: InputName, min: number, max: number): number {
    const value = this.text(name) ?? '';
    const count = /^\d{1,9}$/u.test(value) ? Number(value) : Number.NaN;
    return count >= min && count <= max
      ? count
      : (this.reject(name, `expected an integer from ${min} to ${max}`) ?? min);
  }
}

function itemsOf(text: string, separator: RegExp): readonly string[] {
  return text
    .split(separator)
    .map(item => item.trim())
    .filter(item => item !== '');
}

/** Whether the workflow wants a job summary, also if other inputs are wrong. A value that is no boolean counts as yes. */
export function wantsSummary(inputs: Inputs): boolean {
  return new InputReader(inputs, '').boolean('summary') !== false;
}
