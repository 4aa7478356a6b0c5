import type { ErrorMapping } from '../http/failures.ts';
import type { HttpResponse } from '../http/message.ts';
import { type ErrorCode, Failure } from '../model/failure.ts';
import { type SignIn, signedInClient, type VantageRequest } from '../model/request.ts';
import type { Unreadable } from '../model/vantage.ts';

/** Where a tenant administrator deletes a client by hand, as ABBYY documents it. */
export const BY_HAND = 'in Vantage under Configuration → Public API Client';

/** How Vantage's responses map to failures. No error is documented, so the codes follow the conventions of ASP.NET. */
export const VANTAGE: ErrorMapping = {
  name: 'Vantage',
  codeOf,
  unavailable: 'vantage-unavailable',
  address: '`base-url` (or `region`)',
  advice: {
    'invalid-input': 'Change the inputs that it names.',
    conflict: 'Look at the client in Vantage, then run the step again.',
    unsupported: 'This Vantage does not offer the operation: use its user interface.',
    'rate-limited': 'Run the step later, or raise `timeout`.',
    'vantage-unavailable': 'Run the step again when Vantage is available.',
    'unexpected-response': 'Check that `base-url` is Vantage itself and that no proxy answers in its place.',
  },
};

/** What to do about responses that concern the account or the tenant of a step. */
export function adviceFor(signIn: SignIn, vantage: VantageRequest): ErrorMapping['advice'] {
  return {
    'authentication-failed':
      signIn.kind === 'access-token' ? credentialsAdvice(signIn, vantage) : refusedTokenAdvice(vantage),
    forbidden: roleAdvice(signIn, vantage),
    'not-found': tenantAdvice(vantage),
  };
}

function refusedTokenAdvice({ tenantId }: VantageRequest): string {
  return `The sign-in succeeded, but Vantage refuses its access token: check that ${tenantId} (\`tenant-id\`) is the tenant of the account, and that no proxy removes the Authorization header.`;
}

/** Vantage does not tell these causes apart. */
function expiredOrElsewhere(baseUrl: string): string {
  return `The secret may have expired, by default after six months: create another one in Vantage, under Configuration → Public API Client. Or the client belongs to another region or installation than ${baseUrl} (\`base-url\` or \`region\`): compare that with the address at which you open Vantage.`;
}

function credentialsAdvice(signIn: SignIn, { baseUrl }: VantageRequest): string {
  switch (signIn.kind) {
    case 'access-token':
      return `Check \`access-token\`: it may have expired, or come from another region or installation than ${baseUrl}. The step cannot renew it: to do so, sign in with \`auth-client-id\` and \`auth-client-secret\`.`;
    case 'client-credentials':
      return `Check \`auth-client-id\` and \`auth-client-secret\`. ${expiredOrElsewhere(baseUrl)}`;
    case 'password':
      return `Check \`auth-client-id\`, \`auth-client-secret\`, \`username\` and \`password\`. ${expiredOrElsewhere(baseUrl)}`;
  }
}

/** What to do about an error that the token endpoint reports for a sign-in (RFC 6749, 5.2). */
export function signInAdvice(error: string | undefined, signIn: SignIn, vantage: VantageRequest): string {
  const isPassword = signIn.kind === 'password';
  switch (error) {
    case 'unauthorized_client':
      return isPassword
        ? 'The client may not sign in for a user: allow it the password grant in Vantage (`allowRopc`), or leave out `username` and `password`.'
        : 'The client may not sign in as itself: in Vantage, open its settings under Configuration → Public API Client, and select "Allow Client Credentials Flow".';
    case 'invalid_grant':
      return isPassword
        ? 'Check `username`, `password` and `tenant-id`. In a tenant with an external identity provider, no user can sign in so: leave out `username` and `password`.'
        : credentialsAdvice(signIn, vantage);
    default:
      return credentialsAdvice(signIn, vantage);
  }
}

/** What to do if there is no token endpoint. Only that of users has the tenant in its path, and none has the version. */
export function noEndpointAdvice({ kind }: SignIn, { baseUrl, tenantId }: VantageRequest): string {
  const tenant = kind === 'password' ? `, and that ${tenantId} (\`tenant-id\`) is a tenant there` : '';
  return `Check that ${baseUrl} (\`base-url\` or \`region\`) is Vantage itself${tenant}.`;
}

function roleAdvice(signIn: SignIn, { tenantId }: VantageRequest): string {
  const inTenant = `in the tenant ${tenantId} (\`tenant-id\`)`;
  const client = signedInClient(signIn);
  if (signIn.kind === 'password') {
    return `Give user "${signIn.username}" the role Tenant Administrator ${inTenant}: in Vantage, on the tab Roles of the user, under Users.`;
  }
  if (client === undefined) {
    return `The account of \`access-token\` needs the role Tenant Administrator ${inTenant}.`;
  }
  return `Give client "${client}" the role Tenant Administrator ${inTenant}: in Vantage, in its settings under Configuration → Public API Client. If it has the role, this Vantage lets only users do this: set \`username\` and \`password\` of such a user as well.`;
}

function tenantAdvice({ baseUrl, tenantId, apiVersion }: VantageRequest): string {
  const version = apiVersion === 'v2' ? ' If both are right, this Vantage may be older: set `api-version: v1`.' : '';
  return `Check that ${tenantId} (\`tenant-id\`) is the tenant id that Vantage shows under Configuration → General, and that the tenant is at ${baseUrl}.${version}`;
}

function codeOf({ status }: HttpResponse): ErrorCode | undefined {
  switch (status) {
    case 401:
      return 'authentication-failed';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 405:
    case 501:
      return 'unsupported';
    default:
      return undefined;
  }
}

/** The failure of an operation that needs a read that is not possible. */
export function unreadableFailure(operation: string, unread: Unreadable, advice?: string): Failure {
  const { reason, code } = unread;
  const advices = {
    forbidden: unread.advice ?? 'Sign in as a Tenant Administrator of this tenant.',
    unsupported: `This Vantage does not offer it. Do it by hand, ${BY_HAND}.`,
    'unexpected-response': 'Run the step again when nobody else changes the clients.',
  };
  return new Failure(code, { operation, reason, advice: advice ?? advices[code] });
}
