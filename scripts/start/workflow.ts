import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { evaluate } from '../../emulator/runner/expressions.ts';

/** A step of the file, with its expressions. */
export interface Step {
  /** Without its indentation. */
  readonly source: string;
  /** '' if the step runs a script. */
  readonly uses: string;
  readonly with: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

export interface Job {
  readonly name: string;
  /** Its `if:`, if it has one. */
  readonly condition: string | undefined;
  /** Its environment, if it has one. */
  readonly environment: string | undefined;
  readonly steps: readonly Step[];
}

/** The parts of a workflow that are needed to try it. */
export interface Workflow {
  /** The path in the repository: `examples/quick-start.yml`. */
  readonly file: string;
  readonly source: string;
  readonly jobs: readonly Job[];
}

/** What the expressions of a job can read. */
export interface JobContexts {
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly github?: Readonly<Record<string, unknown>>;
  /** A run that was started manually. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Outputs of earlier steps: id → name → value. */
  readonly steps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const ROOT = path.resolve(import.meta.dirname, '..', '..');

/** Reads a workflow of this repository. */
export async function readWorkflow(file: string): Promise<Workflow> {
  const source = await readFile(path.join(ROOT, file), 'utf8');
  const jobs = parseDocument(source).get('jobs');
  return {
    file,
    source,
    jobs: (isMap(jobs) ? jobs.items : []).map(({ key, value }) => readJob(String(key), value, source)),
  };
}

/**
 * The first step that uses an action.
 *
 * @throws Error if there is none
 */
export function stepUsing({ file, jobs }: Workflow, action: RegExp): Step {
  const step = jobs.flatMap(({ steps }) => steps).find(({ uses }) => action.test(uses));
  if (!step) throw new Error(`No step of ${file} uses ${action}.`);
  return step;
}

/**
 * The texts with evaluated expressions.
 *
 * @throws Error if one has no value
 */
export function fillIn(
  texts: Readonly<Record<string, string>>,
  { steps = {}, ...contexts }: JobContexts,
): Record<string, string> {
  const outputs = Object.fromEntries(Object.entries(steps).map(([id, values]) => [id, { outputs: values }]));
  const fill = (text: string) => evaluate(text, { ...contexts, steps: outputs });
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]));
}

function readJob(name: string, job: unknown, source: string): Job {
  const condition = isMap(job) ? job.get('if') : undefined;
  const environment = isMap(job) ? job.get('environment') : undefined;
  const steps = isMap(job) ? job.get('steps') : undefined;
  return {
    name,
    condition: condition === undefined ? undefined : String(condition),
    environment: environment === undefined ? undefined : String(environment),
    steps: (isSeq(steps) ? steps.items : []).filter(isMap).map(step => readStep(step, source)),
  };
}

function readStep(step: YAMLMap, source: string): Step {
  const [from = 0, to = 0] = step.range ?? [];
  return {
    source: dedent(source, from, to),
    uses: String(step.get('uses') ?? ''),
    with: textsOf(step.get('with')),
    env: textsOf(step.get('env')),
  };
}

function textsOf(map: unknown): Record<string, string> {
  return Object.fromEntries((isMap(map) ? map.items : []).map(({ key, value }) => [String(key), String(value)]));
}

/** A part of a text that starts in the middle of a line. Its other lines are moved to the left as far. */
function dedent(text: string, from: number, to: number): string {
  const column = from - (text.lastIndexOf('\n', from) + 1);
  return text
    .slice(from, to)
    .trimEnd()
    .replaceAll(`\n${' '.repeat(column)}`, '\n');
}
