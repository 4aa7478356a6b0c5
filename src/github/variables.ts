import type { TimeBudget } from '../http/deadline.ts';
import { type HttpResponse, parseBody, requestLine } from '../http/message.ts';
import { Failure } from '../model/failure.ts';
import type { RepositoryAccess, StoredVariable } from '../model/prepared-target.ts';
import { type SecretScope, scopeLine } from '../model/target.ts';
import { type Readers, repositoryAccessBody } from './access.ts';
import type { GitHubApi } from './api.ts';
import { routesOf } from './routes.ts';
import { OrganizationVariableItem, VariableItem } from './schema.ts';

/** The variables of repositories, environments and organizations. Every method throws a Failure that names the place. */
export class Variables {
  readonly #api: GitHubApi;
  readonly #readers: Readers;

  constructor(api: GitHubApi, readers: Readers) {
    this.#api = api;
    this.#readers = readers;
  }

  /**
   * What a variable holds, or undefined where there is none.
   *
   * @throws Failure `unsupported` where this GitHub has no variables there.
   */
  async read(scope: SecretScope, name: string): Promise<StoredVariable | undefined> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const operation = `reading the variable ${name} of ${scopeLine(scope)}`;
    const sent = await this.#api.send(`GET ${variables}/{name}`, { ...parameters, name }, this.#api.deadline.work);
    if (sent.response?.status === 404) {
      await this.#assertOffered(scope, operation);
      return undefined;
    }
    const found = sent.response?.status === 200 ? parseBody(sent.response, VariableItem) : undefined;
    if (found === undefined) {
      throw this.#api.refusal(operation, variablePermission, sent);
    }
    const repositoryAccess = sent.response && (await this.#repositoryAccessOf(scope, name, sent.response));
    return {
      value: found.value,
      updatedAt: new Date(found.updated_at),
      ...(repositoryAccess ? { repositoryAccess } : {}),
    };
  }

  async #repositoryAccessOf(
    scope: SecretScope,
    name: string,
    response: HttpResponse,
  ): Promise<RepositoryAccess | undefined> {
    const visibility = scope.kind === 'organization' && parseBody(response, OrganizationVariableItem)?.visibility;
    if (scope.kind !== 'organization' || !visibility) {
      return undefined;
    }
    const item = { kind: 'variable', scope, name } as const;
    const repositories = visibility === 'selected' ? await this.#readers.list(item, this.#api.deadline.work) : [];
    return { visibility, repositories };
  }

  /** GitHub answers 404 as well to a route that it does not have, but the list of variables is there even if it is empty. */
  async #assertOffered(scope: SecretScope, operation: string): Promise<void> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const sent = await this.#api.send(`GET ${variables}`, { ...parameters, per_page: 1 }, this.#api.deadline.work);
    if (sent.response?.status === 404) {
      throw new Failure('unsupported', {
        operation,
        request: requestLine(sent.request),
        reason: 'this GitHub has no variables there: an older GitHub Enterprise Server does not offer them',
        advice: 'Leave out `client-id-variable` and `expiration-variable`.',
      });
    }
    if (sent.response?.status !== 200) {
      throw this.#api.refusal(operation, variablePermission, sent);
    }
  }

  /** Creates or updates a variable. An organization's keeps its visibility; a new one gets the given one. */
  async write(
    scope: SecretScope,
    { name, value, exists }: { readonly name: string; readonly value: string; readonly exists: boolean },
    repositoryAccess: RepositoryAccess | undefined,
    budget: TimeBudget,
  ): Promise<void> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const update = () => this.#api.send(`PATCH ${variables}/{name}`, { ...parameters, name, value }, budget);
    const create = () =>
      this.#api.send(
        `POST ${variables}`,
        { ...parameters, name, value, ...repositoryAccessBody(scope, repositoryAccess) },
        budget,
      );
    let sent = await (exists ? update() : create());
    // It went or came since it was looked for, or an earlier attempt made it whose answer was lost.
    if (sent.response?.status === (exists ? 404 : 409)) {
      sent = await (exists ? create() : update());
    }
    if (sent.response?.status !== 201 && sent.response?.status !== 204) {
      throw this.#api.refusal(`writing the variable ${name} of ${scopeLine(scope)}`, variablePermission, sent);
    }
  }

  /** Deletes a variable. @returns whether this request deleted it, or it was `gone` by then. */
  async delete(scope: SecretScope, name: string): Promise<'deleted' | 'gone'> {
    const { variables, parameters, variablePermission } = routesOf(scope);
    const operation = `deleting the variable ${name} of ${scopeLine(scope)}`;
    return this.#api.delete(operation, variablePermission, `DELETE ${variables}/{name}`, { ...parameters, name });
  }
}
