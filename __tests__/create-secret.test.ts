import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Mishap, RouteFault, VantageOptions } from '../emulator/vantage/index.ts';
import { errorOf, expectDelivered, markOf, marksOf, requestsOf, warningsOf } from './support/step.ts';
import { CLIENT_ID, World } from './support/world.ts';

/** The token request that verifies the new secret, and none that signs in. */
const VERIFICATION: RouteFault['on'] = { path: 'token', body: /client_id=invoices(?:&|$)/u };
const RFC_3339 = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/u;

/** Responses that lose a secret that was created. */
const LOST_AFTER: readonly (readonly [string, Mishap])[] = [
  ['a reset', { kind: 'reset', apply: true }],
  ['a truncated 201', { kind: 'truncate' }],
  ['a head without a body', { kind: 'stall-after-head' }],
  ['no answer', { kind: 'stall', apply: true }],
  ['500', { kind: 'answer', status: 500, body: { title: 'Internal Server Error' }, apply: true }],
  ['502 as HTML', { kind: 'html', status: 502, apply: true }],
  ['503', { kind: 'answer', status: 503, apply: true }],
  ['504', { kind: 'answer', status: 504, apply: true }],
];

/** The same responses, but no secret was created. A client cannot distinguish them from those above. */
const LOST_BEFORE: readonly (readonly [string, Mishap])[] = [
  ['a reset', { kind: 'reset' }],
  ['no answer', { kind: 'stall' }],
  ['500', { kind: 'answer', status: 500, body: { title: 'Internal Server Error' } }],
  ['502 as HTML', { kind: 'html', status: 502 }],
  ['503', { kind: 'answer', status: 503 }],
];

/** Responses without a secret after which it may exist: the same request would end the same way. */
const USELESS: readonly (readonly [string, Mishap])[] = [
  ['a 201 without a value', { kind: 'answer', status: 201, body: { id: '1', startTime: null }, apply: true }],
  ['a 201 as HTML', { kind: 'html', status: 201, apply: true }],
  ['an empty 201', { kind: 'empty', status: 201 }],
  ['a 201 with a value that is not text', { kind: 'wrong-shape', status: 201, body: { value: 12 } }],
  ['a body over the limit', { kind: 'oversize', status: 201 }],
  ...[301, 302, 303].map(
    status =>
      [
        `a ${status} to another page`,
        { kind: 'answer', status, headers: { location: '/secrets' }, apply: true },
      ] satisfies [string, Mishap],
  ),
];

const SHORT = { 'request-timeout': '1s' };

