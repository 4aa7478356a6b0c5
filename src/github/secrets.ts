import type { TimeBudget } from '../http/deadline.ts';
import * as z from '../http/zod.ts';
import type { Failure } from '../model/failure.ts';
import type { PreparedTarget, PublicKey, RepositoryAccess } from '../model/prepared-target.ts';
import type { Secret } from '../model/secret.ts';
import { type SecretScope, scopeInProse, type Target, targetInProse } from '../model/target.ts';
import type { GitHubApi } from './api.ts';
import { accessBody, dependsOnCurrentAccess, type SelectedRepositories, wantedAccess } from './repository-access.ts';
import { routesOf } from './routes.ts';
import { OrganizationSecretBody, PublicKeyBody, SecretBody, SecretCount } from './schema.ts';
import { seal } from './seal.ts';

/** A secret that GitHub holds. */
interface StoredSecret {
  readonly updatedAt: Date;
  /** Of an organization's secret. */
  readonly repositoryAccess?: RepositoryAccess;
}

/** The result of one write. */
interface WriteResult {
  /** The failure of a 422: it may mean that the public key has changed. Absent if the secret is written. */
  readonly refusal?: Failure;
  /** Of an organization's secret. */
  readonly repositoryAccess: RepositoryAccess | undefined;
}

/** The secrets of repositories, environments and organizations. */
export class GitHubSecrets {
  readonly #api: GitHubApi;
  readonly #selected: SelectedRepositories;
  /** The sealed boxes of each secret, by the public key in base64. */
  readonly #boxes = new WeakMap<Secret, Map<string, string>>();

  constructor(api: GitHubApi, selected: SelectedRepositories) {
    this.#api = api;
    this.#selected = selected;
  }

