import type { TimeBudget } from '../http/deadline.ts';
import { describeAttempt, isPermanent, RETRY_IDEMPOTENT, type RetryPolicy } from '../http/http.ts';
import { isAmbiguous, parseBody, retryAfter } from '../http/message.ts';
import { quoted } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';
import { isPathSegment, pathSegment } from '../model/url.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import { type AdminApi, hasSecret, isDone, notAddressable } from './admin-api.ts';
import { readApiList } from './pages.ts';
import { CreatedSecretSchema, ListedSecretSchema } from './schema.ts';

/** As documented. Times are RFC 3339 in UTC. */
export interface SecretBody {
  readonly description: string;
  readonly startTime?: string | undefined;
  readonly expiration?: string | undefined;
}

/** A creation after which a secret may exist whose value is lost. */
export interface AmbiguousCreation {
  readonly kind: 'ambiguous';
  /** As part of a sentence, without a full stop. */
  readonly reason: string;
  readonly request: string;
  /** Whether another request would end the same way. */
  readonly permanent: boolean;
  /** The milliseconds that the response asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** The largest page that the public API allows. Secrets are small. */
const PAGE_LIMIT = 1000;

/** Retries only what certainly had no effect: it was not sent, or its response has such a status and no secret. */
function retryIfNotApplied(...statuses: readonly number[]): RetryPolicy {
  return {
    ...RETRY_IDEMPOTENT,
    isTransient: response => statuses.includes(response.status) && !hasSecret(response),
    retryAmbiguous: false,
  };
}

/** The secrets of a tenant's clients. Only creating a secret is documented; the rest follows Vantage's user interface. */
export class ClientSecrets {
  readonly #api: AdminApi;

  constructor(api: AdminApi) {
    this.#api = api;
  }

  /** @throws Failure if the access token was refused, or Vantage is unavailable. */
  async list(clientId: string, budget = this.#api.deadline.work): Promise<ReadList<ListedSecret>> {
    if (!isPathSegment(clientId)) {
      return notAddressable(clientId, this.#api.log);
    }
    return readApiList(this.#api, {
      operation: `listing the secrets of client "${clientId}"`,
      path: `${pathSegment(clientId)}/secrets/`,
      items: 'secrets',
      schema: ListedSecretSchema,
      keyOf: ({ id }) => id,
      limit: PAGE_LIMIT,
      budget,
    });
  }

  /**
   * Creates one secret, whose value is masked before anything else happens to it. The request is sent again only if it
   * certainly had no effect. A response that contains a value but reports a failure is ambiguous: the secret may exist.
   * @throws Failure if Vantage refused, so that no secret was created.
   */
  async create(clientId: string, secret: SecretBody, { isNewClient = false } = {}) {
    const call = await this.#api.call({
      operation: `creating a secret for client "${clientId}"`,
      method: 'POST',
      path: `${pathSegment(clientId)}/secrets/`,
      // A part of Vantage may not know a new client yet.
      policy: isNewClient ? retryIfNotApplied(404, 429) : retryIfNotApplied(429),
      budget: this.#api.deadline.creation,
      body: secret,
    });
    const { outcome, request } = call;
    const ambiguous = (reason: string, permanent: boolean, wait?: number): AmbiguousCreation => {
      return { kind: 'ambiguous', reason, permanent, retryAfter: wait, request };
    };
    if (outcome.kind === 'not-sent') {
      throw call.failure();
    }
    if (outcome.kind === 'unknown') {
      return ambiguous(describeAttempt(outcome), isPermanent(outcome.cause));
    }
    const { status } = outcome;
    const reported = parseBody(outcome, CreatedSecretSchema);
    const value = reported && new Secret(reported.value);
    if (value) {
      this.#api.log.maskSecret(value);
    }
    if (status >= 200 && status < 300) {
      return value
        ? { kind: 'created' as const, value, reported }
        : ambiguous(`it ${call.describe(outcome)}, without a secret`, true);
    }
    // The text of a response that has a secret, or follows one, is not quoted: no mask may cover the form of the secret.
    if (value) {
      return ambiguous(`it answered ${status} with a secret`, !isAmbiguous(outcome), retryAfter(outcome));
    }
    // 303 follows a request that took effect (RFC 9110, 15.4.4), and servers also send 301 and 302 for it.
    if (status >= 301 && status <= 303) {
      return ambiguous(`it answered ${status}, a redirect, without a secret`, true);
    }
    if (isAmbiguous(outcome)) {
      return ambiguous(`it ${call.describe(outcome)}`, false, retryAfter(outcome));
    }
    throw call.failure();
  }

  /** @returns undefined if it does not exist any more, or why it may still exist, as part of a sentence. */
  async delete(clientId: string, secretId: string, budget: TimeBudget): Promise<string | undefined> {
    if (!isPathSegment(secretId)) {
      return `its id ${quoted(this.#api.log.redact(secretId))} cannot be part of a path`;
    }
    const call = await this.#api.call({
      operation: `deleting a secret of client "${clientId}"`,
      method: 'DELETE',
      path: `${pathSegment(clientId)}/secrets/${pathSegment(secretId)}/`,
      budget,
    });
    const { response, maybeApplied } = call;
    const isDeleted = response && (isDone(response) || (response.status === 404 && maybeApplied));
    return isDeleted ? undefined : `${call.request}${response ? ' ' : ' failed: '}${describeAttempt(call.outcome)}`;
  }
}
