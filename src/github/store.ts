import type { Failure } from '../failure.ts';
import { readBody } from '../http/body.ts';
import type { Deadline, Span } from '../http/deadline.ts';
import type { Http } from '../http/http.ts';
import { Refusals } from '../http/refusal.ts';
import type { Log } from '../log.ts';
import type { GitHubRequest } from '../request/hand-off.ts';
import { type Place, placeLine, type Target, targetLine, type Visibility } from '../request/targets.ts';
import { GitHubApi, type GitHubExchange } from './api.ts';
import { GITHUB, githubRefusal } from './refusal.ts';
import { routesOf } from './routes.ts';
import { isSealingKey, OrganizationSecretItem, PublicKey, SecretItem, SelectedRepositories } from './schema.ts';

/** Who may read an organization's secret or variable. */
export interface Audience {
  readonly visibility: Visibility;
  /** Ids of repositories, where `visibility` is `selected`. */
  readonly repositories: readonly number[];
}

/** What GitHub tells of a secret. */
export interface StoredSecret {
  readonly updatedAt: Date;
  /** Of an organization's secret. */
  readonly audience?: Audience;
}

const ENVIRONMENT = '/repos/{owner}/{repo}/environments/{environment_name}';
const PAGE = 100;

/** The secrets, variables and environments of GitHub, place by place. Every method throws a Failure that names the place. */
export class GitHubStore {
  readonly #api: GitHubApi;
  readonly #github: GitHubRequest;
  readonly #deadline: Deadline;
  readonly #refusals: Refusals;

  constructor(github: GitHubRequest, http: Http, deadline: Deadline, log: Log) {
    this.#api = new GitHubApi(github, http);
    this.#github = github;
    this.#deadline = deadline;
    this.#refusals = new Refusals(GITHUB, deadline, log);
  }

  /** The key that secrets of a place are sealed with. Getting it proves that the token reaches the place. */
  async publicKey(place: Place, span = this.#deadline.work): Promise<PublicKey> {
    const { secrets, parameters, secretPermission } = routesOf(place);
    const sent = await this.#api.send(`GET ${secrets}/public-key`, parameters, span);
    const key = sent.answered?.status === 200 ? readBody(sent.answered, PublicKey) : undefined;
    if (key === undefined || !isSealingKey(key)) {
      throw this.#refusal(`reading the public key of ${placeLine(place)}`, secretPermission, sent);
    }
    return key;
  }

  /** Whether the environment of a place is there. GitHub says 404 as well of a repository that a token may not see. */
  async environmentExists(place: Extract<Place, { kind: 'environment' }>): Promise<boolean> {
    const { owner, repo } = place;
    const needs = `Actions: read and Environments: write on ${owner}/${repo}`;
    const what = `looking for ${placeLine(place)}`;
    const sent = await this.#api.send(`GET ${ENVIRONMENT}`, routesOf(place).parameters, this.#deadline.work);
    if (sent.answered?.status === 200) {
      return true;
    }
    if (sent.answered?.status !== 404) {
      throw this.#refusal(what, needs, sent);
    }
    const repository = await this.#api.send('GET /repos/{owner}/{repo}', { owner, repo }, this.#deadline.work);
    if (repository.answered?.status !== 200) {
      throw this.#refusal(what, needs, repository);
    }
    return false;
  }

