import type { TimeBudget } from '../http/deadline.ts';
import { parseBody } from '../http/message.ts';
import type { Failure } from '../model/failure.ts';
import type { PublicKey, RepositoryAccess } from '../model/prepared-target.ts';
import { type SecretScope, scopeLine, type Target, targetLine } from '../model/target.ts';
import { inUtc } from '../model/time.ts';
import { keepsReaders, type Readers, repositoryAccessBody, repositoryAccessOf } from './access.ts';
import type { GitHubApi } from './api.ts';
import { routesOf } from './routes.ts';
import { isSealingKey, OrganizationSecretItem, PublicKeySchema, SecretCount, SecretItem } from './schema.ts';

/** What GitHub tells of a secret. */
export interface StoredSecret {
  readonly updatedAt: Date;
  /** Of an organization's secret. */
  readonly repositoryAccess?: RepositoryAccess;
}

/** What became of a write. */
export interface Written {
  /** A 422: it may mean that the key has changed, so that another one helps. Absent where the secret is written. */
  readonly refusal?: Failure;
  /** Who may read an organization's secret now. */
  readonly repositoryAccess?: RepositoryAccess;
}

/** The secrets of repositories, environments and organizations. Every method throws a Failure that names the place. */
export class GitHubSecrets {
  readonly #api: GitHubApi;
  readonly #readers: Readers;

  constructor(api: GitHubApi, readers: Readers) {
    this.#api = api;
    this.#readers = readers;
  }

  /** The key that secrets of a place are sealed with. Getting it proves that the token reaches the place. */
  async publicKey(scope: SecretScope, budget = this.#api.deadline.work): Promise<PublicKey> {
    const { secrets, parameters, secretPermission } = routesOf(scope);
    const sent = await this.#api.send(`GET ${secrets}/public-key`, parameters, budget);
    const key = sent.response?.status === 200 ? parseBody(sent.response, PublicKeySchema) : undefined;
    if (key === undefined || !isSealingKey(key)) {
      const suspicion = sent.response?.status === 404 ? await this.#suspectMissingRoute(scope) : undefined;
      throw this.#api.refusal(`reading the public key of ${scopeLine(scope)}`, secretPermission, sent, suspicion);
    }
    return key;
  }

  /** How many secrets a place holds, or undefined where the list does not tell. */
  async count(scope: SecretScope): Promise<number | undefined> {
    const { secrets, parameters } = routesOf(scope);
    const sent = await this.#api.send(`GET ${secrets}`, { ...parameters, per_page: 1 }, this.#api.aside);
    return sent.response?.status === 200 ? parseBody(sent.response, SecretCount)?.total_count : undefined;
  }

  /** When a secret was last written, and who may read it, or undefined where there is none yet. */
  async read({ scope, secretName }: Target, budget = this.#api.deadline.work): Promise<StoredSecret | undefined> {
    const { secrets, parameters, secretPermission } = routesOf(scope);
    const operation = `looking at ${secretName} of ${scopeLine(scope)}`;
    const named = { ...parameters, secret_name: secretName };
    const sent = await this.#api.send(`GET ${secrets}/{secret_name}`, named, budget);
    if (sent.response?.status === 404) {
      return undefined;
    }
    const found = sent.response?.status === 200 ? sent.response : undefined;
    const item = found && parseBody(found, SecretItem);
    const updatedAt = new Date(inUtc(item?.updated_at ?? ''));
    if (!found || Number.isNaN(updatedAt.getTime())) {
      throw this.#api.refusal(operation, secretPermission, sent);
    }
    if (scope.kind !== 'organization') {
      return { updatedAt };
    }
    const visibility = parseBody(found, OrganizationSecretItem)?.visibility;
    if (visibility === undefined) {
      throw this.#api.refusal(operation, secretPermission, sent);
    }
    const shared = { kind: 'secret', scope, name: secretName } as const;
    const repositories = visibility === 'selected' ? await this.#readers.list(shared, budget) : [];
    return { updatedAt, repositoryAccess: { visibility, repositories } };
  }

  /**
   * Writes a sealed secret. The PUT replaces the list of those who may read an organization's secret for selected
   * repositories. To leave the list out does not keep it: GitHub documents nothing of that, and empties the list. So the
   * list is read right before each attempt, and sent back: what others add in the meantime is lost only if it falls
   * between the two.
   */
  async write(
    target: Target,
    sealed: { readonly encrypted_value: string; readonly key_id: string },
    budget: TimeBudget,
  ): Promise<Written> {
    const { secrets, parameters, secretPermission } = routesOf(target.scope);
    let repositoryAccess: RepositoryAccess | undefined;
    const whole = async () => {
      repositoryAccess = await this.#repositoryAccessOf(target, budget);
      const named = { ...parameters, secret_name: target.secretName };
      return { ...named, ...sealed, ...repositoryAccessBody(target.scope, repositoryAccess) };
    };
    const sent = await this.#api.send(`PUT ${secrets}/{secret_name}`, await whole(), budget, whole);
    if (sent.response?.status === 201 || sent.response?.status === 204) {
      return repositoryAccess ? { repositoryAccess } : {};
    }
    const refusal = this.#api.refusal(`writing ${targetLine(target)}`, secretPermission, sent);
    if (sent.response?.status === 422) {
      return { refusal };
    }
    throw refusal;
  }

  /** Deletes a secret. @returns whether this request deleted it, or it was `gone` by then. */
  async delete(target: Target): Promise<'deleted' | 'gone'> {
    const { secrets, parameters, secretPermission } = routesOf(target.scope);
    const route = `DELETE ${secrets}/{secret_name}`;
    const named = { ...parameters, secret_name: target.secretName };
    return this.#api.delete(`deleting ${targetLine(target)}`, secretPermission, route, named);
  }

  /** Who is to read an organization's secret, by who may read it at this moment. */
  async #repositoryAccessOf(target: Target, budget: TimeBudget): Promise<RepositoryAccess | undefined> {
    const { scope } = target;
    if (scope.kind !== 'organization') {
      return undefined;
    }
    return repositoryAccessOf(
      scope,
      keepsReaders(scope) ? (await this.read(target, budget))?.repositoryAccess : undefined,
    );
  }

  /** GitHub says 404 of a place that the token does not see, and an Enterprise Server of a route that came later. */
  async #suspectMissingRoute(scope: SecretScope): Promise<string | undefined> {
    if (!this.#api.isEnterpriseServer) {
      return undefined;
    }
    const { parameters, root } = routesOf(scope);
    const { response } = await this.#api.send(`GET ${root}`, parameters, this.#api.aside);
    return response?.status === 200
      ? `The token sees it, so this Enterprise Server may have no ${scope.kind === 'environment' ? 'environment' : scope.app} secrets: see whether the documentation of its version names them.`
      : undefined;
  }
}
