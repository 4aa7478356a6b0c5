import { describe, expect, test } from '@jest/globals';
import type { SeedClient, Shapes, VantageOptions } from '../emulator/vantage/index.ts';
import { readSummary } from './support/markdown.ts';
import {
  errorOf,
  expectDelivered,
  markOf,
  marksOf,
  requestsOf,
  routesOf,
  warningsOf,
  writesOf,
} from './support/step.ts';
import { CLIENT_ID, World } from './support/world.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Every way in which a Vantage can offer only the two documented operations, and one that offers more. */
const TIERS: readonly (readonly [string, VantageOptions])[] = [
  ['tier 1', { tier: 1 }],
  ['tier 0 (404)', { tier: 0, absent: 404 }],
  ['tier 0 (405)', { tier: 0, absent: 405 }],
  ['tier 0 (501)', { tier: 0, absent: 501 }],
  ['tier 0 (a web page)', { tier: 0, absent: 'spa' }],
];

const TAKEN: readonly Shapes['taken'][] = [409, 400, 422, 'text'];

const existing: SeedClient = {
  clientId: CLIENT_ID,
  clientName: 'Invoices',
  allowOfflineAccess: true,
  allowedGrantTypes: ['client_credentials'],
};

describe('the first run', () => {
  test.each(TIERS)('creates the client and delivers a verified secret: %s', async (_, options) => {
    await using world = await World.open({ vantage: options });
    const step = await world.step({ 'secret-expiration': '90d' });

    const [secret] = world.secrets();
    expectDelivered(step, world.secrets());
    expect(step.outputs).toMatchObject({
      'client-id': CLIENT_ID,
      'client-created': 'true',
      'secret-created': 'true',
      'secret-id': secret?.id,
      'secret-start-time': secret?.startTime,
      'secret-expiration': secret?.expiration,
      verified: 'true',
      changed: 'true',
    });
    expect(routesOf(step)).toEqual(['token', 'createClient', 'createSecret', 'token']);
    expect(world.client()).toMatchObject({ clientName: CLIENT_ID, allowedGrantTypes: ['client_credentials'] });
    expect(world.secrets()).toHaveLength(1);
    expect(step.log).not.toContain(secret?.value);
    expect(step.annotations).toEqual([]);
  });

  test('works on v1', async () => {
    await using world = await World.open();
    const step = await world.step({ 'api-version': 'v1', 'client-name': 'Invoices', 'allow-offline-access': 'true' });
    expectDelivered(step, world.secrets());
    expect(world.client()).toMatchObject({ clientName: 'Invoices', allowOfflineAccess: true });
    expect(writesOf(step).map(({ path }) => path.split('/')[3])).toEqual(['v1', 'v1']);
  });

  test('sends a User-Agent with each request', async () => {
    await using world = await World.open();
    const step = await world.step();
    const agents = new Set(step.vantage.map(({ headers }) => headers['user-agent']));
    expect([...agents]).toEqual([
      expect.stringMatching(/^vantage-client-action\/\d+\.\d+\.\d+ \(octo-org\/octo-repo; run 1658821493\.1\)$/u),
    ]);
  });

  test('logs the mark, which follows the description of the workflow, before the secret is created', async () => {
    await using world = await World.open();
    const late = 1500;
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'delay', ms: late, when: 'before' } });
    let loggedAt = Number.POSITIVE_INFINITY;
    const step = await world.step(
      { 'secret-description': 'For the nightly import' },
      {
        onStart: child => {
          child.stdout?.on('data', chunk => {
            if (String(chunk).includes('[vantage-client ')) {
              loggedAt = Math.min(loggedAt, Date.now());
            }
          });
        },
      },
    );
    expectDelivered(step, world.secrets());
    const description = world.secrets()[0]?.description ?? '';
    expect(description).toBe(`For the nightly import ${markOf(description)}`);
    expect(step.log).toContain(markOf(description));
    const receivedAt = requestsOf(step, 'createSecret')[0]?.receivedAt ?? 0;
    expect(loggedAt).toBeLessThan(receivedAt + late);
  });

  test('works with a Vantage that responds slowly', async () => {
    await using world = await World.open({ vantage: { latencyMs: 150 } });
    expectDelivered(await world.step(), world.secrets());
  });
});

