import type { TimeBudget } from '../http/deadline.ts';
import type { Failure } from '../model/failure.ts';
import { type RepositoryAccess, type SharedItem, sharedInProse } from '../model/prepared-target.ts';
import type { OrganizationScope, SecretScope, Visibility } from '../model/target.ts';
import type { GitHubApi } from './api.ts';
import { routesOf } from './routes.ts';
import { SelectedRepositoriesPage } from './schema.ts';

/** The repository access that an organization's secret is to have: what it has, unless the target says otherwise. */
export function wantedAccess({ visibility }: OrganizationScope, current?: RepositoryAccess): RepositoryAccess {
  return visibility === undefined || visibility === current?.visibility
    ? (current ?? { visibility: 'private', repositories: [] })
    : { visibility, repositories: [] };
}

/** Whether the repository access that a secret is to have depends on what it has. */
export function dependsOnCurrentAccess({ visibility }: OrganizationScope): boolean {
  return visibility === undefined || visibility === 'selected';
}

/** The repository access in the body of a request. Dependabot alone expects the ids of repositories as strings. */
export function accessBody(scope: SecretScope, access: RepositoryAccess | undefined): Record<string, unknown> {
  if (scope.kind !== 'organization' || !access) {
    return {};
  }
  const { visibility, repositories } = access;
  const ids = scope.app === 'dependabot' ? repositories.map(String) : repositories;
  return visibility === 'selected' ? { visibility, selected_repository_ids: ids } : { visibility };
}

/** `not-selected`: the secret or variable is no longer for selected repositories. */
type AddResult = 'added' | 'not-selected' | { readonly notFound: Failure };

const PAGE_SIZE = 100;

/** The repositories that can access an organization's secret or variable for selected repositories. */
export class SelectedRepositories {
  readonly #api: GitHubApi;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /** Completes the visibility of a secret or variable by its selected repositories. @throws Failure */
  async accessOf(item: SharedItem, visibility: Visibility, budget: TimeBudget): Promise<RepositoryAccess> {
    return { visibility, repositories: visibility === 'selected' ? await this.list(item, budget) : [] };
  }

  /** @returns the ids of all of them. @throws Failure */
  async list(item: SharedItem, budget: TimeBudget): Promise<readonly number[]> {
    const { route, parameters, permissions } = routeOf(item);
    const repositories: number[] = [];
    for (let page = 1; ; page += 1) {
      const response = await this.#api.call({
        operation: `reading the repositories that can access ${sharedInProse(item)}`,
        permissions,
        route: `GET ${route}`,
        parameters: { ...parameters, per_page: PAGE_SIZE, page },
        fine: [200],
        budget,
      });
      const found = response.read(SelectedRepositoriesPage);
      repositories.push(...found.repositories.map(({ id }) => id));
      if (found.repositories.length === 0 || repositories.length >= found.total_count) {
        return repositories;
      }
    }
  }

  /** The result has the failure if GitHub finds no such repository, secret or variable: the caller knows what that means. */
  async add(item: SharedItem, repository: number, budget: TimeBudget): Promise<AddResult> {
    const { route, parameters, permissions } = routeOf(item);
    const response = await this.#api.call({
      operation: `giving repository ${repository} access to ${sharedInProse(item)}`,
      permissions,
      route: `PUT ${route}/{repository_id}`,
      parameters: { ...parameters, repository_id: repository },
      fine: [204, 404, 409],
      budget,
    });
    if (response.status === 404) {
      return { notFound: response.failure() };
    }
    return response.status === 204 ? 'added' : 'not-selected';
  }
}

function routeOf({ kind, scope, name }: SharedItem) {
  const { secrets, variables, parameters, secretPermission, variablePermission } = routesOf(scope);
  const [list, parameter, permission] =
    kind === 'secret'
      ? ([secrets, 'secret_name', secretPermission] as const)
      : ([variables, 'name', variablePermission] as const);
  return {
    route: `${list}/{${parameter}}/repositories`,
    parameters: { ...parameters, [parameter]: name },
    permissions: [permission] as const,
  };
}
