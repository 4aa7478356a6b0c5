import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Adapter, AdapterPayload, Client, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import Provider, { errors } from 'oidc-provider';
import type { Answer } from '../http/answer.ts';
import type { Clock } from '../http/clock.ts';
import type { AccessTokenClaims, SigningKey } from './access-token.ts';
import type { Accounts, Role } from './accounts.ts';
import { isValidClient } from './client-settings.ts';
import { ask } from './in-process.ts';
import type { SecretCache } from './secret-cache.ts';
import type { Shapes } from './shapes.ts';
import type { Store, StoredClient } from './store.ts';

export interface TokenEndpointOptions {
  /** `{base}/auth2`. */
  issuer: string;
  tenantId: string;
  signingKey: SigningKey;
  accounts: Accounts;
  store: Store;
  cache: SecretCache;
  clock: Clock;
  shapes: Shapes;
}

/** A request of the token endpoint. */
export interface TokenRequest {
  method: string;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** Seconds. */
const DAY = 86_400;
const RESOURCE = 'urn:abbyy:vantage';
const ADMINISTRATOR_SCOPES = 'openid permissions global.wildcard publicapi.all';

/**
 * The token endpoint: `oidc-provider`, a certified OAuth server, for the clients and secrets that Vantage stores. Where
 * it differs from IdentityServer, which Vantage uses, it responds like IdentityServer. Access tokens are JWTs with the
 * times of Vantage's clock.
 */
export function tokenEndpoint(options: TokenEndpointOptions): (request: TokenRequest) => Promise<Answer> {
  const provider = openProvider(options);
  const listener = provider.callback();
  return async request => asIdentityServer(await ask(listener, { ...request, url: '/connect/token' }), options.shapes);
}

function openProvider(options: TokenEndpointOptions): Provider {
  const { issuer, signingKey, clock } = options;
  const provider = new Provider(issuer, {
    adapter: name => (name === 'Client' ? clientAdapter(options) : nothing),
    jwks: { keys: [signingKey.jwk] },
    routes: { token: '/connect/token' },
    cookies: { keys: [randomUUID()] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        getResourceServerInfo: (ctx, _resource, client) => resourceServer(ctx, client, options),
      },
    },
    ttl: {
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? DAY,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? DAY,
    },
    extraTokenClaims: (_ctx, token) => claims(token, options),
    formats: {
      customizers: {
        jwt: (_ctx, token, { payload }) => {
          const now = Math.floor(clock.now() / 1000);
          Object.assign(payload, { iat: now, exp: now + token.expiration });
        },
      },
    },
  });
  authenticateByStore(provider, options);
  provider.registerGrantType<{ username: string; password: string }>(
    'password',
    ctx => passwordGrant(provider, ctx, options),
    ['username', 'password', 'scope'],
  );
  return provider;
}

/**
 * Makes the library compare secrets and grants with what Vantage currently stores, and not with what the library has
 * loaded.
 */
function authenticateByStore(provider: Provider, { store, cache, clock }: TokenEndpointOptions): void {
  provider.Client.prototype.compareClientSecret = function (this: Client, presented: string): boolean {
    const client = store.find(this.clientId);
    if (!client) return false;
    if (!client.requireClientSecret) return true;
    const now = new Date(clock.now()).toISOString();
    const live = client.secrets.filter(
      secret => secret.startTime <= now && now < secret.expiration && cache.knows(secret),
    );
    // Every secret is compared, in constant time: the duration must not show which one matched.
    return live.map(secret => isSame(secret.value, presented)).includes(true);
  };
  provider.Client.prototype.grantTypeAllowed = function (this: Client, type: string): boolean {
    const client = store.find(this.clientId);
    if (client && isGrantAllowed(client, type)) return true;
    // The library would respond with `invalid_request`, but RFC 6749 and IdentityServer have an error for this.
    throw new errors.UnauthorizedClient('the client may not use this grant type');
  };
}

