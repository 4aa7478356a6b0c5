import { isDeepStrictEqual } from 'node:util';
import { type ClientSettings, lifetimeSeconds } from '../model/client.ts';
import { excerpt } from '../model/failure.ts';
import type { ReadableClient } from '../model/vantage.ts';

/** Setting → what the workflow wants, and what the client holds. */
export type Drift = Readonly<Record<string, readonly [wanted: unknown, found: unknown]>>;

/** How a client differs from what the workflow declared. */
export interface Comparison {
  readonly drift: Drift;
  /** Declared settings that Vantage does not tell of, so that nothing can be said. */
  readonly unreported: readonly string[];
}

/**
 * A drift with texts in place of the values that are long, so that a server cannot fill a log with them.
 *
 * @param redact hides what is secret, before anything is cut.
 */
export function shortDrift(drift: Drift, redact: (text: string) => string): Drift {
  const short = (value: unknown) => (isLong(value) ? excerpt(JSON.stringify(value), redact) : value);
  return Object.fromEntries(
    Object.entries(drift).map(([field, [wanted, found]]) => [field, [short(wanted), short(found)]]),
  );
}

/** The settings of which `shortDrift` leaves out a part. */
export function longSettings(drift: Drift): readonly string[] {
  return Object.keys(drift).filter(field => drift[field]?.some(isLong));
}

function isLong(value: unknown): boolean {
  return (JSON.stringify(value)?.length ?? 0) > 300;
}

/** Compares the declared settings, and no others, by what they mean: a spelling of Vantage's own is no drift. */
export function compareClient(declared: ClientSettings, found: ReadableClient): Comparison {
  const wanted = Object.entries(declared) as [keyof ClientSettings, unknown][];
  const told = wanted.filter(([field]) => isTold(field, found[field]));
  const differing = told.filter(
    ([field, value]) => !isDeepStrictEqual(meaningOf(field, value), meaningOf(field, found[field])),
  );
  return {
    drift: Object.fromEntries(differing.map(([field, value]) => [field, [value, found[field]]])),
    unreported: wanted.filter(([field]) => !isTold(field, found[field])).map(([field]) => field),
  };
}

/** What a setting means: the same for each of its spellings, and another for each other meaning. */
export type Meaning = string | number | boolean | ReadonlySet<string>;

type Reading = (value: unknown) => Meaning | undefined;

const DAY = 24 * 60 * 60;

/**
 * How each setting is read. What null means follows from the documented default: where that is false, or nothing, both
 * of what null may stand for are the same. Where it is true, null may stand for true or for false, so it tells nothing.
 */
const READINGS: { readonly [Field in keyof ClientSettings]-?: Reading } = {
  clientName: value => (typeof value === 'string' ? value : undefined),
  allowOfflineAccess: value => readFlag(value ?? false),
  allowRememberConsent: readFlag,
  backChannelLogoutSessionRequired: readFlag,
  requireClientSecret: readFlag,
  requireConsent: value => readFlag(value ?? false),
  allowNoPkce: value => readFlag(value ?? false),
  allowedGrantTypes: value => readSet(splitText(value), nameGrant),
  allowedCorsOrigins: value => readSet(splitText(value), nameOrigin),
  allowedScopes: value => readSet(splitText(value), scope => scope),
  postLogoutRedirectUris: value => readSet(value, nameUri),
  redirectUris: value => readSet(value, nameUri),
  accessTokenLifetime: value => lifetimeSeconds(value ?? DAY),
  refreshTokenLifetime: value => lifetimeSeconds(value ?? 30 * DAY),
  allowRopc: value => readFlag(value ?? false),
};

/** The names of the documented settings. */
export const SETTINGS: readonly string[] = Object.keys(READINGS);

const DEFAULT_IS_TRUE: readonly string[] = [
  'allowRememberConsent',
  'backChannelLogoutSessionRequired',
  'requireClientSecret',
];

/** Whether what Vantage tells of a setting says anything. */
export function isTold(field: string, value: unknown): boolean {
  return value !== undefined && !(value === null && DEFAULT_IS_TRUE.includes(field));
}

/** What a setting means, in whatever spelling it is written. Undefined for what is no value of that setting. */
export function meaningOf(field: keyof ClientSettings, value: unknown): Meaning | undefined {
  return READINGS[field](value);
}

/** `"True"` is how .NET writes a flag as a text. */
function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') {
    return value;
  }
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

/** Lists are sets: neither order nor repetition means anything. None is an empty one. */
function readSet(value: unknown, nameOf: (item: string) => string): ReadonlySet<string> | undefined {
  const items: unknown = value ?? [];
  return Array.isArray(items) && items.every(item => typeof item === 'string')
    ? new Set(items.map(item => nameOf(item)))
    : undefined;
}

/** The items of a list that is written as one text. Only for items that hold neither spaces nor commas. */
function splitText(value: unknown): unknown {
  return typeof value === 'string' ? value.split(/[\s,]/u).filter(item => item !== '') : value;
}

/** `ClientCredentials` is how .NET names the grant `client_credentials`. Extension grants are URNs, and stay as they are. */
function nameGrant(grant: string): string {
  return grant.startsWith('urn:') ? grant : grant.replaceAll('_', '').toLowerCase();
}

/** An origin may be written with a default port, a slash at its end, and capitals. */
function nameOrigin(origin: string): string {
  const url = URL.parse(origin);
  return url && /^https?:\/\/[^/?#@]+\/?$/iu.test(origin) ? url.origin : origin;
}

/**
 * Capitals in the host and a default port mean nothing. What follows the host does, and so does that nothing follows:
 * Vantage matches prefixes, so such a URI also matches other hosts, and with its port fewer of them.
 */
function nameUri(uri: string): string {
  const rest = /^https?:\/\/[^/?#@]+([/?#].*)$/isu.exec(uri)?.[1];
  const url = URL.parse(uri);
  return rest === undefined || !url ? uri : `${url.origin}${rest}`;
}
