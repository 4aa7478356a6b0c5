import {
  type ApiVersion,
  type ClientRequest,
  type ClientSettings,
  DOCUMENTED_SCOPES,
  DOTNET_TIMESPAN,
  type Lifetime,
  lifetimeSeconds,
} from '../model/client.ts';
import { type ClientIdPattern, NUMBER, parseClientIdPattern } from '../model/client-id-pattern.ts';
import { isPathSegment } from '../model/url.ts';
import type { InputReader } from './reader.ts';
import { readCorsOrigins, readRedirectUris } from './redirect-uris.ts';

const GRANT_TYPES = ['authorization_code', 'client_credentials', 'password', 'implicit', 'hybrid'];

const REDIRECTING_GRANTS = ['authorization_code', 'implicit', 'hybrid'];

/** IdentityServer stores a client with such a pair, but then does not know it at the token endpoint. */
const ILLEGAL_PAIRS = [
  ['implicit', 'authorization_code'],
  ['implicit', 'hybrid'],
  ['authorization_code', 'hybrid'],
] as const;

const BY_LINE_SPACE_OR_COMMA = /[\s,]+/u;

/**
 * Reads the client that the workflow wants, and refuses what can never work.
 *
 * @param warn told of what works but is dangerous, one line each.
 */
export function readClient(input: InputReader, apiVersion: ApiVersion, warn: (line: string) => void): ClientRequest {
  const clientId = readClientId(input);
  const declared = withoutUndefined({
    clientName: readClientName(input),
    allowOfflineAccess: input.boolean('allow-offline-access'),
    allowRememberConsent: input.boolean('allow-remember-consent'),
    backChannelLogoutSessionRequired: input.boolean('back-channel-logout-session-required'),
    requireClientSecret: input.boolean('require-client-secret'),
    requireConsent: input.boolean('require-consent'),
    allowNoPkce: input.boolean('allow-no-pkce'),
    allowedGrantTypes: readGrantTypes(input),
    allowedCorsOrigins: readCorsOrigins(input, warn),
    allowedScopes: readScopes(input),
    postLogoutRedirectUris: readRedirectUris(input, 'post-logout-redirect-uris', warn),
    redirectUris: readRedirectUris(input, 'redirect-uris', warn),
    accessTokenLifetime: readLifetime(input, 'access-token-lifetime', apiVersion),
    refreshTokenLifetime: readLifetime(input, 'refresh-token-lifetime', apiVersion),
    allowRopc: input.boolean('allow-ropc'),
  });
  requireRedirectUris(input, declared);
  warnOfRisks(declared, apiVersion, warn);
  return {
    clientId: clientId ?? '',
    declared,
    initial: initialSettings(clientId ?? '', declared),
    ifExists: input.choice('if-exists', ['adopt', 'update', 'fail']),
  };
}

/** In the documentation's order, so that the body that is sent reads like its sample. */
function initialSettings(clientId: string, declared: ClientSettings): ClientSettings {
  const { clientName, allowedGrantTypes, allowedScopes, allowedCorsOrigins, ...rest } = declared;
  const { postLogoutRedirectUris, redirectUris, accessTokenLifetime, refreshTokenLifetime, allowRopc, ...flags } = rest;
  return withoutUndefined({
    clientName: clientName ?? clientId,
    ...flags,
    allowedGrantTypes: allowedGrantTypes ?? [redirectUris ? 'authorization_code' : 'client_credentials'],
    allowedCorsOrigins,
    allowedScopes: allowedScopes ?? DOCUMENTED_SCOPES,
    postLogoutRedirectUris,
    redirectUris,
    accessTokenLifetime,
    refreshTokenLifetime,
    allowRopc,
  });
}

function readClientName(input: InputReader): string | undefined {
  const name = input.text('client-name');
  return name !== undefined && /\p{Cc}/u.test(name)
    ? input.reject('client-name', 'it takes one line without control characters')
    : name;
}

function readGrantTypes(input: InputReader): readonly string[] | undefined {
  const grants = input.list('allowed-grant-types', BY_LINE_SPACE_OR_COMMA);
  if (grants === undefined) {
    return undefined;
  }
  if (grants.includes('refresh_token')) {
    return input.reject(
      'allowed-grant-types',
      'refresh tokens are no grant type here: set allow-offline-access instead',
      '"refresh_token"',
    );
  }
  // An extension grant is named by an absolute URI (RFC 6749, 4.5), so only a URN may stand beside the five.
  const unknown = grants.find(grant => !GRANT_TYPES.includes(grant) && !grant.startsWith('urn:'));
  if (unknown !== undefined) {
    return input.reject('allowed-grant-types', `it takes ${GRANT_TYPES.join(', ')}`, input.quote(unknown));
  }
  const pair = ILLEGAL_PAIRS.find(([one, other]) => grants.includes(one) && grants.includes(other));
  return pair
    ? input.reject(
        'allowed-grant-types',
        'the rule of illegal pairs: a client may have one of authorization_code, implicit and hybrid',
        `${pair[0]} with ${pair[1]}`,
      )
    : grants;
}

