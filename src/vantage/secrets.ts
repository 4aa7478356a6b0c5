import type { TimeBudget } from '../http/deadline.ts';
import {
  describeAttempt,
  isPermanent,
  RETRY_IDEMPOTENT,
  RETRY_IF_NOT_APPLIED,
  type RetryPolicy,
} from '../http/http.ts';
import { isAmbiguous, isRedirectAfterwards, parseBody, retryAfter } from '../http/message.ts';
import { quoted } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';
import { isPathSegment, pathSegment } from '../model/url.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import { type AdminApi, hasSecret, isDone, notAddressable } from './admin-api.ts';
import { readApiList } from './pages.ts';
import { type CreatedSecretResponse, CreatedSecretSchema, ListedSecretSchema } from './schema.ts';

/** The documented body of creating a secret. Times are RFC 3339 in UTC. */
export interface SecretBody {
  readonly description: string;
  readonly startTime?: string;
  readonly expiration?: string;
}

/** The result of creating a secret. */
type SecretCreation =
  | {
      readonly kind: 'created';
      readonly value: Secret;
      readonly reported: Pick<CreatedSecretResponse, 'id' | 'startTime' | 'expiration'>;
    }
  | AmbiguousCreation;

/** A creation after which a secret may exist whose value is lost. */
export interface AmbiguousCreation {
  readonly kind: 'ambiguous';
  /** As part of a sentence, without a full stop. */
  readonly reason: string;
  /** The request, as `POST https://…`. */
  readonly request: string;
  /** Whether another request would end the same way. */
  readonly permanent: boolean;
  /** The milliseconds that the response asks to wait. */
  readonly retryAfter?: number | undefined;
}

/** The largest page that the public API allows. Secrets are small. */
const PAGE_LIMIT = 1000;

/** Retries a request only if it certainly had no effect. A response that contains a secret shows an effect. */
const RETRY_CREATION: RetryPolicy = {
  ...RETRY_IF_NOT_APPLIED,
  isTransient: response => RETRY_IF_NOT_APPLIED.isTransient(response) && !hasSecret(response),
};

/** Retries a 404 as well, which has no effect: a part of Vantage may not know the new client yet. */
const RETRY_CREATION_FOR_NEW_CLIENT: RetryPolicy = {
  ...RETRY_CREATION,
  isTransient: response => RETRY_CREATION.isTransient(response) || (response.status === 404 && !hasSecret(response)),
};

/** The secrets of a tenant's clients. Only creating a secret is documented; the rest follows Vantage's user interface. */
export class ClientSecrets {
  readonly #api: AdminApi;

  constructor(api: AdminApi) {
    this.#api = api;
  }

  /**
   * Lists the secrets of a client.
   *
   * @throws Failure if the access token was refused, or Vantage is unavailable.
   */
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
   * Creates one secret: the request is sent again only if it certainly had no effect. The value is masked before anything
   * else happens to it. A response that contains a value but reports a failure is ambiguous, because the secret may exist.
   *
   * @param isNewClient whether the client was just created.
   * @throws Failure if Vantage refused, so that no secret was created.
   */
  async create(clientId: string, secret: SecretBody, { isNewClient = false } = {}): Promise<SecretCreation> {
    const call = await this.#api.call({
      operation: `creating a secret for client "${clientId}"`,
      method: 'POST',
      path: `${pathSegment(clientId)}/secrets/`,
      policy: isNewClient ? RETRY_CREATION_FOR_NEW_CLIENT : RETRY_CREATION,
      budget: this.#api.deadline.creation,
      body: secret,
    });
    const { outcome, request } = call;
    if (outcome.kind === 'unknown') {
      const reason = describeAttempt(outcome);
      return { kind: 'ambiguous', reason, permanent: isPermanent(outcome.cause), request };
    }
    if (outcome.kind === 'answered') {
      const reported = parseBody(outcome, CreatedSecretSchema);
      const value = reported && new Secret(reported.value);
      if (value) {
        this.#api.log.maskSecret(value);
      }
      const isSuccess = outcome.status >= 200 && outcome.status < 300;
      if (isSuccess && value) {
        return { kind: 'created', value, reported };
      }
      if (isSuccess) {
        const reason = `it ${call.describe(outcome)}, without a secret`;
        return { kind: 'ambiguous', reason, permanent: true, request };
      }
      if (isRedirectAfterwards(outcome) && !value) {
        // Its text is not quoted, as that of a success: it may contain the secret.
        const reason = `it answered ${outcome.status}, a redirect, without a secret`;
        return { kind: 'ambiguous', reason, permanent: true, request };
      }
      if (value || isAmbiguous(outcome)) {
        // The text of a response with a secret is not quoted: it may contain the secret in a form that no mask covers.
        const reason = value ? `it answered ${outcome.status} with a secret` : `it ${call.describe(outcome)}`;
        const permanent = !isAmbiguous(outcome);
        return { kind: 'ambiguous', reason, permanent, retryAfter: retryAfter(outcome), request };
      }
    }
    throw call.failure();
  }

  /**
   * Deletes a secret.
   *
   * @returns undefined if it does not exist any more, or why it may still exist, as part of a sentence.
   */
  async delete(clientId: string, secretId: string, budget: TimeBudget): Promise<string | undefined> {
    if (!isPathSegment(secretId)) {
      return `its id ${quoted(this.#api.log.redact(secretId))} cannot be part of a path`;
    }
    const call = await this.#api.call({
      operation: `deleting a secret of client "${clientId}"`,
      method: 'DELETE',
      path: `${pathSegment(clientId)}/secrets/${pathSegment(secretId)}/`,
      policy: RETRY_IDEMPOTENT,
      budget,
    });
    const { response, maybeApplied } = call;
    const isDeleted = response && (isDone(response) || (response.status === 404 && maybeApplied));
    return isDeleted ? undefined : `${call.request}${response ? ' ' : ' failed: '}${describeAttempt(call.outcome)}`;
  }
}
