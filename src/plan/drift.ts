import { isDeepStrictEqual } from 'node:util';
import { type ClientSettings, lifetimeSeconds } from '../model/client.ts';
import { excerpt } from '../model/failure.ts';
import type { ReadableClient } from '../model/vantage.ts';

/** For each setting that differs: the declared value, and the value that the client has. */
export type Drift = Readonly<Record<string, readonly [wanted: unknown, found: unknown]>>;

export interface Comparison {
  readonly drift: Drift;
  /** Declared settings that Vantage does not report, so they cannot be compared. */
  readonly unreported: readonly string[];
}

/** The drift with long values cut, so that a server cannot fill a log. `redact` hides secrets before the cut. */
export function shortDrift(drift: Drift, redact: (text: string) => string): Drift {
  const short = (value: unknown) => (isLong(value) ? excerpt(JSON.stringify(value), redact) : value);
  return Object.fromEntries(
    Object.entries(drift).map(([field, [wanted, found]]) => [field, [short(wanted), short(found)]]),
  );
}

/** The settings whose values `shortDrift` truncates. */
export function longSettings(drift: Drift): readonly string[] {
  return Object.keys(drift).filter(field => drift[field]?.some(isLong));
}

function isLong(value: unknown): boolean {
  return (JSON.stringify(value)?.length ?? 0) > 300;
}

/** Compares the declared settings, and no others. Different spellings of the same value are not a drift. */
export function compareClient(declared: ClientSettings, found: ReadableClient): Comparison {
  const wanted = Object.entries(declared) as [keyof ClientSettings, unknown][];
  const reported = wanted.filter(([field]) => isReported(field, found[field]));
  const differing = reported.filter(
    ([field, value]) => !isDeepStrictEqual(NORMALIZERS[field](value), NORMALIZERS[field](found[field])),
  );
  return {
    drift: Object.fromEntries(differing.map(([field, value]) => [field, [value, found[field]]])),
    unreported: wanted.map(([field]) => field).filter(field => !isReported(field, found[field])),
  };
}

/** Gives a form that is the same for all spellings of a value, or undefined if the value is not valid for the setting. */
type Normalizer = (value: unknown) => string | number | boolean | ReadonlySet<string> | undefined;

const DAY = 24 * 60 * 60;

/**
 * How to normalize each setting. Null can stand for the documented default or for false. If the default is false or empty,
 * both are the same. If the default is true, null is ambiguous, and the setting counts as unreported.
 */
const NORMALIZERS: { readonly [Field in keyof ClientSettings]-?: Normalizer } = {
  clientName: value => (typeof value === 'string' ? value : undefined),
  allowOfflineAccess: value => normalizeFlag(value ?? false),
  allowRememberConsent: normalizeFlag,
  backChannelLogoutSessionRequired: normalizeFlag,
  requireClientSecret: normalizeFlag,
  requireConsent: value => normalizeFlag(value ?? false),
  allowNoPkce: value => normalizeFlag(value ?? false),
  allowedGrantTypes: value => normalizeSet(splitText(value), normalizeGrant),
  allowedCorsOrigins: value => normalizeSet(splitText(value), normalizeOrigin),
  allowedScopes: value => normalizeSet(splitText(value), scope => scope),
  postLogoutRedirectUris: value => normalizeSet(value, normalizeUri),
  redirectUris: value => normalizeSet(value, normalizeUri),
  accessTokenLifetime: value => lifetimeSeconds(value ?? DAY),
  refreshTokenLifetime: value => lifetimeSeconds(value ?? 30 * DAY),
  allowRopc: value => normalizeFlag(value ?? false),
};

/** The names of the documented settings. */
export const SETTINGS: readonly string[] = Object.keys(NORMALIZERS);

const DEFAULT_IS_TRUE = ['allowRememberConsent', 'backChannelLogoutSessionRequired', 'requireClientSecret'];

/** Whether Vantage reports the value of a setting. See `NORMALIZERS` about null. */
function isReported(field: string, value: unknown): boolean {
  return value !== undefined && !(value === null && DEFAULT_IS_TRUE.includes(field));
}

/** .NET writes a Boolean as the text `True` or `False`. */
function normalizeFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') {
    return value;
  }
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

/** Lists are sets: order and duplicates do not matter. Null is an empty list. */
function normalizeSet(value: unknown, normalizeItem: (item: string) => string): ReadonlySet<string> | undefined {
  const items: unknown = value ?? [];
  return Array.isArray(items) && items.every(item => typeof item === 'string')
    ? new Set(items.map(item => normalizeItem(item)))
    : undefined;
}

/** Splits a list that is written as one text. Only for items that contain neither spaces nor commas. */
function splitText(value: unknown): unknown {
  return typeof value === 'string' ? value.split(/[\s,]/u).filter(item => item !== '') : value;
}

/** .NET names the grant `client_credentials` `ClientCredentials`. Extension grants are URNs, and are kept as they are. */
function normalizeGrant(grant: string): string {
  return grant.startsWith('urn:') ? grant : grant.replaceAll('_', '').toLowerCase();
}

/** An origin can contain a default port, a trailing slash and uppercase letters. */
function normalizeOrigin(origin: string): string {
  const url = URL.parse(origin);
  return url && /^https?:\/\/[^/?#@]+\/?$/iu.test(origin) ? url.origin : origin;
}

/**
 * Uppercase letters in the host and a default port do not matter. The rest of the URI does, and so does its absence:
 * Vantage matches prefixes, so a URI without a path also matches other hosts. Then its port matters as well.
 */
function normalizeUri(uri: string): string {
  const rest = /^https?:\/\/[^/?#@]+([/?#].*)$/isu.exec(uri)?.[1];
  const url = URL.parse(uri);
  return rest === undefined || !url ? uri : `${url.origin}${rest}`;
}
