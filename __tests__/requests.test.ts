import { afterEach, describe, expect, test } from '@jest/globals';
import type { ActionRun } from '../emulator/runner.ts';
import { startVantage, type Vantage, type VantageOptions } from '../emulator/vantage/index.ts';
import { VERSION } from '../src/step.ts';
import { runStep } from './support/run-step.ts';
import { vantageInputs } from './support/vantage.ts';
import { recordWire, type Wire, type WireRequest } from './support/wire.ts';

const TENANT = '0f8fad5b-d9cb-469f-a165-70867728950e';
const DAY = 86_400_000;

/** The parameters of POST clients, as the documentation of v1 and v2 names and orders them. */
const BOTH = [
  'clientId',
  'clientName',
  'allowOfflineAccess',
  'allowRememberConsent',
  'backChannelLogoutSessionRequired',
  'requireClientSecret',
  'requireConsent',
  'allowNoPkce',
  'allowedGrantTypes',
  'allowedCorsOrigins',
  'allowedScopes',
  'postLogoutRedirectUris',
  'redirectUris',
];
const DOCUMENTED = { v1: [...BOTH, 'allowRopc'], v2: [...BOTH, 'accessTokenLifetime', 'refreshTokenLifetime'] };

/** Every documented field except those of one version only, with values other than Vantage's defaults. */
const EVERY_INPUT = {
  'client-name': 'Invoices (prüfen)',
  'allow-offline-access': 'true',
  'allow-remember-consent': 'false',
  'back-channel-logout-session-required': 'false',
  'require-client-secret': 'true',
  'require-consent': 'true',
  'allow-no-pkce': 'true',
  'allowed-grant-types': 'authorization_code client_credentials',
  'allowed-cors-origins': 'https://invoices.example\nhttp://localhost:8080',
  'allowed-scopes': 'openid permissions publicapi.all',
  'post-logout-redirect-uris': 'https://invoices.example/bye',
  'redirect-uris': 'https://invoices.example/callback\ncom.example.invoices:/callback',
  'secret-description': 'Made by CI',
  'secret-start-time': 'PT0S',
  'secret-expiration': '90d',
};
const OF_VERSION = {
  v1: { 'allow-ropc': 'true' },
  v2: { 'access-token-lifetime': '2h', 'refresh-token-lifetime': '14.00:00:00' },
};
const EVERY_FIELD = {
  clientId: 'invoices',
  clientName: 'Invoices (prüfen)',
  allowOfflineAccess: true,
  allowRememberConsent: false,
  backChannelLogoutSessionRequired: false,
  requireClientSecret: true,
  requireConsent: true,
  allowNoPkce: true,
  allowedGrantTypes: ['authorization_code', 'client_credentials'],
  allowedCorsOrigins: ['https://invoices.example', 'http://localhost:8080'],
  allowedScopes: ['openid', 'permissions', 'publicapi.all'],
  postLogoutRedirectUris: ['https://invoices.example/bye'],
  redirectUris: ['https://invoices.example/callback', 'com.example.invoices:/callback'],
};
const FIELDS_OF_VERSION = {
  v1: { allowRopc: true },
  v2: { accessTokenLifetime: 7200, refreshTokenLifetime: '14.00:00:00' },
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0).reverse()) await server.close();
});

interface Recorded {
  readonly vantage: Vantage;
  readonly run: ActionRun;
  readonly requests: readonly WireRequest[];
  /** The requests as the snapshot stores them. */
  readonly shown: string;
}

/** Runs the step against its own Vantage, with a recorder in between. */
async function record(
  given: Readonly<Record<string, string>> | ((vantage: Vantage) => Promise<Record<string, string>>),
  options: VantageOptions = {},
): Promise<Recorded> {
  const vantage = await startVantage({ tenantId: TENANT, ...options });
  open.push(vantage);
  const wire = await recordWire(vantage.baseUrl);
  open.push(wire);
  const inputs = typeof given === 'function' ? await given(vantage) : given;
  const run = await runStep({ inputs: vantageInputs(vantage, { 'base-url': wire.origin, ...inputs }) });
  expect(run).toMatchObject({ exitCode: 0, outputs: { 'error-code': '' } });
  const requests = inOrder(wire.requests());
  return { vantage, run, requests, shown: show(requests, vantage, wire) };
}

/** The two reads are sent at the same time, so either can arrive first. */
function inOrder(requests: readonly WireRequest[]): WireRequest[] {
  const isRead = ({ head }: WireRequest) => head.startsWith('GET ');
  const reads = requests.filter(isRead).sort((one, other) => one.head.localeCompare(other.head));
  return requests.map(request => (isRead(request) ? (reads.shift() ?? request) : request));
}

