import { readProblem } from '../http/failures.ts';
import { type HttpResponse, parseBody, parseJsonToWrite } from '../http/message.ts';
import { type ClientSettings, isSameClient } from '../model/client.ts';
import type { Failure } from '../model/failure.ts';
import { isPathSegment, pathSegment } from '../model/url.ts';
import type { Presence, Read, ReadableClient, ReadList } from '../model/vantage.ts';
import { type AdminApi, isDone, notAddressable } from './admin-api.ts';
import { BY_HAND } from './failures.ts';
import { readApiList } from './pages.ts';
import { ReadableClientSchema } from './schema.ts';

/** The most clients of a page, at first. A client with many redirect URIs has a few KiB. */
const PAGE_LIMIT = 250;

export type Creation =
  /** `found` is the client, if the response describes it. */
  | { readonly kind: 'created'; readonly found: ReadableClient | undefined }
  /** It exists. `maybe-created`: an earlier attempt, whose response was lost, may have created it. */
  | { readonly kind: 'taken' | 'maybe-created'; readonly refusal: Failure }
  /** The response does not say whether it exists. `maybeOurs`: an earlier attempt, whose response was lost, may have created it. */
  | { readonly kind: 'refused'; readonly refusal: Failure; readonly maybeOurs: boolean };

/** The statuses that a server may use for an id that is taken. A 500 may come from a constraint of its database. */
const MAYBE_TAKEN = [400, 409, 422, 500];

/** The clients of a tenant. Only creating a client is documented; the rest follows Vantage's user interface. */
export class Clients {
  readonly #api: AdminApi;
  readonly #listsOnce: boolean;
  #listed: Promise<ReadList<ReadableClient>> | undefined;

  /** @param listsOnce whether the first list answers later questions as well. Only for a run that changes nothing. */
  constructor(api: AdminApi, listsOnce = false) {
    this.#api = api;
    this.#listsOnce = listsOnce;
  }

