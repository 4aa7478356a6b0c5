import { parseTarget } from '../../src/inputs/targets.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type {
  CommonRequest,
  DeliveryRequest,
  RunRequest,
  WorkflowContext,
  WorkflowRun,
} from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Target } from '../../src/model/target.ts';
import { type Destination, destinationsOf } from '../../src/plan/destinations.ts';

/** What the runner reports about a run of the workflow of octo-org/octo-repo. */
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
  workspace: '',
};

/** A run of the workflow of octo-org/octo-repo, as the emulated runner reports it. */
export const WORKFLOW: WorkflowRun = {
  host: 'github.com',
  repository: 'octo-org/octo-repo',
  repositoryId: 1001,
  runId: '7',
  runAttempt: '1',
  step: '[".github/workflows/deploy.yml","deploy","__octo-org_vantage-client-action",null]',
};

/** The same for another repository. */
export const OTHER_WORKFLOW: WorkflowRun = { ...WORKFLOW, repository: 'octo-org/website', repositoryId: 1002 };

/** The GitHub that targets are on. */
export const GITHUB = { apiUrl: 'https://api.github.com' } as const;

/** The request of a step that writes to targets, without what each test sets itself. */
export const DELIVERY: DeliveryRequest = {
  outputSecret: false,
  github: { ...GITHUB, token: new Secret('canary-of-github'), targets: [], createEnvironments: false, isOwn: true },
};

/** The target of a line of `write-to`. */
export function targetOf(line: string, repository = WORKFLOW.repository): Target {
  const target = parseTarget(line, repository, 'VANTAGE_CLIENT_SECRET');
  if (typeof target === 'string') {
    throw new Error(`${line}: ${target}`);
  }
  return target;
}

/** A target as the preflight found it: never written, or last written at a time. */
export function preparedTarget(target: Target | string, updatedAt?: string | Date): PreparedTarget {
  const known = typeof target === 'string' ? targetOf(target) : target;
  return {
    target: known,
    resolved: { scope: known.scope },
    ...(updatedAt ? { updatedAt: new Date(updatedAt) } : {}),
  };
}

/** The destinations of the secrets of a step that writes to these targets. Without targets: its output. */
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

/** The digests of these destinations in marks. */
export function digests(...given: Parameters<typeof destinations>): readonly string[] {
  return destinations(...given).map(({ digest }) => digest);
}

/** How a step runs with the default inputs. */
export const RUN: RunRequest = { dryRun: false, timeout: 300_000, requestTimeout: 30_000, summary: true };

/** What the requests of all modes have. */
export const COMMON_REQUEST: CommonRequest = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  run: RUN,
  workflow: WORKFLOW,
  warnings: [],
};
