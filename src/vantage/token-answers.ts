import { type HttpResponse, parseBody } from '../http/message.ts';
import type { ErrorCode } from '../model/failure.ts';
import { Secret } from '../model/secret.ts';
import { BearerTokenResponse, type TokenResponse } from './schema.ts';

/** Whether the token endpoint accepts a client secret. */
export type Probe =
  | {
      readonly kind: 'accepted';
      /** Absent if the endpoint issued none: it authenticated the client, but rejected the rest of the request. */
      readonly token?: IssuedToken;
      /** The OAuth error that it reported instead. */
      readonly error?: string;
      readonly request: string;
      readonly reason: string;
    }
  /** `invalid_client`: the token endpoint does not know the secret or the client, possibly not yet. */
  | { readonly kind: 'refused'; readonly request: string; readonly reason: string };

/** An access token that the token endpoint issued, masked. */
export interface IssuedToken {
  readonly token: Secret;
  /** When it expires, by the clock of the runner. Absent if the endpoint does not report it. */
  readonly expiration?: Date;
}

/** The last millisecond that RFC 3339 can express, since 1970. */
const LAST_RFC_3339 = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The errors that a server reports only to a client that it has authenticated (RFC 6749, 5.2). */
const AUTHENTICATED = ['invalid_scope', 'unauthorized_client', 'invalid_grant', 'unsupported_grant_type'];

/**
 * The token of a response, if a request can contain it. Its lifetime counts from when it was requested, in milliseconds
 * by the clock of the runner: the jobs that use the token compare the expiration with that clock.
 */
export function issuedToken(response: HttpResponse, sent: number): IssuedToken | undefined {
  const answer = response.status === 200 ? parseBody(response, BearerTokenResponse) : undefined;
  if (!answer) {
    return undefined;
  }
  const expiration = new Date(sent + (answer.expires_in ?? Number.NaN) * 1000);
  const isKnown = expiration.getTime() > sent && expiration.getTime() <= LAST_RFC_3339;
  return { token: new Secret(answer.access_token), ...(isKnown ? { expiration } : {}) };
}

/** Ignores case and spaces, so that a secret that was refused never counts as verified. */
export function isInvalidClient(status: number, error: string | undefined): boolean {
  return (status === 400 || status === 401) && error?.trim().toLowerCase() === 'invalid_client';
}

/** Whether a response shows that the endpoint authenticated the client, whatever else it says. */
export function isAuthenticated(status: number, token: TokenResponse | undefined, error: string | undefined): boolean {
  return status === 200
    ? token !== undefined && (token.error ?? undefined) === undefined
    : status === 400 && error !== undefined && AUTHENTICATED.includes(error);
}

const ABOUT_CREDENTIALS = ['invalid_client', 'invalid_grant', 'unauthorized_client', 'access_denied'];

/** The code of a 400 for a sign-in. A token endpoint always answers 400 with an OAuth error. */
export function codeOfBadRequest(error: string | undefined): ErrorCode {
  if (error === undefined) {
    return 'unexpected-response';
  }
  return ABOUT_CREDENTIALS.includes(error) ? 'authentication-failed' : 'invalid-input';
}