  /** @throws Failure if the access token was refused, or Vantage is unavailable. */
  async read(clientId: string, budget = this.#api.deadline.work): Promise<Read<ReadableClient>> {
    if (!isPathSegment(clientId)) {
      return notAddressable(clientId, this.#api.log);
    }
    const call = await this.#api.call({
      operation: `reading client "${clientId}"`,
      method: 'GET',
      path: `${pathSegment(clientId)}/`,
      budget,
    });
    return call.read('that client', response => {
      // An update writes this back.
      const client = parseBody(response, ReadableClientSchema, parseJsonToWrite);
      return client && isSameClient(client.clientId, clientId) ? client : undefined;
    });
  }

  /** @throws Failure as `read`. */
  list(budget = this.#api.deadline.work): Promise<ReadList<ReadableClient>> {
    if (this.#listed) {
      return this.#listed;
    }
    const listing = readApiList(this.#api, {
      operation: 'listing the clients of the tenant',
      path: '',
      items: 'clients',
      schema: ReadableClientSchema,
      keyOf: ({ clientId }) => clientId,
      limit: PAGE_LIMIT,
      budget,
    });
    if (this.#listsOnce) {
      this.#listed = listing;
      listing.catch(() => {
        this.#listed = undefined;
      });
    }
    return listing;
  }

  /**
   * Finds out whether a client exists. A 404 for the client may mean that this Vantage does not offer the read, so the
   * list of all clients decides, if it is whole. @throws Failure as `read`.
   */
  async find(clientId: string, budget = this.#api.deadline.work): Promise<Presence> {
    const read = await this.read(clientId, budget);
    if (read.kind === 'found') {
      return { kind: 'present' };
    }
    const list = await this.list(budget);
    if (list.kind === 'unreadable') {
      return read.code === 'forbidden' ? read : list;
    }
    const isListed = list.found.some(client => isSameClient(client.clientId, clientId));
    const otherwise = list.whole ? 'absent' : 'not-listed';
    return { kind: isListed ? 'present' : otherwise };
  }

  /**
   * The response decides whether the client already exists, because no read is documented. The request may be repeated,
   * because it contains the id of the client.
   *
   * @throws Failure if Vantage did not respond, or the response says nothing about the client.
   */
  async create(clientId: string, settings: ClientSettings): Promise<Creation> {
    const call = await this.#api.call({
      operation: `creating client "${clientId}"`,
      method: 'POST',
      path: '',
      body: { clientId, ...settings },
    });
    const { response, maybeApplied } = call;
    if (response && isDone(response, [200, 201])) {
      return { kind: 'created', found: parseBody(response, ReadableClientSchema) };
    }
    const refusal = call.failure();
    if (response && reportsTaken(response)) {
      return { kind: maybeApplied ? 'maybe-created' : 'taken', refusal };
    }
    if (response && MAYBE_TAKEN.includes(response.status) && !this.#api.deadline.stopCode) {
      // A server that answers 500 because the id is taken does so each time, so no response was lost.
      return { kind: 'refused', refusal, maybeOurs: maybeApplied && response.status !== 500 };
    }
    throw refusal;
  }

  /** Replaces the client as it was read. @throws Failure `unsupported` if this Vantage does not offer the operation. */
  async update(clientId: string, client: ReadableClient): Promise<void> {
    const call = await this.#api.call({
      operation: `updating client "${clientId}"`,
      method: 'PUT',
      path: `${pathSegment(clientId)}/`,
      body: client,
    });
    if (!call.response || !isDone(call.response)) {
      // The client was just read, so a 404 means that the operation does not exist.
      throw call.failure(call.response?.status === 404 ? { code: 'unsupported' } : {});
    }
  }

  /** Deletes a client and its secrets. @throws Failure `unsupported` if this Vantage does not offer the operation. */
  async delete(clientId: string): Promise<'deleted' | 'absent'> {
    const call = await this.#api.call({
      operation: `deleting client "${clientId}"`,
      method: 'DELETE',
      path: `${pathSegment(clientId)}/`,
    });
    const { response, maybeApplied } = call;
    if (response && isDone(response)) {
      return 'deleted';
    }
    const isNotFound = response?.status === 404;
    if (isNotFound && (await this.#isAbsent(clientId, maybeApplied))) {
      return maybeApplied ? 'deleted' : 'absent';
    }
    throw call.failure({
      ...(isNotFound ? { code: 'unsupported' } : {}),
      advice: { unsupported: `Delete it by hand, ${BY_HAND}.` },
    });
  }

  /** A 404 for a deletion may also mean that the operation does not exist, even if an earlier attempt was lost. */
  async #isAbsent(clientId: string, maybeDeleted: boolean): Promise<boolean> {
    try {
      const { kind } = await this.find(clientId);
      return kind === 'absent' || (kind === 'not-listed' && (await this.#onlyItIsNotFound(clientId)));
    } catch (error) {
      if (maybeDeleted) {
        return false; // The failure of the deletion says that it may have taken effect. This error does not.
      }
      throw error;
    }
  }

  /** Whether reading this client answers 404 and reading another one succeeds. Then the 404 is about this client. */
  async #onlyItIsNotFound(clientId: string): Promise<boolean> {
    const list = await this.list();
    const other = list.kind === 'found' ? list.found.find(one => !isSameClient(one.clientId, clientId)) : undefined;
    const [own, others] = await Promise.all([this.read(clientId), other && this.read(other.clientId)]);
    return own.kind === 'unreadable' && own.status === 404 && others?.kind === 'found';
  }
}

const TAKEN =
  /already (?:exists|in use|taken|registered|used)|(?:is|been) taken|not unique|must be unique|duplicate client/iu;

/** The response to an id that is taken is not documented: a bare 409, or a 400, 409 or 422 with a message about it. */
function reportsTaken(response: HttpResponse): boolean {
  const { status } = response;
  const problem = readProblem(response);
  const isBareConflict = status === 409 && /^(?:conflict)?\W*$/iu.test(problem);
  return isBareConflict || ([400, 409, 422].includes(status) && TAKEN.test(problem));
}
