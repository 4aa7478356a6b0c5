import { describe, expect, test } from '@jest/globals';
import type { Vantage } from '../../../emulator/vantage/index.ts';
import { Bench, SIGNED_IN, writesOf } from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

/** Only the client, and no secret. */
const ONLY = { rotate: 'never' };
const NOTHING_DONE = {
  mode: 'ensure',
  clientId: CLIENT_ID,
  clientCreated: false,
  clientUpdated: false,
  lost: [],
  unwritten: [],
  written: [],
  otherWrites: [],
  pruned: [],
  changed: false,
};
/** How every plan starts, and the rest of a plan without a secret. */
const HEAD = { schemaVersion: 1, mode: 'ensure' };
const NO_SECRET = { secret: 'none', reason: 'never' };
const CLIENT_AT = `VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/${CLIENT_ID}/`;
const NOT_COMPARED = `Client "invoices" exists. Its settings were not compared: GET ${CLIENT_AT} answered 404 with an empty body.`;

describe('a client that does not exist', () => {
  test('is created with the declared settings', async () => {
    await using bench = await Bench.open();
    const run = await bench.ensure({ ...ONLY, 'client-name': 'Invoices', 'require-consent': 'true' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, 'Created client "invoices".']);
    const settings = {
      clientName: 'Invoices',
      requireConsent: true,
      allowedGrantTypes: ['client_credentials'],
      allowedScopes: ['openid', 'permissions', 'publicapi.all'],
    };
    expect(run.record).toEqual({
      ...NOTHING_DONE,
      clientCreated: true,
      changed: true,
      liveBefore: [],
      drift: {},
      plan: { ...HEAD, clientId: CLIENT_ID, client: 'create', ifExists: 'adopt', settings, ...NO_SECRET },
    });
    expect(bench.vantage.client(CLIENT_ID)).toMatchObject(settings);
    expect(run.vantage.map(({ route }) => route)).toEqual(['token', 'readClient', 'createClient']);
    expect(run.remembered).toEqual([]);
  });

  test('is created without a drift if the response describes no settings', async () => {
    await using bench = await Bench.open({ vantage: { shape: { createdBody: 'empty' } } });
    const run = await bench.ensure(ONLY);
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, 'Created client "invoices".']);
    expect(run.record).toMatchObject({ clientCreated: true, changed: true });
    expect(run.record).not.toHaveProperty('drift');
  });

  test('is created, and settings that Vantage stores otherwise are reported', async () => {
    await using bench = await Bench.open();
    const body = { clientId: CLIENT_ID, clientName: 'Somebody’s', requireConsent: false };
    bench.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status: 201, body, apply: true } });
    const run = await bench.ensure({ ...ONLY, 'require-consent': 'true' });
    expect(run.log).toEqual([
      SIGNED_IN,
      'Created client "invoices".',
      'Warning: Client "invoices" has a different clientName: wanted "invoices", found "Somebody’s".',
      'Warning: Client "invoices" has a different requireConsent: wanted true, found false.',
    ]);
    expect(run.record.drift).toEqual({ clientName: ['invoices', 'Somebody’s'], requireConsent: [true, false] });
  });

  test('is only planned in a dry run', async () => {
    await using bench = await Bench.open();
    const run = await bench.ensure({ 'dry-run': 'true', 'secret-expiration': '90d' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([
      SIGNED_IN,
      'A dry run changes nothing. The plan: create the client, create a secret.',
      '+ client  invoices · client_credentials, unless it exists',
      '+ secret  invoices · expires 2027-05-01T09:00:00.000Z',
      '! output  client-secret',
    ]);
    expect(run.record).toMatchObject({ changed: false, plan: { client: 'create', secret: 'mint' } });
    // It makes no difference here whether the client exists. Another client shows what the tenant offers.
    const { administrator } = bench.vantage;
    expect(run.vantage.slice(0, 4).map(({ route }) => route)).toEqual([
      'token',
      'readClient',
      'readSecrets',
      'listClients',
    ]);
    expect(
      run.vantage.slice(4).every(({ method, path }) => method === 'GET' && path.includes(administrator.clientId)),
    ).toBe(true);
    expect(run.record).not.toHaveProperty('drift');
    expect(writesOf(run)).toEqual([]);
    expect(bench.vantage.clients()).toEqual([]);
  });

  test('and cannot be created ends the run', async () => {
    await using bench = await Bench.open();
    bench.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'forbidden', outcomeUnknown: false });
    expect(run.record).toMatchObject({ clientCreated: false, changed: false });
    expect(writesOf(run)).toEqual(['createClient']);
  });
});

