import path from 'node:path';
import { parse } from 'yaml';
import { type Contexts, evaluate } from '../../emulator/runner/expressions.ts';
import { readActionYml } from '../../scripts/generate/action-yml.ts';
import { readRun } from '../../src/modes/read-run.ts';
import { lint } from '../support/actionlint.ts';
import { refusalOf } from '../support/manifest.ts';
import { RUNNER } from '../support/workflow.ts';

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** The line of the page on which its text begins. */
  readonly line: number;
}

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

const ACTION = 'OWNER/vantage-client-action@v1';
const { inputs: INPUTS, outputs: OUTPUTS } = readActionYml();
const FENCED = /^ *```(?<language>\w*)\n(?<text>[\s\S]*?)^ *```$/gmu;
const USES_OUTPUT = /\bsteps\.([\w-]+)\.outputs\.([\w-]+)/gu;
/** What a block may consist of if it is a part of a workflow outside of its jobs. */
const WORKFLOW_KEYS = ['on', 'permissions', 'concurrency', 'env'];

/** The outputs of other actions. */
const OTHER_OUTPUTS: Readonly<Record<string, readonly string[]>> = {
  'actions/create-github-app-token': ['token', 'installation-id', 'app-slug'],
};

/** The steps that a block may name without showing them. Each of them is shown elsewhere under the same id. */
const STEPS_ELSEWHERE: Readonly<Record<string, Step>> = {
  vantage: { uses: ACTION },
  'app-token': { uses: 'actions/create-github-app-token@1b10c78c7865c340bc4f6099eb2f838309f1e8c3' },
  vault: { run: 'echo "client-secret=$secret" >> "$GITHUB_OUTPUT"' },
};

/** The workspace of the blocks: it has the manifest of the examples. */
const WORKSPACE = path.resolve(import.meta.dirname, '../../examples');

/** The inputs that every step needs, and that a block may leave out. */
const BASE = {
  'base-url': 'https://vantage.example.com',
  'tenant-id': 'acme',
  'auth-client-id': 'administration',
  'auth-client-secret': 'canary-of-the-administrator',
  'client-id': 'invoices',
} as const;

export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(FENCED)].map(({ groups, index }) => ({
    language: groups?.language ?? '',
    text: groups?.text ?? '',
    line: page.slice(0, index).split('\n').length + 1,
  }));
}

/** The page without its fenced blocks. */
export function proseOf(page: string): string {
  return page.replaceAll(FENCED, '');
}

/**
 * Everything that is wrong with a YAML block: what the workflow linter says of it, inputs and outputs that do not exist, and
 * values that the action rejects. A block is a workflow, a part of one, a list of steps, a
 * manifest, or a list of inputs of this action.
 */
export async function problemsOf(text: string): Promise<readonly string[]> {
  let block: unknown;
  try {
    block = parse(text);
  } catch (error) {
    return [String(error)];
  }
  if (typeof block !== 'object' || block === null) {
    return ['The block is neither a map nor a list.'];
  }
  const shape = shapeOf(block);
  if (shape === 'manifest') {
    const refusal = await refusalOf(text);
    return refusal === 'accepted' ? [] : [refusal];
  }
  const shown = stepsIn(block, shape);
  const stepOf = (id: string) => shown.find(step => step.id === id) ?? STEPS_ELSEWHERE[id];
  return [
    ...(await lint(completed(text))),
    ...outputsIn(text).flatMap(({ id, output }) => problemOfOutput(id, output, stepOf(id))),
    ...(await Promise.all(shown.filter(isOfAction).map(step => problemsOfInputs(step.with ?? {}, text)))).flat(),
  ];
}

type Shape = 'workflow' | 'part of a workflow' | 'steps' | 'manifest' | 'inputs';

function shapeOf(block: object): Shape {
  if (Array.isArray(block)) {
    return 'steps';
  }
  if ('jobs' in block) {
    return 'workflow';
  }
  if ('clients' in block) {
    return 'manifest';
  }
  const isPart = Object.entries(block).every(
    ([key, value]) => WORKFLOW_KEYS.includes(key) && typeof value === 'object',
  );
  return isPart ? 'part of a workflow' : 'inputs';
}

function stepsIn(block: object, shape: Shape): readonly Step[] {
  switch (shape) {
    case 'workflow': {
      const { jobs } = block as { readonly jobs: Readonly<Record<string, { readonly steps?: readonly Step[] }>> };
      return Object.values(jobs).flatMap(({ steps = [] }) => steps);
    }
    case 'steps':
      return block as readonly Step[];
    case 'inputs':
      return [{ uses: ACTION, with: block as Readonly<Record<string, unknown>> }];
    default:
      return [];
  }
}

function isOfAction({ uses = '' }: Step): boolean {
  return /\/vantage-client-action@/u.test(uses);
}

