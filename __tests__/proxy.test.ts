import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closedPort } from './support/ports.ts';
import { PrivateNetwork, targetOf } from './support/private-network.ts';
import { BEHIND_PROXY, startProxy } from './support/proxy.ts';
import { errorOf, expectDelivered, UNANSWERED } from './support/step.ts';
import { World } from './support/world.ts';

/** Makes a process resolve the host that otherwise only the proxy can resolve. */
const RESOLVING_HERE = {
  NODE_OPTIONS: `--import=${pathToFileURL(path.join(import.meta.dirname, 'support', 'resolve-here.mjs')).href}`,
  RESOLVE_HERE: BEHIND_PROXY,
};

let network: PrivateNetwork;

beforeAll(async () => {
  network = await PrivateNetwork.create();
});
afterAll(() => network[Symbol.asyncDispose]());

// Each step runs in a process, which reads the variables. Many wait as long as a step does, so they run together.
describe('a proxy', () => {
  // The two that wait longest come first.
  test.concurrent('that does not exist is named as the likely cause', async () => {
    await using world = await network.openWorldBehindProxy();
    const env = { ...network.trusting, https_proxy: `http://127.0.0.1:${await closedPort()}` };
    const step = await world.step({}, { env });
    expect(step.outputs['error-code']).toBe('vantage-unavailable');
    expect(errorOf(step)).toContain('ECONNREFUSED');
    expect(errorOf(step)).toContain(
      `Unless NO_PROXY names ${targetOf(world.vantage)}, the request uses the proxy in HTTPS_PROXY: check its address, and that it runs.`,
    );
  });

  test.concurrent('is not blamed for what this machine itself refuses', async () => {
    await using world = await World.open();
    const step = await world.step(
      { 'base-url': `http://127.0.0.1:${await closedPort()}` },
      { env: { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' } },
    );
    expect(errorOf(step)).toContain('ECONNREFUSED');
    expect(errorOf(step)).not.toContain('PROXY');
  });

  test.concurrent('that HTTPS_PROXY names tunnels every request', async () => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy();
    try {
      const step = await world.step({}, { env: { ...network.trusting, HTTPS_PROXY: proxy.url } });
      expectDelivered(step, world.secrets());
      expect(proxy.passed.length).toBeGreaterThan(0);
      expect(new Set(proxy.passed)).toEqual(new Set([targetOf(world.vantage)]));
    } finally {
      await proxy.close();
    }
  });

  test.concurrent('that only HTTP_PROXY names is used as well', async () => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy();
    try {
      expectDelivered(await world.step({}, { env: { ...network.trusting, HTTP_PROXY: proxy.url } }), world.secrets());
      expect(proxy.passed).toContain(targetOf(world.vantage));
    } finally {
      await proxy.close();
    }
  });

  test.concurrent.each([
    `example.com,${BEHIND_PROXY}`,
    `example.com ${BEHIND_PROXY}`,
    'example.com, example',
    '.example',
    '*.example',
    '*',
  ])('is not used for the hosts of NO_PROXY: %s', async exempt => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy();
    try {
      const env = { ...network.trusting, HTTPS_PROXY: proxy.url, NO_PROXY: exempt, ...RESOLVING_HERE };
      expectDelivered(await world.step({}, { env }), world.secrets());
      expect(proxy.requested).toEqual([]);
    } finally {
      await proxy.close();
    }
  });

  test.concurrent('gets the credentials in its URL, which are not shown anywhere', async () => {
    await using world = await network.openWorldBehindProxy();
    const password = 'c4t%2Fdoor+key';
    const proxy = await startProxy(`octo:${decodeURIComponent(password)}`);
    try {
      const url = proxy.url.replace(/\/\/.*@/u, `//octo:${password}@`);
      const canaries = { password: decodeURIComponent(password), encoded: password };
      const step = await world.step(
        {},
        { env: { ...network.trusting, HTTPS_PROXY: url, RUNNER_DEBUG: '1' }, canaries },
      );
      expectDelivered(step, world.secrets());
      expect(proxy.passed).toContain(targetOf(world.vantage));
    } finally {
      await proxy.close();
    }
  });

  test.concurrent('that refuses ends the step, and nothing is sent past it', async () => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy('octo:cat-door-key');
    try {
      const password = 'not-the-cat-door-key';
      const HTTPS_PROXY = proxy.url.replace('cat-door-key', password);
      const env = { ...network.trusting, HTTPS_PROXY, RUNNER_DEBUG: '1' };
      const step = await world.step({}, { env, canaries: { password } });
      expect(step.outputs['error-code']).toBe('vantage-unavailable');
      expect(errorOf(step)).toContain('the proxy answered 407 (Proxy Authentication Required)');
      expect(errorOf(step)).toContain('Check the user name and password in HTTPS_PROXY.');
      // A retry could lock the account.
      expect(proxy.requested).toHaveLength(1);
      expect(step.log).not.toContain('Retrying in');
      expect(step.vantage).toEqual([]);
      expect(proxy.passed).toEqual([]);
    } finally {
      await proxy.close();
    }
  });

  test.concurrent('that forbids the host is named, and not asked again', async () => {
    await using world = await network.openWorldBehindProxy();
    const requested: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      requested.push(String(url));
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    try {
      const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const step = await world.step({}, { env: { ...network.trusting, HTTPS_PROXY } });
      expect(step.outputs['error-code']).toBe('vantage-unavailable');
      expect(errorOf(step)).toContain('the proxy answered 403 (Forbidden)');
      expect(errorOf(step)).toContain('HTTPS_PROXY');
      expect(errorOf(step)).toContain('NO_PROXY');
      expect(requested).toHaveLength(1);
    } finally {
      proxy.close();
    }
  });

  test.concurrent('that never answers is named when the time runs out', async () => {
    await using world = await network.openWorldBehindProxy();
    const proxy = createTcpServer();
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    const sockets: Socket[] = [];
    proxy.on('connection', socket => sockets.push(socket));
    try {
      const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      const step = await world.step({ timeout: '2s' }, { env: { ...network.trusting, HTTPS_PROXY } });
      expect(step.outputs['error-code']).toBe('timeout');
      expect(errorOf(step)).toContain(
        'the request uses the proxy in HTTPS_PROXY: check its address, and that it runs.',
      );
      expect(errorOf(step)).not.toContain('set HTTPS_PROXY if the network needs a proxy');
    } finally {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    }
  });

  test.concurrent('that does not exist ends the step without its credentials in the log', async () => {
    await using world = await network.openWorldBehindProxy();
    const password = 'cat-door-key';
    const env = {
      ...network.trusting,
      HTTPS_PROXY: `http://octo:${password}@127.0.0.1:${await closedPort()}`,
      RUNNER_DEBUG: '1',
    };
    const step = await world.step({ timeout: '3s' }, { env, canaries: { password } });
    expect(UNANSWERED).toContain(step.outputs['error-code']);
    expect(step.vantage).toEqual([]);
  });

  test.concurrent.each([
    'http://octo:cat-door-key@[proxy',
    'octo:cat-door-key@proxy:3128',
    'socks5://octo:cat-door-key@proxy:1080',
    'http://octo:cat-door-key%@proxy:3128',
  ])('with an invalid URL is invalid-input, without its credentials in the log: %s', async url => {
    await using world = await World.open();
    const password = 'cat-door-key';
    const env = { HTTPS_PROXY: url, RUNNER_DEBUG: '1' };
    const step = await world.step({}, { env, canaries: { password } });
    expect(step.outputs['error-code']).toBe('invalid-input');
    expect(errorOf(step)).toContain('HTTPS_PROXY');
    expect(step.vantage).toEqual([]);
  });

  test.concurrent.each<readonly [string, string, (proxy: string) => Record<string, string>]>([
    ['plain http', '127.0.0.1', url => ({ HTTP_PROXY: url })],
    [
      'plain http, with an uppercase or lowercase variable',
      '127.0.0.1',
      url => ({ http_proxy: url, https_proxy: url }),
    ],
    ['plain http by name', 'localhost', url => ({ HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: 'example.com' })],
    ['another loopback address', '127.8.9.10', url => ({ HTTP_PROXY: url })],
  ])('never gets requests to a loopback address: %s', async (_, host, variables) => {
    await using world = await World.open();
    const proxy = await startProxy();
    try {
      const baseUrl = world.vantage.baseUrl.replace('127.0.0.1', host);
      const answers = host !== '127.8.9.10';
      const timeout = answers ? '20s' : '3s';
      const step = await world.step({ 'base-url': baseUrl, timeout }, { env: variables(proxy.url) });
      expect(proxy.requested).toEqual([]);
      if (answers) expectDelivered(step, world.secrets());
    } finally {
      await proxy.close();
    }
  });

  test.concurrent.each(['localhost', 'vantage.localhost', '127.0.0.1'])('nor https to %s', async host => {
    await using world = await network.openWorld();
    const proxy = await startProxy();
    try {
      const baseUrl = world.vantage.baseUrl.replace('localhost', host);
      const env = { ...network.trusting, HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url };
      // The certificate is not for a name below localhost, which not every machine resolves.
      const answers = host !== 'vantage.localhost';
      const step = await world.step({ 'base-url': baseUrl, timeout: answers ? '20s' : '3s' }, { env });
      expect(proxy.requested).toEqual([]);
      if (answers) expectDelivered(step, world.secrets());
    } finally {
      await proxy.close();
    }
  });
});
