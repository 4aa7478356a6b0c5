import { context } from '@actions/github';
import type { WorkflowContext } from '../model/request.ts';

/** Reads the variables of the runner and the event that started the workflow, with @actions/github. */
export function readContext(): WorkflowContext {
  const { payload, runId, runAttempt, serverUrl, apiUrl, eventName, actor, job, action } = context;
  const { owner, repo } = context.repo;
  const pull = payload.pull_request;
  return {
    repository: `${owner}/${repo ?? ''}`,
    // Not every event contains the repository. A schedule does not.
    repositoryId: Number(process.env.GITHUB_REPOSITORY_ID || payload.repository?.id) || undefined,
    runId,
    // Runners of other forges do not report attempts.
    runAttempt: process.env.GITHUB_RUN_ATTEMPT === undefined ? 1 : runAttempt,
    serverUrl,
    apiUrl,
    workflowRef: process.env.GITHUB_WORKFLOW_REF ?? '',
    job,
    action,
    eventName,
    actor,
    workspace: process.env.GITHUB_WORKSPACE ?? '',
    ...(pull ? { pullRequest: { head: pull.head?.repo?.full_name, base: pull.base?.repo?.full_name } } : {}),
  };
}
