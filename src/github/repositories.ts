import { Failure } from '../model/failure.ts';
import type { PublicKey } from '../model/prepared-target.ts';
import type { WorkflowRun } from '../model/request.ts';
import { type SecretScope, scopeInProse, scopeKey } from '../model/target.ts';
import type { GitHubApi } from './api.ts';
import { type Permission, routesOf } from './routes.ts';
import { PullRequestBody, RepositoryBody } from './schema.ts';
import type { GitHubSecrets } from './secrets.ts';

const REPOSITORY = '/repos/{owner}/{repo}';
const ENVIRONMENT = `${REPOSITORY}/environments/{environment_name}`;

/** Repositories as a whole. */
export class Repositories {
  readonly #api: GitHubApi;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /** Whether a repository is archived, and so read-only. @returns undefined if GitHub does not give it. */
  async isArchived(owner: string, repo: string): Promise<boolean | undefined> {
    return (await this.#api.readOptional(`GET ${REPOSITORY}`, { owner, repo }, RepositoryBody))?.archived;
  }
}

/** The pull requests of the workflow's repository. */
export class PullRequests {
  readonly #api: GitHubApi;
  readonly #workflow: WorkflowRun;

  constructor(api: GitHubApi, workflow: WorkflowRun) {
    this.#api = api;
    this.#workflow = workflow;
  }

  /**
   * Whether a pull request is open or closed. A merged one is closed.
   *
   * @throws Failure, also if the pull request belongs to a repository that has taken over the name.
   */
  async state(number: number): Promise<'open' | 'closed'> {
    const { repository: on, repositoryId } = this.#workflow;
    const [owner = '', repo = ''] = on.split('/');
    const operation = `reading pull request ${number} of ${on}`;
    const response = await this.#api.call({
      operation,
      permissions: [{ name: 'Pull requests', access: 'read', on }],
      route: `GET ${REPOSITORY}/pulls/{pull_number}`,
      parameters: { owner, repo, pull_number: number },
      fine: [200],
    });
    const found = response.read(PullRequestBody);
    if (found.number !== number) {
      throw response.failure();
    }
    if (repositoryId !== undefined && found.base.repo.id !== repositoryId) {
      throw new Failure('unexpected-response', {
        operation,
        request: response.request,
        reason: `it belongs to another repository that has this name now (ID ${found.base.repo.id} instead of ${repositoryId})`,
        advice: 'Start a new run of the workflow. It uses the current name of its repository.',
      });
    }
    return found.state;
  }
}

type EnvironmentScope = Extract<SecretScope, { kind: 'environment' }>;

/** The environments of repositories. */
export class Environments {
  readonly #api: GitHubApi;
  readonly #secrets: GitHubSecrets;
  /** The environments that are being created. */
  readonly #creating = new Map<string, Promise<boolean>>();

  constructor(api: GitHubApi, secrets: GitHubSecrets) {
    this.#api = api;
    this.#secrets = secrets;
  }

  /**
   * The public key of an environment. The key alone shows that the environment exists, so nothing else is asked if GitHub
   * gives it.
   *
   * @returns undefined if the environment does not exist.
   * @throws Failure
   */
  async findPublicKey(scope: EnvironmentScope): Promise<PublicKey | undefined> {
    const key = await this.#secrets.findPublicKey(scope);
    if (key) {
      return key;
    }
    // If the environment exists, somebody has created it since, or its key is really missing. The second answer tells.
    return (await this.#existsWithoutKey(scope)) ? this.#secrets.publicKey(scope) : undefined;
  }

  /**
   * Creates an environment unless it exists by now: the request that creates it would remove its protection rules. Clients
   * of a run can share an environment, so only the first of them creates it, and the others wait for the result.
   *
   * @returns whether this call created it.
   * @throws Failure
   */
  async createIfMissing(scope: EnvironmentScope): Promise<boolean> {
    const key = scopeKey(scope);
    const underWay = this.#creating.get(key);
    if (underWay) {
      await underWay;
      return false;
    }
    const creating = this.#createIfMissing(scope);
    this.#creating.set(key, creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(key);
    }
  }

  async #createIfMissing(scope: EnvironmentScope): Promise<boolean> {
    if (await this.findPublicKey(scope)) {
      return false;
    }
    await this.#api.call({
      operation: `creating ${scopeInProse(scope)}`,
      permissions: [{ name: 'Administration', access: 'write', on: `${scope.owner}/${scope.repo}` }],
      route: `PUT ${ENVIRONMENT}`,
      // `data` is the whole body: an environment without rules.
      parameters: { ...routesOf(scope).parameters, data: {} },
      fine: [200],
    });
    return true;
  }

  /**
   * Whether an environment exists whose key GitHub answered with 404. GitHub also answers 404 if the token cannot see the
   * environment or its repository. So an environment does not exist only if the token can see the repository.
   */
  async #existsWithoutKey(scope: EnvironmentScope): Promise<boolean> {
    const { owner, repo } = scope;
    const on = `${owner}/${repo}`;
    const call = {
      operation: `looking for ${scopeInProse(scope)}`,
      permissions: [
        { name: 'Actions', access: 'read', on },
        { name: 'Environments', access: 'write', on },
      ] satisfies [Permission, Permission],
    };
    const [environment, repository] = await Promise.allSettled([
      this.#api.call({
        ...call,
        route: `GET ${ENVIRONMENT}`,
        parameters: routesOf(scope).parameters,
        fine: [200, 404],
      }),
      this.#api.call({ ...call, route: `GET ${REPOSITORY}`, parameters: { owner, repo }, fine: [200] }),
    ]);
    if (environment.status === 'rejected') {
      throw environment.reason;
    }
    if (environment.value.status === 200) {
      return true;
    }
    if (repository.status === 'rejected') {
      throw repository.reason;
    }
    return false;
  }
}