function readScopes(input: InputReader): readonly string[] | undefined {
  const scopes = input.list('allowed-scopes', BY_LINE_SPACE_OR_COMMA);
  const exact = scopes?.length === DOCUMENTED_SCOPES.length && DOCUMENTED_SCOPES.every(scope => scopes.includes(scope));
  return scopes === undefined || exact
    ? scopes
    : input.reject('allowed-scopes', `Vantage takes exactly ${DOCUMENTED_SCOPES.join(', ')}`);
}

function requireRedirectUris(input: InputReader, { allowedGrantTypes, redirectUris }: ClientSettings): void {
  const redirecting = allowedGrantTypes?.find(grant => REDIRECTING_GRANTS.includes(grant));
  if (redirecting !== undefined && redirectUris === undefined && !input.isSet('redirect-uris')) {
    input.reject('redirect-uris', `the grant ${redirecting} takes at least one redirect URI`);
  }
}

function warnOfRisks(settings: ClientSettings, apiVersion: ApiVersion, warn: (line: string) => void): void {
  if (settings.allowNoPkce) {
    warn('`allow-no-pkce` is true: a stolen authorization code can be redeemed by whoever stole it.');
  }
  if (settings.allowRopc) {
    warn('`allow-ropc` is true: users hand their passwords to the application.');
  }
  if (settings.allowRopc !== undefined && apiVersion === 'v2') {
    warn('`allow-ropc` is documented for v1 alone: this Vantage may ignore it on v2.');
  }
  if (settings.allowedGrantTypes?.includes('password') && !settings.allowRopc) {
    warn('`allowed-grant-types` has password: Vantage documents that it needs `allow-ropc: true` as well.');
  }
}

function withoutUndefined<Shape extends object>(
  shape: Shape,
): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  return Object.freeze(Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined))) as {
    [Key in keyof Shape]: Exclude<Shape[Key], undefined>;
  };
}

/** Reads the id of the one client that the workflow names. */
export function readClientId(input: InputReader): string | undefined {
  const takes = 'it takes 1 to 100 printable ASCII characters without a space';
  const clientId = input.required('client-id', takes);
  if (clientId === undefined) {
    return undefined;
  }
  if (!/^[\x21-\x7e]{1,100}$/u.test(clientId)) {
    return input.reject('client-id', takes);
  }
  return isPathSegment(clientId)
    ? clientId
    : input.reject('client-id', 'it takes no "." or "..", which no URL can carry');
}

const MOST_SECONDS = 2 ** 31 - 1;

/** Reads how long tokens of the client live. */
export function readLifetime(
  input: InputReader,
  name: 'access-token-lifetime' | 'refresh-token-lifetime',
  apiVersion: ApiVersion,
): Lifetime | undefined {
  const text = input.text(name);
  if (text === undefined) {
    return undefined;
  }
  if (apiVersion === 'v1') {
    return input.reject(name, 'lifetimes exist on v2 alone: set api-version to v2');
  }
  const seconds = lifetimeSeconds(text);
  if (seconds === undefined || !Number.isInteger(seconds)) {
    return input.reject(name, 'it takes whole seconds (3600), a duration without months or years (1h), or d.hh:mm:ss');
  }
  if (seconds <= 0 || seconds > MOST_SECONDS) {
    return input.reject(name, `it takes a lifetime above 0, of ${MOST_SECONDS} seconds at most`);
  }
  return DOTNET_TIMESPAN.test(text) ? text : seconds;
}

/** Reads the pattern that a sweep picks clients by, and refuses one that could pick what it does not mean. */
export function readClientIdPattern(input: InputReader): ClientIdPattern | undefined {
  const text = input.required('client-id-pattern', `mode sweep takes one, such as invoices-pr-${NUMBER}`);
  if (text === undefined) {
    return undefined;
  }
  const pattern = parseClientIdPattern(text);
  return typeof pattern === 'string' ? input.reject('client-id-pattern', pattern) : pattern;
}
