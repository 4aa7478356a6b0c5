/** What the runner tells of the run, as it tells it. */
export interface WorkflowContext {
  /** `owner/name` */
  readonly repository: string;
  /** GitHub's number for the repository. */
  readonly repositoryId: number | undefined;
  readonly runId: number;
  readonly runAttempt: number;
  /** The GitHub that the runner belongs to, and its API. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** `owner/name/PATH@REF` of the workflow's file. Runners before 2.300 do not tell it. */
  readonly workflowRef: string;
  /** The ids of the job in its workflow, and of the step in its job. */
  readonly job: string;
  readonly action: string;
  readonly eventName: string;
  readonly actor: string;
  /** The repositories of the pull request that the event is about. One that was deleted has no name. */
  readonly pullRequest?: { readonly head: string | undefined; readonly base: string | undefined };
}
