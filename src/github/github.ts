import type { Deadline } from '../http/deadline.ts';
import type { Http } from '../http/http.ts';
import type { Log } from '../model/log.ts';
import type { GitHubAccess } from '../model/request.ts';
import { Readers } from './access.ts';
import { GitHubApi } from './api.ts';
import { Environments, PullRequests, Repositories } from './repositories.ts';
import { GitHubSecrets } from './secrets.ts';
import { Variables } from './variables.ts';

/** GitHub, as whoever the token stands for. */
export interface GitHub {
  readonly secrets: GitHubSecrets;
  readonly variables: Variables;
  readonly readers: Readers;
  readonly environments: Environments;
  readonly repositories: Repositories;
  /** Of the workflow's own repository. */
  readonly pullRequests: PullRequests;
}

/** @param repository `owner/repo` of the workflow. */
export function openGitHub(access: GitHubAccess, repository: string, http: Http, deadline: Deadline, log: Log): GitHub {
  const api = new GitHubApi(access, http, deadline, log);
  const readers = new Readers(api);
  return {
    secrets: new GitHubSecrets(api, readers),
    variables: new Variables(api, readers),
    readers,
    environments: new Environments(api),
    repositories: new Repositories(api),
    pullRequests: new PullRequests(api, repository),
  };
}