  /** Creates an environment that is missing. One that exists must not be sent here: it would lose its protection rules. */
  async createEnvironment(place: Extract<Place, { kind: 'environment' }>): Promise<void> {
    // `data` is the whole body: an environment with no rules.
    const parameters = { ...routesOf(place).parameters, data: {} };
    const sent = await this.#api.send(`PUT ${ENVIRONMENT}`, parameters, this.#deadline.work);
    if (sent.answered?.status !== 200) {
      throw this.#refusal(
        `creating ${placeLine(place)}`,
        `Administration: write on ${place.owner}/${place.repo}`,
        sent,
      );
    }
  }

  /** When a secret was last written, and who may read it, or undefined where there is none yet. */
  async readSecret({ place, secretName }: Target): Promise<StoredSecret | undefined> {
    const { secrets, parameters: of, secretPermission } = routesOf(place);
    const route = `${secrets}/{secret_name}`;
    const parameters = { ...of, secret_name: secretName };
    const what = `looking at ${secretName} of ${placeLine(place)}`;
    const sent = await this.#api.send(`GET ${route}`, parameters, this.#deadline.work);
    if (sent.answered?.status === 404) {
      return undefined;
    }
    const found = sent.answered?.status === 200 ? sent.answered : undefined;
    const item = found && readBody(found, SecretItem);
    const updatedAt = new Date(item?.updated_at ?? '');
    if (!found || Number.isNaN(updatedAt.getTime())) {
      throw this.#refusal(what, secretPermission, sent);
    }
    if (place.kind !== 'organization') {
      return { updatedAt };
    }
    const visibility = readBody(found, OrganizationSecretItem)?.visibility;
    if (visibility === undefined) {
      throw this.#refusal(what, secretPermission, sent);
    }
    const repositories =
      visibility === 'selected' ? await this.#selectedRepositories(route, parameters, what, secretPermission) : [];
    return { updatedAt, audience: { visibility, repositories } };
  }

  /** Whether a variable exists. */
  async variableExists(place: Place, name: string): Promise<boolean> {
    const { variables, parameters, variablePermission } = routesOf(place);
    const sent = await this.#api.send(`GET ${variables}/{name}`, { ...parameters, name }, this.#deadline.work);
    if (sent.answered?.status !== 200 && sent.answered?.status !== 404) {
      throw this.#refusal(`reading the variable ${name} of ${placeLine(place)}`, variablePermission, sent);
    }
    return sent.answered.status === 200;
  }

  /**
   * Writes a sealed secret.
   *
   * @returns undefined where it is written. A 422 is given back: it may mean that the key has changed, so that another
   * one helps.
   */
  async writeSecret(
    target: Target,
    sealed: { readonly encrypted_value: string; readonly key_id: string },
    audience: Audience | undefined,
    span: Span,
  ): Promise<Failure | undefined> {
    const { secrets, parameters, secretPermission } = routesOf(target.place);
    const sent = await this.#api.send(
      `PUT ${secrets}/{secret_name}`,
      { ...parameters, secret_name: target.secretName, ...sealed, ...audienceBody(target.place, audience) },
      span,
    );
    if (sent.answered?.status === 201 || sent.answered?.status === 204) {
      return undefined;
    }
    const refusal = this.#refusal(`writing ${targetLine(target)}`, secretPermission, sent);
    if (sent.answered?.status === 422) {
      return refusal;
    }
    throw refusal;
  }

  /** Creates or updates a variable. An organization's keeps its visibility; a new one gets the given one. */
  async writeVariable(
    place: Place,
    { name, value, exists }: { readonly name: string; readonly value: string; readonly exists: boolean },
    audience: Audience | undefined,
    span: Span,
  ): Promise<void> {
    const { variables, parameters, variablePermission } = routesOf(place);
    const update = () => this.#api.send(`PATCH ${variables}/{name}`, { ...parameters, name, value }, span);
    const create = () =>
      this.#api.send(`POST ${variables}`, { ...parameters, name, value, ...audienceBody(place, audience) }, span);
    let sent = await (exists ? update() : create());
    // It went or came since it was looked for, or an earlier attempt made it whose answer was lost.
    if (sent.answered?.status === (exists ? 404 : 409)) {
      sent = await (exists ? create() : update());
    }
    if (sent.answered?.status !== 201 && sent.answered?.status !== 204) {
      throw this.#refusal(`writing the variable ${name} of ${placeLine(place)}`, variablePermission, sent);
    }
  }

  async #selectedRepositories(
    route: string,
    parameters: Record<string, string>,
    what: string,
    needs: string,
  ): Promise<readonly number[]> {
    const repositories: number[] = [];
    for (let page = 1; ; page += 1) {
      const query = { ...parameters, per_page: PAGE, page };
      const sent = await this.#api.send(`GET ${route}/repositories`, query, this.#deadline.work);
      const found = sent.answered?.status === 200 ? readBody(sent.answered, SelectedRepositories) : undefined;
      if (found === undefined) {
        throw this.#refusal(what, needs, sent);
      }
      repositories.push(...found.repositories.map(({ id }) => id));
      if (found.repositories.length === 0 || repositories.length >= found.total_count) {
        return repositories;
      }
    }
  }

  #refusal(what: string, needs: string, sent: GitHubExchange): Failure {
    return githubRefusal({ what, needs, token: this.#github.token, ...sent }, this.#refusals);
  }
}

/** Dependabot alone takes the ids of repositories as texts. */
function audienceBody(place: Place, audience: Audience | undefined): Record<string, unknown> {
  if (place.kind !== 'organization' || !audience) {
    return {};
  }
  const { visibility, repositories } = audience;
  const ids = place.app === 'dependabot' ? repositories.map(String) : repositories;
  return visibility === 'selected' ? { visibility, selected_repository_ids: ids } : { visibility };
}