describe('the second run', () => {
  test('with rotate never changes nothing on tier 1', async () => {
    await using world = await World.open();
    await world.step();
    const step = await world.step({ rotate: 'never' });
    expect(step).toMatchObject({ exitCode: 0, outputs: { changed: 'false', 'secret-created': 'false' } });
    expect(step.outputs).toMatchObject({ 'client-created': 'false', 'client-drift': '{}', verified: 'skipped' });
    expect(writesOf(step)).toEqual([]);
    expect(step.vantage.map(({ route }) => route)).toEqual(['token', 'readClient']);
  });

  test.each(TIERS.slice(1).flatMap(([tier, options]) => TAKEN.map(taken => [tier, taken, options] as const)))(
    'with rotate never sends only the POST request that is answered "taken": %s, %s',
    async (_, taken, options) => {
      await using world = await World.open({ vantage: { ...options, shape: { taken }, clients: [existing] } });
      const step = await world.step({ rotate: 'never', 'client-name': 'Another name' });
      expect(step).toMatchObject({ exitCode: 0, outputs: { changed: 'false', 'client-created': 'false' } });
      expect(writesOf(step).map(({ route, applied }) => [route, applied])).toEqual([['createClient', false]]);
      // Nothing was compared, which does not mean that there is no drift.
      expect(step.outputs['client-drift']).toBe('');
      expect(step.log).toMatch(/exists\. Its settings were not compared/u);
    },
  );

  test('rotates: the old secret stays valid next to the new one', async () => {
    await using world = await World.open();
    const first = await world.step();
    const second = await world.step();
    expectDelivered(second, world.secrets());
    expect(world.secrets().map(({ value }) => value)).toEqual([
      first.outputs['client-secret'],
      second.outputs['client-secret'],
    ]);
    expect(second.outputs).toMatchObject({ 'client-created': 'false', 'secret-created': 'true', changed: 'true' });
    expect(second.log).toContain('Secrets that the client had before: 1.');
  });

  test('adopts a client ID that is taken if clients cannot be read', async () => {
    await using world = await World.open({ vantage: { tier: 0, takenElsewhere: [CLIENT_ID] } });
    const step = await world.step({ rotate: 'never' });
    expect(step).toMatchObject({ exitCode: 0, outputs: { 'client-created': 'false', changed: 'false' } });
  });

  test('does not adopt a client that the tenant, which lists its clients, does not have', async () => {
    await using world = await World.open({ vantage: { takenElsewhere: [CLIENT_ID] } });
    const step = await world.step({ rotate: 'never' });
    expect(step).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'conflict', changed: 'false' } });
    expect(errorOf(step)).toContain('Another tenant of the region may use the id');
  });
});

describe('if-exists: adopt', () => {
  test('keeps the settings, and reports how the declared ones differ', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const step = await world.step({
      rotate: 'never',
      'client-name': 'Invoices (staging)',
      'allow-offline-access': 'true',
      'access-token-lifetime': '1h',
    });
    expect(step.exitCode).toBe(0);
    expect(JSON.parse(step.outputs['client-drift'] ?? '')).toEqual({
      clientName: ['Invoices (staging)', 'Invoices'],
      accessTokenLifetime: [3600, 86_400],
    });
    expect(warningsOf(step).join('\n')).toMatch(
      /clientName: wanted "Invoices \(staging\)", found "Invoices"[\s\S]*accessTokenLifetime: wanted 3600, found 86400/u,
    );
    expect(writesOf(step)).toEqual([]);
    expect(world.client()).toMatchObject(existing);
  });

  test('does not compare a setting that the workflow does not declare', async () => {
    await using world = await World.open({
      vantage: { clients: [{ ...existing, requireConsent: true, allowNoPkce: true }] },
    });
    const step = await world.step({ rotate: 'never' });
    expect(step.outputs['client-drift']).toBe('{}');
    expect(warningsOf(step)).toEqual([]);
  });

  test.each<readonly [string, Partial<Shapes>]>([
    ['seconds', { listedLifetimes: 'seconds' }],
    ['a time span', { listedLifetimes: 'timespan' }],
  ])('sees no drift in the order of a list or the spelling of a lifetime: %s', async (_, shape) => {
    const redirectUris = ['https://one.example/', 'https://two.example/'];
    const client = { ...existing, redirectUris, accessTokenLifetime: 3600, refreshTokenLifetime: 86_400 };
    await using world = await World.open({ vantage: { shape, clients: [client] } });
    const step = await world.step({
      rotate: 'never',
      'redirect-uris': redirectUris.toReversed().join('\n'),
      'allowed-scopes': 'publicapi.all permissions openid',
      'allowed-grant-types': 'client_credentials',
      'access-token-lifetime': '3600',
      'refresh-token-lifetime': '1.00:00:00',
    });
    expect(step.outputs['client-drift']).toBe('{}');
    expect(warningsOf(step)).toEqual([]);
  });

  test('creates a secret for a client with drift all the same', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const step = await world.step({ 'client-name': 'Another' });
    expectDelivered(step, world.secrets());
    expect(step.outputs['client-drift']).toBe('{"clientName":["Another","Invoices"]}');
  });
});