function isGrantAllowed({ allowedGrantTypes, allowRopc }: StoredClient, type: string): boolean {
  if (type === 'authorization_code' && allowedGrantTypes.includes('hybrid')) return true;
  return allowedGrantTypes.includes(type) && (type !== 'password' || allowRopc);
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** What a client may request, and for how long. The library refuses the rest, but unknown scopes are refused here. */
function resourceServer(
  ctx: KoaContextWithOIDC,
  { clientId }: Client,
  { store, accounts, shapes }: TokenEndpointOptions,
): ResourceServer {
  const client = store.find(clientId);
  if (!client) throw new errors.InvalidClientAuth('the client was deleted');
  const everything = clientId === accounts.administrator.clientId || shapes.proofScope === 'granted';
  const scope = everything ? ADMINISTRATOR_SCOPES : client.allowedScopes.join(' ');
  const wanted = typeof ctx.oidc.params?.scope === 'string' ? ctx.oidc.params.scope.split(' ') : [];
  const refused = wanted.find(name => name && !scope.split(' ').includes(name));
  if (refused !== undefined) throw new errors.InvalidScope('requested scope is not allowed', refused);
  return {
    scope,
    audience: RESOURCE,
    accessTokenTTL: client.accessTokenLifetime,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  };
}

/** The resource owner password credentials grant (RFC 6749, section 4.3). */
async function passwordGrant(
  provider: Provider,
  ctx: KoaContextWithOIDC & { oidc: { client: Client; params: { username: string; password: string } } },
  options: TokenEndpointOptions,
): Promise<void> {
  const { client, params } = ctx.oidc;
  const user = options.accounts.users.find(({ username }) => username === params.username);
  if (!user || !isSame(user.password, params.password ?? ''))
    throw new errors.CustomOIDCProviderError('invalid_grant', 'invalid_username_or_password');
  const resource = new provider.ResourceServer(RESOURCE, resourceServer(ctx, client, options));
  const scope = [...ctx.oidc.requestParamScopes].join(' ');
  const token = new provider.AccessToken({
    accountId: user.username,
    client,
    grantId: randomUUID(),
    gty: 'password',
    scope,
  });
  token.resourceServer = resource;
  ctx.body = {
    access_token: await token.save(),
    expires_in: token.expiration,
    token_type: token.tokenType,
    ...(scope && { scope }),
  };
}

/** The claims that Vantage adds: the tenant, and the role of the user or, without a user, of the client. */
function claims(
  token: { kind: string; clientId?: string | undefined; accountId?: string | undefined },
  { tenantId, accounts, shapes }: TokenEndpointOptions,
): Pick<AccessTokenClaims, 'tenant'> & { role?: Role } {
  const user = accounts.users.find(({ username }) => username === token.accountId);
  const isAdministrator = token.clientId === accounts.administrator.clientId;
  const ofClient = isAdministrator && shapes.clientAdministrator === 'allowed' ? 'tenant-administrator' : undefined;
  const role = user ? user.role : ofClient;
  return { tenant: tenantId, ...(role && { role }) };
}

/**
 * How the library finds a client. Only what concerns its authentication is passed; its grants, scopes and secrets are
 * looked up when they are needed.
 */
function clientAdapter({ store, cache }: TokenEndpointOptions): Adapter {
  // Never compared with anything, because secrets are compared above, but the library requires a value for every such
  // client.
  const placeholder = randomUUID();
  const find = async (clientId: string): Promise<AdapterPayload | undefined> => {
    const client = store.find(clientId);
    if (!client || !isValidClient(client)) return undefined;
    cache.countRequest(client);
    // A client that needs no secret can send any secret, or none.
    const silent = !client.requireClientSecret && !showsSecret(Provider.ctx);
    return {
      client_id: clientId,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      ...(silent
        ? { token_endpoint_auth_method: 'none' }
        : { token_endpoint_auth_method: 'client_secret_post', client_secret: placeholder }),
    };
  };
  return { ...nothing, find };
}

function showsSecret(ctx: KoaContextWithOIDC | undefined): boolean {
  return Boolean(ctx?.oidc.params?.client_secret ?? ctx?.get('authorization'));
}

/** Storage for everything else. No code is ever issued, and access tokens contain everything that is needed. */
const nothing: Adapter = {
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  upsert: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};

/** IdentityServer answers a client that it does not accept with `invalid_client` only, and with status 400. */
function asIdentityServer(answer: Answer, { invalidClient }: Shapes): Answer {
  if (answer.status !== 401) return answer;
  return { ...answer, status: invalidClient, body: JSON.stringify({ error: 'invalid_client' }) };
}
