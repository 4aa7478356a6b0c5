import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readWorkflowRun } from '../../src/inputs/workflow-run.ts';
import { type Mark, ownershipMark, readMark } from '../../src/model/mark.ts';
import type { WorkflowContext, WorkflowRun } from '../../src/model/request.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import {
  destinations,
  digests,
  OTHER_WORKFLOW,
  preparedTarget,
  RUNNER,
  targetOf,
  WORKFLOW,
} from '../support/workflow.ts';

const SERVER = { apiUrl: 'https://github.acme.example/api/v3' } as const;

/** The mark that a step creates for its secret. */
function marked(
  lines: readonly string[],
  workflow: WorkflowRun = WORKFLOW,
  github: { readonly apiUrl: string } = { apiUrl: 'https://api.github.com' },
): Mark {
  const targets = lines.map(line => targetOf(line, workflow.repository));
  const mark = readMark(ownershipMark(workflow, digests(targets, workflow, github), '9d5b65ce8600fea5'));
  if (mark === undefined) {
    throw new Error('the mark cannot be read');
  }
  return mark;
}

/** The targets that a step finds in a mark. */
function named(
  lines: readonly string[],
  mark: Mark,
  workflow: WorkflowRun = WORKFLOW,
  github?: { readonly apiUrl: string },
): readonly string[] {
  const targets = lines.map(line => targetOf(line, workflow.repository));
  return destinations(targets, workflow, github).flatMap(({ isNamedBy }, index) =>
    isNamedBy(mark) ? [lines[index] ?? ''] : [],
  );
}

describe('a target', () => {
  test('is 8 hex digits in a mark', () => {
    const target = 'actions repository octo-org/octo-repo as vantage_client_secret';
    const digest = createHash('sha256').update(`github.com\n${target}`).digest('hex').slice(0, 8);
    expect(digests(['repository'])).toEqual([digest]);
    // Existing secrets contain it, so it must never change.
    expect(digest).toBe('ee3da562');
  });

  test('differs from every other target', () => {
    const lines = [
      'repository',
      'repository as OTHER',
      'dependabot repository',
      'repository octo-org/website',
      'environment production',
      'environment staging',
      'organization octo-org',
    ];
    expect(new Set(digests(lines)).size).toBe(lines.length);
  });

  test('is the same in another case and in another spelling', () => {
    expect(digests(['actions repository OCTO-org/octo-REPO as vantage_client_secret'])).toEqual(
      digests(['repository']),
    );
    expect(digests(['organization OCTO-ORG selected'])).toEqual(digests(['organization octo-org']));
  });

  test('is another target on another GitHub with the same names', () => {
    expect(named(['repository'], marked(['repository']))).toEqual(['repository']);
    expect(named(['repository'], marked(['repository']), WORKFLOW, SERVER)).toEqual([]);
    expect(named(['repository'], marked(['repository'], WORKFLOW, SERVER))).toEqual([]);
  });

  test('is the same for every spelling of the API URL of its GitHub', () => {
    const [spelled] = digests(['repository'], WORKFLOW, { apiUrl: 'https://API.github.com/' });
    expect(spelled).toBe(digests(['repository'])[0]);
  });

  test('is found in the mark of any step that writes it, among several', () => {
    const mark = marked(['repository', 'environment production']);
    expect(mark.digests).toHaveLength(2);
    expect(named(['environment production', 'dependabot repository'], mark)).toEqual(['environment production']);
    expect(named(['dependabot repository'], mark)).toEqual([]);
  });

  test('of two repositories is found in the marks of both', () => {
    const organization = ['organization octo-org'];
    expect(named(organization, marked(organization, OTHER_WORKFLOW))).toEqual(organization);
    expect(named(organization, marked(organization), OTHER_WORKFLOW)).toEqual(organization);
  });
});

describe('after the repository', () => {
  const LINES = [
    'repository',
    'dependabot repository as OTHER',
    'environment production',
    'environment octo-org/website production',
    'organization octo-org',
    'organization elsewhere',
  ];
  const renamed: WorkflowRun = { ...WORKFLOW, repository: 'octo-org/renamed' };
  const transferred: WorkflowRun = { ...WORKFLOW, repository: 'acme/octo-repo' };

  test('was renamed, its own marks are still found', () => {
    expect(named(LINES, marked(LINES), renamed)).toEqual(LINES);
  });

  test('was transferred, they are found for its own places, and for places whose names did not change', () => {
    expect(named(LINES, marked(LINES), transferred)).toEqual(LINES);
  });

  test('was transferred, its new organization is not confused with its former one, which still exists', () => {
    expect(named(['organization acme'], marked(['organization octo-org']), transferred)).toEqual([]);
  });

  test('changed the case of its name, they are found', () => {
    expect(named(LINES, marked(LINES), { ...WORKFLOW, repository: 'Octo-Org/Octo-Repo' })).toEqual(LINES);
  });

  test('was renamed twice, those of both names are found', () => {
    const twice: WorkflowRun = { ...WORKFLOW, repository: 'octo-org/again' };
    expect(named(LINES, marked(LINES), twice)).toEqual(LINES);
    expect(named(LINES, marked(LINES, renamed), twice)).toEqual(LINES);
  });

  test('was deleted and recreated under the old name, those of the name are found: the content of the place counts', () => {
    expect(named(['repository'], marked(['repository']), { ...WORKFLOW, repositoryId: 4711 })).toEqual(['repository']);
  });

  test('was renamed, the marks of another repository under the old name do not count as its own', () => {
    const stranger: WorkflowRun = { ...WORKFLOW, repositoryId: 4711 };
    expect(named(['repository', 'environment production'], marked(['repository'], stranger), renamed)).toEqual([]);
    const { repositoryId: _, ...unreported } = renamed;
    expect(named(['repository'], marked(['repository']), unreported)).toEqual([]);
  });

  test('was renamed, its marks for the former name do not name what has that name now', () => {
    expect(named(['repository octo-org/octo-repo'], marked(['repository']), renamed)).toEqual([]);
    expect(named(['repository OCTO-org/octo-REPO'], marked(['repository']), renamed)).toEqual([]);
  });

  test('was renamed, the names of places on another GitHub are still the same', () => {
    const lines = ['repository octo-org/renamed', 'repository octo-org/octo-repo'];
    expect(named(lines, marked(lines, WORKFLOW, SERVER), renamed, SERVER)).toEqual(lines);
  });
});