/** The outputs that the expressions of a block read. */
function outputsIn(text: string): readonly { readonly id: string; readonly output: string }[] {
  return [...text.matchAll(USES_OUTPUT)].map(([, id = '', output = '']) => ({ id, output }));
}

/**
 * The smallest workflow that contains a block, with the steps that the block only names. What it adds is as in the examples,
 * so that whatever a linter finds in it is of the block.
 */
export function completed(text: string): string {
  const block = parse(text);
  const shape = shapeOf(block);
  const shown = stepsIn(block, shape);
  const named = new Set(outputsIn(text).map(({ id }) => id));
  const stubs = [...named]
    .filter(id => id in STEPS_ELSEWHERE && !shown.some(step => step.id === id))
    .map(id => `      - id: ${id}\n        run: echo`);
  const indented = (columns: number) => text.replaceAll(/^(?=.)/gmu, ' '.repeat(columns));
  switch (shape) {
    case 'workflow':
      return text;
    case 'part of a workflow':
      return workflowWith(['      - run: echo'], text, Object.keys(block));
    case 'steps':
      return workflowWith([...stubs, indented(6)]);
    case 'manifest':
      return workflowWith(['      - run: echo']);
    case 'inputs':
      return workflowWith([...stubs, `      - uses: ${ACTION}`, '        with:', indented(10)]);
  }
}

/** A workflow with these steps, and with a part that has these keys. */
function workflowWith(steps: readonly string[], part = '', keys: readonly string[] = []): string {
  const rest = Object.entries({ name: 'Workflow', on: 'push', permissions: '{}', concurrency: '{ group: workflow }' });
  return [
    ...rest.filter(([key]) => !keys.includes(key)).map(([key, value]) => `${key}: ${value}`),
    part,
    'jobs:',
    '  job:',
    '    name: Job',
    '    runs-on: ubuntu-latest',
    '    environment: vantage-administration',
    '    steps:',
    ...steps,
    '',
  ].join('\n');
}

function problemOfOutput(id: string, output: string, step: Step | undefined): readonly string[] {
  if (step === undefined) {
    return [`No step has the id "${id}".`];
  }
  const { uses, run = '' } = step;
  const known = isOfAction(step)
    ? Object.keys(OUTPUTS)
    : uses === undefined
      ? [...run.matchAll(/"([\w-]+)=[^"]*" >> "\$GITHUB_OUTPUT"/gu)].map(([, name = '']) => name)
      : (OTHER_OUTPUTS[uses.replace(/@.*/u, '')] ?? []);
  return known.includes(output) ? [] : [`The step "${id}" has no output "${output}".`];
}

/** Inputs that do not exist, or whose values the action rejects. */
async function problemsOfInputs(given: Readonly<Record<string, unknown>>, text: string): Promise<readonly string[]> {
  const unknown = Object.keys(given).filter(name => !(name in INPUTS));
  if (unknown.length > 0) {
    return unknown.map(name => `The action has no input "${name}".`);
  }
  const contexts = contextsOf(text);
  const filled = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, evaluate(String(value), contexts)]),
  );
  const defaults = Object.entries(INPUTS).map(([name, input]) => [name, evaluate(input.default ?? '', contexts)]);
  const inputs: Record<string, string> = {
    ...Object.fromEntries(defaults),
    ...BASE,
    ...('manifest' in given ? { 'client-id': '' } : {}),
    ...filled,
  };
  try {
    await readRun(
      { readInput: name => inputs[name] ?? '', redact: value => value },
      { ...RUNNER, workspace: WORKSPACE },
      new Date(),
    );
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** Something for everything that the expressions of a block may read. */
function contextsOf(text: string): Contexts {
  const all = (pattern: RegExp, sample: (name: string) => string) =>
    Object.fromEntries([...text.matchAll(pattern)].map(([, name = '']) => [name, sample(name)]));
  const steps = [...text.matchAll(USES_OUTPUT)].map(([, id = '']) => {
    const outputs = all(new RegExp(`steps\\.${id}\\.outputs\\.([\\w-]+)`, 'gu'), name => `value-of-${name}`);
    return [id, { outputs: { ...outputs, ...('rotate' in outputs ? { rotate: 'always' } : {}) } }];
  });
  return {
    vars: { ...all(/\bvars\.(\w+)/gu, name => `value-of-${name}`), VANTAGE_BASE_URL: BASE['base-url'] },
    secrets: all(/\bsecrets\.(\w+)/gu, name => `value-of-${name}`),
    steps: Object.fromEntries(steps),
    inputs: { 'dry-run': true, 'max-deletes': '20' },
    github: {
      token: 'token-of-the-workflow',
      api_url: RUNNER.apiUrl,
      repository: RUNNER.repository,
      event_name: 'pull_request',
      event: { action: 'opened', number: 7 },
    },
    matrix: all(/\bmatrix\.(\w+)/gu, () => '1'),
  };
}
