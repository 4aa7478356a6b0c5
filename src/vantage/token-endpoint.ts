import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { FailureMapper } from '../http/failures.ts';
import { type Http, RETRY_IDEMPOTENT } from '../http/http.ts';
import { type HttpRequest, parseBody, requestLine } from '../http/message.ts';
import { Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { SignIn, VantageRequest } from '../model/request.ts';
import { Secret } from '../model/secret.ts';
import { pathSegment } from '../model/url.ts';
import { adviceFor, noEndpointAdvice, signInAdvice, VANTAGE } from './failures.ts';
import { BearerTokenResponse, OAuthError, TokenResponse } from './schema.ts';
import { type AccessToken, Session, usableUntil } from './session.ts';
import { codeOfBadRequest, isAuthenticated, isInvalidClient, issuedToken, type Probe } from './token-answers.ts';

export interface ProbeRequest {
  readonly operation: string;
  readonly clientId: string;
  readonly secret: Secret;
  /** The scope to request, separated by spaces. Default: the documented one of the client credentials grant. */
  readonly scope?: string | undefined;
  /** A redirect URI of the client, if it may not use client_credentials. It is sent with a code that is not valid. */
  readonly redirectUri?: string | undefined;
}

/** A sign-in that requests its access token from the token endpoint. */
type Credentials = Exclude<SignIn, { kind: 'access-token' }>;

const FORM_HEADERS = {
  accept: 'application/json',
  'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
};

/** The scope that ABBYY documents for a token request with the client credentials grant. */
export const CLIENT_CREDENTIALS_SCOPE = 'openid permissions global.wildcard';

/** What to do about responses that no token endpoint sends: they say nothing about a role. */
const ENDPOINT_ADVICE = {
  forbidden:
    'A token endpoint never answers so: something in front of Vantage does, such as a firewall. Allow the request there.',
};

/** Vantage's token endpoint (RFC 6749, 3.2). */
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

  /** @throws Failure `authentication-failed` if Vantage refuses the credentials. */
  async signIn(signIn: SignIn): Promise<Session> {
    const advice = adviceFor(signIn, this.#vantage);
    if (signIn.kind === 'access-token') {
      return new Session({ token: signIn.accessToken, usableUntil: Number.POSITIVE_INFINITY }, this.#log, advice);
    }
    const first = await this.#requestToken(signIn, this.#deadline.work);
    this.#log.info(`Signed in to ${this.#vantage.baseUrl} as ${accountOf(signIn)}.`);
    return new Session(first, this.#log, advice, budget => this.#requestToken(signIn, budget));
  }

  /** Requests an access token, and masks it before anything awaits. */
  async #requestToken(signIn: Credentials, budget: TimeBudget): Promise<AccessToken> {
    const requested = performance.now();
    const { kind, scope } = signIn;
    // A user of several tenants can sign in only at the endpoint of the tenant.
    const { request, result } = await (kind === 'password'
      ? this.#send(
          `${pathSegment(this.#vantage.tenantId)}/`,
          signIn,
          { scope, username: signIn.username, password: signIn.password.reveal(), grant_type: 'password' },
          budget,
        )
      : this.#send('', signIn, { scope, grant_type: 'client_credentials' }, budget));
    const operation = `signing in as ${accountOf(signIn)}`;
    const { outcome } = result;
    if (outcome.kind !== 'answered' || outcome.status !== 200) {
      const error = outcome.kind === 'answered' ? parseBody(outcome, OAuthError)?.error : undefined;
      const code = outcome.kind === 'answered' && outcome.status === 400 ? codeOfBadRequest(error) : undefined;
      const advice = {
        ...ENDPOINT_ADVICE,
        'not-found': noEndpointAdvice(signIn, this.#vantage),
        'authentication-failed': signInAdvice(error, signIn, this.#vantage),
        'invalid-input': 'Check `auth-scope`.',
      };
      throw this.#failures.of({ operation, request, result, code, readOnly: true, advice });
    }
    const response = parseBody(outcome, BearerTokenResponse);
    if (response === undefined) {
      // The response is not quoted, because it may contain the token.
      throw new Failure('unexpected-response', {
        operation,
        request: requestLine(request),
        reason: 'it answered 200, but not with a bearer token: JSON with access_token, and with token_type "Bearer"',
        advice: VANTAGE.advice['unexpected-response'],
      });
    }
    const token = new Secret(response.access_token);
    this.#log.maskSecret(token);
    return { token, usableUntil: usableUntil(requested, response.expires_in) };
  }

  /**
   * Verifies that a secret authenticates its client. IdentityServer authenticates the client before it checks anything
   * else, so an OAuth error about the rest of the request verifies the secret as well as a token does. Other responses
   * do not, because they may come from a gateway. @throws Failure if the response says nothing about the secret.
   */
  async probe(probe: ProbeRequest): Promise<Probe> {
    const { operation, clientId, secret, scope = CLIENT_CREDENTIALS_SCOPE, redirectUri } = probe;
    const sent = Date.now();
    const grant =
      redirectUri === undefined
        ? { scope, grant_type: 'client_credentials' }
        : {
            code: 'vantage-client-action-probe',
            redirect_uri: redirectUri,
            code_verifier: 'p'.repeat(43),
            grant_type: 'authorization_code',
          };
    const client = { clientId, clientSecret: secret };
    const { request, result } = await this.#send('', client, grant, this.#deadline.work);
    const { outcome } = result;
    if (outcome.kind === 'answered') {
      const token = parseBody(outcome, TokenResponse);
      if (token) {
        this.#log.maskSecret(new Secret(token.access_token));
      }
      const error = parseBody(outcome, OAuthError)?.error;
      const known = { request: requestLine(request), reason: this.#failures.describe(outcome) };
      if (isInvalidClient(outcome.status, error)) {
        return { kind: 'refused', ...known };
      }
      if (isAuthenticated(outcome.status, token, error)) {
        const issued = issuedToken(outcome, sent);
        return { kind: 'accepted', ...known, ...(issued && { token: issued }), ...(error && { error }) };
      }
    }
    // The action chooses the parameters of this request, so no input is at fault.
    const isRejected = outcome.kind === 'answered' && this.#failures.codeOf(outcome) === 'invalid-input';
    const code = isRejected ? 'unexpected-response' : undefined;
    throw this.#failures.of({ operation, request, result, code, readOnly: true, advice: ENDPOINT_ADVICE });
  }

  /**
   * Sends a token request. The client authenticates in the body (RFC 6749, 2.3.1), because ABBYY's samples do so. Every
   * value is encoded as a form in UTF-8 (RFC 6749, appendix B), which is what URLSearchParams does: a space is `+`, and
   * only letters, digits and `*-._` stay as they are.
   *
   * @param tenant the part of the path that names the tenant, or ''.
   */
  async #send(
    tenant: string,
    { clientId, clientSecret }: Pick<Credentials, 'clientId' | 'clientSecret'>,
    grant: Record<string, string>,
    budget: TimeBudget,
  ) {
    const url = new URL(`${this.#vantage.baseUrl}/auth2/${tenant}connect/token`);
    const body = new URLSearchParams({ ...grant, client_id: clientId, client_secret: clientSecret.reveal() });
    const request: HttpRequest = { method: 'POST', url, headers: FORM_HEADERS, body: body.toString() };
    return { request, result: await this.#http.send(request, RETRY_IDEMPOTENT, budget) };
  }
}

function accountOf(signIn: Credentials): string {
  return `client "${signIn.clientId}"${signIn.kind === 'password' ? ` and user "${signIn.username}"` : ''}`;
}