describe('an output', () => {
  const digestOf = (change: Partial<WorkflowContext> = {}, matrix?: string) =>
    digests([], readWorkflowRun({ ...RUNNER, ...change }, { matrix }))[0];

  test.each<readonly [string, Partial<WorkflowContext>, string?]>([
    ['another workflow file', { workflowRef: 'octo-org/octo-repo/.github/workflows/test.yml@refs/heads/main' }],
    ['another job', { job: 'test' }],
    ['another step', { action: '__octo-org_vantage-client-action_2' }],
    ['another leg of the matrix', {}, '{"os":"linux","node":22}'],
    ['no leg of the matrix', {}, 'null'],
    ['another repository', { repositoryId: 1002 }],
    ['another GitHub', { serverUrl: 'https://github.acme.example' }],
  ])('of %s is another one', (_, change, matrix = '{"os":"linux","node":24}') => {
    expect(digestOf(change, matrix)).not.toBe(digestOf({}, '{"os":"linux","node":24}'));
  });

  test.each<readonly [string, Partial<WorkflowContext>, string?]>([
    ['another run of the workflow', { runId: 8, runAttempt: 2 }],
    ['another branch', { workflowRef: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/x' }],
    [
      'the repository under a new name',
      { repository: 'acme/x', workflowRef: 'acme/x/.github/workflows/deploy.yml@refs/heads/main' },
    ],
    ['the leg with its axes in another order', {}, '{"node":24,"os":"linux"}'],
  ])('of %s is the same one', (_, change, matrix = '{"os":"linux","node":24}') => {
    expect(digestOf(change, matrix)).toBe(digestOf({}, '{"os":"linux","node":24}'));
  });

  test('is 8 hex digits in a mark, from the ID of the repository or, without an ID, from its name', () => {
    const digestOfParts = (...parts: string[]) =>
      createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
    const { repositoryId: _, ...unreported } = WORKFLOW;
    // Existing secrets contain it, so it must never change.
    expect(digests([])).toEqual([digestOfParts('output', 'github.com', '1001', WORKFLOW.step)]);
    expect(digests([], unreported)).toEqual([
      digestOfParts('output', 'github.com', 'octo-org/octo-repo', WORKFLOW.step),
    ]);
  });

  test('is a destination by default if there are no targets', () => {
    const kinds = (...given: Parameters<typeof destinationsOf>) =>
      destinationsOf(...given).map(({ prepared }) => (prepared ? 'target' : 'output'));
    const target = preparedTarget('repository');
    const github = { apiUrl: 'https://api.github.com' };
    expect(kinds([], WORKFLOW, github)).toEqual(['output']);
    expect(kinds([], WORKFLOW, github, false)).toEqual([]);
    expect(kinds([target], WORKFLOW, github)).toEqual(['target']);
    expect(kinds([target], WORKFLOW, github, true)).toEqual(['target', 'output']);
    // Nothing identifies a target on an unknown GitHub.
    expect(kinds([target], WORKFLOW, undefined)).toEqual([]);
  });

  test('is not a target, and a target is not an output', () => {
    expect(destinationsOf([], WORKFLOW, undefined)).toEqual([
      { digest: expect.stringMatching(/^[\da-f]{8}$/u), isNamedBy: expect.any(Function) },
    ]);
    expect(named(['repository'], marked([]))).toEqual([]);
    expect(destinations([])[0]?.isNamedBy(marked(['repository']))).toBe(false);
    expect(destinations([])[0]?.isNamedBy(marked([]))).toBe(true);
  });

  test('is 8 hex digits, whatever the leg of the matrix contains', () => {
    fc.assert(
      fc.property(fc.json(), matrix => {
        expect(digestOf({}, matrix)).toMatch(/^[\da-f]{8}$/u);
      }),
    );
  });
});

test('the destinations have the order of the targets', () => {
  const targets = ['environment production', 'repository'].map(line => preparedTarget(line));
  const found = destinationsOf(targets, WORKFLOW, { apiUrl: 'https://api.github.com' });
  expect(found.map(({ prepared }) => prepared)).toEqual(targets);
});
