import type { TimeBudget } from '../http/deadline.ts';
import {
  isPermanent,
  RETRY_IDEMPOTENT,
  RETRY_IF_NOT_APPLIED,
  type RetryPolicy,
  retryAfter,
  whatHappened,
} from '../http/http.ts';
import { type HttpRequest, isAmbiguous, readBody, requestLine } from '../http/message.ts';
import { quoted } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';
import { isPathSegment, pathSegment } from '../model/url.ts';
import { type ListedSecret, type ReadList, unreadable } from '../model/vantage.ts';
import { type AdminApi, holdsSecret, isDone, unaddressable } from './admin-api.ts';
import { readList, readPage } from './pages.ts';
import { ListedSecretSchema, MintedSecret } from './schema.ts';

/** The documented body of a mint. Times are RFC 3339 in UTC. */
export interface SecretBody {
  readonly description: string;
  readonly startTime?: string;
  readonly expiration?: string;
}

/** How a mint ended. */
export type SecretCreation =
  | {
      readonly kind: 'minted';
      readonly value: Secret;
      readonly told: Pick<MintedSecret, 'id' | 'startTime' | 'expiration'>;
    }
  | AmbiguousCreation;

/** A mint after which a secret may exist whose value nobody has. */
export interface AmbiguousCreation {
  readonly kind: 'lost';
  readonly why: string;
  readonly request: HttpRequest;
  /** Whether the same mint would end the same way. */
  readonly lasting: boolean;
  /** Milliseconds that the answer asks to wait. */
  readonly wait?: number | undefined;
}

/** The most items that a page of the public API may have. Secrets are small. */
const PAGE_LIMIT = 1000;

/** Only where it provably had no effect, which no answer proves that holds a secret. */
const RETRY_CREATION: RetryPolicy = {
  ...RETRY_IF_NOT_APPLIED,
  isTransient: response => RETRY_IF_NOT_APPLIED.isTransient(response) && !holdsSecret(response),
};

/** Not finding a client carries nothing out. */
const RETRY_CREATION_FOR_NEW_CLIENT: RetryPolicy = {
  ...RETRY_CREATION,
  isTransient: response => RETRY_CREATION.isTransient(response) || (response.status === 404 && !holdsSecret(response)),
};

/** The secrets of a tenant's clients: their minting, which is documented, and what its user interface suggests. */
export class ClientSecrets {
  readonly #api: AdminApi;

  constructor(api: AdminApi) {
    this.#api = api;
  }

  /**
   * Lists all secrets of a client, where this Vantage lets them be listed.
   *
   * @throws Failure where the token is refused, or Vantage cannot be reached or is unwell.
   */
  async list(clientId: string, budget = this.#api.deadline.work): Promise<ReadList<ListedSecret>> {
    if (!isPathSegment(clientId)) {
      return unaddressable(clientId, this.#api.log);
    }
    return readList({
      of: 'secrets',
      limit: PAGE_LIMIT,
      keyOf: ({ id }) => id,
      read: async (offset, limit) => {
        const path = `${pathSegment(clientId)}/secrets/?Offset=${offset}&Limit=${limit}`;
        const read = await this.#api.readPage(`listing the secrets of client "${clientId}"`, path, budget);
        if (read.kind !== 'found') {
          return read;
        }
        const page = readPage(read.found, ListedSecretSchema);
        return page ? { kind: 'found', found: page } : unreadable(`${read.line} did not answer with a list of secrets`);
      },
    });
  }

  /**
   * Mints a secret, once: it is sent again only where it provably was not carried out. The value is masked before
   * anything else happens to it. An answer that holds one though it says that it failed does not tell which of both is
   * true: the secret may exist, so it counts as lost.
   *
   * @param isNewClient the client was created a moment ago: a 404 may only mean that not all of Vantage knows of it yet.
   * @throws Failure where Vantage refused, so that no secret was made.
   */
  async create(clientId: string, secret: SecretBody, { isNewClient = false } = {}): Promise<SecretCreation> {
    const { deadline, failures, log } = this.#api;
    const path = `${pathSegment(clientId)}/secrets/`;
    const policy = isNewClient ? RETRY_CREATION_FOR_NEW_CLIENT : RETRY_CREATION;
    const { request, result } = await this.#api.send('POST', path, policy, deadline.creation, secret);
    const { outcome } = result;
    if (outcome.kind === 'unknown') {
      return { kind: 'lost', why: whatHappened(outcome), lasting: isPermanent(outcome.cause), request };
    }
    if (outcome.kind === 'answered') {
      const told = readBody(outcome, MintedSecret);
      const value = told && new Secret(told.value);
      if (value) {
        log.maskSecret(value);
      }
      const isSuccess = outcome.status >= 200 && outcome.status < 300;
      if (isSuccess && value) {
        return { kind: 'minted', value, told };
      }
      if (isSuccess) {
        return { kind: 'lost', why: `it ${failures.describe(outcome)}, without a secret`, lasting: true, request };
      }
      if (value || isAmbiguous(outcome)) {
        // The words of an answer that holds a secret may quote it in a form that no mask covers.
        const why = value ? `it answered ${outcome.status} with a secret` : `it ${failures.describe(outcome)}`;
        return { kind: 'lost', why, lasting: !isAmbiguous(outcome), wait: retryAfter(outcome), request };
      }
    }
    throw failures.of({ operation: `minting a secret for client "${clientId}"`, request, result });
  }

  /**
   * Deletes a secret. Not documented.
   *
   * @returns undefined where it is gone, else why it may still be there.
   */
  async delete(clientId: string, secretId: string, budget: TimeBudget): Promise<string | undefined> {
    if (!isPathSegment(secretId)) {
      return `its id ${quoted(this.#api.log.redact(secretId))} cannot be part of a path`;
    }
    const path = `${pathSegment(clientId)}/secrets/${pathSegment(secretId)}/`;
    const { request, result } = await this.#api.send('DELETE', path, RETRY_IDEMPOTENT, budget);
    const { outcome } = result;
    const gone = outcome.kind === 'answered' && (isDone(outcome) || (outcome.status === 404 && result.maybeApplied));
    return gone ? undefined : `${requestLine(request)} ${whatHappened(outcome)}`;
  }
}
