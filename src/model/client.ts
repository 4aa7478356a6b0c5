import { exactMilliseconds, parseDuration } from './time.ts';

/**
 * The documented settings of a client, with the names of the API, in the order of the documentation of v1 and v2. A
 * setting that the workflow does not declare is absent.
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

/** The client that the workflow declares. */
export interface ClientRequest {
  readonly clientId: string;
  /** Only the settings that the workflow declares: those to compare, and to write in an update. */
  readonly declared: ClientSettings;
  /** The settings for creating the client: the declared ones, and our defaults for those without a Vantage default. */
  readonly initial: ClientSettings;
  readonly ifExists: 'adopt' | 'update' | 'fail';
}

/** "The value scope should be exactly …": the documentation of both versions. */
export const DOCUMENTED_SCOPES = Object.freeze(['openid', 'permissions', 'publicapi.all']);

/** The grant with which a client gets a token for itself. */
export const CLIENT_CREDENTIALS = 'client_credentials';

/** Whether two ids may belong to one client. It is not documented whether ids are case-sensitive in Vantage. */
export function isSameClient(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export type ApiVersion = 'v1' | 'v2';

/** A lifetime that Vantage accepts: whole seconds, or a .NET time span `d.hh:mm:ss`. */
export type Lifetime = number | string;

export const DOTNET_TIMESPAN = /^(?:(\d{1,5})\.)?([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)$/u;

/**
 * The seconds of a lifetime in any form that Vantage may return: a number, digits, `d.hh:mm:ss`, either of these with
 * zeros as decimals, or ISO 8601. Returns `undefined` for anything else.
 */
export function lifetimeSeconds(lifetime: unknown): number | undefined {
  if (typeof lifetime !== 'string') {
    return typeof lifetime === 'number' ? lifetime : undefined;
  }
  const text = lifetime.replace(/\.0+$/u, '');
  if (/^\d+$/u.test(text)) {
    return Number(text);
  }
  const timespan = DOTNET_TIMESPAN.exec(text)?.slice(1);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = timespan?.map(part => Number(part ?? 0)) ?? [];
  const duration = timespan ? { days, hours, minutes, seconds } : parseDuration(text);
  const milliseconds = duration && exactMilliseconds(duration);
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** Whether an http(s) URI ends with its host, so that as a prefix it also matches other hosts. */
export function matchesForeignHosts(uri: string): boolean {
  return /^https?:\/\/[^/?#]*$/iu.test(uri);
}

/** A pattern for client ids that contain the number of a pull request: the text before and after the number. */
export interface ClientIdPattern {
  readonly prefix: string;
  readonly suffix: string;
}

export const NUMBER = '{pr}';

/** Without leading zeros, and with few enough digits for an exact number. */
const PULL_REQUEST = /^[1-9]\d{0,9}$/;

/** Parses a pattern, in which only `{pr}` is special. Returns the reason to reject a text that is not a pattern. */
export function parseClientIdPattern(text: string): ClientIdPattern | string {
  const [prefix = '', suffix, ...more] = text.split(NUMBER);
  if (suffix === undefined || more.length > 0) {
    return `expected ${NUMBER} once, in place of the number of the pull request`;
  }
  if (!/^[\x21-\x7e]{0,99}$/u.test(prefix + suffix)) {
    return `expected at most 99 printable ASCII characters next to ${NUMBER}, without spaces`;
  }
  if (!/[a-z]/iu.test(prefix + suffix)) {
    return 'expected at least one letter, because the pattern could match clients that are not for pull requests';
  }
  return /\d$/u.test(prefix) || /^\d/u.test(suffix)
    ? `expected no digit next to ${NUMBER}, because it could be part of the number`
    : { prefix, suffix };
}

/** The number of the pull request in a client id, if the pattern matches the whole id, case-sensitively. */
export function pullRequestOf({ prefix, suffix }: ClientIdPattern, clientId: string): number | undefined {
  const number = clientId.slice(prefix.length, clientId.length - suffix.length);
  return clientId === prefix + number + suffix && PULL_REQUEST.test(number) ? Number(number) : undefined;
}

export function patternText({ prefix, suffix }: ClientIdPattern): string {
  return prefix + NUMBER + suffix;
}
