import type { Deadline } from '../http/deadline.ts';
import type { Http } from '../http/http.ts';
import type { Log } from '../model/log.ts';
import type { GitHubAccess, TargetsRequest, WorkflowRun } from '../model/request.ts';
import { GitHubApi } from './api.ts';
import { Lookups } from './lookups.ts';
import { type Preflight, type PreflightQuestions, preflight } from './preflight.ts';
import { Environments, PullRequests, Repositories } from './repositories.ts';
import { SelectedRepositories } from './repository-access.ts';
import { GitHubSecrets } from './secrets.ts';
import { Variables } from './variables.ts';
import { WritePace } from './write-pace.ts';

interface GitHubServices {
  readonly secrets: GitHubSecrets;
  readonly variables: Variables;
  readonly selectedRepositories: SelectedRepositories;
  readonly environments: Environments;
  readonly repositories: Repositories;
  /** Of the workflow's own repository. */
  readonly pullRequests: PullRequests;
}

/** GitHub, as a run uses it. */
export interface GitHub extends GitHubServices {
  readonly pace: WritePace;
  /** Reads all that a write needs. Loaded with GitHub, because a step without targets does not need it. */
  readonly preflight: (request: TargetsRequest, questions: PreflightQuestions) => Promise<Preflight>;
}

/**
 * @param jobs how many jobs write at the same time with the same rights.
 */
export function openGitHub(
  access: GitHubAccess,
  workflow: WorkflowRun,
  http: Http,
  deadline: Deadline,
  log: Log,
  jobs = 1,
): GitHub {
  const api = new GitHubApi(access, http, deadline, log);
  const selectedRepositories = new SelectedRepositories(api);
  const secrets = new GitHubSecrets(api, selectedRepositories);
  const services = {
    secrets,
    variables: new Variables(api, selectedRepositories),
    selectedRepositories,
    environments: new Environments(api, secrets),
    repositories: new Repositories(api),
    pullRequests: new PullRequests(api, workflow),
  };
  return gitHubFrom(services, jobs);
}

/** As `openGitHub`, from its services. */
export function gitHubFrom(services: GitHubServices, jobs = 1): GitHub {
  const lookups = new Lookups(services);
  return {
    ...services,
    pace: WritePace.open(jobs),
    preflight: (request, questions) => preflight(request, questions, { ...services, lookups }),
  };
}
