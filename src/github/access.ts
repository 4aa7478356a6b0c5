import type { TimeBudget } from '../http/deadline.ts';
import { parseBody } from '../http/message.ts';
import type { Failure } from '../model/failure.ts';
import { itemLine, type RepositoryAccess, type SharedItem } from '../model/prepared-target.ts';
import type { OrganizationScope, SecretScope } from '../model/target.ts';
import type { GitHubApi } from './api.ts';
import { routesOf } from './routes.ts';
import { SelectedRepositories } from './schema.ts';

/** Who is to read an organization's secret: who may now, unless the line names others. A new one is private. */
export function repositoryAccessOf(
  { visibility }: OrganizationScope,
  found: RepositoryAccess | undefined,
): RepositoryAccess {
  return visibility === undefined || visibility === found?.visibility
    ? (found ?? { visibility: 'private', repositories: [] })
    : { visibility, repositories: [] };
}

/** Whether who is to read a secret depends on who may read it now. */
export function keepsReaders({ visibility }: OrganizationScope): boolean {
  return visibility === undefined || visibility === 'selected';
}

/** The part of a body that says who may read. Dependabot alone takes the ids of repositories as texts. */
export function repositoryAccessBody(
  scope: SecretScope,
  repositoryAccess: RepositoryAccess | undefined,
): Record<string, unknown> {
  if (scope.kind !== 'organization' || !repositoryAccess) {
    return {};
  }
  const { visibility, repositories } = repositoryAccess;
  const ids = scope.app === 'dependabot' ? repositories.map(String) : repositories;
  return visibility === 'selected' ? { visibility, selected_repository_ids: ids } : { visibility };
}

/** What became of the wish to let one more repository read something. `not-selected`: it has no such list by now. */
export type Admission = 'added' | 'not-selected' | Failure;

const PAGE = 100;

/** The repositories that may read a secret or a variable for selected ones. Every method throws a Failure that names it. */
export class Readers {
  readonly #api: GitHubApi;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /** The ids of all of them. */
  async list(item: SharedItem, budget: TimeBudget): Promise<readonly number[]> {
    const { route, parameters, needs } = routeOf(item);
    const repositories: number[] = [];
    for (let page = 1; ; page += 1) {
      const sent = await this.#api.send(`GET ${route}`, { ...parameters, per_page: PAGE, page }, budget);
      const found = sent.response?.status === 200 ? parseBody(sent.response, SelectedRepositories) : undefined;
      if (found === undefined) {
        throw this.#api.refusal(`reading who may read ${itemLine(item)}`, needs, sent);
      }
      repositories.push(...found.repositories.map(({ id }) => id));
      if (found.repositories.length === 0 || repositories.length >= found.total_count) {
        return repositories;
      }
    }
  }

  /**
   * Adds one repository to those that are there, and touches no other.
   *
   * @returns a Failure where GitHub knows no such repository, or nothing to read: what that means is for the caller to say.
   */
  async add(item: SharedItem, repository: number, budget: TimeBudget): Promise<Admission> {
    const { route, parameters, needs } = routeOf(item);
    const one = { ...parameters, repository_id: repository };
    const sent = await this.#api.send(`PUT ${route}/{repository_id}`, one, budget);
    switch (sent.response?.status) {
      case 204:
        return 'added';
      case 409:
        return 'not-selected';
      default: {
        const refusal = this.#api.refusal(`letting repository ${repository} read ${itemLine(item)}`, needs, sent);
        if (sent.response?.status === 404) {
          return refusal;
        }
        throw refusal;
      }
    }
  }
}

function routeOf({ kind, scope, name }: SharedItem) {
  const { secrets, variables, parameters, secretPermission, variablePermission } = routesOf(scope);
  return kind === 'secret'
    ? {
        route: `${secrets}/{secret_name}/repositories`,
        parameters: { ...parameters, secret_name: name },
        needs: secretPermission,
      }
    : { route: `${variables}/{name}/repositories`, parameters: { ...parameters, name }, needs: variablePermission };
}
