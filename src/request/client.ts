import type { InputName } from './inputs.ts';
import type { InputReader } from './reader.ts';
import { exactMilliseconds, parseDuration } from './time.ts';

/** The two documented versions of the admin API. */
export type ApiVersion = 'v1' | 'v2';

/** A lifetime as Vantage takes it: whole seconds, or a .NET `d.hh:mm:ss` text. */
export type Lifetime = number | string;

/**
 * The documented settings of a client, with the API's own names, in the order in which the documentation of v1 and v2
 * lists them. A setting that the workflow did not give is absent.
 */
export interface ClientSettings {
  readonly clientName?: string;
  readonly allowOfflineAccess?: boolean;
  readonly allowRememberConsent?: boolean;
  readonly backChannelLogoutSessionRequired?: boolean;
  readonly requireClientSecret?: boolean;
  readonly requireConsent?: boolean;
  readonly allowNoPkce?: boolean;
  readonly allowedGrantTypes?: readonly string[];
  readonly allowedCorsOrigins?: readonly string[];
  readonly allowedScopes?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  readonly redirectUris?: readonly string[];
  readonly accessTokenLifetime?: Lifetime;
  readonly refreshTokenLifetime?: Lifetime;
  readonly allowRopc?: boolean;
}

/** What the workflow says of its client. */
export interface ClientRequest {
  readonly clientId: string;
  /** The settings that the workflow gave, and no others: these are compared, and written by an update. */
  readonly declared: ClientSettings;
  /** The settings that a client is created with: the declared ones, and a default where Vantage has none. */
  readonly initial: ClientSettings;
  readonly ifExists: 'adopt' | 'update' | 'fail';
}

/** "The value scope should be exactly …": the documentation of both versions. */
export const DOCUMENTED_SCOPES = Object.freeze(['openid', 'permissions', 'publicapi.all']);