describe('if-exists: update', () => {
  test.each([200, 204] as const)('writes the declared settings and keeps all others (PUT answers %s)', async answer => {
    await using world = await World.open({ vantage: { shape: { putAnswer: answer }, clients: [existing] } });
    // An undocumented field as Vantage returns it, and a field that Vantage maintains.
    const { secrets: _, createdAt, ...held } = world.client();
    const settings = { ...held, undocumented: { color: 'blue' }, hasSecret: true };
    const stored = { ...settings, createdAt, id: 7, nonEditable: false, lastAccessed: createdAt };
    world.vantage.faults.add({ on: 'readClient', times: 1, mishap: { kind: 'answer', status: 200, body: stored } });
    const step = await world.step({ 'if-exists': 'update', 'client-name': 'New name' });

    expectDelivered(step, world.secrets());
    const [put] = requestsOf(step, 'updateClient');
    expect(JSON.parse(put?.body ?? '')).toEqual({ ...settings, clientName: 'New name' });
    expect(world.client()).toMatchObject({ ...existing, clientName: 'New name' });
    expect(step.outputs).toMatchObject({
      'client-created': 'false',
      changed: 'true',
      'client-drift': '{"clientName":["New name","Invoices"]}',
    });
    const { title, diffs } = readSummary(step.summary);
    expect(title).toMatch(/^✅ invoices: new secret for this job/u);
    expect(diffs).toEqual([['  clientName', '-   Invoices', '+   New name']]);
  });

  test('writes numbers back that JavaScript does not represent exactly', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const { secrets: _, ...held } = world.client();
    const numbers = '"ticks":638000000000000001,"nested":{"ratio":0.1234567890123456789},"most":1e400,"few":[1.5,-3]';
    const body = JSON.stringify(held).replace('{', `{${numbers},`);
    world.vantage.faults.add({ on: 'readClient', times: 1, mishap: { kind: 'answer', status: 200, body } });
    const step = await world.step({ 'if-exists': 'update', 'client-name': 'New name' });
    expectDelivered(step, world.secrets());
    expect(requestsOf(step, 'updateClient')[0]?.body).toContain(numbers);
  });

  test('sends no update if a field, whatever its name, contains a secret that the run knows', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const { secrets: _, ...held } = world.client();
    const stored = { ...held, memo: { of: ['the', `old ${world.vantage.administrator.clientSecret}`] } };
    world.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body: stored } });
    const step = await world.step({ 'if-exists': 'update', 'client-name': 'New name' });
    expect(step.outputs).toMatchObject({ 'error-code': 'unsupported', changed: 'false' });
    expect(errorOf(step)).toContain('contains possible credentials (memo.of)');
    expect(writesOf(step)).toEqual([]);
  });

  test('sends no update if nothing differs', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const step = await world.step({ 'if-exists': 'update', 'client-name': 'Invoices', rotate: 'never' });
    expect(step).toMatchObject({ exitCode: 0, outputs: { changed: 'false', 'client-drift': '{}' } });
    expect(writesOf(step)).toEqual([]);
  });

  test.each(TIERS.slice(1))(
    'is unsupported, before a secret is created, if clients cannot be read: %s',
    async (_, options) => {
      await using world = await World.open({ vantage: { ...options, clients: [existing] } });
      const step = await world.step({ 'if-exists': 'update', 'client-name': 'New name' });
      expect(step.outputs).toMatchObject({ 'error-code': 'unsupported', changed: 'false' });
      expect(requestsOf(step, 'createSecret')).toEqual([]);
      expect(world.client()).toMatchObject(existing);
    },
  );

  test('creates a client that does not exist', async () => {
    await using world = await World.open({ vantage: { tier: 0 } });
    const step = await world.step({ 'if-exists': 'update', 'client-name': 'New name' });
    expectDelivered(step, world.secrets());
    expect(step.outputs['client-created']).toBe('true');
  });
});