/** Every byte as it was sent, with `␍␊` for a line end, except for what differs between runs. */
function show(
  requests: readonly WireRequest[],
  { administrator, createdSecrets: created }: Vantage,
  wire: Wire,
): string {
  const form = (text: string) => new URLSearchParams({ v: text }).toString().slice('v='.length);
  const changing: [string, string][] = [
    [new URL(wire.origin).host, '{host}'],
    [form(administrator.clientSecret), '{auth secret}'],
    [form(administrator.username), '{user}'],
    [form(administrator.password), '{password}'],
    [administrator.clientId, '{auth client}'],
    [`vantage-client-action/${VERSION} `, 'vantage-client-action/{version} '],
    ...created.map((value): [string, string] => [form(value), '{new secret}']),
  ];
  return requests
    .map(({ head, body }) => {
      const isForm = head.includes('x-www-form-urlencoded');
      const replaced = changing
        .reduce((text, [value, name]) => text.replaceAll(value, name), head + body)
        .replace(/Bearer [\w.-]+/u, 'Bearer {access token}')
        .replace(/ [0-9a-f]{16}\]/u, ' {nonce}]')
        .replace(/"(startTime|expiration)":"[^"]+"/gu, '"$1":"{$1}"')
        // The length of a form depends on the number of escaped characters of a random secret.
        .replace(/(content-length: )\d+/iu, isForm ? '$1{length}' : '$&');
      return replaced.replaceAll('\r\n', '␍␊\n');
    })
    .join('\n\n────\n');
}

const lineOf = ({ head }: WireRequest) => head.split(' HTTP/')[0];
const jsonOf = (request: WireRequest | undefined): Record<string, unknown> => JSON.parse(request?.body ?? '');
const formOf = (request: WireRequest | undefined) => Object.fromEntries(new URLSearchParams(request?.body));
const typeOf = (request: WireRequest | undefined) => /^content-type: (.*)\r$/imu.exec(request?.head ?? '')?.[1];
const find = (requests: readonly WireRequest[], line: RegExp) =>
  requests.filter(request => line.test(String(lineOf(request))));
const TOKEN = /^POST \/auth2\//u;
const CREATE = /^POST .*\/clients\/$/u;
const CREATION = /^POST .*\/secrets\/$/u;
const MARK =
  /\[vantage-client octo-org\/octo-repo id=github\.com\/1001 to=[0-9a-f]{8} run=1658821493\.1 [0-9a-f]{16}\]$/u;

