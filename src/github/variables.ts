import type { TimeBudget } from '../http/deadline.ts';
import { Failure } from '../model/failure.ts';
import type { RepositoryAccess, StoredVariable } from '../model/prepared-target.ts';
import { itemInProse, type SecretScope } from '../model/target.ts';
import type { GitHubApi } from './api.ts';
import { accessBody, type SelectedRepositories } from './repository-access.ts';
import { routesOf } from './routes.ts';
import { VariableBody } from './schema.ts';

const WRITTEN = [201, 204];

/** The variables of repositories, environments and organizations. */
export class Variables {
  readonly #api: GitHubApi;
  readonly #selected: SelectedRepositories;

  constructor(api: GitHubApi, selected: SelectedRepositories) {
    this.#api = api;
    this.#selected = selected;
  }

  /** @returns undefined if it does not exist. @throws Failure `unsupported` if this GitHub has no variables. */
  async read(scope: SecretScope, name: string): Promise<StoredVariable | undefined> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const operation = `reading ${itemInProse('variable', name, scope)}`;
    const response = await this.#api.call({
      operation,
      permissions: [variablePermission],
      route: `GET ${variables}/{name}`,
      parameters: { ...parameters, name },
      fine: [200, 404],
    });
    if (response.status === 404) {
      await this.#assertSupported(scope, operation);
      return undefined;
    }
    const { value, updated_at: updatedAt, visibility } = response.read(VariableBody);
    if (scope.kind !== 'organization' || visibility === undefined) {
      return { value, updatedAt };
    }
    const item = { kind: 'variable', scope, name } as const;
    const repositoryAccess = await this.#selected.accessOf(item, visibility, this.#api.deadline.work);
    return { value, updatedAt, repositoryAccess };
  }

  /** @param repositoryAccess what a new variable of an organization gets. An existing one keeps what it has. */
  async write(
    scope: SecretScope,
    { name, value, exists }: { readonly name: string; readonly value: string; readonly exists: boolean },
    repositoryAccess: RepositoryAccess | undefined,
    budget: TimeBudget,
  ): Promise<void> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const send = (route: string, access: object, otherwise: readonly number[]) =>
      this.#api.call({
        operation: `writing ${itemInProse('variable', name, scope)}`,
        permissions: [variablePermission],
        route,
        parameters: { ...parameters, name, value, ...access },
        fine: [...WRITTEN, ...otherwise],
        budget,
      });
    const update = (...otherwise: number[]) => send(`PATCH ${variables}/{name}`, {}, otherwise);
    const create = (...otherwise: number[]) =>
      send(`POST ${variables}`, accessBody(scope, repositoryAccess), otherwise);
    const { status } = await (exists ? update(404) : create(409));
    // Somebody deleted or created it since the run looked, or an earlier attempt created it and its response was lost.
    if (!WRITTEN.includes(status)) {
      await (exists ? create() : update());
    }
  }

  /** @throws Failure */
  async delete(scope: SecretScope, name: string): Promise<'deleted' | 'absent'> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    return this.#api.delete({
      operation: `deleting ${itemInProse('variable', name, scope)}`,
      permissions: [variablePermission],
      route: `DELETE ${variables}/{name}`,
      parameters: { ...parameters, name },
    });
  }

  /** GitHub also answers 404 to a route that it does not have. It has the list of variables even if that is empty. */
  async #assertSupported(scope: SecretScope, operation: string): Promise<void> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const { status, request } = await this.#api.call({
      operation,
      permissions: [variablePermission],
      route: `GET ${variables}`,
      parameters: { ...parameters, per_page: 1 },
      fine: [200, 404],
    });
    if (status === 404) {
      throw new Failure('unsupported', {
        operation,
        request,
        reason: 'this GitHub has no variables there: an older GitHub Enterprise Server does not offer them',
        advice: 'Leave out `client-id-variable` and `expiration-variable`.',
      });
    }
  }
}
