import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { evaluate } from '../../emulator/runner/expressions.ts';

/** A step as it stands in the file, its expressions not filled in. */
export interface Step {
  /** Without its indentation. */
  readonly source: string;
  /** '' where the step runs a script. */
  readonly uses: string;
  readonly with: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

export interface Job {
  readonly name: string;
  /** Its `if:`, if it has one. */
  readonly condition: string | undefined;
  /** The environment that it uses, if it uses one. */
  readonly environment: string | undefined;
  readonly steps: readonly Step[];
}

/** A workflow, as far as a try of it needs it. */
export interface Workflow {
  /** From the repository's root: `examples/quick-start.yml`. */
  readonly file: string;
  readonly source: string;
  readonly jobs: readonly Job[];
}

/** What the expressions of a job may read. */
export interface JobContexts {
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly github?: Readonly<Record<string, unknown>>;
  /** Of a run that was started by hand. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** Outputs of the steps before: id → name → value. */
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

/** The first step that uses an action. @throws Error where there is none */
export function stepUsing({ file, jobs }: Workflow, action: RegExp): Step {
  const step = jobs.flatMap(({ steps }) => steps).find(({ uses }) => action.test(uses));
  if (!step) throw new Error(`No step of ${file} uses ${action}.`);
  return step;
}

/** The texts with their expressions filled in. @throws Error where one has no value */
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

/** A part of a text that begins within a line, its further lines moved left as far as that. */
function dedent(text: string, from: number, to: number): string {
  const column = from - (text.lastIndexOf('\n', from) + 1);
  return text
    .slice(from, to)
    .trimEnd()
    .replaceAll(`\n${' '.repeat(column)}`, '\n');
}
