import { RETRY_IDEMPOTENT, type RequestResult } from '../http/http.ts';
import { type HttpResponse, readBody } from '../http/message.ts';
import { readProblem } from '../http/problem.ts';
import { type ClientSettings, isSameClient } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import { isPathSegment, pathSegment } from '../model/url.ts';
import {
  type Presence,
  type Read,
  type ReadableClient,
  type ReadList,
  type Unreadable,
  unreadable,
} from '../model/vantage.ts';
import { type AdminApi, isDone, isEmptyOrJson, unaddressable } from './admin-api.ts';
import { readList, readPage } from './pages.ts';
import { ReadableClientSchema } from './schema.ts';

/** Clients of a page, at first: a client with many redirect URIs has a few KiB. */
const PAGE_LIMIT = 250;

/** Where a tenant administrator deletes a client by hand, as ABBYY documents it. */
export const BY_HAND = 'in Vantage under Configuration → Public API Client';

/** What came of a creation. */
export type Creation =
  /** For certain. `found` is the client where the answer describes it. */
  | { readonly kind: 'created'; readonly found: ReadableClient | undefined }
  /** It exists already, for certain. */
  | { readonly kind: 'taken'; readonly refusal: Failure }
  /** It exists: an earlier attempt, whose answer was lost, may have made it, or it was there before. */
  | { readonly kind: 'maybe-created'; readonly refusal: Failure }
  /** In words that do not say whether it exists. `maybeOurs`: an earlier attempt, whose answer was lost, may have made it. */
  | { readonly kind: 'refused'; readonly refusal: Failure; readonly maybeOurs: boolean };

/** What servers answer to an id that is taken, as far as one can think of; a 500 where a database refuses it. */
const MAYBE_TAKEN = [400, 409, 422, 500];

/** The clients of a tenant: their creation, which is documented, and what Vantage's user interface suggests. */
export class Clients {
  readonly #api: AdminApi;

  constructor(api: AdminApi) {
    this.#api = api;
  }

