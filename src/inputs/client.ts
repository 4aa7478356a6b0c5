import {
  type ApiVersion,
  type ClientRequest,
  type ClientSettings,
  DOCUMENTED_SCOPES,
  DOTNET_TIMESPAN,
  type Lifetime,
  lifetimeSeconds,
  matchesForeignHosts,
} from '../model/client.ts';
import { isLoopback, isPathSegment } from '../model/url.ts';
import type { InputName } from './names.ts';
import type { InputReader } from './reader.ts';

/** The grant types that have a name of their own. */
export const GRANT_TYPES = ['authorization_code', 'client_credentials', 'password', 'implicit', 'hybrid'];

/** The values of `if-exists`, the default first. */
export const IF_EXISTS = ['adopt', 'update', 'fail'] as const;

/** IdentityServer stores a client with two of these, but its token endpoint then rejects the client as unknown. */
const REDIRECTING_GRANTS = ['implicit', 'authorization_code', 'hybrid'];

/** Schemes that run code or read local data in the redirected browser. */
const BLOCKED_SCHEMES = ['javascript', 'vbscript', 'data', 'file', 'blob', 'about', 'view-source', 'ws', 'wss', 'ftp'];

const BY_LINE_SPACE_OR_COMMA = /[\s,]+/u;

/** Reads the client. @param warn gets a line for each setting that works but is dangerous. */
export function readClient(input: InputReader, apiVersion: ApiVersion, warn: (line: string) => void): ClientRequest {
  const clientId = readClientId(input) ?? '';
  // In the order of the documentation, so that the body of a request reads like its sample.
  const settings = {
    clientName: input.line('client-name'),
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
  };
  const declared = withoutUndefined(settings);
  requireRedirectUris(input, declared);
  warnOfRisks(input, declared, apiVersion, warn);
  const { clientName, allowedGrantTypes, allowedScopes, redirectUris } = settings;
  const initial = withoutUndefined({
    ...settings,
    clientName: clientName ?? clientId,
    allowedGrantTypes: allowedGrantTypes ?? [redirectUris ? 'authorization_code' : 'client_credentials'],
    allowedScopes: allowedScopes ?? DOCUMENTED_SCOPES,
  });
  return { clientId, declared, initial, ifExists: input.choice('if-exists', IF_EXISTS) };
}

function readGrantTypes(input: InputReader): readonly string[] | undefined {
  const grants = input.list('allowed-grant-types', BY_LINE_SPACE_OR_COMMA);
  if (grants === undefined) {
    return undefined;
  }
  if (grants.includes('refresh_token')) {
    const reason = `to allow refresh tokens, set ${input.nameOf('allow-offline-access')} to true instead`;
    return input.rejectItem('allowed-grant-types', reason, 'refresh_token');
  }
  // The name of an extension grant is an absolute URI (RFC 6749, section 4.5), here a URN.
  const unknown = grants.find(grant => !GRANT_TYPES.includes(grant) && !grant.startsWith('urn:'));
  if (unknown !== undefined) {
    return input.rejectItem('allowed-grant-types', `expected ${GRANT_TYPES.join(', ')}, or a URN`, unknown);
  }
  const redirecting = REDIRECTING_GRANTS.filter(grant => grants.includes(grant));
  return redirecting.length > 1
    ? input.reject('allowed-grant-types', 'expected at most one of authorization_code, implicit, and hybrid', {
        found: `contains ${redirecting.join(' and ')}`,
      })
    : grants;
}

function readScopes(input: InputReader): readonly string[] | undefined {
  const scopes = input.list('allowed-scopes', BY_LINE_SPACE_OR_COMMA);
  const exact = scopes?.length === DOCUMENTED_SCOPES.length && DOCUMENTED_SCOPES.every(scope => scopes.includes(scope));
  return scopes === undefined || exact
    ? scopes
    : input.reject('allowed-scopes', `expected exactly ${DOCUMENTED_SCOPES.join(', ')}`);
}

/** Reads the origins whose pages can call the token endpoint. @param warn gets a line for each dangerous one. */
function readCorsOrigins(input: InputReader, warn: (line: string) => void): readonly string[] | undefined {
  const origins = input.list('allowed-cors-origins');
  const wrong = origins?.find(
    origin => URL.parse(origin)?.origin !== origin.toLowerCase() || !/^https?:[^*]+$/iu.test(origin),
  );
  if (wrong !== undefined) {
    const origin = URL.parse(wrong)?.origin ?? 'null';
    const hint = origin === 'null' || origin.includes('*') ? '' : `, such as ${origin}`;
    const expected = 'expected http(s)://host[:port] without a path, trailing slash, wildcard, or default port';
    return input.rejectItem('allowed-cors-origins', expected + hint, wrong);
  }
  for (const origin of origins ?? []) {
    warnOfPlainHttp(input, 'allowed-cors-origins', origin, warn);
  }
  return origins;
}

