import { once } from 'node:events';
import { get, request } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { Fault, Mishap, Vantage, VantageOptions } from '../../emulator/vantage/index.ts';
import { startVantage } from '../../emulator/vantage/index.ts';
import { withFastTime } from '../support/fast-time.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const SCOPES = ['openid', 'permissions', 'publicapi.all'];
/** The minimum that a client needs to work. */
const LEAST = { clientId: 'invoices', allowedGrantTypes: ['client_credentials'], allowedScopes: SCOPES };

let running: Vantage[] = [];

async function vantageWith(options: VantageOptions = {}, ...faults: Fault[]): Promise<Vantage> {
  const vantage = await startVantage(options);
  running.push(vantage);
  for (const fault of faults) vantage.faults.add(fault);
  return vantage;
}

afterEach(async () => {
  await Promise.all(running.map(vantage => vantage.close()));
  running = [];
});

/** Waits for a condition, for up to 10 s. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for: ${condition}`);
    await sleep(5);
  }
}

interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // Each test knows the shape of the responses that it reads.
  json: Record<string, unknown>;
}

async function reply(response: Response): Promise<Reply> {
  const text = await response.text();
  const json = text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, json };
}

/** Calls the admin API as the administrator. `path` is what comes after `clients/`. */
async function admin(
  vantage: Vantage,
  method: string,
  path = '',
  body?: unknown,
  { version = 'v2', token, tenant = vantage.tenantId, type = 'application/json', signal }: AdminCall = {},
): Promise<Reply> {
  const authorization = `Bearer ${token ?? (await vantage.issueAccessToken())}`;
  const url = `${vantage.baseUrl}/api/adminapi2/${version}/tenants/${tenant}/clients/${path}`;
  return reply(
    await fetch(url, {
      method,
      redirect: 'manual',
      headers: { ...(token !== '' && { authorization }), ...(body !== undefined && { 'content-type': type }) },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    }),
  );
}

interface AdminCall {
  version?: 'v1' | 'v2';
  token?: string;
  tenant?: string;
  type?: string;
  signal?: AbortSignal;
}

async function token(vantage: Vantage, form: Record<string, string>, path = '/auth2/connect/token'): Promise<Reply> {
  return reply(await fetch(`${vantage.baseUrl}${path}`, { method: 'POST', body: new URLSearchParams(form) }));
}

/** How the token endpoint answers a client that sends a secret: its error, or `ok`. */
async function verify(vantage: Vantage, clientId: string, secret: string): Promise<unknown> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
  const { status, json } = await token(vantage, form);
  return status === 200 ? 'ok' : json.error;
}

async function createSecret(
  vantage: Vantage,
  body: unknown = {},
  clientId = 'invoices',
): Promise<Record<string, string>> {
  const { status, json } = await admin(vantage, 'POST', `${clientId}/secrets/`, body);
  expect([200, 201]).toContain(status);
  return json as Record<string, string>;
}

