import type { Deadline } from '../http/deadline.ts';
import type { Http } from '../http/http.ts';
import type { Log } from '../model/log.ts';
import type { GitHubAccess } from '../model/request.ts';
import { GitHubApi } from './api.ts';
import { Lookups } from './lookups.ts';
import { Environments, PullRequests, Repositories } from './repositories.ts';
import { SelectedRepositories } from './repository-access.ts';
import { GitHubSecrets } from './secrets.ts';
import { Variables } from './variables.ts';
import { WritePace } from './write-pace.ts';

/** GitHub, with the rights of the token. */
export interface GitHub {
  readonly secrets: GitHubSecrets;
  readonly variables: Variables;
  readonly selectedRepositories: SelectedRepositories;
  readonly environments: Environments;
  readonly repositories: Repositories;
  /** Of the workflow's own repository. */
  readonly pullRequests: PullRequests;
  /** What a run asks once, however many of its clients need it. */
  readonly lookups: Lookups;
  readonly pace: WritePace;
}

/**
 * @param repository `OWNER/REPO` of the workflow.
 * @param jobs how many jobs write at the same time with the same rights.
 */
export function openGitHub(
  access: GitHubAccess,
  repository: string,
  http: Http,
  deadline: Deadline,
  log: Log,
  jobs = 1,
): GitHub {
  const api = new GitHubApi(access, http, deadline, log);
  const selectedRepositories = new SelectedRepositories(api);
  const services = {
    secrets: new GitHubSecrets(api, selectedRepositories),
    variables: new Variables(api, selectedRepositories),
    selectedRepositories,
    environments: new Environments(api),
    repositories: new Repositories(api),
    pullRequests: new PullRequests(api, repository),
  };
  return { ...services, lookups: new Lookups(services), pace: WritePace.open(jobs) };
}
