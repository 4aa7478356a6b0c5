import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMap, parseDocument, type Scalar } from 'yaml';

/** An input or an output of `action.yml`. */
interface Parameter {
  readonly description: string;
  /** Of an input: the value that the runner passes if the workflow omits the input. May contain `${{ … }}`. */
  readonly default?: string;
}

/** The parameters by name, in the order of the file. */
export interface ActionYml {
  readonly inputs: Readonly<Record<string, Parameter>>;
  readonly outputs: Readonly<Record<string, Parameter>>;
  /** The group of each input: the comment above it, or above the first input of the group. */
  readonly groups: Readonly<Record<string, string>>;
}

/** @throws Error if the file is not valid YAML, or if an input belongs to no group. */
export function readActionYml(): ActionYml {
  const document = parseDocument(readFileSync(resolve(import.meta.dirname, '../../action.yml'), 'utf8'));
  const inputs = document.get('inputs');
  if (document.errors[0] || !isMap(inputs)) throw document.errors[0] ?? new Error('action.yml has no inputs');
  let group = inputs.commentBefore; // The parser attaches the comment above the first input to the map.
  const groups = inputs.items.map(({ key }) => {
    const name = key as Scalar<string>;
    group = name.commentBefore ?? group;
    if (!group) throw new Error(`action.yml has no comment above ${name.value}`);
    return [name.value, group.trim()];
  });
  return { ...document.toJS(), groups: Object.fromEntries(groups) };
}