describe('creating a client', () => {
  test('a minimal body gets the documented defaults', async () => {
    const vantage = await vantageWith();
    const { status, json } = await admin(vantage, 'POST', '', LEAST);
    expect(status).toBe(201);
    expect(json).toEqual({
      clientId: 'invoices',
      clientName: null,
      allowOfflineAccess: false,
      allowRememberConsent: true,
      backChannelLogoutSessionRequired: true,
      requireClientSecret: true,
      requireConsent: false,
      allowNoPkce: false,
      allowRopc: false,
      allowedGrantTypes: ['client_credentials'],
      allowedCorsOrigins: [],
      allowedScopes: SCOPES,
      postLogoutRedirectUris: [],
      redirectUris: [],
      accessTokenLifetime: 86_400,
      refreshTokenLifetime: 2_592_000,
    });
    expect(vantage.clients()).toMatchObject([{ ...LEAST, secrets: [] }]);
    expect(vantage.requests.at(-1)).toMatchObject({ route: 'createClient', status: 201, applied: true });
  });

  test('v1 has no lifetimes: it ignores them, and does not report them', async () => {
    const vantage = await vantageWith();
    const { json } = await admin(vantage, 'POST', '', { ...LEAST, accessTokenLifetime: 60 }, { version: 'v1' });
    expect(json).not.toHaveProperty('accessTokenLifetime');
    expect(vantage.client('invoices')?.accessTokenLifetime).toBe(86_400);
  });

  test('a server that refuses unknown members refuses lifetimes on v1, and anything unknown on v2', async () => {
    const vantage = await vantageWith({ shape: { unknownMembers: 'refused', allowRopc: 'v1-only' } });
    const v1 = await admin(vantage, 'POST', '', { ...LEAST, accessTokenLifetime: 60 }, { version: 'v1' });
    expect(v1).toMatchObject({ status: 400, json: { errors: { '$.accessTokenLifetime': [expect.any(String)] } } });
    const v2 = await admin(vantage, 'POST', '', { ...LEAST, allowRopc: true, clientid: 'x' });
    expect(Object.keys(v2.json.errors as object)).toEqual(['$.allowRopc', '$.clientid']);
    expect((await admin(vantage, 'POST', '', { ...LEAST, allowRopc: true }, { version: 'v1' })).status).toBe(201);
  });

  test.each([
    ['not an object', [], '$'],
    ['not JSON', '{"clientId": ', '$'],
    ['empty', '', ''],
    ['no id', { ...LEAST, clientId: undefined }, 'clientId'],
    ['an empty id', { ...LEAST, clientId: '' }, 'clientId'],
    ['an id with a space', { ...LEAST, clientId: 'in voices' }, 'clientId'],
    ['an id that is not ASCII', { ...LEAST, clientId: 'rëchnung' }, 'clientId'],
    ['an id of 101 characters', { ...LEAST, clientId: 'x'.repeat(101) }, 'clientId'],
    ['a number for an id', { ...LEAST, clientId: 7 }, '$.clientId'],
    ['a string for a boolean', { ...LEAST, requireConsent: 'true' }, '$.requireConsent'],
    ['null for a boolean', { ...LEAST, allowNoPkce: null }, '$.allowNoPkce'],
    ['a string for a list', { ...LEAST, redirectUris: 'https://a.example/' }, '$.redirectUris'],
    ['a number in a list', { ...LEAST, redirectUris: [1] }, '$.redirectUris'],
    ['no scopes', { ...LEAST, allowedScopes: undefined }, 'allowedScopes'],
    ['two of the three scopes', { ...LEAST, allowedScopes: ['openid', 'permissions'] }, 'allowedScopes'],
    ['a fourth scope', { ...LEAST, allowedScopes: [...SCOPES, 'profile'] }, 'allowedScopes'],
    ['a scope twice', { ...LEAST, allowedScopes: ['openid', 'openid', 'permissions'] }, 'allowedScopes'],
    ['no grants', { ...LEAST, allowedGrantTypes: [] }, 'allowedGrantTypes'],
    ['an unknown grant', { ...LEAST, allowedGrantTypes: ['refresh_token'] }, 'allowedGrantTypes'],
    ['a grant twice', { ...LEAST, allowedGrantTypes: ['password', 'password'] }, 'allowedGrantTypes'],
    ['implicit and code', { ...LEAST, allowedGrantTypes: ['implicit', 'authorization_code'] }, 'allowedGrantTypes'],
    ['implicit and hybrid', { ...LEAST, allowedGrantTypes: ['hybrid', 'implicit'] }, 'allowedGrantTypes'],
    ['code and hybrid', { ...LEAST, allowedGrantTypes: ['authorization_code', 'hybrid'] }, 'allowedGrantTypes'],
    ['an origin with a slash', { ...LEAST, allowedCorsOrigins: ['https://a.example/'] }, 'allowedCorsOrigins'],
    ['an origin with a path', { ...LEAST, allowedCorsOrigins: ['https://a.example/app'] }, 'allowedCorsOrigins'],
    ['an origin without a scheme', { ...LEAST, allowedCorsOrigins: ['a.example'] }, 'allowedCorsOrigins'],
    ['a lifetime of 0', { ...LEAST, accessTokenLifetime: 0 }, 'accessTokenLifetime'],
    ['a negative time span', { ...LEAST, refreshTokenLifetime: '-1.00:00:00' }, 'refreshTokenLifetime'],
    ['a lifetime that is not a time span', { ...LEAST, accessTokenLifetime: '1d' }, '$.accessTokenLifetime'],
    ['a time span with 24 hours', { ...LEAST, accessTokenLifetime: '24:00:00' }, '$.accessTokenLifetime'],
    ['half a second', { ...LEAST, accessTokenLifetime: 0.5 }, '$.accessTokenLifetime'],
  ])('refused as invalid: %s', async (_what, body, member) => {
    const vantage = await vantageWith();
    const { status, headers, json } = await admin(vantage, 'POST', '', body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(json).toMatchObject({ status: 400, title: expect.any(String), traceId: expect.stringMatching(/^00-/) });
    expect(json.errors).toEqual({ [member]: [expect.any(String)] });
    expect(vantage.clients()).toEqual([]);
    expect(vantage.requests.at(-1)).toMatchObject({ status: 400, applied: false });
  });

  test('lifetimes can be sent as seconds or as a time span, and reported as either', async () => {
    const lifetimes = { accessTokenLifetime: '1.02:03:04', refreshTokenLifetime: 30_600 };
    for (const [listedLifetimes, shown] of [
      ['seconds', { accessTokenLifetime: 93_784, refreshTokenLifetime: 30_600 }],
      ['timespan', { accessTokenLifetime: '1.02:03:04', refreshTokenLifetime: '08:30:00' }],
    ] as const) {
      const vantage = await vantageWith({ shape: { listedLifetimes } });
      expect((await admin(vantage, 'POST', '', { ...LEAST, ...lifetimes })).json).toMatchObject(shown);
    }
  });

  test('a slash at the end makes no difference, nor do hyphens and case in the tenant', async () => {
    const vantage = await vantageWith();
    const tenant = vantage.tenantId.replaceAll('-', '').toUpperCase();
    expect((await admin(vantage, 'POST', '', LEAST, { tenant })).status).toBe(201);
    expect((await admin(vantage, 'POST', 'invoices/secrets', {})).status).toBe(201);
    expect((await admin(vantage, 'GET', 'invoices')).status).toBe(200);
  });

  test.each([
    [409, 409, 'detail'],
    [400, 400, 'errors'],
    [422, 422, 'detail'],
    ['text', 400, undefined],
  ] as const)('an ID that is taken gets %s', async (taken, status, member) => {
    const vantage = await vantageWith({ shape: { taken }, takenElsewhere: ['receipts'] });
    expect((await admin(vantage, 'POST', '', LEAST)).status).toBe(201);
    for (const clientId of ['invoices', 'receipts']) {
      const answer = await admin(vantage, 'POST', '', { ...LEAST, clientId });
      expect(answer.status).toBe(status);
      expect(JSON.stringify(member ? answer.json[member] : answer.text)).toContain('already exists');
    }
    expect((await admin(vantage, 'GET', 'receipts')).status).toBe(404);
    expect(vantage.clients()).toHaveLength(1);
  });

  test.each([
    ['json', 'application/json-patch+json', 415],
    ['json', 'application/json; charset=utf-8', 201],
    ['json', 'text/plain', 415],
    ['json-patch', 'application/json', 415],
    ['json-patch', 'application/json-patch+json', 201],
    ['both', 'application/json-patch+json', 201],
  ] as const)('if bodies are %s, %s gets %i', async (contentTypes, type, status) => {
    const vantage = await vantageWith({ shape: { contentTypes } });
    expect((await admin(vantage, 'POST', '', LEAST, { type })).status).toBe(status);
  });

  test('the response to a creation comes in every shape', async () => {
    const empty = await vantageWith({ shape: { created: 200, createdBody: 'empty' } });
    expect(await admin(empty, 'POST', '', LEAST)).toMatchObject({ status: 200, text: '' });
    const wrapped = await vantageWith({ shape: { createdBody: 'wrapped' } });
    expect((await admin(wrapped, 'POST', '', LEAST)).json).toMatchObject({ client: LEAST });
    const text = await vantageWith({ shape: { problemType: 'text/plain' } });
    const refused = await admin(text, 'POST', '', {});
    expect(refused.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(refused.json.errors).toHaveProperty('clientId');
  });
});

describe('who may call the admin API', () => {
  test('nobody without a token, or with one that is made up, modified or expired', async () => {
    const vantage = await vantageWith();
    const good = await vantage.issueAccessToken();
    const [header, payload, signature] = good.split('.');
    const forged = Buffer.from(JSON.stringify({ role: 'tenant-administrator' })).toString('base64url');
    const none = await admin(vantage, 'GET', '', undefined, { token: '' });
    expect([none.status, none.text, none.headers.get('www-authenticate')]).toEqual([401, '', 'Bearer']);
    for (const bad of ['nonsense', 'a.b.c', `${header}.${forged}.${signature}`, `${header}.${payload}.`]) {
      const { status, text, headers } = await admin(vantage, 'GET', '', undefined, { token: bad });
      expect([status, text, headers.get('www-authenticate')]).toEqual([401, '', 'Bearer error="invalid_token"']);
    }
    expect((await admin(vantage, 'GET', '', undefined, { token: good })).status).toBe(200);
    vantage.clock.advance(DAY);
    expect((await admin(vantage, 'GET', '', undefined, { token: good })).status).toBe(401);
    expect((await admin(vantage, 'GET')).status).toBe(200);
  });

  test('nobody with a token of another Vantage', async () => {
    const [one, other] = [await vantageWith(), await vantageWith()];
    expect((await admin(one, 'GET', '', undefined, { token: await other.issueAccessToken() })).status).toBe(401);
  });

  test('only a Tenant Administrator, and nobody in an unknown tenant', async () => {
    const vantage = await vantageWith();
    const supervisor = await vantage.issueAccessToken('processing-supervisor');
    expect(await admin(vantage, 'POST', '', LEAST, { token: supervisor })).toMatchObject({ status: 403, text: '' });
    const tenant = '00000000-0000-4000-8000-000000000000';
    expect(await admin(vantage, 'POST', '', LEAST, { tenant })).toMatchObject({ status: 404, json: { status: 404 } });
    expect(vantage.clients()).toEqual([]);
  });

  test('not a client with a valid token; a client with the administrator role may, or may not', async () => {
    for (const [clientAdministrator, status] of [
      ['allowed', 200],
      ['forbidden', 403],
    ] as const) {
      const vantage = await vantageWith({ shape: { clientAdministrator } });
      const { clientId, clientSecret } = vantage.administrator;
      const own = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
      const { json } = await token(vantage, own);
      expect((await admin(vantage, 'GET', '', undefined, { token: String(json.access_token) })).status).toBe(status);

      vantage.addClient({ clientId: 'invoices' }, [{ value: 'its-secret' }]);
      const other = await token(vantage, { ...own, client_id: 'invoices', client_secret: 'its-secret' });
      expect((await admin(vantage, 'GET', '', undefined, { token: String(other.json.access_token) })).status).toBe(403);
    }
  });
});

describe('a secret', () => {
  const NOON = Date.parse('2025-08-31T12:00:00.000Z');

  test('is shown once; later, only its first three characters are', async () => {
    const vantage = await vantageWith();
    vantage.addClient({ clientId: 'invoices' });
    const { id, value = '', ...rest } = await createSecret(vantage, { description: 'for staging' });
    expect(value).toMatch(/^(?=.*\+)(?=.*\/)[A-Za-z0-9+/]{43}=$/);
    expect(rest).toMatchObject({ description: 'for staging', valueDisplay: value.slice(0, 3) });
    const listed = await admin(vantage, 'GET', 'invoices/secrets/');
    expect(listed.json).toEqual({ items: [{ id, ...rest }], totalItemCount: 1 });
    expect(listed.text).not.toContain(value);
    expect(vantage.client('invoices')?.secrets).toMatchObject([{ id, value }]);
    expect(vantage.createdSecrets).toContain(value);
  });

  test('expires six calendar months after its creation by default', async () => {
    const vantage = await vantageWith({ clock: NOON });
    vantage.addClient({ clientId: 'invoices' });
    const { startTime, expiration } = await createSecret(vantage);
    expect(startTime).toMatch(/^2025-08-31T12:00:0/);
    // The 28th, because February has no 31st.
    expect(expiration).toMatch(/^2026-02-28T12:00:0/);
  });

  test('the documented response has neither ID nor description, and times have .NET forms', async () => {
    for (const [timestamps, form] of [
      ['ticks', /\.\d{7}Z$/],
      ['offset', /\.\d{7}\+00:00$/],
    ] as const) {
      const vantage = await vantageWith({ shape: { secretBody: 'documented-only', timestamps, created: 200 } });
      vantage.addClient({ clientId: 'invoices' });
      const secret = await createSecret(vantage, { description: 'x' });
      expect(Object.keys(secret)).toEqual(['value', 'startTime', 'expiration']);
      expect(secret.expiration).toMatch(form);
    }
  });

  const at = (ms: number) => new Date(NOON + ms).toISOString();

  test.each([
    ['a start that is not a time', { startTime: 'tomorrow' }, '$.startTime'],
    ['a time without a zone', { startTime: '2025-09-01T00:00:00' }, '$.startTime'],
    ['a day without a time', { expiration: '2025-12-01' }, '$.expiration'],
    ['a number', { expiration: NOON + 30 * DAY }, '$.expiration'],
    ['30 February', { expiration: '2026-02-30T00:00:00Z' }, '$.expiration'],
    ['a description that is not text', { description: ['x'] }, '$.description'],
    ['less than a day from now', { expiration: at(DAY - 1000) }, 'expiration'],
    ['a day from the time of the request, which is less from its arrival', { expiration: at(DAY) }, 'expiration'],
    ['less than a day from its start', { startTime: at(DAY), expiration: at(2 * DAY - 1) }, 'expiration'],
    ['an expiration before the start', { startTime: at(9 * DAY), expiration: at(3 * DAY) }, 'expiration'],
    ['a start after the default expiration', { startTime: at(365 * DAY) }, 'expiration'],
    ['3 years and a millisecond', { startTime: at(0), expiration: '2028-08-31T12:00:00.001Z' }, 'expiration'],
    ['not an object', [], '$'],
  ])('is refused: %s', async (_what, body, member) => {
    const vantage = await vantageWith({ clock: NOON });
    vantage.addClient({ clientId: 'invoices' });
    vantage.clock.set(NOON + 5);
    const { status, json } = await admin(vantage, 'POST', 'invoices/secrets/', body);
    expect([status, json.errors]).toEqual([400, { [member]: [expect.any(String)] }]);
    expect(vantage.client('invoices')?.secrets).toEqual([]);
  });

  test('can live exactly a day, or exactly 3 years', async () => {
    const vantage = await vantageWith({ clock: NOON });
    vantage.addClient({ clientId: 'invoices' });
    const day = await createSecret(vantage, { startTime: at(DAY), expiration: at(2 * DAY) });
    expect(day).toMatchObject({ startTime: at(DAY), expiration: at(2 * DAY) });
    const years = await createSecret(vantage, { startTime: at(0), expiration: '2028-08-31T14:00:00+02:00' });
    expect(years.expiration).toBe('2028-08-31T12:00:00.000Z');
  });

  test('cannot be created for a client that does not exist', async () => {
    const vantage = await vantageWith();
    expect(await admin(vantage, 'POST', 'nobody/secrets/', {})).toMatchObject({ status: 404, json: { status: 404 } });
  });

  test('works from its start to its expiration by the clock of Vantage, next to others, until it is deleted', async () => {
    const vantage = await vantageWith({ clock: NOON });
    vantage.addClient({ clientId: 'invoices' });
    const first = await createSecret(vantage, { expiration: at(10 * DAY) });
    const second = await createSecret(vantage, { startTime: at(5 * DAY), expiration: at(20 * DAY) });
    const results = async () => [
      await verify(vantage, 'invoices', String(first.value)),
      await verify(vantage, 'invoices', String(second.value)),
    ];
    expect(await results()).toEqual(['ok', 'invalid_client']);
    vantage.clock.set(NOON + 6 * DAY);
    expect(await results()).toEqual(['ok', 'ok']);
    vantage.clock.set(NOON + 11 * DAY);
    expect(await results()).toEqual(['invalid_client', 'ok']);
    expect((await admin(vantage, 'DELETE', `invoices/secrets/${second.id}/`)).status).toBe(204);
    expect(await results()).toEqual(['invalid_client', 'invalid_client']);
    expect((await admin(vantage, 'DELETE', `invoices/secrets/${second.id}/`)).status).toBe(404);
    expect(vantage.createdSecrets).toContain(second.value);
  });
});

describe('tier 1', () => {
  test('reads, replaces and deletes a client; what a PUT omits gets its default', async () => {
    const vantage = await vantageWith();
    vantage.addClient({ clientId: 'invoices', clientName: 'Invoices', requireConsent: true });
    const put = await admin(vantage, 'PUT', 'invoices/', { ...LEAST, allowOfflineAccess: true });
    expect(put.json).toMatchObject({ clientName: null, requireConsent: false, allowOfflineAccess: true });
    expect((await admin(vantage, 'GET', 'invoices/')).json).toEqual(put.json);
    expect((await admin(vantage, 'PUT', 'invoices/', { ...LEAST, clientId: 'other' })).status).toBe(400);
    expect((await admin(vantage, 'PUT', 'invoices/', { ...LEAST, allowedScopes: [] })).status).toBe(400);
    expect((await admin(vantage, 'DELETE', 'invoices/')).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await admin(vantage, method, 'invoices/')).status).toBe(404);
    expect((await admin(vantage, 'PUT', 'invoices/', LEAST)).status).toBe(404);
  });

  test('a PUT and a DELETE can answer otherwise', async () => {
    const vantage = await vantageWith({ shape: { putAnswer: 204, deleted: 200 }, clients: [LEAST] });
    expect(await admin(vantage, 'PUT', 'invoices/', LEAST)).toMatchObject({ status: 204, text: '' });
    expect((await admin(vantage, 'DELETE', 'invoices/')).status).toBe(200);
  });

  test('an ID in a path is decoded once', async () => {
    const clientId = 'a/b?c#d%e';
    const vantage = await vantageWith({ clients: [{ clientId }] });
    expect((await admin(vantage, 'GET', `${encodeURIComponent(clientId)}/`)).json).toMatchObject({ clientId });
    expect((await admin(vantage, 'GET', '%zz/')).status).toBe(404);
  });

  test('lists in pages, in an envelope or bare, and heeds Offset and Limit or not', async () => {
    const clients = ['a', 'b', 'c', 'd'].map(clientId => ({ clientId }));
    const ids = (list: unknown) => (list as { clientId: string }[]).map(({ clientId }) => clientId);
    const vantage = await vantageWith({ clients, shape: { pageSize: 3 } });
    const page = await admin(vantage, 'GET', '?offset=1&Limit=2');
    // The first one is the administrator's.
    expect([ids(page.json.items), page.json.totalItemCount]).toEqual([['a', 'b'], 5]);
    expect(ids((await admin(vantage, 'GET', '?Offset=2&Limit=1000')).json.items)).toEqual(['b', 'c', 'd']);
    expect(ids((await admin(vantage, 'GET', '?Offset=5')).json.items)).toEqual([]);
    for (const query of ['Limit=0', 'Limit=1001', 'Offset=-1', 'Limit=x'])
      expect((await admin(vantage, 'GET', `?${query}`)).status).toBe(400);

    const bare = await vantageWith({ clients, shape: { list: 'array', pageSize: 2, paging: 'ignored' } });
    const pages = await Promise.all(['', '?Offset=2'].map(query => admin(bare, 'GET', query)));
    expect(ids(pages[0]?.json)).toHaveLength(2);
    expect(pages[1]?.json).toEqual(pages[0]?.json);
  });

  test('lists clients completely, or by ID and name only; a single client is always complete', async () => {
    const clients = [{ clientId: 'invoices', clientName: 'Invoices' }];
    const summary = await vantageWith({ clients, shape: { listedClients: 'summary', list: 'array' } });
    expect(((await admin(summary, 'GET', '')).json as unknown as unknown[])[1]).toEqual(clients[0]);
    const one = (await admin(summary, 'GET', 'invoices/')).json;
    expect(one).toMatchObject({ allowedGrantTypes: ['client_credentials'] });
    const whole = await vantageWith({ clients });
    expect((await admin(whole, 'GET', '')).json.items).toContainEqual(one);
  });

  test('a fault can apply to one page of a list', async () => {
    const vantage = await vantageWith({ clients: [{ clientId: 'a' }, { clientId: 'b' }] });
    vantage.faults.add({ on: { path: /[?&]Offset=1&/ }, mishap: { kind: 'answer', status: 502 } });
    const statuses = ['?Offset=0&Limit=1', '?Offset=1&Limit=1', '?Offset=2&Limit=1'];
    const answers = await Promise.all(statuses.map(query => admin(vantage, 'GET', query)));
    expect(answers.map(({ status }) => status)).toEqual([200, 502, 200]);
  });

  test('a client that somebody deletes disappears at once, with its secrets', async () => {
    const vantage = await vantageWith({ clients: [{ clientId: 'invoices' }] });
    const { value = '' } = await createSecret(vantage);
    vantage.removeClient('invoices');
    expect((await admin(vantage, 'GET', 'invoices/')).status).toBe(404);
    expect((await admin(vantage, 'GET', '')).json.totalItemCount).toBe(1);
    expect(await verify(vantage, 'invoices', value)).toBe('invalid_client');
    expect(() => vantage.removeClient('invoices')).toThrow('There is no client "invoices"');
  });
});

describe('tier 0', () => {
  test.each([
    [404, 404],
    [405, 405],
    [501, 501],
    ['spa', 200],
  ] as const)('has the two POST requests, and answers %s to the others', async (absent, status) => {
    const vantage = await vantageWith({ tier: 0, absent });
    expect((await admin(vantage, 'POST', '', LEAST)).status).toBe(201);
    const { value } = await createSecret(vantage);
    expect(await verify(vantage, 'invoices', String(value))).toBe('ok');
    for (const [method, path] of [
      ['GET', ''],
      ['GET', 'invoices/'],
      ['GET', 'invoices/secrets/'],
      ['PUT', 'invoices/'],
      ['DELETE', 'invoices/'],
      ['DELETE', 'invoices/secrets/x/'],
    ] as const) {
      const answer = await admin(vantage, method, path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe(absent === 'spa' ? 'text/html; charset=utf-8' : null);
    }
    expect(vantage.clients()).toHaveLength(1);
  });
});

describe('the token endpoint', () => {
  const SCOPE = 'openid permissions global.wildcard';

  test('signs the administrator in with both documented grants, at both addresses', async () => {
    const vantage = await vantageWith();
    const { clientId, clientSecret, username, password } = vantage.administrator;
    const client = { client_id: clientId, client_secret: clientSecret, scope: SCOPE };
    const plain = vantage.tenantId.replaceAll('-', '');
    for (const path of [
      '/auth2/connect/token',
      `/auth2/${vantage.tenantId}/connect/token`,
      `/auth2/${plain}/connect/token`,
    ])
      for (const grant of [{ grant_type: 'client_credentials' }, { grant_type: 'password', username, password }]) {
        const { status, json } = await token(vantage, { ...client, ...grant }, path);
        expect([status, json.token_type, json.expires_in, json.scope]).toEqual([200, 'Bearer', 86_400, SCOPE]);
        const claims = JSON.parse(Buffer.from(String(json.access_token).split('.')[1] ?? '', 'base64url').toString());
        expect(claims).toMatchObject({
          iss: `${vantage.baseUrl}/auth2`,
          tenant: vantage.tenantId,
          client_id: clientId,
          exp: claims.iat + 86_400,
        });
        expect((await admin(vantage, 'GET', '', undefined, { token: String(json.access_token) })).status).toBe(200);
      }
    const elsewhere = '/auth2/00000000-0000-4000-8000-000000000000/connect/token';
    expect((await token(vantage, { ...client, grant_type: 'client_credentials' }, elsewhere)).status).toBe(404);
  });

  test('takes Basic authentication with encoded parts', async () => {
    const vantage = await vantageWith();
    const { clientId, clientSecret } = vantage.administrator;
    const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
    const { status } = await fetch(`${vantage.baseUrl}/auth2/connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(status).toBe(200);
  });

  test('answers a wrong password with invalid_grant', async () => {
    const vantage = await vantageWith();
    const { clientId, clientSecret, username } = vantage.administrator;
    for (const user of [{ username, password: 'wrong' }, { username: 'nobody', password: 'wrong' }, { username }]) {
      const form = { grant_type: 'password', client_id: clientId, client_secret: clientSecret, ...user };
      expect(await token(vantage, form)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    }
  });

  test('answers a wrong secret, no secret and an unknown client with invalid_client only', async () => {
    for (const [invalidClient, client] of [
      [400, { client_secret: 'wrong' }],
      [401, { client_secret: 'wrong' }],
      [400, { client_secret: '' }],
      [400, {}],
      [400, { client_id: 'nobody', client_secret: 'wrong' }],
    ] as const) {
      const vantage = await vantageWith({ shape: { invalidClient }, clients: [{ ...LEAST, secrets: [{}] }] });
      const form = { grant_type: 'client_credentials', client_id: 'invoices', ...client };
      const { status, text } = await token(vantage, form);
      expect([status, text]).toEqual([invalidClient, '{"error":"invalid_client"}']);
    }
  });

  test('authenticates before it checks anything else: a valid secret never gets invalid_client', async () => {
    const secrets = [{ value: 'a-good-secret' }];
    const code = { allowedGrantTypes: ['authorization_code'], redirectUris: ['https://a.example/'] };
    const vantage = await vantageWith({
      clients: [
        { clientId: 'app', ...code, secrets },
        { ...LEAST, secrets },
      ],
    });
    const bogus = { grant_type: 'authorization_code', code: 'bogus', redirect_uri: 'https://a.example/' };
    const good = { client_secret: 'a-good-secret' };
    for (const [form, error] of [
      [{ ...bogus, client_id: 'app' }, 'invalid_grant'],
      [{ ...bogus, client_id: 'invoices' }, 'unauthorized_client'],
      [{ grant_type: 'client_credentials', client_id: 'app' }, 'unauthorized_client'],
      [{ grant_type: 'client_credentials', client_id: 'invoices', scope: 'profile' }, 'invalid_scope'],
      [{ grant_type: 'password', client_id: 'invoices' }, 'unauthorized_client'],
      [{ grant_type: 'nonsense', client_id: 'invoices' }, 'unsupported_grant_type'],
    ] as const) {
      expect((await token(vantage, { ...form, ...good })).json.error).toBe(error);
      expect((await token(vantage, { ...form, client_secret: 'bad' })).json.error).toBe('invalid_client');
    }
  });

  test('a client that was created here may request global.wildcard, or may not', async () => {
    for (const [proofScope, status] of [
      ['granted', 200],
      ['invalid_scope', 400],
    ] as const) {
      const vantage = await vantageWith({ shape: { proofScope }, clients: [{ ...LEAST, secrets: [{ value: 's' }] }] });
      const form = { grant_type: 'client_credentials', client_id: 'invoices', client_secret: 's' };
      expect((await token(vantage, { ...form, scope: SCOPE })).status).toBe(status);
      expect((await token(vantage, { ...form, scope: 'publicapi.all' })).status).toBe(200);
    }
  });

  test('the password grant needs both allowRopc and the grant type', async () => {
    const secrets = [{ value: 's' }];
    const vantage = await vantageWith({
      clients: [
        { clientId: 'both', allowRopc: true, allowedGrantTypes: ['password'], secrets },
        { clientId: 'type', allowedGrantTypes: ['password'], secrets },
        { clientId: 'ropc', allowRopc: true, secrets },
      ],
    });
    const { username, password } = vantage.administrator;
    const attempt = async (clientId: string) =>
      (await token(vantage, { grant_type: 'password', client_id: clientId, client_secret: 's', username, password }))
        .json.error;
    expect(await attempt('both')).toBeUndefined();
    expect(await attempt('type')).toBe('unauthorized_client');
    expect(await attempt('ropc')).toBe('unauthorized_client');
  });

  test('a client that needs no secret can send any secret, or none', async () => {
    const vantage = await vantageWith({ clients: [{ ...LEAST, requireClientSecret: false }] });
    expect(await verify(vantage, 'invoices', 'anything')).toBe('ok');
    expect((await token(vantage, { grant_type: 'client_credentials', client_id: 'invoices' })).status).toBe(200);
  });

  test.each([
    ['a code grant without redirect URIs', { allowedGrantTypes: ['authorization_code'] }, 'refused'],
    ['a blocked scheme', { redirectUris: ['javascript:alert(1)'] }, 'refused'],
    [
      'grants that exclude each other',
      { allowedGrantTypes: ['implicit', 'hybrid'], redirectUris: ['https://a/'] },
      'stored',
    ],
    ['an origin with a path', { allowedCorsOrigins: ['https://a.example/'] }, 'stored'],
    ['a lifetime of 0', { accessTokenLifetime: 0 }, 'stored'],
  ] as const)('does not know a client with %s, although it is stored', async (_what, settings, illegalSettings) => {
    const vantage = await vantageWith({ shape: { illegalSettings } });
    expect((await admin(vantage, 'POST', '', { ...LEAST, ...settings })).status).toBe(201);
    const { value } = await createSecret(vantage);
    expect(await verify(vantage, 'invoices', String(value))).toBe('invalid_client');
  });

  test('uses the current settings of a client', async () => {
    const vantage = await vantageWith({ clients: [{ ...LEAST, accessTokenLifetime: 60, secrets: [{ value: 's' }] }] });
    const form = { grant_type: 'client_credentials', client_id: 'invoices', client_secret: 's' };
    expect((await token(vantage, form)).json.expires_in).toBe(60);
    await admin(vantage, 'PUT', 'invoices/', { ...LEAST, accessTokenLifetime: 120 });
    expect((await token(vantage, form)).json.expires_in).toBe(120);
    await admin(vantage, 'DELETE', 'invoices/');
    expect((await token(vantage, form)).json.error).toBe('invalid_client');
  });

  test('can learn of a new secret late: after a number of requests, or after some time', async () => {
    const vantage = await vantageWith({ clients: [LEAST] });
    const old = String((await createSecret(vantage)).value);
    vantage.faults.add({ kind: 'late-token-store', requests: 2 });
    const fresh = String((await createSecret(vantage)).value);
    const results: unknown[] = [];
    for (const value of [fresh, old, fresh]) results.push(await verify(vantage, 'invoices', value));
    expect(results).toEqual(['invalid_client', 'ok', 'ok']);

    vantage.faults.add({ kind: 'late-token-store', ms: DAY });
    const later = String((await createSecret(vantage)).value);
    const second = String((await createSecret(vantage)).value);
    expect(await verify(vantage, 'invoices', later)).toBe('invalid_client');
    const { now } = performance;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + DAY);
    for (const value of [later, second]) expect(await verify(vantage, 'invoices', value)).toBe('ok');
    const never = String((await createSecret(vantage)).value);
    expect(await verify(vantage, 'invoices', never)).toBe('invalid_client');
    clock.mockRestore();
    vantage.faults.clear();
    expect(await verify(vantage, 'invoices', never)).toBe('ok');
  });
});

describe('unusual forms', () => {
  const [BY_DEFAULT, CORS] = [{ ...LEAST, accessTokenLifetime: 3600 }, ['https://App.Example.com']];

  test.each([
    ['seconds', 3600],
    ['timespan', '01:00:00'],
    ['ticks', '01:00:00.0000000'],
    ['iso', 'PT1H'],
  ] as const)('lifetimes that are reported as %s are accepted in the same form', async (listedLifetimes, shown) => {
    const vantage = await vantageWith({ shape: { listedLifetimes } });
    await admin(vantage, 'POST', '', BY_DEFAULT);
    const { json } = await admin(vantage, 'GET', 'invoices/');
    expect(json.accessTokenLifetime).toBe(shown);
    expect((await admin(vantage, 'PUT', 'invoices/', json)).status).toBe(200);
    expect(vantage.client('invoices')?.accessTokenLifetime).toBe(3600);
  });

  test.each([
    ['01:00:00.5000000', 'seconds'],
    ['PT1H', 'seconds'],
    ['PT', 'iso'],
    ['P', 'iso'],
    ['P1M', 'iso'],
  ] as const)('a lifetime of %s is refused if %s are reported', async (accessTokenLifetime, listedLifetimes) => {
    const vantage = await vantageWith({ shape: { listedLifetimes } });
    expect((await admin(vantage, 'POST', '', { ...LEAST, accessTokenLifetime })).status).toBe(400);
  });

  test('null for what is off by default, one text for lists, lowercase origins: all accepted in the same form', async () => {
    const shape = { listedFlags: 'null-for-false', listedLists: 'text', origins: 'lower-cased' } as const;
    const vantage = await vantageWith({ shape });
    await admin(vantage, 'POST', '', { ...LEAST, allowedCorsOrigins: CORS, allowRememberConsent: false });
    const before = vantage.client('invoices');
    const { json } = await admin(vantage, 'GET', 'invoices/');
    expect(json).toMatchObject({
      ...{ allowOfflineAccess: null, allowRememberConsent: false, requireClientSecret: true },
      ...{ allowedGrantTypes: 'client_credentials', allowedScopes: SCOPES.join(' ') },
      ...{ allowedCorsOrigins: ['https://app.example.com'], redirectUris: [] },
    });
    expect((await admin(vantage, 'PUT', 'invoices/', json)).status).toBe(200);
    expect(vantage.client('invoices')).toEqual(before);
  });

  test.each([
    ['null', { allowOfflineAccess: null }],
    ['one text', { allowedGrantTypes: 'client_credentials' }],
  ])('%s is refused if it is not reported that way', async (_, wrong) => {
    const vantage = await vantageWith();
    expect((await admin(vantage, 'POST', '', { ...LEAST, ...wrong })).status).toBe(400);
  });

  test.each([
    ['told', { description: 'mine' }],
    ['null', { description: null }],
    ['hidden', {}],
  ] as const)('descriptions are %s in lists, and reported when the secret is created', async (descriptions, shown) => {
    const vantage = await vantageWith({ shape: { descriptions }, clients: [{ clientId: 'invoices' }] });
    expect((await createSecret(vantage, { description: 'mine' })).description).toBe('mine');
    const { items } = (await admin(vantage, 'GET', 'invoices/secrets/')).json as { items: Record<string, unknown>[] };
    expect(items.map(({ description, ...rest }) => ('description' in rest ? rest : { description }))).toEqual([
      { description: undefined, ...shown },
    ]);
    expect(items.map(item => 'description' in item)).toEqual([descriptions !== 'hidden']);
  });

  test('numeric IDs are written and read with all digits', async () => {
    const vantage = await vantageWith({ shape: { secretIds: 'number' }, clients: [{ clientId: 'invoices' }] });
    await createSecret(vantage);
    await createSecret(vantage);
    const ids = vantage.client('invoices')?.secrets.map(({ id }) => BigInt(id)) ?? [];
    expect(ids.every(id => id > 2n ** 53n)).toBe(true);
    const { text } = await admin(vantage, 'GET', 'invoices/secrets/');
    expect([...text.matchAll(/"id":(\d+),/gu)].map(([, id]) => BigInt(id ?? 0))).toEqual(ids);
    const odd = ids.find(id => id % 2n === 1n);
    expect((await admin(vantage, 'DELETE', `invoices/secrets/${odd}/`)).status).toBe(204);
    expect(vantage.client('invoices')?.secrets.map(({ id }) => BigInt(id))).toEqual(ids.filter(id => id !== odd));
  });

  test('an envelope without a count, and the same first page for every request', async () => {
    const clients = Array.from({ length: 5 }, (_, index) => ({ clientId: `client-${index}` }));
    const vantage = await vantageWith({
      shape: { list: 'envelope-without-count', paging: 'ignored', pageSize: 3 },
      clients,
    });
    const [first, second] = [await admin(vantage, 'GET', ''), await admin(vantage, 'GET', '?Offset=3&Limit=1')];
    expect(Object.keys(first.json)).toEqual(['items']);
    expect(first.json.items).toHaveLength(3);
    expect(second.json).toEqual(first.json);
  });

  test('a client that contains its secrets: a PUT replaces them by those in its body', async () => {
    const shape = { clientSecrets: 'embedded' } as const;
    const vantage = await vantageWith({ shape, clients: [{ clientId: 'invoices', secrets: [{}, {}] }] });
    const values = vantage.client('invoices')?.secrets.map(({ value }) => value) ?? [];
    const { json, text } = await admin(vantage, 'GET', 'invoices/');
    for (const value of values) expect(text).not.toContain(value);
    const [first, second] = json.clientSecrets as Record<string, unknown>[];
    await admin(vantage, 'PUT', 'invoices/', { ...json, clientSecrets: [first] });
    expect(vantage.client('invoices')?.secrets.map(({ id, value }) => ({ id, value }))).toEqual([
      { id: first?.id, value: first?.value },
    ]);
    expect(second?.id).not.toBe(first?.id);
    await admin(vantage, 'PUT', 'invoices/', { ...json, clientSecrets: undefined });
    expect(vantage.client('invoices')?.secrets).toEqual([]);
  });

  test('every response has the time of the server’s clock, also the response of a fault', async () => {
    const clock = Date.UTC(2031, 4, 5, 6, 7, 8);
    const vantage = await vantageWith({ clock }, { on: 'listClients', times: 1, mishap: { kind: 'html' } });
    for (const path of ['', '', 'nobody/']) {
      const { headers } = await admin(vantage, 'GET', path);
      expect(Math.abs(Date.parse(headers.get('date') ?? '') - clock)).toBeLessThan(60_000);
    }
  });

  test('others create and delete secrets without the API', async () => {
    const vantage = await vantageWith({ clients: [{ clientId: 'invoices' }] });
    const { value, id } = vantage.addSecret('invoices', { id: '..' });
    expect(id).toBe('..');
    expect(await verify(vantage, 'invoices', value)).toBe('ok');
    vantage.removeSecret('invoices', value);
    expect(await verify(vantage, 'invoices', value)).toBe('invalid_client');
    expect(() => vantage.removeSecret('invoices', value)).toThrow('no such secret');
    expect(() => vantage.addSecret('nobody')).toThrow('no client "nobody"');
  });
});

describe('faults', () => {
  const last = (vantage: Vantage) => vantage.requests.at(-1);

  test('apply to the requests they are for, after a number of others, a number of times', async () => {
    const vantage = await vantageWith(
      {},
      { on: 'readClient', skip: 1, times: 2, mishap: { kind: 'answer', status: 503 } },
      { on: { method: 'GET', path: /secrets/ }, mishap: { kind: 'answer', status: 500 } },
      { on: { path: 'token', body: /client_id=nobody/ }, mishap: { kind: 'answer', status: 502 } },
    );
    vantage.addClient({ clientId: 'invoices' });
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await admin(vantage, 'GET', 'invoices/')).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await admin(vantage, 'GET', 'invoices/secrets/')).status).toBe(500);
    expect((await admin(vantage, 'POST', 'invoices/secrets/', {})).status).toBe(201);
    expect((await token(vantage, { grant_type: 'client_credentials', client_id: 'nobody' })).status).toBe(502);
    expect((await token(vantage, { grant_type: 'client_credentials', client_id: 'somebody' })).status).toBe(400);
    vantage.faults.clear();
    expect((await admin(vantage, 'GET', 'invoices/secrets/')).status).toBe(200);
  });

  test.each([
    [{ kind: 'answer', status: 500 }, 0],
    [{ kind: 'answer', status: 500, apply: true }, 1],
    [{ kind: 'answer', status: 418, body: { a: 1 }, headers: { 'x-by': 'proxy' } }, 0],
    [{ kind: 'html', status: 502 }, 0],
    [{ kind: 'html', apply: true }, 1],
    [{ kind: 'throttle', retryAfter: 3 }, 0],
    [{ kind: 'redirect', location: 'https://elsewhere.example/' }, 0],
    [{ kind: 'empty' }, 1],
    [{ kind: 'empty', apply: false }, 0],
    [{ kind: 'wrong-shape' }, 1],
    [{ kind: 'wrong-shape', body: [1], apply: false }, 0],
    [{ kind: 'oversize' }, 1],
  ] as const)('%j answers in place of the real response; the change takes effect: %i', async (mishap, made) => {
    const vantage = await vantageWith({}, { on: 'createClient', mishap });
    const { status } = await admin(vantage, 'POST', '', LEAST);
    expect(vantage.clients()).toHaveLength(made);
    expect(last(vantage)).toMatchObject({ status, applied: made === 1 });
  });

  test('a response of any kind', async () => {
    const vantage = await vantageWith({});
    const ask = async (mishap: Mishap) => {
      vantage.faults.clear();
      vantage.faults.add({ mishap });
      return admin(vantage, 'GET');
    };
    const json = await ask({ kind: 'answer', status: 418, body: { a: 1 }, headers: { 'x-by': 'proxy' } });
    expect([json.status, json.json, json.headers.get('x-by')]).toEqual([418, { a: 1 }, 'proxy']);
    const typed = { 'content-type': 'application/xml' };
    const xml = await ask({ kind: 'answer', status: 500, body: '<no/>', headers: typed });
    expect([xml.text, xml.headers.get('content-type')]).toEqual(['<no/>', 'application/xml']);
    const page = await ask({ kind: 'html' });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<!DOCTYPE html>');
    const redirect = await ask({ kind: 'redirect', location: 'https://elsewhere.example/' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([307, 'https://elsewhere.example/']);
    expect(await ask({ kind: 'empty' })).toMatchObject({ status: 200, text: '' });
    expect((await ask({ kind: 'wrong-shape', body: [1] })).json).toEqual([1]);
  });

  test('429 and 503 with every form of Retry-After, and without one', async () => {
    const at = new Date('2030-01-02T03:04:05Z');
    for (const [mishap, status, header] of [
      [{ kind: 'throttle', retryAfter: 7 }, 429, '7'],
      [{ kind: 'throttle', retryAfter: at, status: 503 }, 503, 'Wed, 02 Jan 2030 03:04:05 GMT'],
      [{ kind: 'throttle', retryAfter: 'soon' }, 429, 'soon'],
      [{ kind: 'throttle' }, 429, null],
    ] as const) {
      const answer = await admin(await vantageWith({}, { mishap }), 'GET');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, header]);
    }
  });

  test('a body larger than any limit, with its length or in chunks', async () => {
    for (const declared of [true, false]) {
      const vantage = await vantageWith({}, { mishap: { kind: 'oversize', declared } });
      const { text, headers } = await admin(vantage, 'GET');
      expect(text).toHaveLength(1024 * 1024 + 1);
      expect(headers.get('content-length')).toBe(declared ? String(1024 * 1024 + 1) : null);
    }
  });

  /** Sends a creation, and aborts it when the condition holds. */
  async function createAndGiveUp(vantage: Vantage, when: () => boolean): Promise<void> {
    const giveUp = new AbortController();
    const pending = admin(vantage, 'POST', '', LEAST, { signal: giveUp.signal }).catch(String);
    await until(when);
    giveUp.abort();
    expect(await pending).toContain('AbortError');
  }

  test('a delay after the change: an aborted request took effect all the same', async () => {
    const vantage = await vantageWith({}, { on: 'createClient', times: 1, mishap: { kind: 'delay', ms: MINUTE } });
    await withFastTime({}, async () => {
      await createAndGiveUp(vantage, () => vantage.clients().length === 1);
      await sleep(MINUTE);
    });
    expect(last(vantage)).toMatchObject({ status: undefined, applied: true });
  });

  test('a delay before the change: an aborted request has no effect', async () => {
    const mishap = { kind: 'delay', ms: MINUTE, when: 'before' } as const;
    const vantage = await vantageWith({}, { on: 'createClient', times: 1, mishap });
    await withFastTime({}, async () => {
      await createAndGiveUp(vantage, () => vantage.requests.length === 1);
      await sleep(MINUTE);
    });
    expect(vantage.clients()).toEqual([]);
    expect(last(vantage)).toMatchObject({ status: undefined, applied: false });
  });

  test('a delay that the client waits for ends with the real response', async () => {
    const vantage = await vantageWith({}, { mishap: { kind: 'delay', ms: 100 } });
    const began = performance.now();
    expect((await admin(vantage, 'POST', '', LEAST)).json).toMatchObject(LEAST);
    expect(performance.now() - began).toBeGreaterThanOrEqual(99);
  });

  test('no response at all, before or after the change', async () => {
    for (const apply of [false, true]) {
      const vantage = await vantageWith({}, { on: 'createClient', mishap: { kind: 'stall', apply } });
      await createAndGiveUp(vantage, () => vantage.requests[0]?.applied === apply);
      await sleep(50);
      expect(vantage.clients()).toHaveLength(apply ? 1 : 0);
      expect(last(vantage)).toMatchObject({ status: undefined, applied: apply });
    }
  });

  test('a reset, before or after the change', async () => {
    for (const apply of [false, true]) {
      const vantage = await vantageWith({}, { on: 'createClient', mishap: { kind: 'reset', apply } });
      const error: unknown = await admin(vantage, 'POST', '', LEAST).catch(cause => cause);
      expect(error).toMatchObject({ cause: { code: 'ECONNRESET' } });
      expect(vantage.clients()).toHaveLength(apply ? 1 : 0);
      expect(last(vantage)).toMatchObject({ status: undefined, applied: apply });
    }
  });

  test('a head, then a body that stalls, is truncated, or arrives byte by byte', async () => {
    const begin = async (mishap: Mishap, signal: AbortSignal | null = null) => {
      const vantage = await vantageWith({ clients: [LEAST] }, { on: 'createSecret', mishap });
      const url = `${vantage.baseUrl}/api/adminapi2/v2/tenants/${vantage.tenantId}/clients/invoices/secrets/`;
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${await vantage.issueAccessToken()}`, 'content-type': 'application/json' },
        body: '{}',
        signal,
      });
      expect(response.status).toBe(201);
      expect(vantage.client('invoices')?.secrets).toHaveLength(1);
      expect(last(vantage)).toMatchObject({ status: 201, applied: true });
      return response;
    };
    for (const endless of [{ kind: 'stall-after-head' }, { kind: 'trickle', everyMs: 1000 }] as const) {
      const giveUp = new AbortController();
      const body = (await begin(endless, giveUp.signal)).text().catch(String);
      expect(await Promise.race([body, sleep(150, 'nothing')])).toBe('nothing');
      giveUp.abort();
      expect(await body).toContain('AbortError');
    }
    await expect((await begin({ kind: 'truncate' })).text()).rejects.toThrow('terminated');
    await expect((await begin({ kind: 'truncate', bytes: 0 })).text()).rejects.toThrow('terminated');
    expect(await (await begin({ kind: 'trickle', everyMs: 5, bytes: 50 })).json()).toHaveProperty('value');
  });

  test('no server listens any more, for a while or for good', async () => {
    const mishap = { kind: 'close', forMs: MINUTE } as const;
    const vantage = await vantageWith({}, { on: 'createClient', times: 1, mishap });
    /** The status of a read, or the code of the error before it. */
    const read = () =>
      admin(vantage, 'GET', 'invoices/').then(
        ({ status }) => status,
        ({ cause }: Error) => (cause as NodeJS.ErrnoException).code,
      );
    await withFastTime({}, async () => {
      expect((await admin(vantage, 'POST', '', LEAST)).status).toBe(201);
      await until(async () => (await read()) === 'ECONNREFUSED');
      await sleep(MINUTE);
    });
    await until(async () => (await read()) === 200);
    vantage.faults.add({ times: 1, mishap: { kind: 'close' } });
    expect(await read()).toBe(200);
    await until(async () => (await read()) === 'ECONNREFUSED');
    await sleep(400);
    expect(await read()).toBe('ECONNREFUSED');
  });
});