describe('the creation of a secret whose response is lost', () => {
  test.each(LOST_AFTER)(
    'took effect, on tier 1: the secret is revoked and another one is created (%s)',
    async (_, mishap) => {
      await using world = await World.open();
      world.vantage.faults.add({ on: 'createSecret', times: 1, mishap });
      const step = await world.step(SHORT);
      expectDelivered(step, world.secrets());
      expect(world.secrets()).toHaveLength(1);
      expect(marksOf(step)).toHaveLength(2);
      expect(markOf(world.secrets()[0]?.description ?? '')).toBe(marksOf(step)[1]);
      expect(warningsOf(step)).toEqual([expect.stringContaining(`${marksOf(step)[0]} existed and was revoked`)]);
    },
  );

  test.each(LOST_BEFORE)('did not take effect, on tier 1: another secret is created (%s)', async (_, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap });
    const step = await world.step(SHORT);
    expectDelivered(step, world.secrets());
    expect(world.secrets()).toHaveLength(1);
    expect(warningsOf(step)).toEqual([expect.stringContaining(`does not list a secret marked ${marksOf(step)[0]}`)]);
  });

  test.each([
    ...LOST_AFTER.map(([name, mishap]) => [`${name}, took effect`, mishap, 2] as const),
    ...LOST_BEFORE.map(([name, mishap]) => [`${name}, did not take effect`, mishap, 1] as const),
  ])(
    'on tier 0: another secret is created, and the first one is named with its mark and expiration (%s)',
    async (_, mishap, held) => {
      await using world = await World.open({ vantage: { tier: 0 } });
      world.vantage.faults.add({ on: 'createSecret', times: 1, mishap });
      const step = await world.step({ ...SHORT, 'secret-expiration': '90d' });
      expectDelivered(step, world.secrets());
      expect(world.secrets()).toHaveLength(held);
      const [first, second] = marksOf(step);
      expect(first).not.toBe(second);
      expect(markOf(world.secrets().at(-1)?.description ?? '')).toBe(second);
      expect(warningsOf(step)).toHaveLength(1);
      expect(warningsOf(step)[0]).toContain(`A secret marked ${first} may exist until `);
      const { expiration } = JSON.parse(requestsOf(step, 'createSecret')[0]?.body ?? '') as { expiration: string };
      expect(warningsOf(step)[0]).toContain(expiration);
    },
  );

  test.each(LOST_AFTER)('twice ends the run with both revoked on tier 1 (%s)', async (_, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', mishap });
    const step = await world.step(SHORT);
    expect(step.outputs['error-code']).toBe('secret-unaccounted');
    expect(new Set(marksOf(step)).size).toBe(2);
    for (const mark of marksOf(step)) {
      expect(errorOf(step)).toContain(mark);
    }
    expect(world.secrets()).toEqual([]);
  });

  test.each(LOST_AFTER)('twice ends the run with both named on tier 0 (%s)', async (_, mishap) => {
    await using world = await World.open({ vantage: { tier: 0 } });
    world.vantage.faults.add({ on: 'createSecret', mishap });
    const step = await world.step(SHORT);
    expect(step.outputs).toMatchObject({ 'error-code': 'secret-unaccounted', changed: 'true' });
    expect(requestsOf(step, 'createSecret')).toHaveLength(2);
    expect(world.secrets()).toHaveLength(2);
    for (const mark of marksOf(step)) {
      expect(errorOf(step)).toContain(mark);
    }
    // Without an expiration in the workflow, Vantage grants six months. The error names the day, so that a user can
    // wait for it.
    expect(errorOf(step)).toMatch(RFC_3339);
  });

  test('and the second request refused does not hide the first secret', async () => {
    await using world = await World.open({ vantage: { tier: 0 } });
    const { faults } = world.vantage;
    faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 400, body: { title: 'Too many secrets.' } } });
    const step = await world.step();
    expect(step.outputs['error-code']).toBe('secret-unaccounted');
    expect(errorOf(step)).toContain('Too many secrets.');
    expect(errorOf(step)).toContain(marksOf(step)[0]);
  });

  test('leaves secrets of others alone, whatever their description is', async () => {
    const foreign =
      '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=1658821493.1 0000000000000000]';
    const others = [{ description: foreign }, { description: null }, { description: 'by hand' }];
    await using world = await World.open();
    world.vantage.addClient({ clientId: CLIENT_ID }, others);
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(world.secrets().map(({ description }) => description)).toEqual([
      ...others.map(({ description }) => description),
      marksOf(step)[1],
    ]);
    expect(requestsOf(step, 'deleteSecret')).toHaveLength(1);
  });

  test.each([200, 204] as const)('is found on the last of many pages (DELETE answers %s)', async deleted => {
    await using world = await World.open({ vantage: { shape: { pageSize: 2, deleted } } });
    world.vantage.addClient({ clientId: CLIENT_ID }, [{}, {}, {}, {}]);
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'truncate' } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(world.secrets()).toHaveLength(5);
  });

  test.each<readonly [string, Mishap]>([
    ['403', { kind: 'answer', status: 403 }],
    ['405', { kind: 'answer', status: 405 }],
    ['a list of another shape', { kind: 'wrong-shape', body: { items: [{ name: 'no id' }] } }],
  ])('and cannot be looked up is named, and another one is created (%s)', async (_, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'readSecrets', mishap });
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(warningsOf(step)[0]).toContain(`A secret marked ${marksOf(step)[0]} may exist until `);
  });

  test('and cannot be deleted is named, and another one is created', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 403 } });
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(world.secrets()).toHaveLength(2);
    expect(warningsOf(step)[0]).toContain(marksOf(step)[0]);
  });

  test('does not count as absent if the list has no descriptions', async () => {
    await using world = await World.open();
    const body = { items: [{ id: '1', valueDisplay: 'abc' }], totalItemCount: 1 };
    world.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'answer', status: 200, body } });
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'html', status: 201, apply: true } });
    const step = await world.step();
    expect(step.outputs).toMatchObject({ 'error-code': 'secret-unaccounted', changed: 'true' });
    expect(errorOf(step)).toContain(marksOf(step)[0]);
  });

  test('does not count as absent if the list ends before its count', async () => {
    await using world = await World.open({ vantage: { shape: { list: 'envelope', pageSize: 2, paging: 'ignored' } } });
    world.vantage.addClient({ clientId: CLIENT_ID }, [{}, {}, {}]);
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'html', status: 201, apply: true } });
    const step = await world.step();
    expect(step.outputs).toMatchObject({ 'error-code': 'secret-unaccounted', changed: 'true' });
    expect(errorOf(step)).toContain(marksOf(step)[0]);
  });

  test('does not count as revoked if a web page answers the deletion', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'html' } });
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(world.secrets()).toHaveLength(2);
    expect(warningsOf(step)[0]).toContain(`A secret marked ${marksOf(step)[0]} may exist until `);
  });

  test('and the response to its deletion lost too, is deleted all the same', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'deleteSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(world.secrets()).toHaveLength(1);
    expect(warningsOf(step)[0]).toContain('existed and was revoked');
  });
});