describe('if-exists: fail', () => {
  test.each(TIERS)('stops at a client that exists, and creates no secret: %s', async (_, options) => {
    await using world = await World.open({ vantage: { ...options, clients: [existing] } });
    const step = await world.step({ 'if-exists': 'fail' });
    expect(step.outputs).toMatchObject({ 'error-code': 'conflict', changed: 'false', 'secret-created': 'false' });
    expect(errorOf(step)).toContain('it already exists');
    expect(requestsOf(step, 'createSecret')).toEqual([]);
    expect(world.secrets()).toEqual([]);
  });

  test('creates a client that does not exist', async () => {
    await using world = await World.open();
    expectDelivered(await world.step({ 'if-exists': 'fail' }), world.secrets());
  });
});

describe('signing in', () => {
  test('by client credentials requests the documented scope', async () => {
    await using world = await World.open();
    const step = await world.step();
    const { clientId, clientSecret } = world.vantage.administrator;
    expectDelivered(step, world.secrets());
    expect(Object.fromEntries(new URLSearchParams(step.vantage[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: 'openid permissions global.wildcard',
    });
  });

  test('as a user uses the token endpoint of the tenant', async () => {
    await using world = await World.open({ vantage: { shape: { clientAdministrator: 'forbidden' } } });
    const { username, password } = world.vantage.administrator;
    const step = await world.step({ username, password });
    expectDelivered(step, world.secrets());
    expect(step.vantage[0]?.path).toBe(`/auth2/${world.vantage.tenantId}/connect/token`);
    expect(new URLSearchParams(step.vantage[0]?.body).get('grant_type')).toBe('password');
  });

  test('with an access token sends no token request of its own', async () => {
    await using world = await World.open();
    const accessToken = await world.vantage.issueAccessToken();
    const step = await world.step({ 'access-token': accessToken, 'auth-client-id': '', 'auth-client-secret': '' });
    expectDelivered(step, world.secrets());
    expect(routesOf(step)).toEqual(['createClient', 'createSecret', 'token']);
    expect(step.vantage[0]?.headers.authorization).toBe(`Bearer ${accessToken}`);
  });

  test('with a scope of the workflow requests that one', async () => {
    await using world = await World.open();
    const step = await world.step({ 'auth-scope': 'openid global.wildcard' });
    expectDelivered(step, world.secrets());
    expect(new URLSearchParams(step.vantage[0]?.body).get('scope')).toBe('openid global.wildcard');
  });

  test('with a tenant ID without hyphens, in capitals, works', async () => {
    await using world = await World.open();
    const { tenantId } = world.vantage;
    const step = await world.step({ 'tenant-id': tenantId.replaceAll('-', '').toUpperCase() });
    expectDelivered(step, world.secrets());
    expect(writesOf(step)[0]?.path).toContain(`/tenants/${tenantId}/clients/`);
  });

  test.each([400, 401] as const)('with a wrong client secret is authentication-failed (%s)', async invalidClient => {
    await using world = await World.open({ vantage: { shape: { invalidClient } } });
    const wrong = 'not-the-secret-of-that-client';
    const step = await world.step({ 'auth-client-secret': wrong }, { canaries: { wrong } });
    expect(step.outputs['error-code']).toBe('authentication-failed');
    expect(errorOf(step)).toContain(`POST ${world.vantage.baseUrl}/auth2/connect/token`);
    expect(step.vantage).toHaveLength(1);
  });

  test('with a wrong password is authentication-failed', async () => {
    await using world = await World.open();
    const { username } = world.vantage.administrator;
    const wrong = 'hunter2hunter2';
    const step = await world.step({ username, password: wrong }, { canaries: { wrong } });
    expect(step.outputs['error-code']).toBe('authentication-failed');
    expect(step.vantage).toHaveLength(1);
  });

  test('with an expired token is authentication-failed', async () => {
    await using world = await World.open();
    const accessToken = await world.vantage.issueAccessToken();
    world.vantage.clock.advance(40 * DAY);
    const step = await world.step({ 'access-token': accessToken, 'auth-client-id': '', 'auth-client-secret': '' });
    expect(step.outputs['error-code']).toBe('authentication-failed');
    // Both reads are refused, which decides nothing. Then the creation is refused, and the run ends.
    expect(writesOf(step).map(({ route, status }) => [route, status])).toEqual([['createClient', 401]]);
    expect(step.log.trimEnd().split('\n').at(-1)).toMatch(/^Error: /u);
    expect(step.workMs).toBeLessThan(10_000 + step.delayMs);
  });

  test('as a user who is not an administrator is forbidden', async () => {
    await using world = await World.open();
    const accessToken = await world.vantage.issueAccessToken('processing-supervisor');
    const step = await world.step({ 'access-token': accessToken, 'auth-client-id': '', 'auth-client-secret': '' });
    expect(step.outputs).toMatchObject({ 'error-code': 'forbidden', changed: 'false' });
    expect(errorOf(step)).toContain('Tenant Administrator');
    expect(writesOf(step).map(({ applied }) => applied)).toEqual([false]);
  });

  test('at an unknown tenant is not-found', async () => {
    await using world = await World.open();
    const { username, password } = world.vantage.administrator;
    const unknown = { 'tenant-id': '00000000-0000-0000-0000-000000000000' };
    const byClient = await world.step(unknown);
    expect(byClient.outputs['error-code']).toBe('not-found');
    expect(errorOf(byClient)).toContain('`tenant-id`');
    const byUser = await world.step({ ...unknown, username, password });
    expect(byUser.outputs['error-code']).toBe('not-found');
  });

  describe('hides a secret that the server returns', () => {
    /** Signs in with this secret, and is refused with a response that contains these words. */
    async function echo(secret: string, words: string, canaries: Readonly<Record<string, string>>): Promise<void> {
      await using world = await World.open();
      const body = { error: 'invalid_grant', error_description: words };
      world.vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 400, body } });
      const step = await world.step({ 'auth-client-secret': secret }, { canaries, env: { RUNNER_DEBUG: '1' } });
      expect(step.outputs['error-code']).toBe('authentication-failed');
    }

    const secret = 'Zm9vYmFy+TIzNDU2/zg5MHF1dXhjb3JnZWdyYXVsdA==';

    test('unchanged', () => echo(secret, `${secret} is wrong.`, { secret }));

    test('in form encoding', () => {
      const form = new URLSearchParams({ secret }).toString();
      return echo(secret, `Got ${form}.`, { secret, form: form.slice('secret='.length) });
    });

    test('truncated with its message', () =>
      echo(secret, `${'x'.repeat(265)}${secret}`, { secret, beginning: secret.slice(0, 12) }));

    test('with its spaces collapsed', () => {
      const spaced = 'correct  horse  battery';
      return echo(spaced, `${spaced} is wrong.`, { spaced, folded: spaced.replaceAll('  ', ' ') });
    });

    test('with its Markdown escaped', () => {
      const markup = 'under_scored*secret#1';
      return echo(markup, `${markup} is wrong.`, { markup, escaped: markup.replace(/[_*#]/gu, '\\$&') });
    });
  });

  test.each([
    ['as plain text', 'text/plain', (token: string) => token],
    ['called JSON', 'application/json', (token: string) => token],
    ['as JSON text', 'application/json', (token: string) => JSON.stringify(token)],
    ['in a list', 'application/json', (token: string) => JSON.stringify([{ access_token: token }])],
  ] as const)('does not print a token from a malformed response (%s)', async (_, type, write) => {
    await using world = await World.open();
    const token = 'opaque-to-all';
    const answer = { status: 200, headers: { 'content-type': type }, body: write(token) };
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'answer', ...answer } });
    const step = await world.step({}, { canaries: { token }, env: { RUNNER_DEBUG: '1' } });
    expect(step.outputs['error-code']).toBe('unexpected-response');
  });
});