describe('the server', () => {
  test('records requests as they were sent, and never answers faster than its latency', async () => {
    const vantage = await vantageWith({ latencyMs: 100 });
    const began = Date.now();
    await admin(vantage, 'POST', '', '{"clientId":"ü"}', { type: 'application/json;charset=utf-8' });
    expect(Date.now() - began).toBeGreaterThanOrEqual(99);
    expect(vantage.requests).toHaveLength(1);
    const [request] = vantage.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: `/api/adminapi2/v2/tenants/${vantage.tenantId}/clients/`,
      route: 'createClient',
      body: '{"clientId":"ü"}',
      headers: { 'content-type': 'application/json;charset=utf-8' },
    });
    expect(request?.rawHeaders).toContain('application/json;charset=utf-8');
    expect(request?.receivedAt).toBeGreaterThanOrEqual(began);
  });

  test('has nothing at other addresses', async () => {
    const vantage = await vantageWith();
    for (const path of ['/', '//', '/api/adminapi2/v3/tenants/x/clients/', '/auth2/connect/tokens', '/a?b=%'])
      expect((await fetch(vantage.baseUrl + path)).status).toBe(404);
    expect((await admin(vantage, 'PATCH', 'invoices/', {})).status).toBe(404);
  });

  test('speaks TLS under the name that it is given', async () => {
    // The clock of this process may be ahead, after time that passed fast.
    const since = new Date(Date.now() - DAY);
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      notBeforeDate: since,
    });
    const vantage = await vantageWith({ tls: { key, cert } }, { on: 'token', mishap: { kind: 'reset' } });
    expect(vantage.baseUrl).toMatch(/^https:\/\/localhost:\d+$/);
    const url = `${vantage.baseUrl}/auth2/connect/token`;
    const [response] = await once(get(vantage.baseUrl, { ca: cert }), 'response');
    response.destroy();
    expect(response.statusCode).toBe(404);
    await expect(once(request(url, { ca: cert, method: 'POST' }).end(), 'response')).rejects.toThrow();
  });

  test('closes at once, whatever is in progress', async () => {
    const vantage = await vantageWith({}, { mishap: { kind: 'delay', ms: 60_000 } });
    const pending = admin(vantage, 'GET').catch((error: unknown) => error);
    const idle = connect(Number(new URL(vantage.baseUrl).port), '127.0.0.1');
    const closed = new Promise(resolve => idle.once('close', resolve));
    await sleep(50);
    const began = performance.now();
    await vantage.close();
    // An idle connection ends by itself after five seconds.
    expect(performance.now() - began).toBeLessThan(4500);
    expect(await pending).toMatchObject({ message: 'fetch failed' });
    await closed;
  });

  test('has its own credentials each time it starts', async () => {
    const [one, other] = [await vantageWith(), await vantageWith()];
    for (const name of ['clientId', 'clientSecret', 'username', 'password'] as const)
      expect(one.administrator[name]).not.toBe(other.administrator[name]);
    expect(one.tenantId).not.toBe(other.tenantId);
  });
});
