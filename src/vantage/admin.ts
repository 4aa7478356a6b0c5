import { type Answer, type HttpRequest, leavesOpen, requestLine } from '../http/answer.ts';
import { parseJson, readBody } from '../http/body.ts';
import type { Deadline, Span } from '../http/deadline.ts';
import {
  type Exchange,
  type Http,
  isLasting,
  REPEAT_IF_UNAPPLIED,
  REPEAT_SAFELY,
  type Repeating,
  retryAfter,
  whatHappened,
} from '../http/http.ts';
import { readProblem } from '../http/problem.ts';
import { Refusals } from '../http/refusal.ts';
import type { Log } from '../log.ts';
import { type ClientSettings, isSameClient } from '../request/client.ts';
import type { VantageRequest } from '../request/request.ts';
import { Secret } from '../secret.ts';
import { hasMore, PAGE_LIMIT, readPage } from './pages.ts';
import { VANTAGE } from './refusal.ts';
import { ListedSecret, MintedSecret, ReadableClient } from './schema.ts';

/** What a read found. None of the reads is documented, so each may find nothing to read: that never means "empty". */
export type Read<Found> =
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'unreadable'; readonly why: string };

/** The documented body of a mint. Times are RFC 3339 in UTC. */
export interface SecretBody {
  readonly description: string;
  readonly startTime?: string;
  readonly expiration?: string;
}

/** How a mint ended. */
export type MintOutcome =
  | {
      readonly kind: 'minted';
      readonly value: Secret;
      readonly told: Pick<MintedSecret, 'id' | 'startTime' | 'expiration'>;
    }
  | LostMint;

/** A mint after which a secret may exist whose value nobody has. */
export interface LostMint {
  readonly kind: 'lost';
  readonly why: string;
  readonly request: HttpRequest;
  /** Whether the same mint would end the same way. */
  readonly lasting: boolean;
  /** Milliseconds that the answer asks to wait. */
  readonly wait?: number | undefined;
}

/** Not finding a client carries nothing out. */
const REPEAT_ALSO_NOT_FOUND: Repeating = {
  ...REPEAT_IF_UNAPPLIED,
  isPassing: answer => answer.status === 404 || REPEAT_IF_UNAPPLIED.isPassing(answer),
};

/** What the documentation's sample of a mint sends, for what is no JSON Patch. */
const SAMPLE_TYPE = 'application/json-patch+json';

/** The admin API of one tenant: two documented operations, and the reads and writes that its user interface suggests. */
export class AdminApi {
  readonly #vantage: VantageRequest;
  readonly #accessToken: Secret;
  readonly #http: Http;
  readonly #deadline: Deadline;
  readonly #log: Log;
  readonly #refusals: Refusals;
  /** Once a 415 has shown that this Vantage wants the type of the sample, it gets that. */
  #contentType = 'application/json';

  constructor(vantage: VantageRequest, accessToken: Secret, http: Http, deadline: Deadline, log: Log) {
    this.#vantage = vantage;
    this.#accessToken = accessToken;
    this.#http = http;
    this.#deadline = deadline;
    this.#log = log;
    this.#refusals = new Refusals(VANTAGE, deadline, log);
  }

