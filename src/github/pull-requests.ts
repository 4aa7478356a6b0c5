import { readBody } from '../http/body.ts';
import type { GitHubApi } from './api.ts';
import { PullRequest } from './schema.ts';

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