/** What holds for every request that the action sends. */
function expectWellFormed(requests: readonly WireRequest[]): void {
  for (const { head, body } of requests) {
    const headers = head.split('\r\n').slice(1, -2);
    const names = headers.map(header => header.split(':')[0]?.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain('cookie');
    expect(head).toMatch(
      new RegExp(
        `\r\nuser-agent: vantage-client-action/${VERSION.replaceAll('.', '\\.')} \\(octo-org/octo-repo; run 1658821493\\.1\\)\r\n`,
        'iu',
      ),
    );
    expect(/^accept: application\/json\r$/imu.test(head)).toBe(true);
    expect(names.includes('content-type')).toBe(body !== '');
    expect(Number(/^content-length: (\d+)\r$/imu.exec(head)?.[1] ?? 0)).toBe(Buffer.byteLength(body));
    expect(names.includes('authorization')).toBe(!head.includes('/connect/token'));
  }
}

describe.each(['v1', 'v2'] as const)('first run on %s', version => {
  const root = `/api/adminapi2/${version}/tenants/${TENANT}/clients`;
  const lines = [
    'POST /auth2/connect/token',
    `GET ${root}/invoices/`,
    `GET ${root}/invoices/secrets/?Offset=0&Limit=1000`,
    `POST ${root}/`,
    `POST ${root}/invoices/secrets/`,
    'POST /auth2/connect/token',
  ];

  test('with every documented field', async () => {
    const before = Date.now();
    const { requests, shown, run, vantage } = await record({
      'api-version': version,
      ...EVERY_INPUT,
      ...OF_VERSION[version],
    });
    expect(requests.map(lineOf)).toEqual(lines);
    expectWellFormed(requests);

    const client = jsonOf(find(requests, CREATE)[0]);
    expect(client).toEqual({ ...EVERY_FIELD, ...FIELDS_OF_VERSION[version] });
    expect(Object.keys(client)).toEqual(DOCUMENTED[version]);

    const secret = jsonOf(find(requests, CREATION)[0]);
    expect(Object.keys(secret)).toEqual(['description', 'startTime', 'expiration']);
    expect(secret.description).toMatch(MARK);
    expect(secret.description).toMatch(/^Made by CI \[/u);
    const [start, end] = [secret.startTime, secret.expiration].map(time => Date.parse(String(time)));
    expect([start, end].map(time => new Date(time ?? Number.NaN).toISOString())).toEqual([
      secret.startTime,
      secret.expiration,
    ]);
    expect(start).toBeGreaterThanOrEqual(before);
    expect(start).toBeLessThanOrEqual(Date.now());
    expect(Number(end) - Number(start)).toBe(90 * DAY);

    expect(vantage.client('invoices')?.secrets).toHaveLength(1);
    expect(run.outputs).toMatchObject({ 'client-drift': '{}', verified: 'true' });
    expect(shown).toMatchSnapshot();
  });

  test('with none', async () => {
    const { requests, shown } = await record({ 'api-version': version });
    expect(requests.map(lineOf)).toEqual(lines);
    expectWellFormed(requests);
    const client = jsonOf(find(requests, CREATE)[0]);
    expect(client).toEqual({
      clientId: 'invoices',
      clientName: 'invoices',
      allowedGrantTypes: ['client_credentials'],
      allowedScopes: ['openid', 'permissions', 'publicapi.all'],
    });
    expect(Object.keys(client)).toEqual(DOCUMENTED[version].filter(field => field in client));
    expect(jsonOf(find(requests, CREATION)[0])).toEqual({ description: expect.stringMatching(MARK) });
    expect(find(requests, CREATION).every(({ body }) => body.startsWith('{"description":"[vantage-client '))).toBe(
      true,
    );
    expect(shown).toMatchSnapshot();
  });
});

describe('signing in', () => {
  const ensureOnly = { rotate: 'never' };
  const bearers = (requests: readonly WireRequest[]) =>
    new Set(requests.flatMap(({ head }) => /^authorization: (.*)\r$/imu.exec(head)?.[1] ?? []));

  test('by client credentials', async () => {
    const { requests, shown, vantage } = await record({ ...ensureOnly, 'auth-scope': 'openid permissions' });
    const { clientId, clientSecret } = vantage.administrator;
    expectWellFormed(requests);
    expect(find(requests, TOKEN)).toHaveLength(1);
    expect(lineOf(requests[0] as WireRequest)).toBe('POST /auth2/connect/token');
    expect(typeOf(requests[0])).toBe('application/x-www-form-urlencoded;charset=UTF-8');
    expect(formOf(requests[0])).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'openid permissions',
    });
    expect(bearers(requests).size).toBe(1);
    expect(shown).toMatchSnapshot();
  });

  test('by the password of a user, at the endpoint of the tenant', async () => {
    const { requests, shown, vantage } = await record(async ({ administrator }) => ({
      ...ensureOnly,
      username: administrator.username,
      password: administrator.password,
    }));
    const { clientId, clientSecret, username, password } = vantage.administrator;
    expectWellFormed(requests);
    expect(find(requests, TOKEN)).toHaveLength(1);
    expect(lineOf(requests[0] as WireRequest)).toBe(`POST /auth2/${TENANT}/connect/token`);
    expect(formOf(requests[0])).toEqual({
      grant_type: 'password',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'openid permissions global.wildcard',
      username,
      password,
    });
    expect(bearers(requests).size).toBe(1);
    expect(shown).toMatchSnapshot();
  });

  test('by an access token, which is sent unchanged', async () => {
    let accessToken = '';
    const { requests, shown } = await record(async vantage => {
      accessToken = await vantage.issueAccessToken();
      return { ...ensureOnly, 'auth-client-id': '', 'auth-client-secret': '', 'access-token': accessToken };
    });
    expectWellFormed(requests);
    expect(find(requests, TOKEN)).toEqual([]);
    expect(bearers(requests)).toEqual(new Set([`Bearer ${accessToken}`]));
    expect(shown).toMatchSnapshot();
  });
});

test('the secret of a client of the code flow is verified with a code that cannot be valid', async () => {
  const { requests, shown, vantage, run } = await record({ 'redirect-uris': 'https://invoices.example/callback?a=1' });
  expectWellFormed(requests);
  const verification = find(requests, TOKEN)[1];
  expect(lineOf(verification as WireRequest)).toBe('POST /auth2/connect/token');
  expect(formOf(verification)).toEqual({
    grant_type: 'authorization_code',
    client_id: 'invoices',
    client_secret: vantage.client('invoices')?.secrets[0]?.value,
    code: 'vantage-client-action-probe',
    code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/u),
    redirect_uri: 'https://invoices.example/callback?a=1',
  });
  expect(vantage.requests.at(-1)).toMatchObject({ route: 'token', status: 400 });
  expect(run.outputs.verified).toBe('true');
  expect(shown).toMatchSnapshot();
});