describe('a dry run', () => {
  test.each(TIERS)('changes nothing, and prints what it would do: %s', async (_, options) => {
    await using world = await World.open({ vantage: options });
    const step = await world.step({ 'dry-run': 'true', 'secret-expiration': '90d' });
    expect(step).toMatchObject({ exitCode: 0, outputs: { changed: 'false', 'client-created': 'false' } });
    expect(writesOf(step)).toEqual([]);
    expect(routesOf(step)).toEqual(['token', 'listClients']);
    const plan = JSON.parse(step.outputs.plan ?? '');
    expect(plan).toMatchObject({
      clientId: CLIENT_ID,
      client: 'create',
      secret: 'mint',
      settings: { clientName: CLIENT_ID, allowedGrantTypes: ['client_credentials'] },
    });
    expect(Date.parse(plan.expiration) - Date.now()).toBeGreaterThan(89 * DAY);
    for (const line of [
      'A dry run changes nothing. The plan: create the client, create a secret.',
      '+ client  invoices · client_credentials, unless it exists',
      `+ secret  invoices · expires ${plan.expiration}`,
      '! output  client-secret',
    ]) {
      expect(step.log.split('\n')).toContain(line);
    }
    const { title, tables } = readSummary(step.summary);
    expect(title).toBe('📝 Plan for invoices: create the client, create a secret');
    const offers = tables.find(({ under }) => under === 'What this tenant offers');
    const hasReads = (options as { tier?: number }).tier !== 0;
    expect(offers?.rows.map(([, offered = '']) => offered.split(':')[0])).toEqual(
      hasReads ? ['yes', 'not tried', 'yes', 'not tried', 'not tried', 'yes'] : Array.from({ length: 6 }, () => 'no'),
    );
  });

  test('of an update prints what it would write', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const step = await world.step({ 'dry-run': 'true', 'if-exists': 'update', 'client-name': 'New', rotate: 'never' });
    expect(JSON.parse(step.outputs.plan ?? '')).toMatchObject({
      clientId: CLIENT_ID,
      client: 'update',
      drift: { clientName: ['New', 'Invoices'] },
      secret: 'none',
    });
    expect(writesOf(step)).toEqual([]);
  });

  test('of if-exists: fail fails as the run would', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const step = await world.step({ 'dry-run': 'true', 'if-exists': 'fail' });
    expect(step.outputs['error-code']).toBe('conflict');
    expect(writesOf(step)).toEqual([]);
  });
});

