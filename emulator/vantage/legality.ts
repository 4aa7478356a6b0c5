import type { ClientSettings } from './client-settings.ts';

/** The grant types of IdentityServer that Vantage's clients may have. Refreshing is not one: it is a setting. */
const GRANT_TYPES = ['authorization_code', 'client_credentials', 'password', 'implicit', 'hybrid'];

/** Grants that IdentityServer does not let one client have together. */
const ILLEGAL_PAIRS = [
  ['implicit', 'authorization_code'],
  ['implicit', 'hybrid'],
  ['authorization_code', 'hybrid'],
] as const;

/** Schemes that IdentityServer does not take for a redirect URI. */
const BLOCKED_SCHEMES = /^(javascript|file|data|mailto|ftp|blob|about|ssh|tel|view-source|ws|wss):/i;

/** What is wrong with a list of grant types, a sentence each; none where nothing is. */
export function grantTypeFaults(grantTypes: readonly string[]): string[] {
  if (!grantTypes.length) return ['The allowedGrantTypes field is required.'];
  const faults = grantTypes.filter(type => !GRANT_TYPES.includes(type)).map(type => `'${type}' is not a grant type.`);
  if (new Set(grantTypes).size < grantTypes.length) faults.push('Grant types list must not contain duplicate values.');
  for (const [one, other] of ILLEGAL_PAIRS)
    if (grantTypes.includes(one) && grantTypes.includes(other))
      faults.push(`Grant types list cannot contain both ${one} and ${other}.`);
  return faults;
}

/** Whether a text is `scheme://host[:port]` with nothing after it. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[^/?#\s@]+$/i.test(text) && URL.canParse(text);
}

/**
 * Whether the token endpoint takes the client as one of its own. IdentityServer checks the settings of a client each
 * time it loads one, and answers `invalid_client`, as for an unknown one, where they cannot work.
 */
export function isLegal(client: ClientSettings): boolean {
  const returns = client.allowedGrantTypes.some(type => ['authorization_code', 'implicit', 'hybrid'].includes(type));
  return (
    grantTypeFaults(client.allowedGrantTypes).length === 0 &&
    client.allowedCorsOrigins.every(isOrigin) &&
    client.accessTokenLifetime > 0 &&
    client.refreshTokenLifetime > 0 &&
    (!returns || client.redirectUris.length > 0) &&
    ![...client.redirectUris, ...client.postLogoutRedirectUris].some(uri => BLOCKED_SCHEMES.test(uri))
  );
}
