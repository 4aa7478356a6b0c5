import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { Mishap, RouteName } from '../emulator/vantage/index.ts';
import { closedPort } from './support/ports.ts';
import { PrivateNetwork, targetOf } from './support/private-network.ts';
import { startProxy } from './support/proxy.ts';
import { errorOf, expectDelivered, requestsOf, type Step, UNANSWERED, warningsOf, writesOf } from './support/step.ts';
import { World } from './support/world.ts';

const DAY = 24 * 60 * 60_000;

let network: PrivateNetwork;

beforeAll(async () => {
  network = await PrivateNetwork.create();
});
afterAll(() => network[Symbol.asyncDispose]());

describe('TLS', () => {
  test('a private CA is trusted through NODE_EXTRA_CA_CERTS', async () => {
    await using world = await network.openWorld();
    expectDelivered(await world.step({}, { env: network.trusting }), world.secrets());
  });

  test('a server that prefers HTTP/2 gets HTTP/1.1', async () => {
    const versions: string[] = [];
    const server = createSecureServer(
      { key: network.tls.key, cert: network.tls.cert, allowHTTP1: true },
      (request, response) => {
        versions.push(request.httpVersion);
        response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}');
      },
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      await using world = await World.open();
      const { port } = server.address() as AddressInfo;
      const step = await world.step({ 'base-url': `https://localhost:${port}` }, { env: network.trusting });
      expect(step.outputs['error-code']).toBe('authentication-failed');
      expect(versions).toEqual(['1.1']);
    } finally {
      server.close();
    }
  });

  test('a certificate that is not trusted ends the step at once, with the advice', async () => {
    await using world = await network.openWorld();
    const step = await world.step();
    expect(step.outputs['error-code']).toBe('vantage-unavailable');
    expect(errorOf(step)).toContain(`POST ${world.vantage.baseUrl}/auth2/connect/token`);
    expect(errorOf(step)).toContain('NODE_EXTRA_CA_CERTS');
    expect(step.log).not.toContain('Retrying in');
    expect(step.durationMs).toBeLessThan(5000 + step.delayMs);
    expect(step.vantage).toEqual([]);
  });

  test('a certificate for another host is not trusted, whoever signed it', async () => {
    const other = await generate([{ name: 'commonName', value: 'vantage.example' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notBeforeDate: new Date(Date.now() - DAY),
      notAfterDate: new Date(Date.now() + DAY),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'vantage.example' }] }],
    });
    const certificate = path.join(network.directory, 'other.pem');
    await writeFile(certificate, other.cert);
    await using world = await World.open({ vantage: { tls: { key: other.private, cert: other.cert } } });
    const step = await world.step({}, { env: { NODE_EXTRA_CA_CERTS: certificate } });
    expect(step.outputs['error-code']).toBe('vantage-unavailable');
    expect(errorOf(step)).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(errorOf(step)).toContain(
      'The certificate is for another host: check `base-url` (or `region`), and that no proxy answers in its place.',
    );
    expect(errorOf(step)).not.toContain('NODE_EXTRA_CA_CERTS');
    expect(step.log).not.toContain('Retrying in');
    expect(step.vantage).toEqual([]);
  });

  describe('stays verified with NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
    const careless = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

    function expectRefused(step: Step): void {
      expect(step.outputs['error-code']).toBe('vantage-unavailable');
      expect(errorOf(step)).toMatch(/certificate/iu);
      expect(step.vantage).toEqual([]);
      // Node itself would warn that nothing is verified any more.
      expect(step.stderr).toBe('');
      expect(warningsOf(step)).toEqual([expect.stringMatching(/NODE_TLS_REJECT_UNAUTHORIZED.*NODE_EXTRA_CA_CERTS/u)]);
    }

    test('at Vantage', async () => {
      await using world = await network.openWorld();
      expectRefused(await world.step({}, { env: careless }));
    });

    test('through a proxy', async () => {
      await using world = await network.openWorldBehindProxy();
      const proxy = await startProxy();
      try {
        expectRefused(await world.step({}, { env: { ...careless, HTTPS_PROXY: proxy.url } }));
        expect(proxy.passed).toEqual([targetOf(world.vantage)]);
      } finally {
        await proxy.close();
      }
    });

    test('at a proxy that uses https itself', async () => {
      await using world = await network.openWorldBehindProxy();
      const proxy = await startProxy('octo:cat-door-key', network.tls);
      try {
        expectRefused(await world.step({}, { env: { ...careless, HTTPS_PROXY: proxy.url } }));
        expect(proxy.requested).toEqual([]);
        const trusted = await world.step({}, { env: { ...careless, ...network.trusting, HTTPS_PROXY: proxy.url } });
        expectDelivered(trusted, world.secrets());
        expect(proxy.passed).toContain(targetOf(world.vantage));
      } finally {
        await proxy.close();
      }
    });
  });
});

