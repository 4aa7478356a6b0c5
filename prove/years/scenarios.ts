import { END_VARIABLE, ID_VARIABLE } from '../worlds/places.ts';
import { type Scenario, WEEKS, type Workflow } from './scenario.ts';

const OWNER = 'octo-org';
/** Two repositories with workflows, and others that hold their targets. */
const ONE = { owner: OWNER, repo: 'octo-repo', id: 1001 };
const OTHER = { owner: OWNER, repo: 'website', id: 1002 };
const STORES = [1, 2, 3].map(number => ({ owner: OWNER, repo: `store-${number}`, id: 2000 + number }));
const [T1, T2, T3] = ['repository octo-org/store-1', 'repository octo-org/store-2', 'repository octo-org/store-3'];

const GITHUB = { organizations: [{ login: OWNER }], repositories: [ONE, OTHER, ...STORES] };

const INPUTS = {
  rotate: 'when-due',
  'secret-expiration': '90d',
  'rotate-before': '30d',
  'prune-after': '14d',
};

function delivery(name: string, { id }: { readonly id: number }, lines: readonly string[], more = {}): Workflow {
  return { name, repositoryId: id, inputs: { ...INPUTS, 'write-to': lines.join('\n'), ...more } };
}

/** Two repositories deliver the secret of one client to the same target. */
const SHARED: readonly Scenario[] = [
  { name: 'a shared organization secret', line: 'organization octo-org' },
  { name: 'a shared repository secret', line: T1 },
].map(({ name, line }) => ({
  name,
  github: GITHUB,
  workflows: [delivery('octo-repo', ONE, [line]), delivery('website', OTHER, [line])],
  spare: { secrets: 0, why: 'the first one to run rotates, and the target shows it to the other one' },
}));

const OVERLAPPING: Scenario = {
  name: 'b overlapping target sets',
  github: GITHUB,
  workflows: [delivery('octo-repo', ONE, [T1, T2], variables()), delivery('website', OTHER, [T2, T3], variables())],
  spare: { secrets: 0, why: 'a run creates a secret for what is due, and each target is judged separately' },
};

function variables() {
  return { 'client-id-variable': ID_VARIABLE, 'expiration-variable': END_VARIABLE };
}

/** The week in which a repository becomes read-only. Its secret works for some weeks more. */
const ARCHIVED = 5;

const ARCHIVES: Scenario = {
  name: 'c archived target',
  github: GITHUB,
  workflows: [delivery('octo-repo', ONE, [T1, T2, T3])],
  happenings: [{ week: ARCHIVED, archives: 2003 }],
  hopeless: { line: T3, from: ARCHIVED },
  spare: { secrets: 0, why: 'the check before anything is created finds the archived one' },
};

const REFUSES: Scenario = {
  name: 'c target that refuses every write',
  github: GITHUB,
  workflows: [delivery('octo-repo', ONE, [T1, T2, T3])],
  faults: [
    {
      on: { method: 'PUT', path: /^\/repos\/octo-org\/store-3\// },
      mishap: { kind: 'answer', status: 403, body: { message: 'Resource not accessible by integration' } },
    },
  ],
  hopeless: { line: T3, from: 0 },
  spare: {
    secrets: WEEKS,
    why: 'only the write fails, so each run creates one secret for that target only, and revokes it if it can',
  },
};

const RENAMED = 26;

/** The weeks in which the pull requests are open. The fourth stays open. */
const PREVIEWS = [
  { number: 1, from: 0, until: 10 },
  { number: 2, from: 0, until: 31 },
  { number: 3, from: 5, until: 47 },
  { number: 4, from: 17, until: WEEKS },
  { number: 5, from: 30, until: 44 },
];

const RENAME: Scenario = {
  name: 'd previews through a rename',
  github: {
    ...GITHUB,
    repositories: [{ ...ONE, pullRequests: PREVIEWS.map(({ number }) => ({ number })) }],
  },
  workflows: [
    ...PREVIEWS.map(({ number, from, until }) => ({
      ...delivery(`preview ${number}`, ONE, [`environment preview-${number}`], {
        'client-id': `octo-repo-pr-${number}`,
        'create-environments': 'true',
      }),
      ...{ from, until },
    })),
    {
      name: 'sweep',
      repositoryId: ONE.id,
      inputs: { mode: 'sweep', 'client-id': '', 'client-id-pattern': 'octo-repo-pr-{pr}' },
    },
  ],
  happenings: [
    { week: RENAMED, renames: ONE.id, to: 'octo-renamed' },
    ...PREVIEWS.flatMap(({ number, until }) => (until < WEEKS ? [{ week: until, closes: number, of: ONE.id }] : [])),
  ],
  gone: PREVIEWS.flatMap(({ number, until }) => (until < WEEKS ? [`octo-repo-pr-${number}`] : [])),
  spare: { secrets: 0, why: 'the ID of the repository shows who owns a secret, whatever its name is' },
};

const LEGS: Scenario = {
  name: 'e matrix legs with a failing vault',
  github: GITHUB,
  workflows: ['blue', 'green', 'red'].map(color => ({
    name: `leg ${color}`,
    repositoryId: ONE.id,
    inputs: { ...INPUTS, matrix: JSON.stringify({ color }) },
    usesVault: true,
    environment: {
      GITHUB_WORKFLOW_REF: 'octo-org/octo-repo/.github/workflows/rotate.yml@refs/heads/main',
      GITHUB_JOB: 'rotate',
      GITHUB_ACTION: 'rotate',
    },
  })),
  spare: {
    secrets: 0,
    why: 'the stored secret, passed back, and the rotation-due stored with it show when the next one is due',
  },
};

export const SCENARIOS: readonly Scenario[] = [...SHARED, OVERLAPPING, ARCHIVES, REFUSES, RENAME, LEGS];
