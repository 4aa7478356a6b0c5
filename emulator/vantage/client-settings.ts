import { type FieldErrors, invalid } from './problem.ts';
import type { ApiVersion, Shapes } from './shapes.ts';
import { formatIsoDuration, formatTimespan, parseIsoDuration, parseTimespan } from './timespan.ts';

/** The settings of a client, with the API's own names. Lifetimes are in seconds. */
export interface ClientSettings {
  clientId: string;
  clientName: string | null;
  allowOfflineAccess: boolean;
  allowRememberConsent: boolean;
  backChannelLogoutSessionRequired: boolean;
  requireClientSecret: boolean;
  requireConsent: boolean;
  allowNoPkce: boolean;
  allowRopc: boolean;
  allowedGrantTypes: string[];
  allowedCorsOrigins: string[];
  allowedScopes: string[];
  postLogoutRedirectUris: string[];
  redirectUris: string[];
  accessTokenLifetime: number;
  refreshTokenLifetime: number;
}

/** The exact scopes that `allowedScopes` must have. */
export const SCOPES = ['openid', 'permissions', 'publicapi.all'];

/** The value of a field that the body omits. Documented fields have their documented default, the others are empty. */
export const DEFAULTS: Omit<ClientSettings, 'clientId'> = {
  clientName: null,
  allowOfflineAccess: false,
  allowRememberConsent: true,
  backChannelLogoutSessionRequired: true,
  requireClientSecret: true,
  requireConsent: false,
  allowNoPkce: false,
  allowRopc: false,
  allowedGrantTypes: [],
  allowedCorsOrigins: [],
  allowedScopes: [],
  postLogoutRedirectUris: [],
  redirectUris: [],
  accessTokenLifetime: 24 * 3600,
  refreshTokenLifetime: 30 * 24 * 3600,
};

const LIFETIMES = ['accessTokenLifetime', 'refreshTokenLifetime'] as const;

/**
 * The settings in a body, with defaults for what it omits.
 *
 * @param body the parsed body of a POST, or of a PUT with the ID of its path as `clientId`
 * @throws a `Refusal` with status 400 that names every invalid member
 */
export function readClientSettings(body: unknown, version: ApiVersion, shapes: Shapes): ClientSettings {
  const errors: FieldErrors = {};
  const given = members(body);
  const settings: ClientSettings = { clientId: '', ...structuredClone(DEFAULTS) };
  for (const [name, value] of Object.entries(given)) {
    if (!isKnown(name, version, shapes)) {
      if (shapes.unknownMembers === 'refused')
        errors[`$.${name}`] = [`The JSON property '${name}' could not be mapped to any .NET member.`];
      continue;
    }
    const converted = convert(name, value, shapes);
    if (converted === undefined) errors[`$.${name}`] = [`The JSON value could not be converted. Path: $.${name}.`];
    else Object.assign(settings, { [name]: converted });
  }
  // Binding fails as a whole before any value is checked, so an error contains either wrong types or wrong values.
  if (Object.keys(errors).length) throw invalid(errors);
  Object.assign(errors, wrongValues(settings, shapes));
  if (Object.keys(errors).length) throw invalid(errors);
  return settings;
}

/** A client as this version of the API describes it. */
export function describeClient(client: ClientSettings, version: ApiVersion, shapes: Shapes): Record<string, unknown> {
  const description: Record<string, unknown> = {};
  for (const name of ['clientId', ...Object.keys(DEFAULTS)] as (keyof ClientSettings)[])
    if (isKnown(name, version, shapes)) description[name] = spell(name, client[name], shapes);
  return description;
}

/** A value in the spelling of this Vantage. */
function spell(name: string, value: unknown, shapes: Shapes): unknown {
  const byDefault = DEFAULTS[name as keyof typeof DEFAULTS];
  if (value === false && byDefault === false && shapes.listedFlags === 'null-for-false') return null;
  if (Array.isArray(value) && isTextList(name, shapes)) return value.join(' ');
  if (typeof value === 'number') return spellLifetime(value, shapes);
  return value;
}

function spellLifetime(seconds: number, { listedLifetimes }: Shapes): unknown {
  switch (listedLifetimes) {
    case 'seconds':
      return seconds;
    case 'timespan':
      return formatTimespan(seconds);
    case 'ticks':
      return `${formatTimespan(seconds)}.0000000`;
    case 'iso':
      return formatIsoDuration(seconds);
  }
}

/** Whether a list is reported as one text. */
function isTextList(name: string, { listedLists }: Shapes): boolean {
  return listedLists === 'text' && (name === 'allowedGrantTypes' || name === 'allowedScopes');
}

/** A client as the list of all clients describes it. */
export function describeListedClient(
  client: ClientSettings,
  version: ApiVersion,
  shapes: Shapes,
): Record<string, unknown> {
  const { clientId, clientName } = client;
  return shapes.listedClients === 'summary' ? { clientId, clientName } : describeClient(client, version, shapes);
}

/** The members of a JSON object. Anything else cannot be bound. */
function members(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid({ $: ['The JSON value could not be converted to the model of a client. Path: $.'] });
  return body as Record<string, unknown>;
}

