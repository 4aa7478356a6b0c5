import type { InputName } from '../names.ts';

/** What the value of a key is. `lifetime`: text, or an integer. */
export type KeyType = 'text' | 'boolean' | 'list' | 'lifetime';

export interface Key {
  /** The input that has the same meaning. */
  readonly input: InputName;
  readonly type: KeyType;
}

/** The keys of a client in a manifest: the fields of the API by their names there, then those of the action. */
export const CLIENT_KEYS = {
  clientId: { input: 'client-id', type: 'text' },
  clientName: { input: 'client-name', type: 'text' },
  allowOfflineAccess: { input: 'allow-offline-access', type: 'boolean' },
  allowRememberConsent: { input: 'allow-remember-consent', type: 'boolean' },
  backChannelLogoutSessionRequired: { input: 'back-channel-logout-session-required', type: 'boolean' },
  requireClientSecret: { input: 'require-client-secret', type: 'boolean' },
  requireConsent: { input: 'require-consent', type: 'boolean' },
  allowNoPkce: { input: 'allow-no-pkce', type: 'boolean' },
  allowRopc: { input: 'allow-ropc', type: 'boolean' },
  allowedGrantTypes: { input: 'allowed-grant-types', type: 'list' },
  allowedScopes: { input: 'allowed-scopes', type: 'list' },
  allowedCorsOrigins: { input: 'allowed-cors-origins', type: 'list' },
  redirectUris: { input: 'redirect-uris', type: 'list' },
  postLogoutRedirectUris: { input: 'post-logout-redirect-uris', type: 'list' },
  accessTokenLifetime: { input: 'access-token-lifetime', type: 'lifetime' },
  refreshTokenLifetime: { input: 'refresh-token-lifetime', type: 'lifetime' },
  ifExists: { input: 'if-exists', type: 'text' },
  writeTo: { input: 'write-to', type: 'list' },
  secretName: { input: 'secret-name', type: 'text' },
  clientIdVariable: { input: 'client-id-variable', type: 'text' },
  expirationVariable: { input: 'expiration-variable', type: 'text' },
} as const satisfies Readonly<Record<string, Key>>;

/** The key of a client, and of the defaults, that contains the settings of the secret. */
export const SECRET = 'secret';

export const SECRET_KEYS = {
  rotate: { input: 'rotate', type: 'text' },
  rotateBefore: { input: 'rotate-before', type: 'text' },
  description: { input: 'secret-description', type: 'text' },
  startTime: { input: 'secret-start-time', type: 'text' },
  expiration: { input: 'secret-expiration', type: 'text' },
  verify: { input: 'verify', type: 'boolean' },
  pruneAfter: { input: 'prune-after', type: 'text' },
} as const satisfies Readonly<Record<string, Key>>;

/** The path of the key for each input that a manifest can set. */
export const PATHS: ReadonlyMap<InputName, string> = new Map([
  ...Object.entries(CLIENT_KEYS).map(([key, { input }]) => [input, key] as const),
  ...Object.entries(SECRET_KEYS).map(([key, { input }]) => [input, `${SECRET}.${key}`] as const),
]);

/** The inputs about delivering a secret to the job, which a run of many clients does not do. */
export const OUTPUT_INPUTS: readonly InputName[] = [
  'current-secret',
  'output-secret',
  'output-access-token',
  'revoke-at-job-end',
];
