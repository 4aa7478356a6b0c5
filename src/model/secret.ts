import { inspect } from 'node:util';

/**
 * A value that must not be printed. It shows itself as `***` wherever it is turned into text by accident: in a
 * template, in JSON, in `console.log`. Only `reveal` gives the value, so every use of it can be found by name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}