describe('a redirect is never followed', () => {
  test.each(
    (['token', 'readClient', 'createClient', 'createSecret'] as const).flatMap(route =>
      [301, 302, 307, 308].map(status => [route, status] as const),
    ),
  )('%s, %s', async (route, status) => {
    await using world = await World.open();
    await using elsewhere = await World.open({ vantage: { tenantId: world.vantage.tenantId } });
    const location = `${elsewhere.vantage.baseUrl}/auth2/connect/token`;
    world.vantage.faults.add({ on: route, mishap: { kind: 'redirect', status, location } });
    const step = await world.step();
    // An undocumented read decides nothing.
    expect(step.outputs['error-code']).toBe(route === 'readClient' ? '' : 'unexpected-response');
    expect(errorOf(step)).toContain(route === 'readClient' ? '' : `answered ${status}`);
    expect(requestsOf(step, route)).toHaveLength(1);
    expect(elsewhere.vantage.requests).toEqual([]);
    expect(step.workMs).toBeLessThan(2000 + step.delayMs);
  });

  test('for the verification: the new secret is sent nowhere else, and is revoked', async () => {
    await using world = await World.open();
    await using elsewhere = await World.open();
    const location = `${elsewhere.vantage.baseUrl}/auth2/connect/token`;
    world.vantage.faults.add({ on: 'token', skip: 1, mishap: { kind: 'redirect', location } });
    const step = await world.step();
    expect(step.outputs['error-code']).toBe('unexpected-response');
    expect(elsewhere.vantage.requests).toEqual([]);
    expect(requestsOf(step, 'token')).toHaveLength(2);
    expect(world.secrets()).toEqual([]);
  });
});

describe('a body of more than 1 MiB', () => {
  test.each(
    (['token', 'readClient', 'createClient'] as const).flatMap(route =>
      [true, false].map(declared => [route, declared] as const),
    ),
  )('is not read completely, and not retried: %s (length declared: %s)', async (route, declared) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: route, mishap: { kind: 'oversize', declared } });
    const step = await world.step();
    expect(step.outputs['error-code']).toBe(route === 'readClient' ? '' : 'unexpected-response');
    expect(requestsOf(step, route)).toHaveLength(1);
  });

  test('is accepted if it is just below the limit', async () => {
    await using world = await World.open();
    const body = { error: 'invalid_client', padding: 'x'.repeat(1024 * 1024 - 1000) };
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 400, body } });
    const step = await world.step();
    expect(step.outputs['error-code']).toBe('authentication-failed');
    expect(errorOf(step).length).toBeLessThan(1000);
  });
});

