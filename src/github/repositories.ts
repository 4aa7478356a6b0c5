import { readBody } from '../http/body.ts';
import type { GitHubApi } from './api.ts';
import { Repository } from './schema.ts';

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