test('after a 415, all requests use the media type of the documentation’s sample', async () => {
  const { requests, shown, vantage } = await record({}, { shape: { contentTypes: 'json-patch' } });
  expectWellFormed(requests);
  const [first, second, ...more] = find(requests, CREATE);
  expect(more).toEqual([]);
  expect(typeOf(first)).toBe('application/json');
  expect(typeOf(second)).toBe('application/json-patch+json');
  expect(second?.body).toBe(first?.body);
  expect(find(requests, CREATION).map(typeOf)).toEqual(['application/json-patch+json']);
  expect(vantage.client('invoices')?.secrets).toHaveLength(1);
  expect(shown).toMatchSnapshot();
});

test('a 415 only for the creation of a secret does not create two secrets', async () => {
  const clients = [{ clientId: 'invoices' }];
  const { requests, vantage } = await record({}, { clients, shape: { contentTypes: 'json-patch' } });
  expect(find(requests, CREATE)).toEqual([]);
  const creations = find(requests, CREATION);
  expect(creations.map(typeOf)).toEqual(['application/json', 'application/json-patch+json']);
  expect(creations[1]?.body).toBe(creations[0]?.body);
  expect(vantage.client('invoices')?.secrets).toHaveLength(1);
});

test('an update writes back what was read, with the declared settings that differ', async () => {
  const seeded = {
    clientId: 'invoices',
    clientName: 'Old name',
    requireConsent: true,
    accessTokenLifetime: 60,
    redirectUris: ['https://old.example/'],
  };
  const { requests, shown, vantage, run } = await record(
    {
      rotate: 'never',
      'if-exists': 'update',
      'client-name': 'New name',
      'allow-remember-consent': 'true',
      'access-token-lifetime': '1.00:00:00',
    },
    { clients: [seeded] },
  );
  expectWellFormed(requests);
  const root = `/api/adminapi2/v2/tenants/${TENANT}/clients/invoices/`;
  expect(requests.map(lineOf)).toEqual(['POST /auth2/connect/token', `GET ${root}`, `PUT ${root}`, `GET ${root}`]);
  expect(jsonOf(requests[2])).toEqual({
    clientId: 'invoices',
    clientName: 'New name',
    allowOfflineAccess: false,
    allowRememberConsent: true,
    backChannelLogoutSessionRequired: true,
    requireClientSecret: true,
    requireConsent: true,
    allowNoPkce: false,
    allowRopc: false,
    allowedGrantTypes: ['client_credentials'],
    allowedCorsOrigins: [],
    allowedScopes: ['openid', 'permissions', 'publicapi.all'],
    postLogoutRedirectUris: [],
    redirectUris: ['https://old.example/'],
    accessTokenLifetime: '1.00:00:00',
    refreshTokenLifetime: 2_592_000,
  });
  expect(vantage.client('invoices')).toMatchObject({ ...seeded, clientName: 'New name', accessTokenLifetime: 86_400 });
  expect(JSON.parse(String(run.outputs['client-drift']))).toEqual({
    clientName: ['New name', 'Old name'],
    accessTokenLifetime: ['1.00:00:00', 60],
  });
  expect(shown).toMatchSnapshot();
});

test('an update of a client without drift sends nothing', async () => {
  const clients = [{ clientId: 'invoices', clientName: 'Invoices' }];
  const given = { rotate: 'never', 'if-exists': 'update', 'client-name': 'Invoices', 'access-token-lifetime': '24h' };
  const { requests } = await record(given, { clients });
  expect(requests.map(lineOf).filter(line => !/^GET|^POST \/auth2/u.test(String(line)))).toEqual([]);
});

test('on tier 0, an existing client costs one POST that is answered by "taken", and a read of the list', async () => {
  const { requests, vantage } = await record({ rotate: 'never' }, { tier: 0, clients: [{ clientId: 'invoices' }] });
  expect(requests.map(lineOf).sort()).toEqual(
    [
      'POST /auth2/connect/token',
      `GET /api/adminapi2/v2/tenants/${TENANT}/clients/invoices/`,
      `POST /api/adminapi2/v2/tenants/${TENANT}/clients/`,
      // Because no secret is created that would show whether the client belongs to this tenant.
      `GET /api/adminapi2/v2/tenants/${TENANT}/clients/?Offset=0&Limit=250`,
    ].sort(),
  );
  expect(vantage.requests.filter(({ applied }) => applied)).toEqual([]);
});