describe('the creation of a secret that succeeds without a value', () => {
  test.each(USELESS)('is revoked on tier 1 and not retried (%s)', async (_, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', mishap });
    const step = await world.step();
    expect(step.outputs).toMatchObject({ 'error-code': 'unexpected-response', 'secret-created': 'false' });
    expect(requestsOf(step, 'createSecret')).toHaveLength(1);
    expect(world.secrets()).toEqual([]);
  });

  test.each(USELESS)('is named on tier 0 and not retried (%s)', async (_, mishap) => {
    await using world = await World.open({ vantage: { tier: 0 } });
    world.vantage.faults.add({ on: 'createSecret', mishap });
    const step = await world.step();
    expect(step.outputs).toMatchObject({ 'error-code': 'secret-unaccounted', 'secret-created': 'false' });
    expect(requestsOf(step, 'createSecret')).toHaveLength(1);
    expect(errorOf(step)).toContain(marksOf(step)[0]);
  });

  const value = 'Zm9vYmFyMTIzNDU2Nzg5MCtxdXV4L2NvcmdlZ3JhdWx0PQ==';
  test.each<readonly [string, Pick<Extract<Mishap, { kind: 'answer' }>, 'body' | 'headers'>]>([
    ['as plain text', { body: value, headers: { 'content-type': 'text/plain' } }],
    ['as JSON text', { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } }],
    ['in a list', { body: [{ value }] }],
    ['in a wrapper', { body: { secret: { value } } }],
    ['as a title', { body: { title: value } }],
    ['in truncated JSON', { body: `{"value":"${value}","startT`, headers: { 'content-type': 'application/json' } }],
  ])('does not print the value that it could not read (%s)', async (_, answer) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 201, apply: true, ...answer } });
    const step = await world.step({}, { canaries: { value }, env: { RUNNER_DEBUG: '1' } });
    expect(step.outputs['error-code']).toBe('unexpected-response');
    expect(world.secrets()).toEqual([]);
  });
});

