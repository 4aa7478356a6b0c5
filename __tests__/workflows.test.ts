import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { lint } from './support/actionlint.ts';
import { vulnerabilitiesIn, ZIZMOR } from './support/zizmor.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: ROOT });

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Job {
  readonly uses?: string;
  readonly permissions?: unknown;
  readonly 'timeout-minutes'?: number;
  readonly environment?: string;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const workflowOf = (file: string): Workflow => parse(textOf(file));
const jobsOf = (file: string) => Object.values(workflowOf(file).jobs);
const stepsOf = (file: string) => jobsOf(file).flatMap(({ steps = [] }) => steps);

describe.each(WORKFLOWS)('%s', file => {
  test('is a workflow without a mistake that the linter knows', async () => {
    expect(await lint(textOf(file))).toEqual([]);
  });

  test('grants no permission to a job that does not ask for it', () => {
    expect(workflowOf(file).permissions).toEqual({});
    expect(jobsOf(file).filter(({ permissions }) => permissions === undefined)).toEqual([]);
  });

  test('pins every action to a commit, with its version beside it', () => {
    const lines = textOf(file).match(/^ *(?:- )?uses: .+$/gmu) ?? [];
    const foreign = lines.filter(line => !/uses: \.\//u.test(line));
    expect(foreign.filter(line => !/uses: [\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line))).toEqual(
      [],
    );
  });

  test('leaves no credentials in a checkout', () => {
    const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    expect(checkouts.filter(step => step.with?.['persist-credentials'] !== false)).toEqual([]);
  });

  test('evaluates no expression in a script', () => {
    expect(stepsOf(file).filter(({ run }) => run?.includes('${{'))).toEqual([]);
  });

  test('ends a job that hangs', () => {
    expect(jobsOf(file).filter(job => job.uses === undefined && job['timeout-minutes'] === undefined)).toEqual([]);
  });
});

describe('zizmor', () => {
  (ZIZMOR ? test : test.skip)('finds no vulnerability in the workflows, the action and the examples', async () => {
    const examples = globSync('examples/*.yml', { cwd: ROOT });
    expect(examples).not.toEqual([]);
    expect(await vulnerabilitiesIn('.github', 'action.yml', ...examples)).toEqual([]);
  });

  test('has a reason beside each of its exceptions', () => {
    const exceptions = textOf('.github/zizmor.yml').match(/^ +(?:ignore|disable|policies):.*\n.*$/gmu) ?? [];
    expect(exceptions.length).toBeGreaterThan(1);
    expect(exceptions.filter(exception => !/\n *# \S+ \S/u.test(exception))).toEqual([]);
    const comments = ['action.yml', ...WORKFLOWS, ...globSync('examples/*.yml', { cwd: ROOT })].flatMap(
      file => textOf(file).match(/# zizmor: .*$/gmu) ?? [],
    );
    expect(comments.filter(comment => !/ignore\[[\w-]+\] \S+ \S/u.test(comment))).toEqual([]);
  });
});

test('the container has the Node of the other jobs, and an image that cannot change', () => {
  const images = WORKFLOWS.flatMap(file => textOf(file).match(/^ *image: .*$/gmu) ?? []);
  const version = textOf('.node-version').trim();
  expect(images).toEqual([expect.stringMatching(new RegExp(`: node:${version}-bookworm@sha256:[0-9a-f]{64}$`, 'u'))]);
});

test('one action has one version in all workflows', () => {
  const pins = new Set(WORKFLOWS.flatMap(file => textOf(file).match(/[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\S+/gu) ?? []));
  const actions = [...pins].map(pin => pin.split('@')[0]);
  expect(actions.length).toBeGreaterThan(5);
  expect(actions).toEqual([...new Set(actions)]);
});

describe('release.yml', () => {
  const jobs = Object.entries(workflowOf('.github/workflows/release.yml').jobs);
  const writing = jobs.filter(([, { permissions }]) => Object.values(permissions ?? {}).includes('write'));

  test('writes in a protected environment only', () => {
    expect(writing.map(([name, { environment }]) => [name, environment])).toEqual([['publish', 'release']]);
  });

  test('checks out nothing where it can write, so that no code of a dependency runs there', () => {
    const steps = writing.flatMap(([, job]) => job.steps ?? []);
    expect(
      steps.filter(({ uses, run }) => /checkout|^\.\//u.test(uses ?? '') || /\bnpm\b|\bnode\b/u.test(run ?? '')),
    ).toEqual([]);
  });
});

const FORMS = globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: ROOT }).filter(file => !file.endsWith('config.yml'));

describe.each(FORMS)('%s', file => {
  const { name, description, body } = parse(textOf(file));

  test('is a form that GitHub accepts', () => {
    expect({ name, description }).toEqual({ name: expect.any(String), description: expect.any(String) });
    const fields: { type: string; id?: string; attributes: { label?: string; options?: unknown[] } }[] = body;
    const asked = fields.filter(({ type }) => type !== 'markdown');
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
    for (const { type, id, attributes } of asked) {
      expect(type).toMatch(/^(input|textarea|dropdown|checkboxes)$/u);
      expect(id).toMatch(/^[\w-]+$/u);
      expect(attributes.label).toEqual(expect.any(String));
      if (type === 'dropdown' || type === 'checkboxes') expect(attributes.options?.length).toBeGreaterThan(0);
    }
  });
});
