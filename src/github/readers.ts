import type { Failure } from '../failure.ts';
import { readBody } from '../http/body.ts';
import type { Span } from '../http/deadline.ts';
import { type OrganizationPlace, placeLine } from '../request/targets.ts';
import type { GitHubApi } from './api.ts';
import { routesOf } from './routes.ts';
import { SelectedRepositories } from './schema.ts';

/** A secret or a variable of an organization: what selected repositories may read. */
export interface SharedItem {
  readonly kind: 'secret' | 'variable';
  readonly place: OrganizationPlace;
  readonly name: string;
}

/** What became of the wish to let one more repository read something. `not-selected`: it has no such list by now. */
export type Admission = 'added' | 'not-selected' | Failure;

const PAGE = 100;

/** How an item reads. */
export function itemLine({ kind, place, name }: SharedItem): string {
  return `the ${kind} ${name} of ${placeLine(place)}`;
}

/** The repositories that may read a secret or a variable for selected ones. Every method throws a Failure that names it. */
export class Readers {
  readonly #api: GitHubApi;

  constructor(api: GitHubApi) {
    this.#api = api;
  }

  /** The ids of all of them. */
  async list(item: SharedItem, span: Span): Promise<readonly number[]> {
    const { route, parameters, needs } = routeOf(item);
    const repositories: number[] = [];
    for (let page = 1; ; page += 1) {
      const sent = await this.#api.send(`GET ${route}`, { ...parameters, per_page: PAGE, page }, span);
      const found = sent.answered?.status === 200 ? readBody(sent.answered, SelectedRepositories) : undefined;
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
  async add(item: SharedItem, repository: number, span: Span): Promise<Admission> {
    const { route, parameters, needs } = routeOf(item);
    const one = { ...parameters, repository_id: repository };
    const sent = await this.#api.send(`PUT ${route}/{repository_id}`, one, span);
    switch (sent.answered?.status) {
      case 204:
        return 'added';
      case 409:
        return 'not-selected';
      default: {
        const refusal = this.#api.refusal(`letting repository ${repository} read ${itemLine(item)}`, needs, sent);
        if (sent.answered?.status === 404) {
          return refusal;
        }
        throw refusal;
      }
    }
  }
}

function routeOf({ kind, place, name }: SharedItem) {
  const { secrets, variables, parameters, secretPermission, variablePermission } = routesOf(place);
  return kind === 'secret'
    ? {
        route: `${secrets}/{secret_name}/repositories`,
        parameters: { ...parameters, secret_name: name },
        needs: secretPermission,
      }
    : { route: `${variables}/{name}/repositories`, parameters: { ...parameters, name }, needs: variablePermission };
}
