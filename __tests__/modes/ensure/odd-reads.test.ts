import { describe, expect, test } from '@jest/globals';
import type { RouteFault } from '../../../emulator/vantage/index.ts';
import { Bench, type BenchOptions, bodiesOf, cancel, VERIFICATION, writesOf } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

type Mishap = RouteFault['mishap'];

const CLIENT = { clientId: CLIENT_ID };
const THERE: BenchOptions = { vantage: { clients: [CLIENT] } };

/** How a server can respond to an undocumented request. */
const ODD: readonly (readonly [string, Mishap])[] = [
  ...[400, 401, 403, 404, 405, 406, 409, 410, 415, 422, 501].map(
    status => [`a ${status}`, { kind: 'answer', status }] as const,
  ),
  ...[408, 429, 500, 502, 503, 504].map(
    status => [`a ${status} every time`, { kind: 'answer', status, headers: { 'retry-after': '0' } }] as const,
  ),
  ['a 503 that asks to wait an hour', { kind: 'throttle', status: 503, retryAfter: 3600 }],
  ['a 308', { kind: 'redirect', location: '/elsewhere', status: 308 }],
  ['an HTML page', { kind: 'html' }],
  ['something else', { kind: 'wrong-shape' }],
  ['nothing', { kind: 'stall' }],
  ['half a response', { kind: 'stall-after-head' }],
  ['a reset', { kind: 'reset' }],
  ['an oversized response', { kind: 'oversize' }],
];

describe.each(['readClient', 'readSecrets'] as const)('a %s that gets', route => {
  test.each(ODD)('%s ends no run that the documented requests can complete', async (_, mishap) => {
    await using bench = await Bench.open(THERE);
    bench.vantage.faults.add({ on: route, mishap });
    const begun = performance.now();
    const run = await bench.ensure({ timeout: '10s', 'if-exists': 'adopt' });
    expect(run.failure).toBeUndefined();
    expect(run.output).toBe(bench.secrets()[0]?.value);
    expect(performance.now() - begun).toBeLessThan(6000);
  });
});