describe('time', () => {
  const slow: Mishap = { kind: 'trickle', everyMs: 100 };

  test('a slow response is aborted by request-timeout and retried', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'readClient', times: 1, mishap: slow });
    const step = await world.step({ 'request-timeout': 'PT0.7S' });
    expectDelivered(step, world.secrets());
    expect(step.log).toContain('request-timeout');
    expect(requestsOf(step, 'readClient')).toHaveLength(2);
  });

  test('an endless response is given up, and the error says which timeout was too short', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'token', mishap: slow });
    const step = await world.step({ 'request-timeout': 'PT0.3S', timeout: '60s' });
    expect(step.outputs['error-code']).toBe('vantage-unavailable');
    expect(errorOf(step)).toContain('request-timeout');
    expect(errorOf(step)).toContain('5 times');
  });

  test.each<readonly [RouteName, Mishap]>([
    ['token', { kind: 'stall' }],
    ['token', { kind: 'stall-after-head' }],
    ['createClient', { kind: 'stall' }],
    ['createSecret', { kind: 'stall' }],
    ['createSecret', slow],
  ])('the timeout of the step is exact to the second: %s, %j', async (route, mishap) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: route, mishap });
    const step = await world.step({ timeout: '2s' });
    expect(step.outputs['error-code']).toBe('timeout');
    expect(errorOf(step)).toContain("the step's timeout of 2 s ran out");
    expect(step.workMs).toBeLessThan(3000 + step.delayMs);
    expect(world.vantage.clients().flatMap(({ secrets }) => secrets)).toEqual([]);
  });

  test('an undocumented read may use a quarter of it, and the step continues without its response', async () => {
    await using world = await World.open();
    for (const on of ['readClient', 'readSecrets'] as const) {
      world.vantage.faults.add({ on, mishap: { kind: 'stall-after-head' } });
    }
    const step = await world.step({ timeout: '10s' });
    expectDelivered(step, world.secrets());
    expect(step.workMs).toBeLessThan(6000 + step.delayMs);
  });

  test('the timeout also holds if cleaning up stalls', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'token', skip: 1, mishap: { kind: 'stall' } });
    world.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'stall' } });
    const step = await world.step({ timeout: '2s' });
    expect(step.outputs['error-code']).toBe('timeout');
    expect(step.workMs).toBeLessThan(3000 + step.delayMs);
  });

  test.each([
    ['blanks', 'text/plain', ' '.repeat(200_000)],
    ['incomplete titles', 'text/html', '<title'.repeat(35_000)],
  ])('the timeout holds if the body of an error is 200 kB of %s', async (_, type, body) => {
    await using world = await World.open();
    const mishap: Mishap = { kind: 'answer', status: 503, body: `x${body}x`, headers: { 'content-type': type } };
    world.vantage.faults.add({ on: 'token', mishap });
    const step = await world.step({ timeout: '2s' });
    expect(UNANSWERED).toContain(step.outputs['error-code']);
    expect(step.workMs).toBeLessThan(3000 + step.delayMs);
    expect(errorOf(step).length).toBeLessThan(1000);
  });

  test.each<readonly [string, () => number | Date]>([
    ['seconds', () => 3600],
    ['a date', () => new Date(Date.now() + 3_600_000)],
  ])('a Retry-After beyond the remaining time ends the step at once (%s)', async (_, retryAfter) => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createClient', mishap: { kind: 'throttle', retryAfter: retryAfter() } });
    const step = await world.step({ timeout: '60s' });
    expect(step.outputs['error-code']).toBe('rate-limited');
    expect(step.workMs).toBeLessThan(2000 + step.delayMs);
    expect(writesOf(step)).toHaveLength(1);
  });

  test('a 503 with a Retry-After beyond the remaining time ends the step at once as well', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'throttle', status: 503, retryAfter: 3600 } });
    const step = await world.step({ timeout: '60s' });
    expect(step.outputs['error-code']).toBe('vantage-unavailable');
    expect(step.workMs).toBeLessThan(2000 + step.delayMs);
  });

  test('pauses grow, and each is random', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 503 } });
    const step = await world.step({ timeout: '60s' });
    const at = step.vantage.map(({ receivedAt }) => receivedAt);
    expect(at).toHaveLength(5);
    const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    pauses.forEach((pause, index) => {
      expect(pause).toBeLessThan(1000 * 2 ** index + 200);
    });
    expect(new Set(pauses).size).toBeGreaterThan(1);
  });
});

describe('a server that is not running', () => {
  const notAsked = (step: Step) => expect(step.vantage).toEqual([]);

  test('a refused connection is retried until no time is left', async () => {
    await using world = await World.open();
    const step = await world.step({ 'base-url': `http://127.0.0.1:${await closedPort()}`, timeout: '4s' });
    expect(UNANSWERED).toContain(step.outputs['error-code']);
    expect(step.log).toContain('ECONNREFUSED');
    expect(step.log).toContain('Retrying in');
    expect(step.durationMs).toBeLessThan(6000 + step.delayMs);
    notAsked(step);
  });

  test('a server that starts late is waited for', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'token', times: 1, mishap: { kind: 'close', forMs: 500 } });
    expectDelivered(await world.step(), world.secrets());
  });

  test('an unknown host is vantage-unavailable, and the error names the input to check', async () => {
    await using world = await World.open();
    const step = await world.step({ 'base-url': 'https://vantage.invalid', timeout: '60s' });
    expect(step.outputs['error-code']).toBe('vantage-unavailable');
    expect(errorOf(step)).toMatch(/(?:ENOTFOUND|EAI_AGAIN).*`base-url`/u);
    notAsked(step);
  });

  test('a server that speaks no HTTP is not Vantage', async () => {
    const server = createServer(socket => socket.end('SSH-2.0-OpenSSH_9.9\r\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      await using world = await World.open();
      const { port } = server.address() as AddressInfo;
      const step = await world.step({ 'base-url': `http://127.0.0.1:${port}`, timeout: '3s' });
      expect(UNANSWERED).toContain(step.outputs['error-code']);
      notAsked(step);
    } finally {
      server.close();
    }
  });
});