function isKnown(name: string, version: ApiVersion, shapes: Shapes): boolean {
  if (name === 'clientId') return true;
  if (!Object.hasOwn(DEFAULTS, name)) return false;
  if ((LIFETIMES as readonly string[]).includes(name)) return version === 'v2';
  return name !== 'allowRopc' || version === 'v1' || shapes.allowRopc === 'both';
}

/**
 * The value for its field, or undefined if its type is wrong. null is a value only for text, and for what this Vantage
 * itself reports as null. Its own spellings of lifetimes and lists are values as well.
 */
function convert(name: string, value: unknown, shapes: Shapes): unknown {
  if (name === 'clientId' || name === 'clientName')
    return typeof value === 'string' || (value === null && name === 'clientName') ? value : undefined;
  const model = DEFAULTS[name as keyof typeof DEFAULTS];
  if (typeof model === 'boolean') {
    if (value === null && shapes.listedFlags === 'null-for-false') return false;
    return typeof value === 'boolean' ? value : undefined;
  }
  if (Array.isArray(model)) {
    if (typeof value === 'string' && isTextList(name, shapes)) return value.split(' ').filter(item => item !== '');
    if (!Array.isArray(value) || !value.every(item => typeof item === 'string')) return undefined;
    return name === 'allowedCorsOrigins' && shapes.origins === 'lower-cased'
      ? value.map(item => item.toLowerCase())
      : value;
  }
  if (typeof value === 'string')
    return parseTimespan(value) ?? (shapes.listedLifetimes === 'iso' ? parseIsoDuration(value) : undefined);
  return Number.isSafeInteger(value) ? value : undefined;
}

function wrongValues(settings: ClientSettings, shapes: Shapes): FieldErrors {
  const errors: FieldErrors = {};
  const { clientId, allowedScopes } = settings;
  if (!clientId) errors.clientId = ['The clientId field is required.'];
  else if (clientId.length > 100) errors.clientId = ['The field clientId must have a maximum length of 100.'];
  else if (!/^[\x21-\x7e]+$/.test(clientId))
    errors.clientId = ['The field clientId must hold printable ASCII characters without spaces only.'];
  if (allowedScopes.length !== SCOPES.length || !SCOPES.every(scope => allowedScopes.includes(scope)))
    errors.allowedScopes = [`The field allowedScopes must be exactly: ${SCOPES.join(' ')}.`];
  if (shapes.illegalSettings === 'stored') return errors;

  const faults = grantTypeFaults(settings.allowedGrantTypes);
  if (faults.length) errors.allowedGrantTypes = faults;
  const wrong = settings.allowedCorsOrigins.filter(origin => !isOrigin(origin));
  if (wrong.length) errors.allowedCorsOrigins = wrong.map(origin => `'${origin}' is not an origin.`);
  for (const name of LIFETIMES) if (settings[name] <= 0) errors[name] = [`The field ${name} must be greater than 0.`];
  return errors;
}

/** The grant types of IdentityServer that clients of Vantage can have. Refresh tokens are a setting instead. */
const GRANT_TYPES = ['authorization_code', 'client_credentials', 'password', 'implicit', 'hybrid'];

/** Grants that IdentityServer does not allow together. */
const FORBIDDEN_PAIRS = [
  ['implicit', 'authorization_code'],
  ['implicit', 'hybrid'],
  ['authorization_code', 'hybrid'],
] as const;

/** Schemes that IdentityServer does not allow in a redirect URI. */
const BLOCKED_SCHEMES = /^(javascript|file|data|mailto|ftp|blob|about|ssh|tel|view-source|ws|wss):/i;

/** The errors in a list of grant types, one sentence each. */
export function grantTypeFaults(grantTypes: readonly string[]): string[] {
  if (!grantTypes.length) return ['The allowedGrantTypes field is required.'];
  const faults = grantTypes.filter(type => !GRANT_TYPES.includes(type)).map(type => `'${type}' is not a grant type.`);
  if (new Set(grantTypes).size < grantTypes.length) faults.push('Grant types list must not contain duplicate values.');
  for (const [one, other] of FORBIDDEN_PAIRS)
    if (grantTypes.includes(one) && grantTypes.includes(other))
      faults.push(`Grant types list cannot contain both ${one} and ${other}.`);
  return faults;
}

/** Whether a text is exactly `scheme://host[:port]`. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/?#\s@]+$/i.test(text) && URL.canParse(text);
}

/**
 * Whether the settings of a client can work. IdentityServer checks them each time that it loads a client, and answers
 * `invalid_client` if they cannot work, as it does for an unknown client.
 */
export function isValidClient(client: ClientSettings): boolean {
  const redirects = client.allowedGrantTypes.some(type => ['authorization_code', 'implicit', 'hybrid'].includes(type));
  return (
    grantTypeFaults(client.allowedGrantTypes).length === 0 &&
    client.allowedCorsOrigins.every(isOrigin) &&
    client.accessTokenLifetime > 0 &&
    client.refreshTokenLifetime > 0 &&
    (!redirects || client.redirectUris.length > 0) &&
    ![...client.redirectUris, ...client.postLogoutRedirectUris].some(uri => BLOCKED_SCHEMES.test(uri))
  );
}
