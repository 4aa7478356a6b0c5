/** What the runner reports of the run. */
export interface WorkflowContext {
  /** `owner/name` */
  readonly repository: string;
  /** The id of the repository on GitHub. */
  readonly repositoryId: number | undefined;
  readonly runId: number;
  readonly runAttempt: number;
  /** The GitHub that the runner belongs to, and the API of that GitHub. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** `owner/name/PATH@REF` of the workflow file. Runners before 2.300 do not report it. */
  readonly workflowRef: string;
  /** The id of the job in its workflow, and of the step in its job. */
  readonly job: string;
  readonly action: string;
  readonly eventName: string;
  readonly actor: string;
  /** The repositories of the pull request that started the run. A deleted one has no name. */
  readonly pullRequest?: { readonly head: string | undefined; readonly base: string | undefined };
}