const GRANT_TYPES = ['authorization_code', 'client_credentials', 'password', 'implicit', 'hybrid'];
const REDIRECTING_GRANTS = ['authorization_code', 'implicit', 'hybrid'];
/** IdentityServer stores a client with such a pair, but then does not know it at the token endpoint. */
const ILLEGAL_PAIRS = [
  ['implicit', 'authorization_code'],
  ['implicit', 'hybrid'],
  ['authorization_code', 'hybrid'],
] as const;
/** Schemes that run code, or read what is local, in the browser that is redirected. */
const BLOCKED_SCHEMES = ['javascript', 'vbscript', 'data', 'file', 'blob', 'about', 'view-source', 'ws', 'wss', 'ftp'];
const BY_LINE_SPACE_OR_COMMA = /[\s,]+/u;
const DOTNET_TIMESPAN = /^(?:(\d{1,5})\.)?([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)$/u;
const MOST_SECONDS = 2 ** 31 - 1;

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

function readClientId(input: InputReader): string | undefined {
  const takes = 'it takes 1 to 100 printable ASCII characters without a space';
  const clientId = input.required('client-id', takes);
  if (clientId === undefined) {
    return undefined;
  }
  if (!/^[\x21-\x7e]{1,100}$/u.test(clientId)) {
    return input.refuse('client-id', takes);
  }
  return isDotSegment(clientId)
    ? input.refuse('client-id', 'it takes no "." or "..", which no URL can carry')
    : clientId;
}

/** Whether two ids may be of one client: it is not documented whether Vantage tells upper from lower case in them. */
export function isSameClient(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Whether URL parsers would fold a path segment away instead of sending it. */
export function isDotSegment(text: string): boolean {
  return /^(?:\.|%2e){1,2}$/iu.test(text);
}

function readClientName(input: InputReader): string | undefined {
  const name = input.text('client-name');
  return name !== undefined && /\p{Cc}/u.test(name)
    ? input.refuse('client-name', 'it takes one line without control characters')
    : name;
}

function readGrantTypes(input: InputReader): readonly string[] | undefined {
  const grants = input.list('allowed-grant-types', BY_LINE_SPACE_OR_COMMA);
  if (grants === undefined) {
    return undefined;
  }
  if (grants.includes('refresh_token')) {
    return input.refuse(
      'allowed-grant-types',
      'refresh tokens are no grant type here: set allow-offline-access instead',
      '"refresh_token"',
    );
  }
  // An extension grant is named by an absolute URI (RFC 6749, 4.5), so only a URN may stand beside the five.
  const unknown = grants.find(grant => !GRANT_TYPES.includes(grant) && !grant.startsWith('urn:'));
  if (unknown !== undefined) {
    return input.refuse('allowed-grant-types', `it takes ${GRANT_TYPES.join(', ')}`, input.quote(unknown));
  }
  const pair = ILLEGAL_PAIRS.find(([one, other]) => grants.includes(one) && grants.includes(other));
  return pair
    ? input.refuse(
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
    : input.refuse('allowed-scopes', `Vantage takes exactly ${DOCUMENTED_SCOPES.join(', ')}`);
}

function readCorsOrigins(input: InputReader, warn: (line: string) => void): readonly string[] | undefined {
  const origins = input.list('allowed-cors-origins');
  const wrong = origins?.find(
    origin => URL.parse(origin)?.origin !== origin.toLowerCase() || !/^https?:[^*]+$/iu.test(origin),
  );
  if (wrong !== undefined) {
    const meant = URL.parse(wrong)?.origin ?? 'null';
    const hint = meant === 'null' || meant.includes('*') ? '' : `, such as ${meant}`;
    return input.refuse(
      'allowed-cors-origins',
      `an origin is http(s)://host[:port] without path, slash at the end, wildcard or default port${hint}`,
      input.quote(wrong),
    );
  }
  for (const origin of origins ?? []) {
    warnOfPlainHttp(input, 'allowed-cors-origins', new URL(origin), warn);
  }
  return origins;
}

function readRedirectUris(
  input: InputReader,
  name: 'redirect-uris' | 'post-logout-redirect-uris',
  warn: (line: string) => void,
): readonly string[] | undefined {
  const uris = input.list(name);
  for (const uri of uris ?? []) {
    const url = URL.parse(uri);
    const wrong = wrongRedirect(uri, url);
    if (wrong !== undefined || url === null) {
      return input.refuse(name, wrong ?? '', input.quote(uri));
    }
    warnOfPlainHttp(input, name, url, warn);
    if (name === 'redirect-uris' && matchesForeignHosts(uri)) {
      warn(
        `\`${name}\`: ${input.quote(uri)} also matches ${input.quote(`${uri}${uri.endsWith('.') ? '' : '.'}evil.example`)}, as Vantage matches prefixes. End the host with a "/".`,
      );
    }
  }
  return uris;
}

function wrongRedirect(uri: string, url: URL | null): string | undefined {
  if (url === null || /[\s\p{Cc}]/u.test(uri)) {
    return 'it takes absolute URIs, one a line';
  }
  if (BLOCKED_SCHEMES.includes(url.protocol.slice(0, -1))) {
    return `the rule of blocked schemes: a redirect to ${url.protocol} is refused`;
  }
  if (uri.includes('#')) {
    return 'a redirect URI has no fragment (RFC 6749, 3.1.2)';
  }
  if (url.username || url.password) {
    return 'a redirect URI takes no user info';
  }
  return uri.includes('*') ? 'Vantage knows no wildcards: a URI matches what begins with it' : undefined;
}

/** Whether an http(s) URI ends within its host, so that as a prefix it matches the names of other hosts too. */
function matchesForeignHosts(uri: string): boolean {
  return /^https?:\/\/[^/?]*$/iu.test(uri);
}

function warnOfPlainHttp(input: InputReader, name: InputName, url: URL, warn: (line: string) => void): void {
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warn(`\`${name}\`: ${input.quote(url.href)} is plain http: what is sent there can be read on the way.`);
  }
}

/** Whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

function readLifetime(
  input: InputReader,
  name: 'access-token-lifetime' | 'refresh-token-lifetime',
  apiVersion: ApiVersion,
): Lifetime | undefined {
  const text = input.text(name);
  if (text === undefined) {
    return undefined;
  }
  if (apiVersion === 'v1') {
    return input.refuse(name, 'lifetimes exist on v2 alone: set api-version to v2');
  }
  const seconds = lifetimeSeconds(text) ?? shortLifetimeSeconds(text);
  if (seconds === undefined || !Number.isInteger(seconds)) {
    return input.refuse(name, 'it takes whole seconds (3600), a duration without months or years (1h), or d.hh:mm:ss');
  }
  if (seconds <= 0 || seconds > MOST_SECONDS) {
    return input.refuse(name, `it takes a lifetime above 0, of ${MOST_SECONDS} seconds at most`);
  }
  return DOTNET_TIMESPAN.test(text) ? text : seconds;
}

function shortLifetimeSeconds(text: string): number | undefined {
  const duration = parseDuration(text);
  const milliseconds = duration && exactMilliseconds(duration);
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** The length in seconds of a lifetime as Vantage may write it: a number, its digits, or `d.hh:mm:ss`. */
export function lifetimeSeconds(lifetime: unknown): number | undefined {
  if (typeof lifetime === 'number') {
    return lifetime;
  }
  if (typeof lifetime !== 'string') {
    return undefined;
  }
  if (/^\d+$/u.test(lifetime)) {
    return Number(lifetime);
  }
  const [, days = 0, hours, minutes, seconds] = DOTNET_TIMESPAN.exec(lifetime) ?? [];
  return hours === undefined
    ? undefined
    : ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

function requireRedirectUris(input: InputReader, { allowedGrantTypes, redirectUris }: ClientSettings): void {
  const redirecting = allowedGrantTypes?.find(grant => REDIRECTING_GRANTS.includes(grant));
  if (redirecting !== undefined && redirectUris === undefined && !input.given('redirect-uris')) {
    input.refuse('redirect-uris', `the grant ${redirecting} takes at least one redirect URI`);
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
