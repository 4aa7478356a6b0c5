import { Failure, quoted } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';
import { exactMilliseconds, type Moment, parseDuration, parseMoment } from '../model/time.ts';
import { DEFAULTS } from './defaults.ts';
import { type InputName, SECRET_INPUTS } from './names.ts';

/** What the workflow wrote. */
export interface Inputs {
  /** What it wrote for an input, or '' where it wrote nothing. */
  readInput(name: InputName): string;
  /** Hides the secrets among the inputs, wherever they were pasted to. */
  redact(text: string): string;
}

/**
 * Reads inputs as what they mean and gathers all that is wrong with them, so that a user learns of everything in one
 * run. Each method gives undefined where the input is not given or not usable.
 */
export class InputReader {
  readonly #inputs: Inputs;
  readonly #whySecretsAreEmpty: string;
  readonly #problems: string[] = [];
  #lacksSecret = false;

  /** @param whySecretsAreEmpty told where a secret input that the step needs is empty. */
  constructor(inputs: Inputs, whySecretsAreEmpty: string) {
    this.#inputs = inputs;
    this.#whySecretsAreEmpty = whySecretsAreEmpty;
  }

  /** Notes what is wrong with an input: what it got (never a secret) and what it takes. */
  reject(name: InputName, takes: string, got = this.#got(name)): undefined {
    this.#problems.push(`\`${name}\` got ${got}: ${takes}`);
    this.#lacksSecret ||= SECRET_INPUTS.includes(name) && !this.isSet(name);
    return undefined;
  }

  /** @throws Failure `invalid-input` that names everything refused so far. */
  assertAccepted(): void {
    if (this.#problems.length > 0) {
      const todo = this.#lacksSecret ? this.#whySecretsAreEmpty : '';
      throw new Failure('invalid-input', {
        operation: 'reading the inputs',
        reason: this.#problems.join('; '),
        advice: todo,
      });
    }
  }

  /** Whether the workflow gave the input. One left empty is one not given. */
  isSet(name: InputName): boolean {
    return this.#inputs.readInput(name).trim() !== '';
  }

  /** What the workflow gave, or else the default of the input. */
  text(name: InputName): string | undefined {
    return this.#inputs.readInput(name).trim() || DEFAULTS[name];
  }

  required(name: InputName, takes: string): string | undefined {
    return this.text(name) ?? this.reject(name, takes);
  }

  secret(name: InputName): Secret | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : new Secret(value);
  }

  /** One of the choices. Where it is refused the first one stands in, as `assertAccepted` stops the step anyway. */
  choice<Choice extends string>(name: InputName, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.text(name);
    const choice = choices.find(candidate => candidate === value);
    return choice ?? this.reject(name, `it takes ${alternatives(choices)}`) ?? choices[0];
  }

  /** `true` and `false` in the spellings of YAML 1.2's core schema. */
  boolean(name: InputName): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) {
      return undefined;
    }
    if (['true', 'True', 'TRUE'].includes(value)) {
      return true;
    }
    return ['false', 'False', 'FALSE'].includes(value) ? false : this.reject(name, 'it takes true or false');
  }

  /** A boolean input that has a default. */
  flag(name: InputName): boolean {
    return this.boolean(name) ?? false;
  }

  /** The items of a list, parted by line breaks or by what `separator` matches. Repeated items are refused. */
  list(name: InputName, separator = /\r?\n/u): readonly string[] | undefined {
    if (!this.isSet(name)) {
      return undefined;
    }
    const items = this.#inputs
      .readInput(name)
      .split(separator)
      .map(item => item.trim())
      .filter(item => item !== '');
    if (items.length === 0) {
      return this.reject(name, 'it takes at least one item; leave it out for none');
    }
    const repeated = items.find((item, index) => items.indexOf(item) !== index);
    return repeated === undefined
      ? Object.freeze(items)
      : this.reject(name, 'it takes each item once', `${this.quote(repeated)} twice`);
  }

  /** A length of time in milliseconds within the bounds. */
  milliseconds(name: InputName, least: number, most: number, takes: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) {
      return undefined;
    }
    const duration = parseDuration(value);
    const length = duration && exactMilliseconds(duration);
    return length !== undefined && length >= least && length <= most ? length : this.reject(name, takes);
  }

  /** A whole number within the bounds. Where it is refused the least one stands in, as `assertAccepted` stops the step. */
  count(name: InputName, least: number, most: number): number {
    const value = this.text(name) ?? '';
    const count = /^\d{1,9}$/u.test(value) ? Number(value) : Number.NaN;
    return count >= least && count <= most
      ? count
      : (this.reject(name, `it takes a whole number from ${least} to ${most}`) ?? least);
  }

  moment(name: InputName, takes: string): Moment | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : (parseMoment(value) ?? this.reject(name, takes));
  }

  /** A value in quotes, without the user info of a URL, which may be a password, and without secrets. */
  quote(value: string): string {
    return quoted(this.#inputs.redact(value).replace(/^([^/]*\/\/)[^/]*@/u, '$1***@'));
  }

  #got(name: InputName): string {
    const value = this.#inputs.readInput(name);
    if (value.trim() === '') {
      return 'nothing';
    }
    return SECRET_INPUTS.includes(name) ? 'a value (secret, not shown)' : this.quote(value);
  }
}

function alternatives(choices: readonly string[]): string {
  return choices.length > 1 ? `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}` : String(choices[0]);
}