describe('a client that exists', () => {
  const OTHER = { clientId: CLIENT_ID, clientName: 'Old', requireConsent: false };
  const WANTED = { ...ONLY, 'client-name': 'New', 'require-consent': 'true' };
  const DRIFT = { clientName: ['New', 'Old'], requireConsent: [true, false] };

  test('with the declared settings is left unchanged', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const run = await bench.ensure({ ...ONLY, 'client-name': 'Old' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, 'Client "invoices" exists and has the declared settings.']);
    expect(run.record).toEqual({
      ...NOTHING_DONE,
      clientFound: 'kept',
      drift: {},
      plan: { ...HEAD, clientId: CLIENT_ID, client: 'keep', ifExists: 'adopt', drift: {}, ...NO_SECRET },
    });
    expect(writesOf(run)).toEqual([]);
  });

  test('is adopted, and its drift is reported', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const run = await bench.ensure(WANTED);
    expect(run.log).toEqual([
      SIGNED_IN,
      'Warning: Client "invoices" has a different clientName: wanted "New", found "Old".',
      'Warning: Client "invoices" has a different requireConsent: wanted true, found false.',
    ]);
    expect(run.record).toMatchObject({ ...NOTHING_DONE, drift: DRIFT });
    expect(writesOf(run)).toEqual([]);
  });

  test('has the same drift in a dry run, and in its plan', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const run = await bench.ensure({ ...WANTED, 'dry-run': 'true', 'if-exists': 'update' });
    expect(run.log).toEqual([
      SIGNED_IN,
      'Warning: Client "invoices" has a different clientName: wanted "New", found "Old".',
      'Warning: Client "invoices" has a different requireConsent: wanted true, found false.',
      'A dry run changes nothing. The plan: update the client.',
      '! client  invoices · sets clientName, requireConsent',
    ]);
    expect(run.record).toMatchObject({ ...NOTHING_DONE, drift: DRIFT });
    expect(writesOf(run)).toEqual([]);
  });

  test('is reported with the settings that could not be compared', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const body = { clientId: CLIENT_ID };
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
    expect((await bench.ensure(WANTED)).log).toEqual([
      SIGNED_IN,
      'Client "invoices" exists and has the declared settings.',
      'Vantage does not report clientName, requireConsent. These settings were not compared.',
    ]);
  });

  test('is updated if the workflow requests it, and keeps other settings', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ ...OTHER, allowRopc: true }] } });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, 'Updated client "invoices": clientName, requireConsent.']);
    expect(run.record).toMatchObject({ ...NOTHING_DONE, clientUpdated: true, changed: true, drift: DRIFT });
    expect(bench.vantage.client(CLIENT_ID)).toMatchObject({
      clientName: 'New',
      requireConsent: true,
      allowRopc: true,
    });
    expect(writesOf(run)).toEqual(['updateClient']);
  });

  test('is not updated for another spelling of a declared setting', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const body = {
      clientId: CLIENT_ID,
      clientName: 'New',
      allowOfflineAccess: null,
      allowedGrantTypes: 'ClientCredentials',
      allowedCorsOrigins: ['https://app.example'],
      accessTokenLifetime: '01:00:00.0000000',
      refreshTokenLifetime: 'P1D',
    };
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
    const run = await bench.ensure({
      ...ONLY,
      'if-exists': 'update',
      'client-name': 'New',
      'allow-offline-access': 'false',
      'allowed-grant-types': 'client_credentials',
      'allowed-cors-origins': 'https://App.example',
      'access-token-lifetime': '1h',
      'refresh-token-lifetime': '24h',
    });
    expect(run.failure).toBeUndefined();
    expect(writesOf(run)).toEqual([]);
    expect(run.log).toEqual([SIGNED_IN, 'Client "invoices" exists and has the declared settings.']);
  });

  test('is updated, and one warning names what Vantage did not apply', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const body = { clientId: CLIENT_ID, clientName: 'New', requireConsent: false };
    bench.vantage.faults.add({ on: 'updateClient', mishap: { kind: 'answer', status: 204, apply: true } });
    bench.vantage.faults.add({ on: 'readClient', skip: 1, mishap: { kind: 'answer', status: 200, body } });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([
      SIGNED_IN,
      'Updated client "invoices": clientName.',
      'Warning: Vantage reported that it updated client "invoices", but it did not apply requireConsent (wanted true, found false). Change this in Vantage, or remove it from the workflow. Otherwise each run with `if-exists: update` writes it again.',
    ]);
    expect(run.record).toMatchObject({ clientUpdated: true, changed: true, drift: { requireConsent: [true, false] } });
    expect(run.record.driftLeft).toBe(true);
  });

  test('is updated, although it is not known what Vantage then stores', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    bench.vantage.faults.add({ on: 'readClient', skip: 1, mishap: { kind: 'answer', status: 400 } });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([
      SIGNED_IN,
      'Updated client "invoices": clientName, requireConsent.',
      `Could not check whether Vantage applied the settings: reading client "invoices" failed at GET ${CLIENT_AT}: it answered 400 with an empty body. Change the inputs that it names.`,
    ]);
    expect(run.record).toMatchObject({ clientUpdated: true, changed: true, drift: DRIFT });
  });

  test('is not updated if its read contains its secrets: another run may create one meanwhile', async () => {
    await using bench = await Bench.open({
      vantage: {
        shape: { clientSecrets: 'embedded' },
        clients: [{ ...OTHER, secrets: [{ value: 'secret-of-the-job' }] }],
        watch: async (moment, { route, path }) => {
          if (moment === 'arrived' && route === 'updateClient') {
            await createSecret(bench.vantage, path);
          }
        },
      },
    });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(bench.secrets().map(({ value }) => value)).toEqual(['secret-of-the-job']);
    expect(run.failure).toEqual({
      code: 'unsupported',
      message:
        'updating client "invoices" failed: Vantage’s response contains possible credentials (clientSecrets), and an update writes the whole client back, which could remove or clear them. The update was not sent. Change the settings in Vantage, or set `if-exists` to adopt.',
      outcomeUnknown: false,
    });
    expect(run.record).toMatchObject(NOTHING_DONE);
    expect(writesOf(run)).toEqual([]);
  });

  test('is not updated if its read contains a secret that this run knows, in a field with any name', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const token = 'canary-of-the-session';
    const session = { access_token: token, token_type: 'Bearer', expires_in: 3600 };
    const body = { ...OTHER, memo: `last used with ${token}` };
    bench.vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 200, body: session } });
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(run.failure?.code).toBe('unsupported');
    expect(run.failure?.message).toContain('Vantage’s response contains possible credentials (memo), and an update');
    expect([...run.log, run.failure?.message].join('\n')).not.toContain(token);
    expect(writesOf(run)).toEqual([]);
  });

  test('is updated, and no secret is due for it: the secrets of its targets stay valid', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] }, github: {} });
    const inputs = { 'write-to': 'repository', rotate: 'when-due', 'if-exists': 'update' };
    await bench.ensure(inputs);
    const run = await bench.ensure({ ...inputs, 'client-name': 'New' });
    expect(run.failure).toBeUndefined();
    expect(writesOf(run)).toEqual(['updateClient']);
    expect(run.record).toMatchObject({ clientUpdated: true, plan: { secret: 'none' } });
  });

  test('is updated, and Vantage reports success without applying anything', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    bench.vantage.faults.add({ on: 'updateClient', mishap: { kind: 'answer', status: 204 } });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([
      SIGNED_IN,
      'Updated client "invoices": Vantage applied none of the settings.',
      'Warning: Vantage reported that it updated client "invoices", but it did not apply clientName (wanted "New", found "Old"), requireConsent (wanted true, found false). Change this in Vantage, or remove it from the workflow. Otherwise each run with `if-exists: update` writes it again.',
    ]);
    expect(run.record).toMatchObject({ clientUpdated: true, changed: true, drift: DRIFT, driftLeft: true });
  });

  test.each([
    ['update', { 'client-name': 'Old' }, 'Client "invoices" exists and has the declared settings.'],
    [
      'adopt',
      { 'client-name': 'New' },
      'Warning: Client "invoices" has a different clientName: wanted "New", found "Old".',
    ],
  ])('is kept if its read contains its secrets and there is nothing to update (%s)', async (ifExists, inputs, line) => {
    await using bench = await Bench.open({ vantage: { shape: { clientSecrets: 'embedded' }, clients: [OTHER] } });
    const run = await bench.ensure({ ...ONLY, ...inputs, 'if-exists': ifExists });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, line]);
    expect(writesOf(run)).toEqual([]);
  });

  test('and cannot be updated ends the run', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    bench.vantage.faults.add({ on: 'updateClient', mishap: { kind: 'answer', status: 405 } });
    const run = await bench.ensure({ ...WANTED, 'if-exists': 'update' });
    expect(run.failure).toMatchObject({ code: 'unsupported' });
    expect(run.record).toMatchObject(NOTHING_DONE);
  });

  test('ends the run with if-exists: fail', async () => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    const run = await bench.ensure({ 'if-exists': 'fail' });
    expect(run.failure).toEqual({
      code: 'conflict',
      message:
        'creating client "invoices" failed: it already exists. Choose another `client-id`, or set `if-exists` to `adopt` or `update`.',
      outcomeUnknown: false,
    });
    expect(run.record).toEqual({ ...NOTHING_DONE, clientFound: 'kept', liveBefore: [] });
    expect(writesOf(run)).toEqual([]);
  });
});

