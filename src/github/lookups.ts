import type { PublicKey } from '../model/prepared-target.ts';
import { type SecretScope, scopeKey } from '../model/target.ts';
import type { Environments, Repositories } from './repositories.ts';
import type { GitHubSecrets } from './secrets.ts';

interface Services {
  readonly secrets: Pick<GitHubSecrets, 'publicKey' | 'count'>;
  readonly environments: Pick<Environments, 'findPublicKey'>;
  readonly repositories: Pick<Repositories, 'isArchived'>;
}

/** What a run asks GitHub about a place, once for all its clients. What is missing or cannot be read is asked again. */
export class Lookups {
  readonly #services: Services;
  readonly #answers = new Map<string, Promise<unknown>>();
  /** The secrets that the run adds to each scope. */
  readonly #added = new Map<string, number>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** @returns undefined if the scope is an environment that does not exist. @throws Failure */
  publicKey(scope: SecretScope): Promise<PublicKey | undefined> {
    const { environments, secrets } = this.#services;
    return this.#once(`key ${scopeKey(scope)}`, () =>
      scope.kind === 'environment' ? environments.findPublicKey(scope) : secrets.publicKey(scope),
    );
  }

  /** @returns undefined if GitHub does not give it. */
  isArchived(owner: string, repo: string): Promise<boolean | undefined> {
    return this.#once(`repository ${owner}/${repo}`.toLowerCase(), () =>
      this.#services.repositories.isArchived(owner, repo),
    );
  }

  /** The number of secrets in a scope without those that the caller adds. Undefined if GitHub does not give it. */
  async countBefore(scope: SecretScope, added: number, limit: number): Promise<number | undefined> {
    const key = scopeKey(scope);
    const addedBefore = this.#added.get(key) ?? 0;
    this.#added.set(key, addedBefore + added);
    const first = await this.#once(`secrets ${key}`, () => this.#services.secrets.count(scope));
    const known = first === undefined ? undefined : first + addedBefore;
    // Some of the secrets that others were going to add may not have been added.
    return known !== undefined && addedBefore > 0 && known + added > limit
      ? this.#services.secrets.count(scope)
      : known;
  }

  /** An answer holds for the rest of the run, unless it is undefined. */
  #once<Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(question) as Promise<Answer> | undefined;
    const answer = known ?? ask();
    if (!known) {
      this.#answers.set(question, answer);
      const forget = () => this.#answers.delete(question);
      answer.then(given => given !== undefined || forget(), forget);
    }
    return answer;
  }
}
