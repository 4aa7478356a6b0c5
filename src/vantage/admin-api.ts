import type { Deadline, Span } from '../http/deadline.ts';
import { Refusals } from '../http/failures.ts';
import { type Exchange, type Http, isTooLarge, REPEAT_SAFELY, type Repeating } from '../http/http.ts';
import { type Answer, type HttpRequest, parseJson, readBody, requestLine } from '../http/message.ts';
import { quoted } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { VantageRequest } from '../model/request.ts';
import type { Secret } from '../model/secret.ts';
import { pathSegment } from '../model/url.ts';
import { type Unreadable, unreadable } from '../model/vantage.ts';
import { VANTAGE, VANTAGE_BY_TOKEN } from './failures.ts';
import { MintedSecret } from './schema.ts';
import type { Session } from './session.ts';

/** An answer with what was asked for, and the line of the request. */
export interface FoundAnswer {
  readonly kind: 'found';
  readonly found: Answer;
  readonly line: string;
}

/** A request, and how it ended. */
interface Sent {
  readonly request: HttpRequest;
  readonly exchange: Exchange;
}

/** The most bytes of a page: 250 clients of 20 KiB have 5 MiB. */
const LARGEST_PAGE = 16 * 1024 * 1024;

/** What the documentation's sample of a mint sends, for what is no JSON Patch. */
const SAMPLE_TYPE = 'application/json-patch+json';

/** The requests to the admin API for the clients of one tenant, as whoever the session is of. */
export class AdminApi {
  readonly deadline: Deadline;
  readonly log: Log;
  readonly refusals: Refusals;
  readonly #vantage: VantageRequest;
  readonly #session: Session;
  readonly #http: Http;
  /** Once a 415 has shown that this Vantage wants the type of the sample, it gets that. */
  #contentType = 'application/json';

  constructor(vantage: VantageRequest, session: Session, http: Http, deadline: Deadline, log: Log) {
    this.#vantage = vantage;
    this.#session = session;
    this.#http = http;
    this.deadline = deadline;
    this.log = log;
    this.refusals = new Refusals(session.isRenewable ? VANTAGE : VANTAGE_BY_TOKEN, deadline, log);
  }

  /**
   * Reads what is at a path, where this Vantage lets it be read.
   *
   * @param what is to be done, as a noun phrase.
   * @throws Failure where the token is refused, or Vantage cannot be reached or is unwell.
   */
  async read(what: string, path: string, span: Span): Promise<FoundAnswer | Unreadable> {
    return this.#judge(what, await this.send('GET', path, REPEAT_SAFELY, span));
  }

  /**
   * Reads a page of a list: a larger answer than any other, and one that may be too large all the same.
   *
   * @throws Failure as `read`.
   */
  async readPage(
    what: string,
    path: string,
    span: Span,
  ): Promise<FoundAnswer | Unreadable | { readonly kind: 'too-large'; readonly why: string }> {
    const sent = await this.send('GET', path, REPEAT_SAFELY, span, undefined, LARGEST_PAGE);
    const { outcome } = sent.exchange;
    return outcome.kind === 'unknown' && isTooLarge(outcome.cause)
      ? { kind: 'too-large', why: `${requestLine(sent.request)}: ${outcome.cause.message}` }
      : this.#judge(what, sent);
  }

  #judge(what: string, { request, exchange }: Sent): FoundAnswer | Unreadable {
    const { outcome } = exchange;
    const line = requestLine(request);
    if (outcome.kind === 'answered' && outcome.status === 200) {
      return { kind: 'found', found: outcome, line };
    }
    // Absent, not offered, or not offered to this account: the documented requests decide what can be done.
    if (outcome.kind === 'answered' && [403, 404, 405, 501].includes(outcome.status)) {
      const code = outcome.status === 403 ? 'forbidden' : 'unsupported';
      return { ...unreadable(`${line} ${this.refusals.describe(outcome)}`, code), status: outcome.status };
    }
    throw this.refusals.of({ what, request, exchange });
  }

  /**
   * Sends one request. Never throws: what an answer means is for the caller to say.
   *
   * @param path below the tenant's clients: '' is their list, `invoices/` one of them. Each value in it is a `pathSegment`.
   * @param body sent as JSON.
   * @param largestAnswer in bytes, where more than usual may come.
   */
  async send(
    method: HttpRequest['method'],
    path: string,
    repeating: Repeating,
    span: Span,
    body?: object,
    largestAnswer?: number,
  ): Promise<Sent> {
    const { baseUrl, apiVersion, tenantId } = this.#vantage;
    const url = new URL(`${baseUrl}/api/adminapi2/${apiVersion}/tenants/${pathSegment(tenantId)}/clients/${path}`);
    if (body === undefined) {
      const request = { method, url, headers: {}, ...(largestAnswer === undefined ? {} : { largestAnswer }) };
      return this.#sendSigned(request, repeating, span);
    }
    const typed = (contentType: string): HttpRequest => {
      return { method, url, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
    };
    const sent = await this.#sendSigned(typed(this.#contentType), repeating, span);
    if (!isTurnedAway(sent, 415) || this.#contentType === SAMPLE_TYPE) {
      return sent;
    }
    this.#contentType = SAMPLE_TYPE;
    return this.#sendSigned(typed(this.#contentType), repeating, span);
  }

  /** Sends a request with the access token, and again with another one where that is refused: a 401 carries nothing out. */
  async #sendSigned(unsigned: HttpRequest, repeating: Repeating, span: Span): Promise<Sent> {
    const sendAs = async (token: Secret): Promise<Sent> => {
      const authorization = `Bearer ${token.reveal()}`;
      const headers = { accept: 'application/json', authorization, ...unsigned.headers };
      const request = { ...unsigned, headers };
      return { request, exchange: await this.#http.send(request, repeating, span) };
    };
    const token = await this.#session.token(span);
    const sent = await sendAs(token);
    const other = isTurnedAway(sent, 401) ? await this.#session.replace(token, span) : undefined;
    if (other === undefined) {
      return sent;
    }
    const again = await sendAs(other);
    // An attempt before the 401 may have been carried out all the same.
    const maybeApplied = sent.exchange.maybeApplied || again.exchange.maybeApplied;
    return { ...again, exchange: { ...again.exchange, maybeApplied } };
  }
}

/** Whether a request was answered with a status that carries nothing out. One that holds a secret was carried out. */
function isTurnedAway({ exchange: { outcome } }: Sent, status: number): boolean {
  return outcome.kind === 'answered' && outcome.status === status && !holdsSecret(outcome);
}

/** Whether an answer holds a secret as one to a mint does, whatever its status. */
export function holdsSecret(answer: Answer): boolean {
  return readBody(answer, MintedSecret) !== undefined;
}

/** What cannot be asked for, as a path cannot hold its id. */
export function unaddressable(id: string, log: Log): Unreadable {
  return unreadable(`the id ${quoted(log.redact(id))} cannot be part of a path`, 'unexpected-response');
}

/** Whether a write was carried out: a web page that answers 200 in Vantage's place does not say so. */
export function isDone(answer: Answer): boolean {
  return [200, 202, 204].includes(answer.status) && isEmptyOrJson(answer);
}

/** Whether the body is one that an API answers with. */
export function isEmptyOrJson(answer: Answer): boolean {
  return answer.body.trim() === '' || parseJson(answer.body) !== undefined;
}