  /**
   * Reads the public key of a scope. That it can be read shows that the token has access to the scope.
   *
   * @param scope if it is an environment, one that is known to exist.
   * @throws Failure
   */
  async publicKey(scope: SecretScope, budget?: TimeBudget): Promise<PublicKey> {
    const response = await this.#askForKey(scope, budget);
    if (response.status === 404) {
      throw response.failure(await this.#adviceOnMissingKey(scope));
    }
    return response.read(PublicKeyBody);
  }

  /** As `publicKey`, but a 404 is not a failure. @returns undefined if GitHub answers 404. @throws Failure */
  async findPublicKey(scope: SecretScope): Promise<PublicKey | undefined> {
    const response = await this.#askForKey(scope);
    return response.status === 404 ? undefined : response.read(PublicKeyBody);
  }

  /** @returns the number of secrets in a scope, or undefined if GitHub does not give it. */
  async count(scope: SecretScope): Promise<number | undefined> {
    const { secrets, parameters } = routesOf(scope);
    return (await this.#api.readOptional(`GET ${secrets}`, { ...parameters, per_page: 1 }, SecretCount))?.total_count;
  }

  /** @returns undefined if the secret does not exist. @throws Failure */
  async read({ scope, secretName }: Target, budget = this.#api.deadline.work): Promise<StoredSecret | undefined> {
    const { secrets, parameters, secretPermission } = routesOf(scope);
    const response = await this.#api.call({
      operation: `reading ${targetInProse({ scope, secretName })}`,
      permissions: [secretPermission],
      route: `GET ${secrets}/{secret_name}`,
      parameters: { ...parameters, secret_name: secretName },
      fine: [200, 404],
      budget,
    });
    if (response.status === 404) {
      return undefined;
    }
    if (scope.kind !== 'organization') {
      return { updatedAt: response.read(SecretBody).updated_at };
    }
    const { updated_at: updatedAt, visibility } = response.read(OrganizationSecretBody);
    const item = { kind: 'secret', scope, name: secretName } as const;
    return { updatedAt, repositoryAccess: await this.#selected.accessOf(item, visibility, budget) };
  }

  /**
   * Seals a secret and writes it. If GitHub refuses it and the public key of the scope has changed, it is sealed and
   * written once more.
   *
   * @returns the repository access of an organization's secret, as it is now.
   * @throws Failure
   */
  async write(
    { target, resolved: { scope, key: knownKey } }: PreparedTarget,
    secret: Secret,
    budget: TimeBudget,
  ): Promise<RepositoryAccess | undefined> {
    const key = knownKey ?? (await this.publicKey(scope, budget));
    const first = await this.#writeSealed(target, secret, key, budget);
    if (first.refusal === undefined) {
      return first.repositoryAccess;
    }
    const currentKey = await this.publicKey(scope, budget);
    const last = currentKey.id === key.id ? first : await this.#writeSealed(target, secret, currentKey, budget);
    if (last.refusal) {
      throw last.refusal;
    }
    return last.repositoryAccess;
  }

  /** @throws Failure */
  async delete(target: Target): Promise<'deleted' | 'absent'> {
    const { secrets, parameters, secretPermission } = routesOf(target.scope);
    return this.#api.delete({
      operation: `deleting ${targetInProse(target)}`,
      permissions: [secretPermission],
      route: `DELETE ${secrets}/{secret_name}`,
      parameters: { ...parameters, secret_name: target.secretName },
    });
  }

  #askForKey(scope: SecretScope, budget?: TimeBudget): ReturnType<GitHubApi['call']> {
    const { secrets, parameters, secretPermission } = routesOf(scope);
    return this.#api.call({
      operation: `reading the public key for ${scope.app} secrets in ${scopeInProse(scope)}`,
      permissions: [secretPermission],
      route: `GET ${secrets}/public-key`,
      parameters,
      fine: [200, 404],
      budget,
    });
  }

  /**
   * The PUT replaces the list of the selected repositories. GitHub does not document a PUT without the list: it empties
   * the list. So the list is read right before each attempt, and sent back. What others add between the two is lost.
   */
  async #writeSealed(target: Target, secret: Secret, key: PublicKey, budget: TimeBudget): Promise<WriteResult> {
    const { secrets, parameters, secretPermission } = routesOf(target.scope);
    const box = this.#seal(secret, key);
    let repositoryAccess: RepositoryAccess | undefined;
    const withCurrentAccess = async () => {
      repositoryAccess = await this.#wantedAccess(target, budget);
      return {
        ...parameters,
        secret_name: target.secretName,
        encrypted_value: box,
        key_id: key.id,
        ...accessBody(target.scope, repositoryAccess),
      };
    };
    const response = await this.#api.call({
      operation: `writing ${targetInProse(target)}`,
      permissions: [secretPermission],
      route: `PUT ${secrets}/{secret_name}`,
      parameters: await withCurrentAccess(),
      renew: withCurrentAccess,
      fine: [201, 204, 422],
      budget,
    });
    return response.status === 422 ? { refusal: response.failure(), repositoryAccess } : { repositoryAccess };
  }

  /** Several targets in one scope share a sealed box. */
  #seal(secret: Secret, key: PublicKey): string {
    const boxes = this.#boxes.get(secret) ?? new Map<string, string>();
    this.#boxes.set(secret, boxes);
    const box = boxes.get(key.value) ?? seal(secret, key);
    boxes.set(key.value, box);
    return box;
  }

  async #wantedAccess(target: Target, budget: TimeBudget): Promise<RepositoryAccess | undefined> {
    const { scope } = target;
    if (scope.kind !== 'organization') {
      return undefined;
    }
    return wantedAccess(
      scope,
      dependsOnCurrentAccess(scope) ? (await this.read(target, budget))?.repositoryAccess : undefined,
    );
  }

  /** A 404 means that the token cannot see the scope or its key, or that an Enterprise Server does not have the route. */
  async #adviceOnMissingKey(scope: SecretScope): Promise<((onToken: string) => string) | undefined> {
    const { isEnterpriseServer } = this.#api;
    if (scope.kind === 'environment') {
      const onServer = isEnterpriseServer
        ? ' Otherwise, this Enterprise Server may not have environment secrets, or it asks for the permission Secrets instead: check the documentation of its version.'
        : '';
      return onToken =>
        `The environment exists, and GitHub also answers 404 for what a token may not read. ${onToken}${onServer}`;
    }
    if (!isEnterpriseServer) {
      return undefined;
    }
    const [place, route, parameters] =
      scope.kind === 'organization'
        ? (['organization', 'GET /orgs/{org}', { org: scope.org }] as const)
        : (['repository', 'GET /repos/{owner}/{repo}', { owner: scope.owner, repo: scope.repo }] as const);
    const isVisible = await this.#api.readOptional(route, parameters, z.looseObject({}));
    return isVisible
      ? onToken =>
          `The token can see the ${place}, so this Enterprise Server may not have ${scope.app} secrets: check the documentation of its version. Otherwise: ${onToken}`
      : undefined;
  }
}
