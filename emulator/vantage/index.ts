import { randomUUID } from 'node:crypto';
import { empty } from '../http/answer.ts';
import type { Clock } from '../http/clock.ts';
import { startClock } from '../http/clock.ts';
import type { RecordedRequest as HttpRecord, Listening, Outcome, ServerOptions, Watch } from '../http/server.ts';
import { listen } from '../http/server.ts';
import { newSigningKey, readAccessToken } from './access-token.ts';
import type { Administrator, Role } from './accounts.ts';
import { openAccounts } from './accounts.ts';
import type { Absent } from './admin-api.ts';
import { adminApi } from './admin-api.ts';
import { type ClientSettings, DEFAULTS, SCOPES } from './client-settings.ts';
import type { Faults } from './faults.ts';
import { openFaults } from './faults.ts';
import { tokenEndpoint } from './identity-server.ts';
import { listSkills } from './public-api.ts';
import { openRateLimit, type RateLimit } from './rate-limit.ts';
import type { Route, RouteName } from './routes.ts';
import { findRoute, isSameTenant } from './routes.ts';
import { openSecretCache } from './secret-cache.ts';
import { readSecretSettings } from './secret-settings.ts';
import type { Shapes } from './shapes.ts';
import { DEFAULT_SHAPES } from './shapes.ts';
import { openStore, type SecretSettings, type StoredClient, type StoredSecret } from './store.ts';

export type { Clock } from '../http/clock.ts';
export type { Mishap } from '../http/faults.ts';
export type { Moment } from '../http/server.ts';
export type { Administrator, Role } from './accounts.ts';
export type { Absent } from './admin-api.ts';
export type { ClientSettings } from './client-settings.ts';
export type { Fault, Faults, LateTokenStore, RouteFault, Target } from './faults.ts';
export type { RateLimit } from './rate-limit.ts';
export type { RouteName } from './routes.ts';
export type { Shapes } from './shapes.ts';
export type { StoredClient, StoredSecret } from './store.ts';

/** A request as it was received. */
export type RecordedRequest = HttpRecord<RouteName>;

/**
 * A client at the start. Omitted fields have Vantage's defaults, except the grant (client credentials) and the scopes.
 */
export type SeedClient = Pick<ClientSettings, 'clientId'> & Partial<ClientSettings>;

/** A secret at the start: any times as RFC 3339, so it can have expired or not have started yet, and any ID. */
export type SeedSecret = Partial<SecretSettings> & { value?: string; id?: string };

export interface VantageOptions extends Listening {
  /** Tier 0 has only the two POST requests and the token endpoint. Default: 1. */
  tier?: 0 | 1;
  /** How tier 0 answers other requests. Default: 404. */
  absent?: Absent;
  shape?: Partial<Shapes>;
  /** Default: a new GUID. */
  tenantId?: string;
  /** The life of an access token of the administrator, in seconds. Default: a day. */
  tokenLifetime?: number;
  /** The time of Vantage's clock at the start, in milliseconds since 1970. Default: the real time. */
  clock?: number;
  /** Called at every moment of every request. */
  watch?: Watch<RouteName>;
  clients?: readonly (SeedClient & { secrets?: readonly SeedSecret[] })[];
  /** Client IDs of another tenant of the region: they are taken, but cannot be read. */
  takenElsewhere?: readonly string[];
  /** Default: no limit. */
  rateLimit?: RateLimit;
}

export interface Vantage {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly tenantId: string;
  /** Random credentials of a Tenant Administrator. The client can sign in by itself and for the user. */
  readonly administrator: Administrator;
  /** Gets an access token from the token endpoint, without a recorded request. Default: of the administrator. */
  issueAccessToken(role?: Role): Promise<string>;
  /** Revokes an access token: it gets 401 from now on. */
  revokeAccessToken(accessToken: string): void;
  /** Every request so far, in order of arrival. */
  readonly requests: RecordedRequest[];
  readonly faults: Faults;
  readonly clock: Clock;
  /** A copy of what Vantage stores, without the tenant's first client, which is the administrator's. */
  clients(): StoredClient[];
  /** A copy of one client, which can be the administrator's. */
  client(clientId: string): StoredClient | undefined;
  /** The value of every secret that ever existed, including deleted ones and the administrator's. */
  readonly createdSecrets: readonly string[];
  /** Every access token that the token endpoint issued, whoever asked for it. */
  readonly issued: readonly string[];
  /** Adds a client with any settings, valid or not, and returns a copy. */
  addClient(client: SeedClient, secrets?: readonly SeedSecret[]): StoredClient;
  /** Deletes a client as somebody else. Throws if it does not exist. */
  removeClient(clientId: string): void;
  /** Adds a secret to a client as somebody else. Throws if the client does not exist. */
  addSecret(clientId: string, secret?: SeedSecret): StoredSecret;
  /** Deletes one secret of a client as somebody else. Throws if no secret has that value. */
  removeSecret(clientId: string, value: string): void;
  /** Ends every connection and every wait. */
  close(): Promise<void>;
}

