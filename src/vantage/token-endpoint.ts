import * as oauth from 'oauth4webapi';
import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { FailureMapper } from '../http/failures.ts';
import { type Http, RETRY_IDEMPOTENT, type RequestResult } from '../http/http.ts';
import { type HttpRequest, type HttpResponse, readBody, requestLine } from '../http/message.ts';
import { type ErrorCode, Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { SignIn, VantageRequest } from '../model/request.ts';
import { Secret } from '../model/secret.ts';
import { pathSegment } from '../model/url.ts';
import { VANTAGE } from './failures.ts';
import { BearerAnswer, OAuthError, TokenAnswer } from './schema.ts';
import { type AccessToken, Session, usableUntil } from './session.ts';

/** What the token endpoint says of a client's secret. */
export type Probe =
  | { readonly kind: 'accepted' }
  /** `invalid_client`: the secret, or the client, is not known there (yet). */
  | { readonly kind: 'refused'; readonly at: string; readonly why: string };

/** A secret to ask about. */
export interface ProbeRequest {
  /** What the asking is for, as a noun phrase. */
  readonly operation: string;
  readonly clientId: string;
  readonly secret: Secret;
  /** Where the client may not use client_credentials: one of its own, for a code that cannot be valid. */
  readonly redirectUri?: string | undefined;
}

/** A sign-in that gets its access token from the token endpoint. */
type Credentials = Exclude<SignIn, { kind: 'access-token' }>;

interface TokenRequest {
  readonly url: URL;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly grantType: string;
  readonly parameters: Record<string, string>;
  readonly budget: TimeBudget;
}

/** The documented scope of the client credentials grant. */
const DOCUMENTED_SCOPE = 'openid permissions global.wildcard';

/** The errors of RFC 6749, 5.2, that a server gives only to a client that it has authenticated. */
const AUTHENTICATED = ['invalid_scope', 'unauthorized_client', 'invalid_grant', 'unsupported_grant_type'];

/** The new client itself asks there, so the role of whoever signed in has no part in it. */
const PROBE_ADVICE = {
  forbidden:
    'A token endpoint refuses nobody so: something in front of Vantage does, such as a firewall. Have it let the request through, or look at what it says.',
};

/** Vantage's token endpoint. oauth4webapi writes its requests. */
export class TokenEndpoint {
  readonly #vantage: VantageRequest;
  readonly #http: Http;
  readonly #deadline: Deadline;
  readonly #log: Log;
  readonly #failures: FailureMapper;

  constructor(vantage: VantageRequest, http: Http, deadline: Deadline, log: Log) {
    this.#vantage = vantage;
    this.#http = http;
    this.#deadline = deadline;
    this.#log = log;
    this.#failures = new FailureMapper(VANTAGE, deadline, log);
  }

  /**
   * Signs in.
   *
   * @throws Failure `authentication-failed` where the credentials are refused.
   */
  async signIn(signIn: SignIn): Promise<Session> {
    if (signIn.kind === 'access-token') {
      return new Session({ token: signIn.accessToken, usableUntil: Number.POSITIVE_INFINITY }, this.#log);
    }
    const first = await this.#requestToken(signIn, this.#deadline.work);
    this.#log.info(`Signed in to ${this.#vantage.baseUrl} as ${whoOf(signIn)}.`);
    return new Session(first, this.#log, budget => this.#requestToken(signIn, budget));
  }

  /** Gets an access token, and masks it before anything awaits. */
  async #requestToken(signIn: Credentials, budget: TimeBudget): Promise<AccessToken> {
    const asked = performance.now();
    const { request, result } = await this.#send({
      url: signIn.kind === 'password' ? this.#tenantUrl() : this.#url(),
      clientId: signIn.clientId,
      clientSecret: signIn.clientSecret,
      grantType: signIn.kind === 'password' ? 'password' : 'client_credentials',
      parameters:
        signIn.kind === 'password'
          ? { scope: signIn.scope, username: signIn.username, password: signIn.password.reveal() }
          : { scope: signIn.scope },
      budget,
    });
    const operation = `signing in as ${whoOf(signIn)}`;
    const { outcome } = result;
    if (outcome.kind !== 'answered' || outcome.status !== 200) {
      const bad = outcome.kind === 'answered' && outcome.status === 400 ? { code: codeOfBadRequest(outcome) } : {};
      throw this.#failures.of({ operation, request, result, harmless: true, ...bad });
    }
    const response = readBody(outcome, BearerAnswer);
    if (response === undefined) {
      // Without a word of the answer: what could not be read may be the token.
      const why = 'it answered 200, but not with a bearer token: JSON with access_token, and with token_type "Bearer"';
      const advice = 'Check that `base-url` is Vantage itself and that no proxy answers in its place.';
      throw new Failure('unexpected-response', { operation, request: requestLine(request), reason: why, advice });
    }
    const token = new Secret(response.access_token);
    this.#log.maskSecret(token);
    return { token, usableUntil: usableUntil(asked, response.expires_in) };
  }

  /**
   * Asks whether a secret authenticates its client. IdentityServer authenticates the client before it looks at anything
   * else, so an error about the rest of the request proves the secret as well as a token does. Other words prove nothing:
   * a gateway before the endpoint may say them.
   *
   * @throws Failure where the answer says nothing of the secret.
   */
  async probe({ operation, clientId, secret, redirectUri }: ProbeRequest): Promise<Probe> {
    const grant =
      redirectUri === undefined
        ? { grantType: 'client_credentials', parameters: { scope: DOCUMENTED_SCOPE } }
        : {
            grantType: 'authorization_code',
            parameters: {
              code: 'vantage-client-action-probe',
              redirect_uri: redirectUri,
              code_verifier: 'p'.repeat(43),
            },
          };
    const sent = { url: this.#url(), clientId, clientSecret: secret, ...grant, budget: this.#deadline.work };
    const { request, result } = await this.#send(sent);
    const { outcome } = result;
    if (outcome.kind === 'answered') {
      const token = readBody(outcome, TokenAnswer);
      if (token) {
        this.#log.maskSecret(new Secret(token.access_token));
      }
      const error = readBody(outcome, OAuthError)?.error;
      if (isRefusal(outcome.status, error)) {
        return { kind: 'refused', at: requestLine(request), why: this.#failures.describe(outcome) };
      }
      if (isProof(outcome.status, token, error)) {
        return { kind: 'accepted' };
      }
    }
    const code =
      outcome.kind === 'answered' && VANTAGE.codeOf(outcome) === 'invalid-input'
        ? { code: 'unexpected-response' as const }
        : {};
    throw this.#failures.of({
      operation,
      request,
      result,
      harmless: true,
      advice: PROBE_ADVICE,
      ...code,
    });
  }

  #url(): URL {
    return new URL(`${this.#vantage.baseUrl}/auth2/connect/token`);
  }

  /** A user who is known in several tenants can sign in at the tenant's own endpoint alone. */
  #tenantUrl(): URL {
    const { baseUrl, tenantId } = this.#vantage;
    return new URL(`${baseUrl}/auth2/${pathSegment(tenantId)}/connect/token`);
  }

  /** The library writes the request. Sending it is ours, to repeat and to time, and so is reading its answer. */
  async #send({ url, clientId, clientSecret, grantType, parameters, budget }: TokenRequest): Promise<{
    readonly request: HttpRequest;
    readonly result: RequestResult;
  }> {
    let sent: { request: HttpRequest; result: RequestResult } | undefined;
    await oauth.genericTokenEndpointRequest(
      { issuer: `${this.#vantage.baseUrl}/auth2`, token_endpoint: url.href },
      { client_id: clientId },
      oauth.ClientSecretPost(clientSecret.reveal()),
      grantType,
      parameters,
      {
        [oauth.allowInsecureRequests]: url.protocol === 'http:',
        [oauth.customFetch]: async (_url, { headers, body }) => {
          const request: HttpRequest = { method: 'POST', url, headers, body: String(body) };
          sent = { request, result: await this.#http.send(request, RETRY_IDEMPOTENT, budget) };
          // The library hands it back unread.
          return Response.error();
        },
      },
    );
    if (sent === undefined) {
      throw new Error('oauth4webapi did not send the token request');
    }
    return sent;
  }
}

function whoOf(signIn: Credentials): string {
  return `client "${signIn.clientId}"${signIn.kind === 'password' ? ` and user "${signIn.username}"` : ''}`;
}

/** Taken in any spelling: a secret that is refused in a careless one must not pass for good. */
function isRefusal(status: number, error: string | undefined): boolean {
  return (status === 400 || status === 401) && error?.trim().toLowerCase() === 'invalid_client';
}

function isProof(status: number, token: TokenAnswer | undefined, error: string | undefined): boolean {
  return status === 200
    ? token !== undefined && (token.error ?? undefined) === undefined
    : status === 400 && error !== undefined && AUTHENTICATED.includes(error);
}

/** What a 400 of the token endpoint means for signing in. One without an OAuth error is not of a token endpoint. */
function codeOfBadRequest(response: HttpResponse): ErrorCode {
  const error = readBody(response, OAuthError)?.error;
  if (error === undefined) {
    return 'unexpected-response';
  }
  const ofCredentials = ['invalid_client', 'invalid_grant', 'unauthorized_client', 'access_denied'].includes(error);
  return ofCredentials ? 'authentication-failed' : 'invalid-input';
}
