import { exactMilliseconds, parseDuration } from './time.ts';

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

/** Whether two ids may be of one client: it is not documented whether Vantage tells upper from lower case in them. */
export function isSameClient(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The two documented versions of the admin API. */
export type ApiVersion = 'v1' | 'v2';

/** A lifetime as Vantage takes it: whole seconds, or a .NET `d.hh:mm:ss` text. */
export type Lifetime = number | string;

export const DOTNET_TIMESPAN = /^(?:(\d{1,5})\.)?([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)$/u;

/**
 * The length in seconds of a lifetime as Vantage may write it: a number, its digits, `d.hh:mm:ss`, either with a fraction
 * of nothing at its end, or ISO 8601.
 */
export function lifetimeSeconds(lifetime: unknown): number | undefined {
  if (typeof lifetime !== 'string') {
    return typeof lifetime === 'number' ? lifetime : undefined;
  }
  const text = lifetime.replace(/\.0+$/u, '');
  return /^\d+$/u.test(text) ? Number(text) : (timespanSeconds(text) ?? durationSeconds(text));
}

function timespanSeconds(text: string): number | undefined {
  const [, days = 0, hours, minutes, seconds] = DOTNET_TIMESPAN.exec(text) ?? [];
  return hours === undefined
    ? undefined
    : ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
}

function durationSeconds(text: string): number | undefined {
  const duration = parseDuration(text);
  const milliseconds = duration && exactMilliseconds(duration);
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** Whether an http(s) URI ends within its host, so that as a prefix it matches the names of other hosts too. */
export function matchesForeignHosts(uri: string): boolean {
  return /^https?:\/\/[^/?#]*$/iu.test(uri);
}
