import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { type FailedRequest, FailureMapper } from '../http/failures.ts';
import { type Http, RETRY_IDEMPOTENT, type RetryPolicy } from '../http/http.ts';
import {
  type AttemptResult,
  type HttpRequest,
  type HttpResponse,
  parseBody,
  parseJson,
  requestLine,
} from '../http/message.ts';
import { type Failure, quoted } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { VantageRequest } from '../model/request.ts';
import type { Secret } from '../model/secret.ts';
import { pathSegment } from '../model/url.ts';
import { type Read, type Unreadable, unreadable } from '../model/vantage.ts';
import { VANTAGE } from './failures.ts';
import { CreatedSecretSchema } from './schema.ts';
import type { Session } from './session.ts';

interface AdminCall {
  readonly operation: string;
  readonly method: HttpRequest['method'];
  /** Below the clients of the tenant: '' for the list, `invoices/` for one client. Each value in it is a `pathSegment`. */
  readonly path: string;
  /** `RETRY_IDEMPOTENT`, unless given. */
  readonly policy?: RetryPolicy;
  /** The time for the work, unless given. */
  readonly budget?: TimeBudget;
  /** Sent as JSON. */
  readonly body?: object;
  readonly maxResponseBytes?: number;
}

type CompleteCall = AdminCall & Required<Pick<AdminCall, 'policy' | 'budget'>>;

/** The content type in ABBYY's sample of creating a secret, although its body is not a JSON Patch. */
const SAMPLE_CONTENT_TYPE = 'application/json-patch+json';

/** Calls the part of Vantage's admin API about the clients of one tenant, as the account of a session. */
export class AdminApi {
  readonly deadline: Deadline;
  readonly log: Log;
  readonly #vantage: VantageRequest;
  readonly #session: Session;
  readonly #http: Http;
  readonly #failures: FailureMapper;
  /** A 415 shows that this Vantage expects the content type of the sample. */
  #contentType = 'application/json';

  constructor(vantage: VantageRequest, session: Session, http: Http, deadline: Deadline, log: Log) {
    this.#vantage = vantage;
    this.#session = session;
    this.#http = http;
    this.#failures = new FailureMapper(VANTAGE, deadline, log);
    this.deadline = deadline;
    this.log = log;
  }

  /**
   * Sends a request. If Vantage refuses the access token or the content type, which has no effect, the request is sent
   * again with another one. Whatever the response, the caller decides what it means.
   */
  async call(given: AdminCall): Promise<CallResult> {
    const call = { policy: RETRY_IDEMPOTENT, budget: this.deadline.work, ...given };
    // Another call may change it in the meantime.
    const contentType = this.#contentType;
    const result = await this.#sendAs(contentType, call);
    if (call.body === undefined || !isRefused(result, 415) || contentType === SAMPLE_CONTENT_TYPE) {
      return result;
    }
    this.#contentType = SAMPLE_CONTENT_TYPE;
    return this.#sendAs(SAMPLE_CONTENT_TYPE, call);
  }

  async #sendAs(contentType: string, call: CompleteCall): Promise<CallResult> {
    const token = await this.#session.token(call.budget);
    const result = await this.#send(call, contentType, token);
    const renewed = isRefused(result, 401) ? await this.#session.replace(token, call.budget) : undefined;
    return renewed === undefined ? result : this.#send(call, contentType, renewed, result.maybeApplied);
  }

  async #send(call: CompleteCall, contentType: string, token: Secret, maybeApplied = false): Promise<CallResult> {
    const { operation, method, path, policy, budget, body, maxResponseBytes } = call;
    const { baseUrl, apiVersion, tenantId } = this.#vantage;
    const request = {
      method,
      url: new URL(`${baseUrl}/api/adminapi2/${apiVersion}/tenants/${pathSegment(tenantId)}/clients/${path}`),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token.reveal()}`,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(maxResponseBytes === undefined ? {} : { maxResponseBytes }),
    };
    const result = await this.#http.send(request, policy, budget);
    const { advice } = this.#session;
    const failed = {
      operation,
      request,
      // An attempt with the access token before this one may have taken effect, too.
      result: { ...result, maybeApplied: maybeApplied || result.maybeApplied },
      advice: path === '' ? advice : { ...advice, 'not-found': `${advice['not-found']} Also check \`client-id\`.` },
    };
    return new CallResult(failed, this.#failures);
  }
}

/** How a call ended: its last attempt, its response if there is one, and its request as `POST https://…`. */
class CallResult {
  readonly outcome: AttemptResult;
  readonly response: HttpResponse | undefined;
  /** Whether an attempt before the last one may have taken effect. */
  readonly maybeApplied: boolean;
  readonly request: string;
  readonly #call: FailedRequest;
  readonly #failures: FailureMapper;

  constructor(call: FailedRequest, failures: FailureMapper) {
    const { outcome, maybeApplied } = call.result;
    this.outcome = outcome;
    this.response = outcome.kind === 'answered' ? outcome : undefined;
    this.maybeApplied = maybeApplied;
    this.request = requestLine(call.request);
    this.#call = call;
    this.#failures = failures;
  }

  /** The failure of the call. @param known a code or advice that is better than that of the response. */
  failure({ code, advice }: Pick<FailedRequest, 'code' | 'advice'> = {}): Failure {
    return this.#failures.of({ ...this.#call, code, advice: { ...this.#call.advice, ...advice } });
  }

  /** As `FailureMapper.describe`. */
  describe(response: HttpResponse): string {
    return this.#failures.describe(response);
  }

  /** What `parse` gives of a response to GET. `expected` names what it should be: `a list of clients`. @throws Failure */
  read<Found>(expected: string, parse: (response: HttpResponse) => Found | undefined): Read<Found> {
    const { response } = this;
    if (response?.status === 200) {
      const found = parse(response);
      return found === undefined
        ? unreadable(`${this.request} did not answer with ${expected}`)
        : { kind: 'found', found };
    }
    // The resource does not exist, or this Vantage does not offer or allow the read. The documented requests decide.
    if (response && [403, 404, 405, 501].includes(response.status)) {
      const code = response.status === 403 ? 'forbidden' : 'unsupported';
      const advice = code === 'forbidden' ? this.#call.advice?.forbidden : undefined;
      return { ...unreadable(`${this.request} ${this.describe(response)}`, code), status: response.status, advice };
    }
    throw this.failure();
  }
}

/** Whether Vantage refused a request with a status, so that it had no effect. A response with a secret shows an effect. */
function isRefused({ response }: CallResult, status: number): boolean {
  return response?.status === status && !hasSecret(response);
}

/** Whether a response contains a new secret, whatever its status. */
export function hasSecret(response: HttpResponse): boolean {
  return parseBody(response, CreatedSecretSchema) !== undefined;
}

/** The result of a read whose path cannot contain the id of its resource. */
export function notAddressable(id: string, log: Log): Unreadable {
  return unreadable(`the id ${quoted(log.redact(id))} cannot be part of a path`, 'unexpected-response');
}

/** Whether a request succeeded. A web page with status 200, from something other than Vantage, does not show that. */
export function isDone({ status, body }: HttpResponse, statuses = [200, 202, 204]): boolean {
  return statuses.includes(status) && (body.trim() === '' || parseJson(body) !== undefined);
}
