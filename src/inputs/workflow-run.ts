import { parseJson } from '../http/message.ts';
import { Failure } from '../model/failure.ts';
import type { WorkflowRun } from '../model/request.ts';
import type { WorkflowContext } from '../runner/runner-context.ts';

/** What the inputs tell of the step: the leg of the matrix as JSON, as the runner passes it, and how its secret is described. */
export interface StepInputs {
  readonly matrix?: string | undefined;
  readonly description?: string | undefined;
}

/** @throws Failure `invalid-input` where the action does not run in a workflow. */
export function readWorkflowRun(runner: WorkflowContext, inputs: StepInputs = {}): WorkflowRun {
  const { repository, repositoryId, runId, runAttempt, serverUrl } = runner;
  const { host } = URL.parse(serverUrl) ?? {};
  if (!host) {
    throw noWorkflow('GITHUB_SERVER_URL is not as a runner sets it');
  }
  if (!/^[\w.-]+\/[\w.-]+$/u.test(repository) || !(runId > 0) || !(runAttempt > 0)) {
    throw noWorkflow('GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not as a runner sets it');
  }
  return {
    host,
    repository,
    runId: String(runId),
    runAttempt: String(runAttempt),
    ...(repositoryId && repositoryId > 0 ? { repositoryId } : {}),
    step: stepOf(runner, inputs),
  };
}

/** The workflow's file goes without its repository and ref: the one may be renamed, and the other changes with each branch. */
function stepOf({ workflowRef, job, action }: WorkflowContext, { matrix = '', description = '' }: StepInputs): string {
  const file = workflowRef.replace(/@.*$/su, '').split('/').slice(2).join('/');
  return JSON.stringify([file, job, action, sortedMembers(parseJson(matrix)), description]);
}

/** The order in which a workflow names the axes of its matrix tells nothing. */
function sortedMembers(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    : value;
}

/** The failure of a run that does not say which one it is. */
export function noWorkflow(why: string, cause?: unknown): Failure {
  return new Failure(
    'invalid-input',
    {
      operation: 'reading the environment',
      reason: why,
      advice: 'Run the action in a workflow: each secret is marked with its repository and run.',
    },
    { cause },
  );
}

/** Why an input that holds a secret may have come out empty in this run, and what to do, in whole sentences. */
export function whySecretsAreEmpty({ eventName, actor, pullRequest }: WorkflowContext): string {
  if (actor === 'dependabot[bot]') {
    return 'Dependabot started this run, so it gets Dependabot secrets and none of Actions: store the secret as a Dependabot secret, or skip the step in such runs.';
  }
  // A run for pull_request_target is one of the base, with its secrets.
  if (pullRequest && eventName !== 'pull_request_target' && pullRequest.head !== pullRequest.base) {
    const fork = pullRequest.head === undefined ? 'a fork that was deleted' : `the fork ${pullRequest.head}`;
    return `This run is for a pull request from ${fork}, and GitHub gives such runs no secrets: skip the step in them.`;
  }
  return 'An input that takes its value from a secret is empty where no secret of that name is there for this job: check its name. A secret of an environment needs `environment:` in the job, and a reusable workflow gets only the secrets that its caller passes.';
}