  /**
   * Reads a client, where this Vantage lets clients be read.
   *
   * @throws Failure where the token is refused, or Vantage cannot be reached or is unwell.
   */
  async read(clientId: string, budget = this.#api.deadline.work): Promise<Read<ReadableClient>> {
    if (!isPathSegment(clientId)) {
      return unaddressable(clientId, this.#api.log);
    }
    const path = `${pathSegment(clientId)}/`;
    const read = await this.#api.read(`reading client "${clientId}"`, path, budget);
    if (read.kind === 'unreadable') {
      return read;
    }
    const client = readBody(read.found, ReadableClientSchema);
    return client && isSameClient(client.clientId, clientId)
      ? { kind: 'found', found: client }
      : unreadable(`${read.line} did not answer with that client`);
  }

  /**
   * Lists the clients of the tenant, where this Vantage lets them be listed: all of them where the list is whole.
   *
   * @throws Failure as `read`.
   */
  list(budget = this.#api.deadline.work): Promise<ReadList<ReadableClient>> {
    return readList({
      of: 'clients',
      limit: PAGE_LIMIT,
      keyOf: ({ clientId }) => clientId,
      read: async (offset, limit) => {
        const path = `?Offset=${offset}&Limit=${limit}`;
        const read = await this.#api.readPage('listing the clients of the tenant', path, budget);
        if (read.kind !== 'found') {
          return read;
        }
        const page = readPage(read.found, ReadableClientSchema);
        return page ? { kind: 'found', found: page } : unreadable(`${read.line} did not answer with a list of clients`);
      },
    });
  }

  /**
   * Whether a client is there. A read that answers 404 says either that the client is gone or that there is no such
   * operation, so the list of all clients decides, where it is whole.
   *
   * @throws Failure as `read`.
   */
  async find(clientId: string, budget = this.#api.deadline.work): Promise<Presence> {
    const read = await this.read(clientId, budget);
    if (read.kind === 'found') {
      return { kind: 'there' };
    }
    const list = await this.list(budget);
    if (list.kind === 'unreadable') {
      return read.code === 'forbidden' ? read : list;
    }
    if (list.found.some(client => isSameClient(client.clientId, clientId))) {
      return { kind: 'there' };
    }
    const why = `it is not among the ${list.found.length} clients that this Vantage lists, and the list may be cut`;
    return list.whole ? { kind: 'gone' } : { kind: 'not-seen', why };
  }

  /**
   * Creates a client. Its answer decides whether it exists already: no read can, as none is documented. Safe to repeat,
   * as its id is ours to choose.
   *
   * @throws Failure where Vantage did not answer, or answered what says nothing of the client.
   */
  async create(clientId: string, settings: ClientSettings): Promise<Creation> {
    const { deadline, failures } = this.#api;
    const body = { clientId, ...settings };
    const { request, result } = await this.#api.send('POST', '', RETRY_IDEMPOTENT, deadline.work, body);
    const { outcome } = result;
    if (outcome.kind === 'answered' && isCreated(outcome)) {
      return { kind: 'created', found: readBody(outcome, ReadableClientSchema) };
    }
    const refusal = failures.of({ operation: `creating client "${clientId}"`, request, result });
    if (outcome.kind === 'answered' && saysTaken(outcome)) {
      return { kind: result.maybeApplied ? 'maybe-created' : 'taken', refusal };
    }
    if (outcome.kind === 'answered' && MAYBE_TAKEN.includes(outcome.status) && !deadline.stopCode) {
      // A server that answers 500 to an id that is taken does so each time, and has lost no answer.
      return { kind: 'refused', refusal, maybeOurs: result.maybeApplied && outcome.status !== 500 };
    }
    throw refusal;
  }

  /**
   * Writes a client back whole. Not documented.
   *
   * @param client what was read, with the new settings merged in.
   * @throws Failure `unsupported` where this Vantage offers no such operation.
   */
  async update(clientId: string, client: ReadableClient): Promise<void> {
    const { deadline, failures } = this.#api;
    const path = `${pathSegment(clientId)}/`;
    const { request, result } = await this.#api.send('PUT', path, RETRY_IDEMPOTENT, deadline.work, client);
    const { outcome } = result;
    if (outcome.kind === 'answered' && isDone(outcome)) {
      return;
    }
    // The client was read a moment ago, so it is the operation that is not there.
    const code = outcome.kind === 'answered' && outcome.status === 404 ? { code: 'unsupported' as const } : {};
    throw failures.of({ operation: `updating client "${clientId}"`, request, result, ...code });
  }

  /**
   * Deletes a client, with all its secrets. Not documented.
   *
   * @returns whether this request deleted it, or it was `gone` by then.
   * @throws Failure `unsupported` where this Vantage offers no such operation.
   */
  async delete(clientId: string): Promise<'deleted' | 'gone'> {
    const { deadline, failures } = this.#api;
    const path = `${pathSegment(clientId)}/`;
    const { request, result } = await this.#api.send('DELETE', path, RETRY_IDEMPOTENT, deadline.work);
    const { outcome } = result;
    const status = outcome.kind === 'answered' ? outcome.status : undefined;
    if (outcome.kind === 'answered' && isDone(outcome)) {
      return 'deleted';
    }
    const operation = `deleting client "${clientId}"`;
    if (status === 404 && (await this.#isGone(clientId, result))) {
      return result.maybeApplied ? 'deleted' : 'gone';
    }
    const code = status === 404 ? { code: 'unsupported' as const } : {};
    throw failures.of({
      operation,
      request,
      result,
      ...code,
      advice: { unsupported: `Delete it by hand, ${BY_HAND}.` },
    });
  }

  /** A 404 may mean as well that there is no such operation, whatever came of an attempt before. */
  async #isGone(clientId: string, { maybeApplied }: RequestResult): Promise<boolean> {
    try {
      const { kind } = await this.find(clientId);
      return kind === 'gone' || (kind === 'not-seen' && (await this.#isUnknown(clientId)));
    } catch (error) {
      if (maybeApplied) {
        return false; // What is to be told is that it may be deleted, and not only why that was not found out.
      }
      throw error;
    }
  }

  /** Whether a read of this client answers 404 where that of another one answers 200: then the 404 is of the client. */
  async #isUnknown(clientId: string): Promise<boolean> {
    const list = await this.list();
    const other = list.kind === 'found' ? list.found.find(one => !isSameClient(one.clientId, clientId)) : undefined;
    const [own, others] = await Promise.all([this.read(clientId), other && this.read(other.clientId)]);
    return own.kind === 'unreadable' && own.status === 404 && others?.kind === 'found';
  }
}

/** The failure of what cannot be done without a read that Vantage did not let happen. */
export function unreadableFailure(operation: string, { why, code }: Unreadable, advice?: string): Failure {
  const advices = {
    forbidden: 'Sign in as a Tenant Administrator of this tenant.',
    unsupported: `This Vantage does not offer it. Do it by hand, ${BY_HAND}.`,
    'unexpected-response': 'Run the step again when nobody else is at work on the clients.',
  };
  return new Failure(code, { operation, reason: why, advice: advice ?? advices[code] });
}

function isCreated(response: HttpResponse): boolean {
  return [200, 201].includes(response.status) && isEmptyOrJson(response);
}

/** What a client id that is taken gets is not documented: a bare 409, or a 400, 409 or 422 whose message says so. */
function saysTaken(response: HttpResponse): boolean {
  const words = readProblem(response);
  const isBareConflict = response.status === 409 && /^(?:conflict)?\W*$/iu.test(words);
  return (
    isBareConflict ||
    ([400, 409, 422].includes(response.status) &&
      /already (?:exists|in use|taken|registered|used)|(?:is|been) taken|not unique|must be unique|duplicate client/iu.test(
        words,
      ))
  );
}
