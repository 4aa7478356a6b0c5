import { parseTarget } from '../../src/inputs/targets.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { DeliveryRequest, RunRequest, WorkflowContext, WorkflowRun } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Target } from '../../src/model/target.ts';
import { type Destination, destinationsOf } from '../../src/plan/destinations.ts';

/** What the runner tells of a run of the workflow of octo-org/octo-repo. */
export const RUNNER: WorkflowContext = {
  repository: 'octo-org/octo-repo',
  repositoryId: 1001,
  runId: 1_658_821_493,
  runAttempt: 1,
  serverUrl: 'https://github.com',
  apiUrl: 'https://api.github.com',
  workflowRef: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
  job: 'deploy',
  action: '__octo-org_vantage-client-action',
  eventName: 'push',
  actor: 'octocat',
};

/** A run of the workflow of octo-org/octo-repo, as the emulated runner tells of it. */
export const WORKFLOW: WorkflowRun = {
  host: 'github.com',
  repository: 'octo-org/octo-repo',
  repositoryId: 1001,
  runId: '7',
  runAttempt: '1',
  step: '[".github/workflows/deploy.yml","deploy","__octo-org_vantage-client-action",null]',
};

/** The same of another repository. */
export const OTHER_WORKFLOW: WorkflowRun = { ...WORKFLOW, repository: 'octo-org/website', repositoryId: 1002 };

/** The GitHub that targets are on. */
export const GITHUB = { apiUrl: 'https://api.github.com' } as const;

/** What a step asks that writes to targets, which a test tells in its own way. */
export const HAND_OFF: DeliveryRequest = {
  outputSecret: false,
  github: { ...GITHUB, token: new Secret('canary-of-github'), targets: [], createEnvironments: false, isOwn: true },
};

/** The target that a line of `write-to` names. */
export function targetOf(line: string, repository = WORKFLOW.repository): Target {
  const target = parseTarget(line, repository, 'VANTAGE_CLIENT_SECRET');
  if (typeof target === 'string') {
    throw new Error(`${line}: ${target}`);
  }
  return target;
}

/** A target as the preflight found it: never written, or last written then. */
export function preparedTarget(target: Target | string, updatedAt?: string | Date): PreparedTarget {
  const known = typeof target === 'string' ? targetOf(target) : target;
  return {
    target: known,
    resolved: { scope: known.scope },
    ...(updatedAt ? { updatedAt: new Date(updatedAt) } : {}),
  };
}

/** Where the secrets of a step go that writes these targets; of none, its output. */
export function destinations(
  targets: readonly (Target | string)[],
  workflow: WorkflowRun = WORKFLOW,
  github: { readonly apiUrl: string } = GITHUB,
): readonly Destination[] {
  return destinationsOf(
    targets.map(target => preparedTarget(target)),
    workflow,
    github,
  );
}

/** How marks name those. */
export function digests(...given: Parameters<typeof destinations>): readonly string[] {
  return destinations(...given).map(({ digest }) => digest);
}

/** How a step runs that sets none of the inputs for that. */
export const RUN: RunRequest = { dryRun: false, timeout: 300_000, requestTimeout: 30_000, summary: true };