/** Reads the URIs to redirect to. @param warn gets a line for each one that works but is dangerous. */
function readRedirectUris(
  input: InputReader,
  name: 'redirect-uris' | 'post-logout-redirect-uris',
  warn: (line: string) => void,
): readonly string[] | undefined {
  const uris = input.list(name);
  for (const uri of uris ?? []) {
    const wrong = wrongRedirect(uri);
    if (wrong !== undefined) {
      return input.rejectItem(name, wrong, uri);
    }
    warnOfPlainHttp(input, name, uri, warn);
    if (name === 'redirect-uris' && matchesForeignHosts(uri)) {
      const foreign = input.quote(`${uri}${uri.endsWith('.') ? '' : '.'}evil.example`);
      const why = 'because Vantage matches prefixes. Add a "/" after the host.';
      warn(`\`${input.nameOf(name)}\`: ${input.quote(uri)} also matches ${foreign}, ${why}`);
    }
  }
  return uris;
}

function wrongRedirect(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null || /[\s\p{Cc}]/u.test(uri)) {
    return 'expected absolute URIs, one per line';
  }
  if (BLOCKED_SCHEMES.includes(url.protocol.slice(0, -1))) {
    return `the scheme ${url.protocol} is blocked`;
  }
  if (uri.includes('#')) {
    return 'expected a URI without a fragment (RFC 6749, section 3.1.2)';
  }
  if (url.username || url.password) {
    return 'expected a URI without a username or password';
  }
  return uri.includes('*')
    ? 'expected a URI without "*", because Vantage matches prefixes instead of wildcards'
    : undefined;
}

function warnOfPlainHttp(input: InputReader, name: InputName, text: string, warn: (line: string) => void): void {
  const url = new URL(text);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warn(`\`${input.nameOf(name)}\`: ${input.quote(url.href)} uses http: others can read what is sent there.`);
  }
}

function requireRedirectUris(input: InputReader, { allowedGrantTypes, redirectUris }: ClientSettings): void {
  const redirecting = allowedGrantTypes?.find(grant => REDIRECTING_GRANTS.includes(grant));
  if (redirecting !== undefined && redirectUris === undefined && !input.isSet('redirect-uris')) {
    const because = `${input.nameOf('allowed-grant-types')} contains ${redirecting}`;
    input.reject('redirect-uris', `expected at least one URI, because ${because}`);
  }
}

function warnOfRisks(
  input: InputReader,
  settings: ClientSettings,
  apiVersion: ApiVersion,
  warn: (line: string) => void,
): void {
  const [noPkce, ropc] = [input.nameOf('allow-no-pkce'), input.nameOf('allow-ropc')];
  if (settings.allowNoPkce) {
    warn(`\`${noPkce}\` is true: anyone who steals an authorization code can redeem it.`);
  }
  if (settings.allowRopc) {
    warn(`\`${ropc}\` is true: users give their passwords to the application.`);
  }
  if (settings.allowRopc !== undefined && apiVersion === 'v2') {
    warn(`\`${ropc}\` is documented only for v1: Vantage may ignore it in v2.`);
  }
  if (settings.allowedGrantTypes?.includes('password') && !settings.allowRopc) {
    const name = input.nameOf('allowed-grant-types');
    warn(`\`${name}\` contains password: according to the Vantage documentation, it also needs \`${ropc}: true\`.`);
  }
}

function withoutUndefined(
  settings: { [Name in keyof ClientSettings]: ClientSettings[Name] | undefined },
): ClientSettings {
  return Object.freeze(Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)));
}

export function readClientId(input: InputReader): string | undefined {
  const clientId = input.text('client-id') ?? '';
  if (!/^[\x21-\x7e]{1,100}$/u.test(clientId)) {
    return input.reject('client-id', 'expected 1 to 100 printable ASCII characters without spaces');
  }
  return isPathSegment(clientId)
    ? clientId
    : input.reject('client-id', 'expected no "." or ".." as a path segment, because a URL cannot contain it');
}

const MAX_SECONDS = 2 ** 31 - 1;

/** Reads the lifetime of a kind of token: seconds, or a .NET time span as the workflow gives it. */
function readLifetime(input: InputReader, name: InputName, apiVersion: ApiVersion): Lifetime | undefined {
  const text = input.text(name);
  if (text === undefined) {
    return undefined;
  }
  if (apiVersion === 'v1') {
    return input.reject(name, 'expected api-version to be v2, because v1 has no lifetimes');
  }
  const seconds = lifetimeSeconds(text);
  if (seconds === undefined || !Number.isInteger(seconds)) {
    return input.reject(name, 'expected whole seconds (3600), a duration without months and years (1h), or d.hh:mm:ss');
  }
  if (seconds <= 0 || seconds > MAX_SECONDS) {
    return input.reject(name, `expected 1 to ${MAX_SECONDS} seconds`);
  }
  return DOTNET_TIMESPAN.test(text) ? text : seconds;
}