describe('a creation that did not take effect is retried with the same mark', () => {
  test.each<readonly [string, () => Mishap]>([
    ['429, Retry-After in seconds', () => ({ kind: 'throttle', retryAfter: 1 })],
    ['429, Retry-After as a date', () => ({ kind: 'throttle', retryAfter: new Date(Date.now() + 2000) })],
    ['429 without Retry-After', () => ({ kind: 'throttle' })],
    ['429, Retry-After that is invalid', () => ({ kind: 'throttle', retryAfter: 'soon' })],
    ['429, Retry-After below zero', () => ({ kind: 'throttle', retryAfter: '-1' })],
  ])('%s', async (_, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: mishap() });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    const [first, second] = requestsOf(step, 'createSecret');
    expect(requestsOf(step, 'createSecret')).toHaveLength(2);
    expect(second?.body).toBe(first?.body);
    expect(warningsOf(step)).toEqual([]);
    expect(world.secrets()).toHaveLength(1);
  });

  test('waits for Retry-After', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'throttle', retryAfter: 2 } });
    const step = await world.step();
    const [first, second] = requestsOf(step, 'createSecret');
    expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(1990);
  });

  test.each([1, 0] as const)('a refused connection (tier %s)', async tier => {
    await using world = await World.open({ vantage: { tier } });
    const { baseUrl, faults } = world.vantage;
    faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'throttle', retryAfter: 1 } });
    faults.add({ on: { path: /^\/stop$/u }, times: 1, mishap: { kind: 'close', forMs: 1500 } });
    const running = world.step();
    // Vantage stops while the step waits, so that no request is in progress on a connection that is cut.
    await world.arrival('createSecret', /description/u);
    await fetch(`${baseUrl}/stop`).then(answer => answer.text());
    const step = await running;
    expectDelivered(step, world.secrets());
    expect(step.log).toMatch(/secrets\/: .*ECONNREFUSED.*Retrying in/u);
    expect(new Set(marksOf(step)).size).toBe(1);
    expect(world.secrets()).toHaveLength(1);
    expect(warningsOf(step)).toEqual([]);
  });
});

describe('the verification', () => {
  test('retries while the token endpoint does not know the secret yet', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ kind: 'late-token-store', requests: 2 });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('true');
    expect(requestsOf(step, 'token').map(({ status }) => status)).toEqual([200, 400, 400, 200]);
  });

  test('that is refused until no time is left revokes the secret on tier 1', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ kind: 'late-token-store', ms: 3_600_000 });
    const step = await world.step({ timeout: '20s' });
    expect(step.outputs).toMatchObject({
      'error-code': 'secret-unverified',
      verified: 'false',
      'secret-created': 'false',
    });
    expect(errorOf(step)).toContain('invalid_client');
    expect(world.secrets()).toEqual([]);
    expect(step.log).toContain(`Revoked the new secret, because it was not delivered: ${marksOf(step)[0]}`);
    expect(step.summary).toContain('secret created, not delivered and revoked, refused by the token endpoint');
  });

  test('that is refused until no time is left names the secret on tier 0', async () => {
    await using world = await World.open({ vantage: { tier: 0 } });
    world.vantage.faults.add({ kind: 'late-token-store', ms: 3_600_000 });
    const step = await world.step({ timeout: '20s' });
    expect(step.outputs).toMatchObject({ 'error-code': 'secret-unverified', verified: 'false', changed: 'true' });
    const [secret] = world.secrets();
    expect(warningsOf(step)).toHaveLength(1);
    expect(warningsOf(step)[0]).toContain(marksOf(step)[0]);
    expect(warningsOf(step)[0]).toContain(secret?.expiration);
    expect(warningsOf(step)[0]).toContain(secret?.id);
  });

  test('that fails names a secret that Vantage does not list', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'readSecrets', skip: 1, mishap: { kind: 'answer', status: 200, body: [] } });
    world.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'html' } });
    const step = await world.step();
    expect(step.outputs).toMatchObject({ 'error-code': 'unexpected-response', changed: 'true' });
    expect(warningsOf(step)[0]).toContain(marksOf(step)[0]);
    expect(warningsOf(step)[0]).toContain(world.secrets()[0]?.expiration);
  });

  test('of a value that no encoding can represent revokes it', async () => {
    await using world = await World.open();
    world.vantage.addClient({ clientId: CLIENT_ID });
    const body = { value: 'abcd\ud800efgh12' };
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 201, apply: true, body } });
    const step = await world.step({ timeout: '3s' });
    expect(step.outputs).toMatchObject({ 'error-code': 'secret-unverified', changed: 'false' });
    expect(world.secrets()).toEqual([]);
  });

  test('detects settings that can never work', async () => {
    await using world = await World.open({ vantage: { shape: { illegalSettings: 'stored' } } });
    world.vantage.addClient({ clientId: CLIENT_ID, allowedGrantTypes: ['implicit', 'hybrid'] });
    const step = await world.step({ timeout: '3s' });
    expect(step.outputs['error-code']).toBe('secret-unverified');
    expect(world.secrets()).toEqual([]);
  });

  test.each<readonly [string, Mishap, string]>([
    ['500', { kind: 'answer', status: 500, headers: { 'retry-after': '0' } }, 'vantage-unavailable'],
    ['503', { kind: 'answer', status: 503, headers: { 'retry-after': '0' } }, 'vantage-unavailable'],
    ['an HTML page', { kind: 'html' }, 'unexpected-response'],
    ['302', { kind: 'redirect', status: 302, location: '/login' }, 'unexpected-response'],
    ['an empty 200', { kind: 'empty' }, 'unexpected-response'],
    ['429 for a long time', { kind: 'throttle', retryAfter: 3600 }, 'rate-limited'],
    ['server_error', { kind: 'answer', status: 400, body: { error: 'server_error' } }, 'unexpected-response'],
  ])('that does not judge the secret revokes it: %s', async (_, mishap, code) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: VERIFICATION, mishap });
    const step = await world.step({ timeout: '4s' });
    expect(step.outputs).toMatchObject({ 'error-code': code, 'secret-created': 'false', 'client-created': 'true' });
    expect(errorOf(step)).toContain(`POST ${world.vantage.baseUrl}/auth2/connect/token`);
    expect(world.secrets()).toEqual([]);
  });

  test.each<readonly [string, Mishap]>([
    ['503', { kind: 'answer', status: 503 }],
    ['a reset', { kind: 'reset' }],
    ['429', { kind: 'throttle', retryAfter: 1 }],
    ['a truncated answer', { kind: 'truncate' }],
  ])('is retried after %s', async (_, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: VERIFICATION, times: 1, mishap });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('true');
  });

  test.each(['unauthorized_client', 'invalid_scope', 'invalid_grant'])('%s verifies the secret', async error => {
    await using world = await World.open();
    world.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'answer', status: 400, body: { error } } });
    const step = await world.step();
    expectDelivered(step, world.secrets());
    expect(step.outputs.verified).toBe('true');
  });
});