describe('a client that exists, but cannot be read,', () => {
  const OTHER = { clientId: CLIENT_ID, clientName: 'Old' };
  const TIER_0 = { vantage: { tier: 0, clients: [OTHER] } } as const;

  test('is adopted', async () => {
    await using bench = await Bench.open(TIER_0);
    const run = await bench.ensure({ ...ONLY, 'client-name': 'New' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, NOT_COMPARED]);
    expect(run.record).toMatchObject(NOTHING_DONE);
    expect(run.record).not.toHaveProperty('drift');
    expect(writesOf(run)).toEqual(['createClient']);
  });

  test('is adopted if an update would have nothing to write', async () => {
    await using bench = await Bench.open(TIER_0);
    const run = await bench.ensure({ ...ONLY, 'if-exists': 'update' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, NOT_COMPARED]);
    expect(run.vantage.filter(({ route }) => route === 'readClient')).toHaveLength(1);
  });

  test('cannot be updated', async () => {
    await using bench = await Bench.open(TIER_0);
    const run = await bench.ensure({ 'client-name': 'New', 'if-exists': 'update' });
    expect(run.failure).toEqual({
      code: 'unsupported',
      message: `updating client "invoices" failed: it exists, but its settings cannot be read: GET ${CLIENT_AT} answered 404 with an empty body. Set \`if-exists\` to adopt and change the client in the user interface of Vantage.`,
      outcomeUnknown: false,
    });
    expect(run.record).toMatchObject(NOTHING_DONE);
    expect(writesOf(run)).toEqual(['createClient']);
  });

  test('ends the run with if-exists: fail', async () => {
    await using bench = await Bench.open(TIER_0);
    const run = await bench.ensure({ 'if-exists': 'fail' });
    expect(run.failure).toMatchObject({ code: 'conflict' });
    expect(writesOf(run)).toEqual(['createClient']);
  });

  test.each([
    ['Old', 'Client "invoices" exists and has the declared settings.', false],
    ['New', 'Updated client "invoices": clientName.', true],
  ])('is read again for an update, because another run may have created it (%s)', async (name, line, changed) => {
    await using bench = await Bench.open({ vantage: { clients: [OTHER] } });
    bench.vantage.faults.add({ on: 'readClient', times: 1, mishap: { kind: 'answer', status: 404 } });
    const run = await bench.ensure({ ...ONLY, 'client-name': name, 'if-exists': 'update' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toEqual([SIGNED_IN, line]);
    expect(run.record).toMatchObject({ clientCreated: false, clientUpdated: changed, changed });
    expect(bench.vantage.client(CLIENT_ID)?.clientName).toBe(name);
  });
});

/** Somebody else creates a secret. */
async function createSecret(vantage: Vantage, clientPath: string): Promise<void> {
  const { status } = await fetch(`${vantage.baseUrl}${clientPath}secrets/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await vantage.issueAccessToken()}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(status).toBe(201);
}
