import { parseBody } from '../http/message.ts';
import { type SecretScope, scopeLine } from '../model/target.ts';
import type { GitHubApi } from './api.ts';
import { routesOf } from './routes.ts';
import { PullRequest, Repository } from './schema.ts';

/** Repositories as a whole. */
export class Repositories {
  readonly #api: GitHubApi;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /** Whether a repository is archived, and so read-only. Undefined where GitHub does not tell the token. */
  async isArchived(owner: string, repo: string): Promise<boolean | undefined> {
    const { response } = await this.#api.send('GET /repos/{owner}/{repo}', { owner, repo }, this.#api.aside);
    return response?.status === 200 ? parseBody(response, Repository)?.archived : undefined;
  }
}

/** The pull requests of one repository. */
export class PullRequests {
  readonly #api: GitHubApi;
  readonly #owner: string;
  readonly #repo: string;

  /** @param repository `owner/repo`. */
  constructor(api: GitHubApi, repository: string) {
    const [owner = '', repo = ''] = repository.split('/');
    this.#api = api;
    this.#owner = owner;
    this.#repo = repo;
  }

  /** Whether a pull request is open or closed; a merged one is closed. @throws Failure where it cannot be read. */
  async state(number: number): Promise<'open' | 'closed'> {
    const repository = { owner: this.#owner, repo: this.#repo };
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const sent = await this.#api.send(route, { ...repository, pull_number: number }, this.#api.deadline.work);
    const found = sent.response?.status === 200 ? parseBody(sent.response, PullRequest) : undefined;
    if (found?.number !== number) {
      const operation = `reading pull request ${number} of ${this.#owner}/${this.#repo}`;
      throw this.#api.refusal(operation, `Pull requests: read on ${this.#owner}/${this.#repo}`, sent);
    }
    return found.state;
  }
}

const ENVIRONMENT = '/repos/{owner}/{repo}/environments/{environment_name}';

type EnvironmentScope = Extract<SecretScope, { kind: 'environment' }>;

/** The environments of repositories. Every method throws a Failure that names the place. */
export class Environments {
  readonly #api: GitHubApi;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /**
   * Whether the environment of a place is there. GitHub says 404 as well of one that a token may not look at, and of a
   * repository that it may not see: so one is missing only where the token sees the repository and GitHub knows no key of
   * the environment's secrets either.
   */
  async exists(scope: EnvironmentScope): Promise<boolean> {
    const { owner, repo } = scope;
    const needs = `Actions: read and Environments: write on ${owner}/${repo}`;
    const operation = `looking for ${scopeLine(scope)}`;
    const { parameters, secrets } = routesOf(scope);
    const { work } = this.#api.deadline;
    const sent = await this.#api.send(`GET ${ENVIRONMENT}`, parameters, work);
    if (sent.response?.status === 200) {
      return true;
    }
    if (sent.response?.status !== 404) {
      throw this.#api.refusal(operation, needs, sent);
    }
    const [repository, key] = await Promise.all([
      this.#api.send('GET /repos/{owner}/{repo}', { owner, repo }, work),
      this.#api.send(`GET ${secrets}/public-key`, parameters, work),
    ]);
    if (key.response?.status === 200) {
      return true;
    }
    if (repository.response?.status !== 200) {
      throw this.#api.refusal(operation, needs, repository);
    }
    if (key.response?.status !== 404) {
      throw this.#api.refusal(operation, needs, key);
    }
    return false;
  }

  /**
   * Creates an environment. One that is there by now is left alone: the request that creates would take its protection
   * rules away.
   *
   * @returns whether it was created.
   */
  async createIfMissing(scope: EnvironmentScope): Promise<boolean> {
    if (await this.exists(scope)) {
      return false;
    }
    // `data` is the whole body: an environment with no rules.
    const parameters = { ...routesOf(scope).parameters, data: {} };
    const sent = await this.#api.send(`PUT ${ENVIRONMENT}`, parameters, this.#api.deadline.work);
    if (sent.response?.status !== 200) {
      throw this.#api.refusal(
        `creating ${scopeLine(scope)}`,
        `Administration: write on ${scope.owner}/${scope.repo}`,
        sent,
      );
    }
    return true;
  }
}