describe('a delivery that fails', () => {
  test.each([1, 0] as const)('because the outputs cannot be written leaves no secret unnamed (tier %s)', async tier => {
    const directory = await mkdtemp(path.join(tmpdir(), 'create-secret-test-'));
    try {
      const outputs = path.join(directory, 'outputs');
      await writeFile(outputs, '');
      // While the step verifies the secret, its file of outputs becomes a folder.
      const watch: VantageOptions['watch'] = async (moment, { route, body }) => {
        if (moment === 'arrived' && route === 'token' && body.includes('client_id=invoices')) {
          await rm(outputs);
          await mkdir(outputs);
        }
      };
      await using world = await World.open({ vantage: { tier, watch } });
      const step = await world.step({}, { env: { GITHUB_OUTPUT: outputs }, losesOutputs: true });

      expect(step.exitCode).toBe(1);
      expect(errorOf(step)).toMatch(/^\[internal-error\] /u);
      expect('client-secret' in step.outputs).toBe(false);
      const warned = warningsOf(step).join('\n');
      if (tier === 1) {
        expect(world.secrets()).toEqual([]);
      } else {
        expect(world.secrets()).toHaveLength(1);
        expect(warned).toContain(marksOf(step)[0]);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('because the output file does not exist fails before any request', async () => {
    await using world = await World.open();
    const step = await world.step({}, { env: { GITHUB_OUTPUT: '/nonexistent/outputs' }, losesOutputs: true });
    expect(step.exitCode).toBe(1);
    expect(step.vantage).toEqual([]);
    expect(errorOf(step)).toMatch(/^\[internal-error\] .*GITHUB_OUTPUT/u);
  });
});
