import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { type Contexts, evaluate } from './expressions.ts';

/** What a runner needs from an action.yml. */
export interface ActionMetadata {
  /** Absolute path of `runs.main`. */
  readonly main: string;
  /** Name → default, if there is one. Defaults can contain expressions of the `github` and the `matrix` context. */
  readonly inputs: ReadonlyMap<string, string | undefined>;
}

interface ActionYaml {
  readonly inputs?: Readonly<Record<string, { readonly default?: unknown } | null>>;
  readonly runs?: { readonly using?: unknown; readonly main?: unknown };
}

/** The texts that were parsed before: a test runs the same action hundreds of times. */
const parsed = new Map<string, ActionYaml>();

/** Reads an action.yml. Throws if it is not a `node24` action. */
export async function readActionMetadata(file: string): Promise<ActionMetadata> {
  const text = await readFile(file, 'utf8');
  const yaml: ActionYaml = parsed.get(text) ?? parse(text);
  parsed.set(text, yaml);
  if (yaml.runs?.using !== 'node24' || typeof yaml.runs.main !== 'string') {
    throw new Error(`${file} is not the action.yml of a node24 action.`);
  }
  const inputs = Object.entries(yaml.inputs ?? {}).map(
    ([name, input]) => [name, input?.default === undefined ? undefined : String(input.default)] as const,
  );
  return { main: path.resolve(path.dirname(file), yaml.runs.main), inputs: new Map(inputs) };
}

/**
 * The `INPUT_…` variables of a step: every declared input, empty if neither the workflow nor action.yml sets it, and
 * undeclared ones as well, which the real runner passes on after a warning.
 */
export function inputEnvironment(
  metadata: ActionMetadata,
  given: Readonly<Record<string, string>>,
  contexts: Contexts,
): Record<string, string> {
  const defaults = [...metadata.inputs].map(([name, text]) => [name, evaluate(text ?? '', contexts)] as const);
  return Object.fromEntries([...defaults, ...Object.entries(given)].map(([name, value]) => [variable(name), value]));
}

/** The given inputs that action.yml does not declare. Names of inputs are case-insensitive. */
export function undeclaredInputs(metadata: ActionMetadata, given: Readonly<Record<string, string>>): string[] {
  const declared = new Set([...metadata.inputs.keys()].map(variable));
  return Object.keys(given).filter(name => !declared.has(variable(name)));
}

/** Spaces become `_`, but hyphens are kept. So a shell script cannot read most inputs, but @actions/core can. */
function variable(input: string): string {
  return `INPUT_${input.replaceAll(' ', '_').toUpperCase()}`;
}