describe('both reads', () => {
  test.each(ODD)('may get %s, and a client that does not exist is created', async (_, mishap) => {
    await using bench = await Bench.open();
    for (const on of ['readClient', 'readSecrets'] as const) {
      bench.vantage.faults.add({ on, mishap });
    }
    const run = await bench.ensure();
    expect(run.failure).toBeUndefined();
    expect(run.record.clientCreated).toBe(true);
    expect(run.output).toBe(bench.secrets()[0]?.value);
  });

  test('report why they failed', async () => {
    await using bench = await Bench.open(THERE);
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 406 } });
    const run = await bench.ensure();
    expect(run.log).toContain(
      'Client "invoices" exists. Its settings were not compared: GET VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/invoices/: it answered 406 with an empty body.',
    );
  });

  test('end when the step is stopped', async () => {
    await using bench = await Bench.open(THERE);
    bench.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'stall' } });
    const run = await bench.ensure({}, { when: [/^GET .*\/secrets\//u, cancel] });
    expect(run.failure?.code).toBe('cancelled');
    expect(writesOf(run)).toEqual([]);
  });

  test('leave a refused token to the first request that must succeed', async () => {
    await using bench = await Bench.open(THERE);
    bench.vantage.faults.add({ on: { path: /\/adminapi2\// }, mishap: { kind: 'answer', status: 401 } });
    const run = await bench.ensure();
    expect(run.failure?.code).toBe('authentication-failed');
    expect(run.failure?.message).toContain('creating client "invoices" failed at POST');
  });
});

/** How a server can report an ID that is taken, in addition to what the action knows. */
const REFUSALS = [
  [400, { title: 'Ungültige Anfrage', detail: 'Die ID ist vergeben' }],
  [409, { detail: 'Ein Client mit dieser ID besteht' }],
  [422, { detail: 'La clave está ocupada' }],
  [500, { detail: '23505: violates constraint "IX_Clients_ClientId"' }],
] as const;

describe.each(REFUSALS)('a creation that is refused with %s, in unknown words,', (status, body) => {
  const mishap = { kind: 'answer', status, body, headers: { 'retry-after': '0' } } as const;
  const refusing = async (options: BenchOptions) => {
    const bench = await Bench.open(options);
    bench.vantage.faults.add({ on: 'createClient', mishap });
    return bench;
  };
  const TIER_0: BenchOptions = { vantage: { tier: 0, clients: [CLIENT] } };

  test.each(['adopt', 'update'])('is a warning if the client exists (%s)', async ifExists => {
    await using bench = await refusing(TIER_0);
    const run = await bench.ensure({ 'if-exists': ifExists });
    expect(run.failure).toBeUndefined();
    expect(run.output).toBe(bench.secrets()[0]?.value);
    const [warning, ...more] = run.log.filter(line => line.startsWith('Warning: '));
    expect(more).toEqual([]);
    expect(warning).toMatch(/^Warning: Vantage refused to create client "invoices" \(POST VANTAGE\S+\): it answered /u);
    expect(warning).toContain(body.detail);
    expect(warning).toContain('The client exists: Vantage created a secret for it. Its settings were not compared.');
    expect(run.record).toMatchObject({ clientCreated: false, clientUnknown: status === 500 });
  });

  test('is the error if the client does not exist', async () => {
    await using bench = await refusing({ vantage: { tier: 0 } });
    const run = await bench.ensure();
    expect(run.failure?.message).toMatch(/^creating client "invoices" failed at POST /u);
    expect(run.failure?.message).toContain(body.detail);
    expect(bench.vantage.createdSecrets).toHaveLength(1);
    expect(run.remembered.at(-1)).toEqual([]);
  });

  test('is the error with if-exists: fail, and no secret is requested', async () => {
    await using bench = await refusing(TIER_0);
    const run = await bench.ensure({ 'if-exists': 'fail' });
    expect(run.failure?.message).toMatch(/^creating client "invoices" failed at POST /u);
    expect(run.failure?.code).toBe(
      status === 409 ? 'conflict' : status === 500 ? 'vantage-unavailable' : 'invalid-input',
    );
    expect(writesOf(run)).not.toContain('createSecret');
  });

  test('does not prevent the update of a client that can be read after all', async () => {
    await using bench = await refusing({ vantage: { clients: [{ ...CLIENT, clientName: 'Old' }] } });
    bench.vantage.faults.add({ on: 'readClient', times: 1, mishap: { kind: 'answer', status: 410 } });
    const run = await bench.ensure({ 'if-exists': 'update', 'client-name': 'New' });
    expect(run.failure).toBeUndefined();
    expect(bench.vantage.client(CLIENT_ID)?.clientName).toBe('New');
    expect(run.record).toMatchObject({ clientUpdated: true, clientUnknown: status === 500 });
  });

  test('is the error of an update if the client still cannot be read', async () => {
    await using bench = await refusing(TIER_0);
    const run = await bench.ensure({ 'if-exists': 'update', 'client-name': 'New' });
    expect(run.failure?.message).toMatch(/^creating client "invoices" failed at POST /u);
    expect(run.failure?.message).toContain(body.detail);
    expect(writesOf(run)).not.toContain('createSecret');
  });

  test('is a warning if the tenant lists the client, although it cannot be read', async () => {
    await using bench = await refusing(THERE);
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ rotate: 'never' });
    expect(run.failure).toBeUndefined();
    expect(run.log.filter(line => line.startsWith('Warning: '))).toEqual([
      expect.stringMatching(
        /^Warning: Vantage refused to create client "invoices" \(POST .* The client exists: the tenant lists it\. Its settings were not compared\.$/u,
      ),
    ]);
  });

  test('is the error if the tenant lists no such client', async () => {
    await using bench = await refusing({});
    const run = await bench.ensure({ rotate: 'never' });
    expect(run.failure?.message).toMatch(/^creating client "invoices" failed at POST /u);
    expect(run.failure?.message).toContain(body.detail);
  });

  test('is the error if no secret is requested that would show it', async () => {
    await using bench = await refusing(TIER_0);
    const run = await bench.ensure({ rotate: 'never' });
    expect(run.failure?.message).toContain(body.detail);
  });

  test.each(['never', 'when-due'])('is a warning if current-secret is accepted (%s)', async rotate => {
    await using bench = await Bench.open(TIER_0);
    const { output = '' } = await bench.ensure();
    bench.vantage.faults.add({ on: 'createClient', mishap });
    const run = await bench.ensure({ rotate, 'current-secret': output });
    expect(run.failure).toBeUndefined();
    expect(run.log.join('\n')).toContain('The client exists: the token endpoint accepts current-secret');
    expect(run.vantage.filter(({ body }) => VERIFICATION.body.test(body))).toHaveLength(1);
    expect(bodiesOf(run.vantage, 'createSecret')).toEqual([]);
  });

  test('is the error if current-secret is refused', async () => {
    await using bench = await refusing(TIER_0);
    const run = await bench.ensure({ rotate: 'never', 'current-secret': 'canary-that-was-revoked' });
    expect(run.failure?.message).toMatch(/^creating client "invoices" failed at POST /u);
    expect(run.failure?.message).toContain(body.detail);
  });

  test('is a warning if targets were written before', async () => {
    await using bench = await Bench.open({ ...TIER_0, github: {} });
    const inputs = { rotate: 'when-due', 'write-to': 'repository' };
    await bench.ensure(inputs);
    bench.vantage.faults.add({ on: 'createClient', mishap });
    const run = await bench.ensure(inputs);
    expect(run.failure).toBeUndefined();
    expect(run.log.join('\n')).toContain('It is not known whether the client exists.');
    expect(bodiesOf(run.vantage, 'createSecret')).toEqual([]);
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
  });
});

describe('a client that is taken after a response was lost', () => {
  const lost = {
    on: 'createClient',
    times: 1,
    mishap: { kind: 'answer', status: 503, headers: { 'retry-after': '0' } },
  } as const;

  test('is a conflict with if-exists: fail, whoever created it', async () => {
    for (const apply of [true, false]) {
      await using bench = await Bench.open({ vantage: { tier: 0, ...(apply ? {} : { clients: [CLIENT] }) } });
      bench.vantage.faults.add({ ...lost, mishap: { ...lost.mishap, apply } });
      const run = await bench.ensure({ 'if-exists': 'fail' });
      expect(run.failure).toMatchObject({ code: 'conflict', outcomeUnknown: true });
      expect(run.failure?.message).toContain('an earlier attempt of this request was lost');
      expect(run.failure?.message).toContain('No secret was created');
      expect(writesOf(run)).toEqual(['createClient', 'createClient']);
      expect(bench.secrets()).toEqual([]);
      expect(run.record.clientCreated).toBe(false);
    }
  });

  test.each(['adopt', 'update'])('may be new, so a secret is due (%s)', async ifExists => {
    await using bench = await Bench.open({ vantage: { tier: 0 }, github: {} });
    bench.vantage.addClient(CLIENT);
    const inputs = { rotate: 'when-due', 'write-to': 'repository', 'if-exists': ifExists };
    await bench.ensure(inputs);
    bench.vantage.removeClient(CLIENT_ID);
    bench.vantage.faults.add({ ...lost, mishap: { ...lost.mishap, apply: true } });
    const run = await bench.ensure(inputs);
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain('A secret is due: the client may be new.');
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
    expect(run.record).toMatchObject({ clientCreated: false, clientUnknown: true, changed: true });
  });

  test('may be new also if it is then refused in unknown words', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0, clients: [CLIENT] }, github: {} });
    const inputs = { rotate: 'when-due', 'write-to': 'repository' };
    await bench.ensure(inputs);
    bench.vantage.removeClient(CLIENT_ID);
    bench.vantage.faults.add({ ...lost, mishap: { ...lost.mishap, apply: true } });
    bench.vantage.faults.add({
      on: 'createClient',
      mishap: { kind: 'answer', status: 409, body: { detail: 'Die Kennung ist bereits vergeben.' } },
    });
    const run = await bench.ensure(inputs);
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain('A secret is due: the client may be new.');
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
  });

  test('is not reported as created, but as a possible change', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0, clients: [CLIENT] } });
    bench.vantage.faults.add(lost);
    const run = await bench.ensure({ rotate: 'never' });
    expect(run.failure).toBeUndefined();
    expect(run.record).toMatchObject({ clientCreated: false, clientUnknown: true, changed: true });
  });
});

describe('an ID that is taken, without a client in this tenant', () => {
  const elsewhere = { takenElsewhere: [CLIENT_ID] };

  test.each([{ rotate: 'never' }, { rotate: 'when-due', 'write-to': 'repository' }])(
    'is a conflict if no secret is created that would show it ($rotate)',
    async inputs => {
      await using bench = await Bench.open({ vantage: { ...elsewhere, clients: [CLIENT] }, github: {} });
      await bench.ensure(inputs);
      bench.vantage.removeClient(CLIENT_ID);
      // The list of secrets does not show that the client does not exist.
      bench.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'answer', status: 503 } });
      const run = await bench.ensure(inputs);
      expect(run.failure).toEqual({
        code: 'conflict',
        message:
          'ensuring client "invoices" failed: Vantage reports that the id is taken, but this tenant does not list the client. Another tenant of the region may use the id. Choose another client-id.',
        outcomeUnknown: false,
      });
    },
  );

  test('may belong to a client that is missing from an incomplete list', async () => {
    await using bench = await Bench.open({
      vantage: { ...elsewhere, shape: { list: 'array', paging: 'ignored' } },
    });
    const run = await bench.ensure({ rotate: 'never' });
    expect(run.failure).toBeUndefined();
  });
});
