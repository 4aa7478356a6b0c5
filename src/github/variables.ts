import type { Span } from '../http/deadline.ts';
import { type Answer, readBody, requestLine } from '../http/message.ts';
import { Failure } from '../model/failure.ts';
import type { Audience, StoredVariable } from '../model/prepared-target.ts';
import { type Place, placeLine } from '../model/target.ts';
import { audienceBody, type Readers } from './access.ts';
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
  async read(place: Place, name: string): Promise<StoredVariable | undefined> {
    const { variables, parameters, variablePermission } = routesOf(place);
    const what = `reading the variable ${name} of ${placeLine(place)}`;
    const sent = await this.#api.send(`GET ${variables}/{name}`, { ...parameters, name }, this.#api.deadline.work);
    if (sent.answered?.status === 404) {
      await this.#assertOffered(place, what);
      return undefined;
    }
    const found = sent.answered?.status === 200 ? readBody(sent.answered, VariableItem) : undefined;
    if (found === undefined) {
      throw this.#api.refusal(what, variablePermission, sent);
    }
    const audience = sent.answered && (await this.#audienceOf(place, name, sent.answered));
    return { value: found.value, updatedAt: new Date(found.updated_at), ...(audience ? { audience } : {}) };
  }

  async #audienceOf(place: Place, name: string, answered: Answer): Promise<Audience | undefined> {
    const visibility = place.kind === 'organization' && readBody(answered, OrganizationVariableItem)?.visibility;
    if (place.kind !== 'organization' || !visibility) {
      return undefined;
    }
    const item = { kind: 'variable', place, name } as const;
    const repositories = visibility === 'selected' ? await this.#readers.list(item, this.#api.deadline.work) : [];
    return { visibility, repositories };
  }

  /** GitHub answers 404 as well to a route that it does not have, but the list of variables is there even if it is empty. */
  async #assertOffered(place: Place, what: string): Promise<void> {
    const { variables, parameters, variablePermission } = routesOf(place);
    const sent = await this.#api.send(`GET ${variables}`, { ...parameters, per_page: 1 }, this.#api.deadline.work);
    if (sent.answered?.status === 404) {
      throw new Failure('unsupported', {
        what,
        at: requestLine(sent.request),
        why: 'this GitHub has no variables there: an older GitHub Enterprise Server does not offer them',
        todo: 'Leave out `client-id-variable` and `expiration-variable`.',
      });
    }
    if (sent.answered?.status !== 200) {
      throw this.#api.refusal(what, variablePermission, sent);
    }
  }

  /** Creates or updates a variable. An organization's keeps its visibility; a new one gets the given one. */
  async write(
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
      throw this.#api.refusal(`writing the variable ${name} of ${placeLine(place)}`, variablePermission, sent);
    }
  }

  /** Deletes a variable. @returns whether this request deleted it, or it was `gone` by then. */
  async delete(place: Place, name: string): Promise<'deleted' | 'gone'> {
    const { variables, parameters, variablePermission } = routesOf(place);
    const what = `deleting the variable ${name} of ${placeLine(place)}`;
    return this.#api.delete(what, variablePermission, `DELETE ${variables}/{name}`, { ...parameters, name });
  }
}
