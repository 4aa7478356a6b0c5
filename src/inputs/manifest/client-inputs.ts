import type { InputName } from '../names.ts';
import type { Inputs } from '../reader.ts';
import type { Entry, Values } from './entries.ts';
import { PATHS } from './keys.ts';
import type { Value } from './values.ts';

/** The inputs of the step that also apply to the clients of a manifest. */
const OF_STEP: readonly InputName[] = ['github-token', 'github-api-url', 'create-environments'];

/** What is stored next to a target. As a default, these do not apply to a client that has none. */
const NEXT_TO_TARGETS: readonly InputName[] = ['client-id-variable', 'expiration-variable'];

/** A client of a manifest, as if the step set its keys as inputs. */
export class ClientInputs implements Inputs {
  readonly #entry: Entry;
  readonly #defaults: Values;
  readonly #step: Inputs;

  constructor(entry: Entry, defaults: Values, step: Inputs) {
    this.#entry = entry;
    this.#defaults = defaults;
    this.#step = step;
  }

  readInput(name: InputName): string {
    if (OF_STEP.includes(name)) {
      return this.#step.readInput(name);
    }
    return name === 'output-secret' ? 'false' : (this.#valueOf(name)?.text ?? '');
  }

  readItems(name: InputName): readonly string[] | undefined {
    return this.#valueOf(name)?.items?.map(({ text }) => text);
  }

  nameOf(name: InputName): string {
    return PATHS.get(name) ?? name;
  }

  redact(text: string): string {
    return this.#step.redact(text);
  }

  /** The offset of a value, or of an item of it, and whether it is a default, which other clients may have as well. */
  placeOf(name: InputName, item?: string): { readonly at: number; readonly isDefault: boolean } {
    const value = this.#valueOf(name);
    const found = value?.items?.findLast(({ text }) => text === item) ?? value;
    return { at: found?.at ?? this.#entry.at, isDefault: value !== undefined && !this.#entry.values.has(name) };
  }

  /** How many characters the values of the client have, those of defaults and aliases included. */
  get size(): number {
    const values = [...new Map([...this.#defaults, ...this.#entry.values]).values()];
    return values.reduce((sum, value) => sum + (value?.text.length ?? 0), 0);
  }

  #valueOf(name: InputName): Value | undefined {
    const own = this.#entry.values.get(name);
    const applies = !NEXT_TO_TARGETS.includes(name) || this.#valueOf('write-to') !== undefined;
    const value = own === undefined && applies ? this.#defaults.get(name) : own;
    return value ?? undefined;
  }
}
