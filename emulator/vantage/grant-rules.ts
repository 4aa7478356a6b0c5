import type { ClientSettings } from './client-settings.ts';

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

/** The faults of a list of grant types, one sentence each. */
export function grantTypeFaults(grantTypes: readonly string[]): string[] {
  if (!grantTypes.length) return ['The allowedGrantTypes field is required.'];
  const faults = grantTypes.filter(type => !GRANT_TYPES.includes(type)).map(type => `'${type}' is not a grant type.`);
  if (new Set(grantTypes).size < grantTypes.length) faults.push('Grant types list must not contain duplicate values.');
  for (const [one, other] of FORBIDDEN_PAIRS)
    if (grantTypes.includes(one) && grantTypes.includes(other))
      faults.push(`Grant types list cannot contain both ${one} and ${other}.`);
  return faults;
}

/** Whether a text is `scheme://host[:port]` and nothing else. */
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
