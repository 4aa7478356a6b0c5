import type { ErrorMapping } from '../http/failures.ts';
import { type ErrorCode, Failure } from '../model/failure.ts';
import { type SignIn, signedInClient, type VantageRequest } from '../model/request.ts';
import type { Unreadable } from '../model/vantage.ts';

/** Where a tenant administrator deletes a client by hand, as ABBYY documents it. */
export const BY_HAND = 'in Vantage under Configuration → Public API Client';

/** No error is documented, so the codes follow the conventions of ASP.NET. */
const CODES: Partial<Record<number, ErrorCode>> = {
  401: 'authentication-failed',
  403: 'forbidden',
  404: 'not-found',
  405: 'unsupported',
  501: 'unsupported',
};

/** How Vantage's responses map to failures. */
export const VANTAGE: ErrorMapping = {
  name: 'Vantage',
  codeOf: ({ status }) => CODES[status],
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
export function adviceFor(signIn: SignIn, vantage: VantageRequest) {
  const { baseUrl, tenantId, apiVersion } = vantage;
  const version = apiVersion === 'v2' ? ' If both are right, this Vantage may be older: set `api-version: v1`.' : '';
  return {
    'authentication-failed':
      signIn.kind === 'access-token'
        ? credentialsAdvice(signIn, vantage)
        : `The sign-in succeeded, but Vantage refuses its access token: check that ${tenantId} (\`tenant-id\`) is the tenant of the account, and that no proxy removes the Authorization header.`,
    forbidden: roleAdvice(signIn, vantage),
    'not-found': `Check that ${tenantId} (\`tenant-id\`) is the tenant id that Vantage shows under Configuration → General, and that the tenant is at ${baseUrl}.${version}`,
  };
}

/** Vantage does not tell the causes apart. */
function credentialsAdvice({ kind }: SignIn, { baseUrl }: VantageRequest): string {
  if (kind === 'access-token') {
    return `Check \`access-token\`: it may have expired, or come from another region or installation than ${baseUrl}. The step cannot renew it: to do so, sign in with \`auth-client-id\` and \`auth-client-secret\`.`;
  }
  const inputs =
    kind === 'password' ? ', `auth-client-secret`, `username` and `password`' : ' and `auth-client-secret`';
  return `Check \`auth-client-id\`${inputs}. The secret may have expired, by default after six months: create another one in Vantage, under Configuration → Public API Client. Or the client belongs to another region or installation than ${baseUrl} (\`base-url\` or \`region\`): compare that with the address at which you open Vantage.`;
}

/** What to do about an error that the token endpoint reports for a sign-in (RFC 6749, 5.2). */
export function signInAdvice(error: string | undefined, signIn: SignIn, vantage: VantageRequest): string {
  const isPassword = signIn.kind === 'password';
  if (error === 'unauthorized_client') {
    return isPassword
      ? 'The client may not sign in for a user: allow it the password grant in Vantage (`allowRopc`), or leave out `username` and `password`.'
      : 'The client may not sign in as itself: in Vantage, open its settings under Configuration → Public API Client, and select "Allow Client Credentials Flow".';
  }
  return error === 'invalid_grant' && isPassword
    ? 'Check `username`, `password` and `tenant-id`. In a tenant with an external identity provider, no user can sign in so: leave out `username` and `password`.'
    : credentialsAdvice(signIn, vantage);
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
