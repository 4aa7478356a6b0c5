import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { FailureMapper } from '../http/failures.ts';
import { type Http, isTooLarge, RETRY_IDEMPOTENT, type RequestResult, type RetryPolicy } from '../http/http.ts';
import { type HttpRequest, type HttpResponse, parseJson, readBody, requestLine } from '../http/message.ts';
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
export interface FoundResponse {
  readonly kind: 'found';
  readonly found: HttpResponse;
  readonly line: string;
}

/** A request, and how it ended. */
interface Sent {
  readonly request: HttpRequest;
  readonly result: RequestResult;
}

/** The most bytes of a page: 250 clients of 20 KiB have 5 MiB. */
const LARGEST_PAGE = 16 * 1024 * 1024;

/** What the documentation's sample of a mint sends, for what is no JSON Patch. */
const SAMPLE_TYPE = 'application/json-patch+json';

/** The requests to the admin API for the clients of one tenant, as whoever the session is of. */
export class AdminApi {
  readonly deadline: Deadline;
  readonly log: Log;
  readonly failures: FailureMapper;
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
    this.failures = new FailureMapper(session.isRenewable ? VANTAGE : VANTAGE_BY_TOKEN, deadline, log);
  }

  /**
   * Reads what is at a path, where this Vantage lets it be read.
   *
   * @param what is to be done, as a noun phrase.
   * @throws Failure where the token is refused, or Vantage cannot be reached or is unwell.
   */
  async read(operation: string, path: string, budget: TimeBudget): Promise<FoundResponse | Unreadable> {
    return this.#judge(operation, await this.send('GET', path, RETRY_IDEMPOTENT, budget));
  }

  /**
   * Reads a page of a list: a larger answer than any other, and one that may be too large all the same.
   *
   * @throws Failure as `read`.
   */
  async readPage(
    operation: string,
    path: string,
    budget: TimeBudget,
  ): Promise<FoundResponse | Unreadable | { readonly kind: 'too-large'; readonly why: string }> {
    const sent = await this.send('GET', path, RETRY_IDEMPOTENT, budget, undefined, LARGEST_PAGE);
    const { outcome } = sent.result;
    return outcome.kind === 'unknown' && isTooLarge(outcome.cause)
      ? { kind: 'too-large', why: `${requestLine(sent.request)}: ${outcome.cause.message}` }
      : this.#judge(operation, sent);
  }

  #judge(operation: string, { request, result }: Sent): FoundResponse | Unreadable {
    const { outcome } = result;
    const line = requestLine(request);
    if (outcome.kind === 'answered' && outcome.status === 200) {
      return { kind: 'found', found: outcome, line };
    }
    // Absent, not offered, or not offered to this account: the documented requests decide what can be done.
    if (outcome.kind === 'answered' && [403, 404, 405, 501].includes(outcome.status)) {
      const code = outcome.status === 403 ? 'forbidden' : 'unsupported';
      return { ...unreadable(`${line} ${this.failures.describe(outcome)}`, code), status: outcome.status };
    }
    throw this.failures.of({ operation, request, result });
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
    policy: RetryPolicy,
    budget: TimeBudget,
    body?: object,
    largestAnswer?: number,
  ): Promise<Sent> {
    const { baseUrl, apiVersion, tenantId } = this.#vantage;
    const url = new URL(`${baseUrl}/api/adminapi2/${apiVersion}/tenants/${pathSegment(tenantId)}/clients/${path}`);
    if (body === undefined) {
      const request = { method, url, headers: {}, ...(largestAnswer === undefined ? {} : { largestAnswer }) };
      return this.#sendSigned(request, policy, budget);
    }
    const typed = (contentType: string): HttpRequest => {
      return { method, url, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
    };
    const sent = await this.#sendSigned(typed(this.#contentType), policy, budget);
    if (!isTurnedAway(sent, 415) || this.#contentType === SAMPLE_TYPE) {
      return sent;
    }
    this.#contentType = SAMPLE_TYPE;
    return this.#sendSigned(typed(this.#contentType), policy, budget);
  }

  /** Sends a request with the access token, and again with another one where that is refused: a 401 carries nothing out. */
  async #sendSigned(unsigned: HttpRequest, policy: RetryPolicy, budget: TimeBudget): Promise<Sent> {
    const sendAs = async (token: Secret): Promise<Sent> => {
      const authorization = `Bearer ${token.reveal()}`;
      const headers = { accept: 'application/json', authorization, ...unsigned.headers };
      const request = { ...unsigned, headers };
      return { request, result: await this.#http.send(request, policy, budget) };
    };
    const token = await this.#session.token(budget);
    const sent = await sendAs(token);
    const other = isTurnedAway(sent, 401) ? await this.#session.replace(token, budget) : undefined;
    if (other === undefined) {
      return sent;
    }
    const again = await sendAs(other);
    // An attempt before the 401 may have been carried out all the same.
    const maybeApplied = sent.result.maybeApplied || again.result.maybeApplied;
    return { ...again, result: { ...again.result, maybeApplied } };
  }
}

/** Whether a request was answered with a status that carries nothing out. One that holds a secret was carried out. */
function isTurnedAway({ result: { outcome } }: Sent, status: number): boolean {
  return outcome.kind === 'answered' && outcome.status === status && !holdsSecret(outcome);
}

/** Whether an answer holds a secret as one to a mint does, whatever its status. */
export function holdsSecret(response: HttpResponse): boolean {
  return readBody(response, MintedSecret) !== undefined;
}

/** What cannot be asked for, as a path cannot hold its id. */
export function unaddressable(id: string, log: Log): Unreadable {
  return unreadable(`the id ${quoted(log.redact(id))} cannot be part of a path`, 'unexpected-response');
}

/** Whether a write was carried out: a web page that answers 200 in Vantage's place does not say so. */
export function isDone(response: HttpResponse): boolean {
  return [200, 202, 204].includes(response.status) && isEmptyOrJson(response);
}

/** Whether the body is one that an API answers with. */
export function isEmptyOrJson(response: HttpResponse): boolean {
  return response.body.trim() === '' || parseJson(response.body) !== undefined;
}