describe('the verification', () => {
  test('is omitted with verify: false', async () => {
    await using world = await World.open();
    const step = await world.step({ verify: 'false' });
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('skipped');
    expect(requestsOf(step, 'token')).toHaveLength(1);
  });

  test('is skipped if the client needs no secret', async () => {
    await using world = await World.open();
    const step = await world.step({ 'require-client-secret': 'false' });
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('skipped');
    expect(requestsOf(step, 'token')).toHaveLength(1);
  });

  test('is skipped if an existing client needs no secret', async () => {
    await using world = await World.open({ vantage: { clients: [{ ...existing, requireClientSecret: false }] } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('skipped');
  });

  test('is skipped if the secret starts later', async () => {
    await using world = await World.open();
    const step = await world.step({ 'secret-start-time': '2d', 'secret-expiration': '90d' });
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('skipped');
    const { startTime = '', expiration = '' } = world.secrets()[0] ?? {};
    expect(Date.parse(expiration) - Date.parse(startTime)).toBe(90 * DAY);
    expect(step.outputs).toMatchObject({ 'secret-start-time': startTime, 'secret-expiration': expiration });
  });

  test('of a client without the client credentials grant uses a code that cannot be valid', async () => {
    await using world = await World.open();
    const step = await world.step({ 'redirect-uris': 'https://app.example/callback' });
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('true');
    expect(world.client().allowedGrantTypes).toEqual(['authorization_code']);
    const verification = requestsOf(step, 'token')[1];
    expect(verification?.status).toBe(400);
    expect(Object.fromEntries(new URLSearchParams(verification?.body))).toMatchObject({
      grant_type: 'authorization_code',
      client_id: CLIENT_ID,
      client_secret: step.outputs['client-secret'],
      redirect_uri: 'https://app.example/callback',
    });
  });

  test.each(['password', 'implicit', 'hybrid'])('works for a client with the grant %s', async grant => {
    await using world = await World.open();
    const step = await world.step({
      'allowed-grant-types': grant,
      'redirect-uris': 'https://app.example/callback',
      'allow-ropc': String(grant === 'password'),
    });
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('true');
  });

  test('works if the client may not request the scope', async () => {
    await using world = await World.open({ vantage: { shape: { proofScope: 'invalid_scope' } } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('true');
  });

  test.each([
    ['as plain text', 'text/plain', (token: string) => token],
    ['in a list', 'application/json', (token: string) => JSON.stringify([{ access_token: token }])],
  ] as const)('does not print a token from a malformed response (%s)', async (_, type, write) => {
    await using world = await World.open();
    const token = 'opaque-to-all';
    const answer = { status: 200, headers: { 'content-type': type }, body: write(token) };
    world.vantage.faults.add({ on: 'token', skip: 1, mishap: { kind: 'answer', ...answer } });
    const step = await world.step({}, { canaries: { token }, env: { RUNNER_DEBUG: '1' } });
    expect(step.outputs['error-code']).toBe('unexpected-response');
    expect(world.secrets()).toEqual([]);
  });
});

describe('the life of a secret', () => {
  test.each(['1d', 'P3Y', 'P6M', '12w', 'P1Y'])('of %s is granted', async expiration => {
    await using world = await World.open({ vantage: { latencyMs: 20 } });
    const step = await world.step({ 'secret-expiration': expiration });
    expectDelivered(step, world.secrets());
  });

  test.each([-120_000, 120_000])('is granted by a Vantage whose clock is %s ms off', async skew => {
    await using world = await World.open();
    world.vantage.clock.advance(skew);
    expectDelivered(await world.step({ 'secret-expiration': '1d' }), world.secrets());
    expectDelivered(await world.step({ 'secret-expiration': 'P3Y' }), world.secrets());
  });

  test.each(['1d', 'P3Y'])('of %s from a future start is granted to the second', async expiration => {
    await using world = await World.open();
    const step = await world.step({ 'secret-start-time': '1d', 'secret-expiration': expiration });
    expectDelivered(step, world.secrets());
  });

  test('is chosen by Vantage if the workflow sets none', async () => {
    await using world = await World.open();
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(JSON.parse(requestsOf(step, 'createSecret')[0]?.body ?? '')).toEqual({ description: marksOf(step)[0] });
  });
});

describe('what a user sees', () => {
  test('the secret only masked, and never in the log of the job', async () => {
    await using world = await World.open();
    const step = await world.step();
    const value = step.outputs['client-secret'] ?? '';
    expect(step.masks).toContain(value);
    // The runner itself masks the uppercase form.
    expect(step.masks).toContain(encodeURIComponent(value).replace(/%../gu, one => one.toLowerCase()));
    expect(step.masks).toContain(world.vantage.administrator.clientSecret);
  });

  test('no secret without output-secret, which is allowed only with rotate: never', async () => {
    await using world = await World.open();
    const refused = await world.step({ 'output-secret': 'false' });
    expect(refused.outputs['error-code']).toBe('invalid-input');
    expect(refused.vantage).toEqual([]);
    const step = await world.step({ 'output-secret': 'false', rotate: 'never' });
    expect(step).toMatchObject({ exitCode: 0, outputs: { 'client-created': 'true', 'secret-created': 'false' } });
    expect('client-secret' in step.outputs).toBe(false);
  });

  test('a summary of what was done', async () => {
    await using world = await World.open({ vantage: { clients: [existing] } });
    const step = await world.step({ 'client-name': 'New | *name*' });
    const [secret] = world.secrets();
    const { title, diffs, alert, tables } = readSummary(step.summary);
    expect(title).toMatch(/^⚠️ invoices: new secret for this job, works until \d+ \w+ \d{4}, 1 setting differs$/u);
    expect(alert[0]).toContain('set if-exists: update');
    expect(diffs).toEqual([['  clientName', '-   Invoices', '+   New | *name*']]);
    const shown = tables.flatMap(({ rows }) => rows.flat());
    expect(shown).toEqual(expect.arrayContaining([world.vantage.tenantId, secret?.id, secret?.expiration]));
  });

  test('a summary of what failed', async () => {
    await using world = await World.open();
    const step = await world.step({ 'auth-client-secret': 'not-the-secret' });
    const { title, alert, text } = readSummary(step.summary);
    expect(title).toBe('❌ invoices: signing in as the client failed');
    expect(alert[0]).toMatch(/^To do: /u);
    expect(alert.at(-1)).toMatch(/^Why: /u);
    expect(text[0]).toMatch(/^Error code authentication-failed at POST http/u);
    expect(text[1]).toBe('Nothing was changed.');
  });

  test('no summary with summary: false', async () => {
    await using world = await World.open();
    const step = await world.step({ summary: 'false' });
    expect(step).toMatchObject({ exitCode: 0, summary: '' });
  });
});

describe('a Vantage that answers otherwise', () => {
  const SHAPES: readonly Partial<Shapes>[] = [
    { created: 200 },
    { created: 200, createdBody: 'empty' },
    { created: 201, createdBody: 'empty' },
    { created: 200, createdBody: 'wrapped' },
    { created: 201, createdBody: 'wrapped' },
    { secretBody: 'documented-only' },
    { timestamps: 'ticks' },
    { timestamps: 'offset' },
    { list: 'array' },
    { list: 'array', pageSize: 1 },
    { list: 'envelope', pageSize: 1 },
    { list: 'envelope', pageSize: 1, paging: 'ignored' },
    { listedLifetimes: 'timespan' },
    { contentTypes: 'both' },
    { unknownMembers: 'refused' },
    { illegalSettings: 'stored' },
    { deleted: 200 },
    { invalidClient: 401 },
  ];

  test.each(SHAPES.map(shape => [JSON.stringify(shape), shape] as const))('is understood: %s', async (_, shape) => {
    await using world = await World.open({ vantage: { shape } });
    const first = await world.step();
    expectDelivered(first, world.secrets());
    expect(first.outputs).toMatchObject({ 'client-created': 'true', verified: 'true' });
    expect(first.outputs['secret-id']).toBe(shape.secretBody === 'documented-only' ? '' : world.secrets()[0]?.id);
    const second = await world.step({ 'client-name': CLIENT_ID });
    expectDelivered(second, world.secrets());
    expect(second.outputs).toMatchObject({ 'client-created': 'false', 'client-drift': '{}' });
    expect(world.secrets()).toHaveLength(2);
  });

  const PROBLEM_TYPES: readonly Shapes['problemType'][] = [
    'application/problem+json',
    'application/json',
    'text/json',
    'text/plain',
  ];

  test.each(PROBLEM_TYPES.flatMap(problemType => TAKEN.map(taken => [problemType, taken] as const)))(
    'is understood to report a taken ID: %s, %s',
    async (problemType, taken) => {
      await using world = await World.open({
        vantage: { tier: 0, shape: { problemType, taken }, clients: [existing] },
      });
      const step = await world.step();
      expectDelivered(step, world.secrets());
      expect(step.outputs).toMatchObject({ 'client-created': 'false', 'secret-created': 'true' });
    },
  );

  test.each(PROBLEM_TYPES)('is quoted in its own words: %s', async problemType => {
    await using world = await World.open({ vantage: { shape: { problemType } } });
    const step = await world.step({ 'secret-expiration': 'P3Y', 'secret-start-time': '1d', 'client-name': 'x' });
    expect(step.exitCode).toBe(0);
    world.vantage.clock.advance(-30 * 60_000);
    const body = { title: 'One or more validation errors occurred.', errors: { clientName: ['No such name.'] } };
    const headers = { 'content-type': problemType };
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 400, headers, body } });
    const refused = await world.step();
    expect(refused.outputs['error-code']).toBe('invalid-input');
    expect(errorOf(refused)).toContain('One or more validation errors occurred.; clientName: No such name.');
  });

  test.each([1, 0] as const)('gets the media type that it requires, and is asked only once (tier %s)', async tier => {
    await using world = await World.open({ vantage: { tier, shape: { contentTypes: 'json-patch' } } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(writesOf(step).map(({ route, status, headers }) => [route, status, headers['content-type']])).toEqual([
      ['createClient', 415, 'application/json'],
      ['createClient', 201, 'application/json-patch+json'],
      ['createSecret', 201, 'application/json-patch+json'],
    ]);
  });

  test('is reported if it stores something else than what was sent', async () => {
    await using world = await World.open();
    const body = { ...existing, clientName: 'Something else', allowOfflineAccess: false };
    world.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status: 201, body, apply: true } });
    const step = await world.step({ 'client-name': 'Mine' });
    expectDelivered(step, world.secrets());
    expect(step.outputs['client-drift']).toBe('{"clientName":["Mine","Something else"]}');
    expect(warningsOf(step)).toHaveLength(1);
  });
});
