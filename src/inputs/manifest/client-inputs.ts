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
export interface ClientInputs extends Inputs {
  readonly nameOf: (name: InputName) => string;
  /** The offset of a value, or of an item of it, and whether it is a default, which other clients may have as well. */
  readonly placeOf: (name: InputName, item?: string) => { readonly at: number; readonly isDefault: boolean };
  /** How many characters the values of the client have, those of defaults and aliases included. */
  readonly size: number;
}

/** @param step the inputs of the step. */
export function clientInputs({ at, values }: Entry, defaults: Values, step: Inputs): ClientInputs {
  const settingOf = (name: InputName): Value | undefined => {
    const own = values.get(name);
    const applies = !NEXT_TO_TARGETS.includes(name) || settingOf('write-to') !== undefined;
    const value = own === undefined && applies ? defaults.get(name) : own;
    return value ?? undefined;
  };
  const textOf = (name: InputName) => (name === 'output-secret' ? 'false' : (settingOf(name)?.text ?? ''));
  const all = [...new Map([...defaults, ...values]).values()];
  return {
    readInput: name => (OF_STEP.includes(name) ? step.readInput(name) : textOf(name)),
    readItems: name => settingOf(name)?.items?.map(({ text }) => text),
    nameOf: name => PATHS.get(name) ?? name,
    redact: text => step.redact(text),
    placeOf: (name, item) => {
      const value = settingOf(name);
      const found = value?.items?.findLast(({ text }) => text === item) ?? value;
      return { at: found?.at ?? at, isDefault: value !== undefined && !values.has(name) };
    },
    size: all.reduce((sum, value) => sum + (value?.text.length ?? 0), 0),
  };
}
