import { readBody } from '../http/message.ts';
import { type Place, placeLine } from '../model/target.ts';
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
    const { answered } = await this.#api.send('GET /repos/{owner}/{repo}', { owner, repo }, this.#api.aside);
    return answered?.status === 200 ? readBody(answered, Repository)?.archived : undefined;
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
    const found = sent.answered?.status === 200 ? readBody(sent.answered, PullRequest) : undefined;
    if (found?.number !== number) {
      const what = `reading pull request ${number} of ${this.#owner}/${this.#repo}`;
      throw this.#api.refusal(what, `Pull requests: read on ${this.#owner}/${this.#repo}`, sent);
    }
    return found.state;
  }
}

const ENVIRONMENT = '/repos/{owner}/{repo}/environments/{environment_name}';

type EnvironmentPlace = Extract<Place, { kind: 'environment' }>;

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
  async exists(place: EnvironmentPlace): Promise<boolean> {
    const { owner, repo } = place;
    const needs = `Actions: read and Environments: write on ${owner}/${repo}`;
    const what = `looking for ${placeLine(place)}`;
    const { parameters, secrets } = routesOf(place);
    const { work } = this.#api.deadline;
    const sent = await this.#api.send(`GET ${ENVIRONMENT}`, parameters, work);
    if (sent.answered?.status === 200) {
      return true;
    }
    if (sent.answered?.status !== 404) {
      throw this.#api.refusal(what, needs, sent);
    }
    const [repository, key] = await Promise.all([
      this.#api.send('GET /repos/{owner}/{repo}', { owner, repo }, work),
      this.#api.send(`GET ${secrets}/public-key`, parameters, work),
    ]);
    if (key.answered?.status === 200) {
      return true;
    }
    if (repository.answered?.status !== 200) {
      throw this.#api.refusal(what, needs, repository);
    }
    if (key.answered?.status !== 404) {
      throw this.#api.refusal(what, needs, key);
    }
    return false;
  }

  /**
   * Creates an environment. One that is there by now is left alone: the request that creates would take its protection
   * rules away.
   *
   * @returns whether it was created.
   */
  async createIfMissing(place: EnvironmentPlace): Promise<boolean> {
    if (await this.exists(place)) {
      return false;
    }
    // `data` is the whole body: an environment with no rules.
    const parameters = { ...routesOf(place).parameters, data: {} };
    const sent = await this.#api.send(`PUT ${ENVIRONMENT}`, parameters, this.#api.deadline.work);
    if (sent.answered?.status !== 200) {
      throw this.#api.refusal(
        `creating ${placeLine(place)}`,
        `Administration: write on ${place.owner}/${place.repo}`,
        sent,
      );
    }
    return true;
  }
}
