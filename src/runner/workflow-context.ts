import { context } from '@actions/github';
import type { WorkflowContext } from './runner-context.ts';

/** What @actions/github makes of the runner's variables and of the event that started the workflow. */
export function readContext(): WorkflowContext {
  const { payload, runId, runAttempt, serverUrl, apiUrl, eventName, actor, job, action } = context;
  const { owner, repo } = context.repo;
  const pull = payload.pull_request;
  return {
    repository: `${owner}/${repo ?? ''}`,
    // Not every event tells of the repository: a schedule, say, does not.
    repositoryId: Number(process.env.GITHUB_REPOSITORY_ID || payload.repository?.id) || undefined,
    runId,
    // Runners of other forges do not count attempts.
    runAttempt: process.env.GITHUB_RUN_ATTEMPT === undefined ? 1 : runAttempt,
    serverUrl,
    apiUrl,
    workflowRef: process.env.GITHUB_WORKFLOW_REF ?? '',
    job,
    action,
    eventName,
    actor,
    ...(pull ? { pullRequest: { head: pull.head?.repo?.full_name, base: pull.base?.repo?.full_name } } : {}),
  };
}