/** Starts a Vantage on loopback, with one tenant. */
export async function startVantage(options: VantageOptions = {}): Promise<Vantage> {
  const { tenantId = randomUUID(), tier = 1, absent = 404, takenElsewhere = [] } = options;
  const shapes: Shapes = { ...DEFAULT_SHAPES, ...options.shape };
  const clock = startClock(options.clock);
  const cache = openSecretCache();
  const values: string[] = [];
  const issued: string[] = [];
  const noteSecret = (secret: StoredSecret) => {
    values.push(secret.value);
    cache.watch(secret);
  };
  const store = openStore(clock, noteSecret, shapes.secretIds);
  const { administrator, users } = openAccounts(store, clock, options.tokenLifetime);
  const revoked = new Set<string>();
  const { take, add, clear } = openFaults(cache.setLateness);
  const requests: RecordedRequest[] = [];
  const signingKey = newSigningKey();

  // The issuer contains the port, which is known only after the server listens. No request can arrive before.
  let perform: ServerOptions<Route>['perform'] = () => ({ answer: empty(503), applied: false });
  const server = await listen<Route>(options, {
    clock,
    requests,
    findRoute,
    takeFault: take,
    perform: (route, request) => perform(route, request),
    watch: options.watch,
  });

  const issuer = `${server.baseUrl}/auth2`;
  const accounts = { administrator, users };
  const token = tokenEndpoint({ issuer, tenantId, signingKey, accounts, store, cache, clock, shapes });
  const authenticate = (accessToken: string): { role: Role | undefined; scope: string } | undefined => {
    const claims = revoked.has(accessToken) ? undefined : readAccessToken(accessToken, signingKey, issuer, clock.now());
    return claims?.tenant === tenantId ? { role: claims.role, scope: claims.scope ?? '' } : undefined;
  };
  const admin = adminApi({ tenantId, tier, absent, shapes, store, clock, takenElsewhere, authenticate });
  const limit = options.rateLimit && openRateLimit(options.rateLimit);
  perform = async (route, request): Promise<Outcome> => {
    const refusal = limit?.refuse();
    if (refusal) return { answer: refusal, applied: false };
    if (route.name === 'unknown') return { answer: empty(404), applied: false };
    if (route.name === 'listSkills') return { answer: listSkills(request.headers, authenticate), applied: false };
    if (route.name !== 'token') return admin(route, request);
    if (route.tenantId && !isSameTenant(route.tenantId, tenantId)) return { answer: empty(404), applied: false };
    const answer = await token(request);
    if (answer.status === 200) issued.push((JSON.parse(answer.body) as { access_token: string }).access_token);
    return { answer, applied: false };
  };

  const createSecret = (client: StoredClient, secret: SeedSecret): StoredSecret =>
    store.createSecret(client, { ...readSecretSettings({}, clock.now(), shapes), ...secret });
  const existing = (clientId: string): StoredClient => {
    const client = store.find(clientId);
    if (!client) throw new Error(`There is no client "${clientId}"`);
    return client;
  };
  const addClient: Vantage['addClient'] = (seed, secrets = []) => {
    const byDefault = { ...DEFAULTS, allowedGrantTypes: ['client_credentials'], allowedScopes: SCOPES };
    const client = store.add(structuredClone({ ...byDefault, ...seed }));
    for (const secret of secrets) createSecret(client, secret);
    return structuredClone(client);
  };
  for (const { secrets, ...seed } of options.clients ?? []) addClient(seed, secrets);

  return {
    baseUrl: server.baseUrl,
    tenantId,
    administrator,
    requests,
    faults: { add, clear },
    clock,
    createdSecrets: values,
    issued,
    addClient,
    removeClient: clientId => store.remove(existing(clientId)),
    addSecret: (clientId, secret = {}) => structuredClone(createSecret(existing(clientId), secret)),
    removeSecret: (clientId, value) => {
      const client = existing(clientId);
      const secret = client.secrets.find(one => one.value === value);
      if (!secret) throw new Error(`The client "${clientId}" has no such secret`);
      store.revoke(client, secret);
    },
    issueAccessToken: async (role = 'tenant-administrator') => {
      const user = users.find(candidate => candidate.role === role);
      const form = new URLSearchParams({
        grant_type: 'password',
        client_id: administrator.clientId,
        client_secret: administrator.clientSecret,
        username: user?.username ?? '',
        password: user?.password ?? '',
        scope: 'openid permissions global.wildcard',
      });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const { body } = await token({ method: 'POST', headers, body: form.toString() });
      return (JSON.parse(body) as { access_token: string }).access_token;
    },
    revokeAccessToken: accessToken => void revoked.add(accessToken),
    clients: () => structuredClone(store.all().filter(({ clientId }) => clientId !== administrator.clientId)),
    client: clientId => structuredClone(store.find(clientId)),
    close: server.close,
  };
}
