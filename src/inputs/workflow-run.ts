import { parseJson } from '../http/message.ts';
import { Failure } from '../model/failure.ts';
import type { WorkflowContext, WorkflowRun } from '../model/request.ts';

/** The inputs that identify the step: `matrix` as JSON, and `secret-description`. */
type StepInputs = Readonly<Partial<Record<'matrix' | 'description', string | undefined>>>;

/** @throws Failure `invalid-input` if the action does not run in a workflow. */
export function readWorkflowRun(runner: WorkflowContext, inputs: StepInputs = {}): WorkflowRun {
  const { repository, repositoryId, runId, runAttempt, serverUrl } = runner;
  const { host } = URL.parse(serverUrl) ?? {};
  if (!host) {
    throw noWorkflow('GITHUB_SERVER_URL is not a URL');
  }
  if (!/^[\w.-]+\/[\w.-]+$/u.test(repository) || !(runId > 0) || !(runAttempt > 0)) {
    throw noWorkflow('GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is missing or invalid');
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

/** Without the repository and the ref of the workflow: a repository can be renamed, and the ref varies. */
function stepOf({ workflowRef, job, action }: WorkflowContext, { matrix = '', description = '' }: StepInputs): string {
  const file = workflowRef.replace(/@.*$/su, '').split('/').slice(2).join('/');
  return JSON.stringify([file, job, action, sortedMembers(parseJson(matrix)), description]);
}

/** The order of the variables of a matrix has no meaning. */
function sortedMembers(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    : value;
}

/** The failure of a step whose environment does not identify the run. */
export function noWorkflow(reason: string, cause?: unknown): Failure {
  const advice = 'Run the action in a workflow: the ownership mark of each secret names the repository and the run.';
  return new Failure('invalid-input', { operation: 'reading the environment', reason, advice }, { cause });
}

/** Explains why an input may be empty, and what to do, in whole sentences. */
export const WHY_VALUES_ARE_EMPTY =
  'An input is also empty if the job cannot read the secret or variable behind it: it may not exist, its name may have a typo, or it belongs to an environment that the job does not name with `environment:`. A reusable workflow gets only the secrets that its caller passes.';

/** Explains why a secret input may be empty in this run, and what to do, in whole sentences. */
export function whySecretsAreEmpty({ eventName, actor, pullRequest }: WorkflowContext): string {
  if (actor === 'dependabot[bot]') {
    return "Dependabot started this run, so it can read Dependabot secrets but no Actions secrets. Store the secret as a Dependabot secret too, or skip the job in such runs: `if: github.actor != 'dependabot[bot]'`.";
  }
  // A pull_request_target run has the secrets of the base repository.
  if (pullRequest && eventName !== 'pull_request_target' && pullRequest.head !== pullRequest.base) {
    const fork = pullRequest.head === undefined ? 'a deleted fork' : `the fork ${pullRequest.head}`;
    return `This run is for a pull request from ${fork}, and GitHub does not pass secrets to such runs. Skip the job in them: \`if: github.event.pull_request.head.repo.full_name == github.repository\`.`;
  }
  return WHY_VALUES_ARE_EMPTY;
}