  /**
   * Reads a client, where this Vantage lets clients be read.
   *
   * @throws Failure where the token is refused, or Vantage cannot be reached or is unwell.
   */
  async readClient(clientId: string): Promise<Read<ReadableClient>> {
    const read = await this.#read(
      `reading client "${clientId}"`,
      `${encodeURIComponent(clientId)}/`,
      this.#deadline.work,
    );
    if (read.kind === 'unreadable') {
      return read;
    }
    const client = readBody(read.found, ReadableClient);
    return client && isSameClient(client.clientId, clientId)
      ? { kind: 'found', found: client }
      : unreadable(`${read.line} did not answer with that client`);
  }

  /**
   * Reads all secrets of a client, where this Vantage lets them be listed.
   *
   * @throws Failure as `readClient`.
   */
  async readSecrets(clientId: string, span = this.#deadline.work): Promise<Read<readonly ListedSecret[]>> {
    const secrets: ListedSecret[] = [];
    for (;;) {
      const query = `?Offset=${secrets.length}&Limit=${PAGE_LIMIT}`;
      const path = `${encodeURIComponent(clientId)}/secrets/${query}`;
      const read = await this.#read(`listing the secrets of client "${clientId}"`, path, span);
      if (read.kind === 'unreadable') {
        return read;
      }
      const page = readPage(read.found, ListedSecret);
      if (page === undefined) {
        return unreadable(`${read.line} did not answer with a list of secrets`);
      }
      const more = hasMore(page, secrets);
      secrets.push(...page.items.filter(({ id }) => !secrets.some(known => known.id === id)));
      if (!more && page.total !== undefined && secrets.length < page.total) {
        return unreadable(`${read.line} ended after ${secrets.length} of ${page.total} secrets`);
      }
      if (!more) {
        return { kind: 'found', found: secrets };
      }
    }
  }

  /**
   * Creates a client. Its answer decides whether it exists already: no read can, as none is documented. Safe to repeat,
   * as its id is ours to choose: "taken" after an answer was lost means that the client was made.
   *
   * @returns the client where the answer describes it.
   * @throws Failure
   */
  async createClient(
    clientId: string,
    settings: ClientSettings,
  ): Promise<{ readonly kind: 'created'; readonly found: ReadableClient | undefined } | { readonly kind: 'taken' }> {
    const { request, exchange } = await this.#send('POST', '', REPEAT_SAFELY, this.#deadline.work, {
      clientId,
      ...settings,
    });
    const { outcome } = exchange;
    if (outcome.kind === 'answered') {
      if (outcome.status === 200 || outcome.status === 201) {
        const described = readBody(outcome, ReadableClient);
        if (described || isEmptyOrJson(outcome)) {
          return { kind: 'created', found: described };
        }
      } else if (saysTaken(outcome)) {
        return exchange.maybeApplied ? { kind: 'created', found: undefined } : { kind: 'taken' };
      }
    }
    throw this.#refusals.of({ what: `creating client "${clientId}"`, request, exchange });
  }

  /**
   * Writes a client back whole. Not documented.
   *
   * @param client what was read, with the new settings merged in.
   * @throws Failure `unsupported` where this Vantage offers no such operation.
   */
  async updateClient(clientId: string, client: ReadableClient): Promise<void> {
    const path = `${encodeURIComponent(clientId)}/`;
    const { request, exchange } = await this.#send('PUT', path, REPEAT_SAFELY, this.#deadline.work, client);
    const { outcome } = exchange;
    if (outcome.kind === 'answered' && isDone(outcome)) {
      return;
    }
    // The client was read a moment ago, so it is the operation that is not there.
    const code = outcome.kind === 'answered' && outcome.status === 404 ? { code: 'unsupported' as const } : {};
    throw this.#refusals.of({ what: `updating client "${clientId}"`, request, exchange, ...code });
  }

  /**
   * Mints a secret, once: it is sent again only where it provably was not carried out. The value is masked before
   * anything else happens to it.
   *
   * @param patient the client was created a moment ago: a 404 may only mean that not all of Vantage knows of it yet.
   * @throws Failure where Vantage refused, so that no secret was made.
   */
  async mintSecret(clientId: string, secret: SecretBody, { patient = false } = {}): Promise<MintOutcome> {
    const path = `${encodeURIComponent(clientId)}/secrets/`;
    const repeating = patient ? REPEAT_ALSO_NOT_FOUND : REPEAT_IF_UNAPPLIED;
    const { request, exchange } = await this.#send('POST', path, repeating, this.#deadline.work, secret);
    const { outcome } = exchange;
    if (outcome.kind === 'unknown') {
      return { kind: 'lost', why: whatHappened(outcome), lasting: isLasting(outcome.cause), request };
    }
    if (outcome.kind === 'answered') {
      if (outcome.status >= 200 && outcome.status < 300) {
        const minted = readBody(outcome, MintedSecret);
        if (minted === undefined) {
          return {
            kind: 'lost',
            why: `it ${this.#refusals.describe(outcome)}, without a secret`,
            lasting: true,
            request,
          };
        }
        const value = new Secret(minted.value);
        this.#log.protect(value);
        return { kind: 'minted', value, told: minted };
      }
      if (leavesOpen(outcome)) {
        return {
          kind: 'lost',
          why: `it ${this.#refusals.describe(outcome)}`,
          lasting: false,
          wait: retryAfter(outcome),
          request,
        };
      }
    }
    throw this.#refusals.of({ what: `minting a secret for client "${clientId}"`, request, exchange });
  }

  /**
   * Deletes a secret. Not documented.
   *
   * @returns undefined where it is gone, else why it may still be there.
   */
  async deleteSecret(clientId: string, secretId: string, span: Span): Promise<string | undefined> {
    const path = `${encodeURIComponent(clientId)}/secrets/${encodeURIComponent(secretId)}/`;
    const { request, exchange } = await this.#send('DELETE', path, REPEAT_SAFELY, span);
    const { outcome } = exchange;
    const gone = outcome.kind === 'answered' && (isDone(outcome) || (outcome.status === 404 && exchange.maybeApplied));
    return gone ? undefined : `${requestLine(request)} ${whatHappened(outcome)}`;
  }

  async #read(
    what: string,
    path: string,
    span: Span,
  ): Promise<
    | { readonly kind: 'found'; readonly found: Answer; readonly line: string }
    | Extract<Read<never>, { kind: 'unreadable' }>
  > {
    const { request, exchange } = await this.#send('GET', path, REPEAT_SAFELY, span);
    const { outcome } = exchange;
    const line = requestLine(request);
    if (outcome.kind === 'answered' && outcome.status === 200) {
      return { kind: 'found', found: outcome, line };
    }
    // Absent, not offered, or not offered to this account: the documented requests decide what can be done.
    if (outcome.kind === 'answered' && [403, 404, 405, 501].includes(outcome.status)) {
      return unreadable(`${line} ${this.#refusals.describe(outcome)}`);
    }
    throw this.#refusals.of({ what, request, exchange });
  }

  async #send(
    method: HttpRequest['method'],
    path: string,
    repeating: Repeating,
    span: Span,
    body?: object,
  ): Promise<{ readonly request: HttpRequest; readonly exchange: Exchange }> {
    const { baseUrl, apiVersion, tenantId } = this.#vantage;
    const url = new URL(
      `${baseUrl}/api/adminapi2/${apiVersion}/tenants/${encodeURIComponent(tenantId)}/clients/${path}`,
    );
    const headers = { accept: 'application/json', authorization: `Bearer ${this.#accessToken.reveal()}` };
    if (body === undefined) {
      const request = { method, url, headers };
      return { request, exchange: await this.#http.send(request, repeating, span) };
    }
    const typed = (contentType: string): HttpRequest => {
      return { method, url, headers: { ...headers, 'content-type': contentType }, body: JSON.stringify(body) };
    };
    const request = typed(this.#contentType);
    const exchange = await this.#http.send(request, repeating, span);
    const refused = exchange.outcome.kind === 'answered' && exchange.outcome.status === 415;
    if (!refused || this.#contentType === SAMPLE_TYPE) {
      return { request, exchange };
    }
    this.#contentType = SAMPLE_TYPE;
    const again = typed(this.#contentType);
    return { request: again, exchange: await this.#http.send(again, repeating, span) };
  }
}

function unreadable(why: string): { readonly kind: 'unreadable'; readonly why: string } {
  return { kind: 'unreadable', why };
}

/** Whether a write was carried out: a web page that answers 200 in Vantage's place does not say so. */
function isDone(answer: Answer): boolean {
  return [200, 202, 204].includes(answer.status) && isEmptyOrJson(answer);
}

function isEmptyOrJson(answer: Answer): boolean {
  return answer.body.trim() === '' || parseJson(answer.body) !== undefined;
}

/** What a client id that is taken gets is not documented: a 409, or a 400 or 422 whose message says so. */
function saysTaken(answer: Answer): boolean {
  return (
    answer.status === 409 ||
    ([400, 422].includes(answer.status) &&
      /already (?:exists|in use|taken|registered|used)|(?:is|been) taken|not unique|must be unique|duplicate client/iu.test(
        readProblem(answer),
      ))
  );
}
