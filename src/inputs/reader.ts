import { Secret } from '../model/secret.ts';
import { exactMilliseconds, type Moment, parseDuration, parseMoment } from '../model/time.ts';
import type { InputName } from './names.ts';
import { anyOf } from './problem.ts';
import { type Inputs, InputTexts } from './texts.ts';

/**
 * Reads and checks inputs. A method returns `undefined` if the input is not set and has no default, or if its value is
 * rejected.
 */
export class InputReader extends InputTexts {
  /** A text without line breaks and other control characters. */
  line(name: InputName): string | undefined {
    const value = this.text(name);
    return value !== undefined && /\p{Cc}/u.test(value)
      ? this.reject(name, 'expected one line without control characters')
      : value;
  }

  required(name: InputName, reason: string): string | undefined {
    return this.text(name) ?? this.reject(name, reason);
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
    const value = this.text(name);
    if (value === undefined) {
      return undefined;
    }
    const duration = parseDuration(value);
    const length = duration && exactMilliseconds(duration);
    return length !== undefined && length >= min && length <= max ? length : this.reject(name, reason);
  }

  /** An integer within the bounds. For a rejected value it returns `min`, because `assertAccepted` stops the step. */
  count(name: InputName, min: number, max: number): number {
    const value = this.text(name) ?? '';
    const count = /^\d{1,9}$/u.test(value) ? Number(value) : Number.NaN;
    return count >= min && count <= max
      ? count
      : (this.reject(name, `expected an integer from ${min} to ${max}`) ?? min);
  }

  moment(name: InputName, reason: string): Moment | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : (parseMoment(value) ?? this.reject(name, reason));
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
