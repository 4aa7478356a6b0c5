import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Transport } from '../../src/http/transport.ts';
import { listen } from '../support/ports.ts';
import { BEHIND_PROXY } from '../support/proxy.ts';

const REQUEST_TIMEOUT = 8000;

/** A server on loopback that answers the first bytes of each connection. */
async function serverWith(answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    // What the other side does with the connection is its own affair.
    socket.on('error', () => socket.destroy());
    socket.once('data', () => answer(socket));
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function attempt(transport: Transport, url: string) {
  const request = { method: 'POST' as const, url: new URL(url), headers: {}, body: '{}' };
  return transport.attempt(request, new AbortController().signal);
}

const proxy = process.env.HTTPS_PROXY;
afterEach(() => {
  if (proxy === undefined) delete process.env.HTTPS_PROXY;
  else process.env.HTTPS_PROXY = proxy;
});

describe('a proxy that refuses and resets the connection', () => {
  // As a proxy does that closes a connection before it has read everything. Jest reports an error without a listener.
  test.each([403, 407, 502])('with %d ends the attempt, and not the process', async status => {
    await using server = await serverWith(socket =>
      socket.write(`HTTP/1.1 ${status} No\r\n\r\n`, () => socket.resetAndDestroy()),
    );
    process.env.HTTPS_PROXY = server.url;
    const transport = new Transport('test', REQUEST_TIMEOUT);
    for (let count = 0; count < 5; count += 1) {
      expect(await attempt(transport, `https://${BEHIND_PROXY}/`)).toMatchObject({ kind: 'not-sent' });
    }
    transport.close();
  });
});

test('a server that switches to another protocol ends the attempt at once', async () => {
  await using server = await serverWith(socket =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n'),
  );
  const transport = new Transport('test', REQUEST_TIMEOUT);
  const outcome = await attempt(transport, server.url);
  transport.close();
  expect(outcome).toMatchObject({
    kind: 'unknown',
    cause: expect.objectContaining({ message: 'the connection was closed without a response' }),
  });
});

describe('a response', () => {
  const MOST = 1024 * 1024;

  /** Attempts a request whose response is this. */
  async function responseOf(response: string) {
    await using server = await serverWith(socket => socket.end(response));
    const transport = new Transport('test', REQUEST_TIMEOUT);
    const outcome = await attempt(transport, server.url);
    transport.close();
    return outcome;
  }

  test('may have a body of exactly the limit, and not a byte more', async () => {
    const withBody = (bytes: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n${'x'.repeat(bytes)}`;
    expect(await responseOf(withBody(MOST))).toMatchObject({ kind: 'answered', body: 'x'.repeat(MOST) });
    expect(await responseOf(withBody(MOST + 1))).toMatchObject({
      kind: 'unknown',
      cause: expect.objectContaining({ message: 'the body of its response exceeds the limit of 1024 KiB' }),
    });
  });

  test('may have a header more than once', async () => {
    const headers = 'X-Permissions: secrets=write\r\nX-Other: one\r\nx-permissions: metadata=read\r\n';
    expect(await responseOf(`HTTP/1.1 200 OK\r\n${headers}Content-Length: 0\r\n\r\n`)).toMatchObject({
      headers: { 'x-permissions': 'secrets=write, metadata=read', 'x-other': 'one' },
    });
  });
});

test('an attempt whose time is over before it begins is not sent, and says why', async () => {
  let isReached = false;
  await using server = await serverWith(() => {
    isReached = true;
  });
  const transport = new Transport('test', REQUEST_TIMEOUT);
  const request = { method: 'POST' as const, url: new URL(server.url), headers: {}, body: '{}' };
  const reason = new Error('the step is over');
  expect(await transport.attempt(request, AbortSignal.abort(reason))).toEqual({ kind: 'not-sent', cause: reason });
  transport.close();
  expect(isReached).toBe(false);
});

describe('a connection that ends before TLS is established', () => {
  test('carried no request', async () => {
    await using server = await serverWith(socket => socket.destroy());
    const transport = new Transport('test', REQUEST_TIMEOUT);
    expect(await attempt(transport, server.url.replace('http:', 'https:'))).toMatchObject({ kind: 'not-sent' });
    transport.close();
  });

  test('carried no request through a proxy', async () => {
    await using server = await serverWith(socket => {
      socket.once('data', () => socket.destroy());
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    });
    process.env.HTTPS_PROXY = server.url;
    const transport = new Transport('test', REQUEST_TIMEOUT);
    expect(await attempt(transport, `https://${BEHIND_PROXY}/`)).toMatchObject({ kind: 'not-sent' });
    transport.close();
  });
});

test('a server on this machine and one behind the proxy get connections of their own', async () => {
  const opened: string[] = [];
  await using proxyServer = await serverWith(socket =>
    socket.end('HTTP/1.1 502 No\r\n\r\n', () => opened.push('proxy')),
  );
  await using local = await serverWith(socket => {
    opened.push('local');
    socket.destroy();
  });
  process.env.HTTPS_PROXY = proxyServer.url;
  for (const isLocalFirst of [true, false]) {
    const urls = [local.url.replace('http:', 'https:'), `https://${BEHIND_PROXY}/`];
    const transport = new Transport('test', REQUEST_TIMEOUT);
    for (const url of isLocalFirst ? urls : urls.reverse()) await attempt(transport, url);
    transport.close();
  }
  expect(opened).toEqual(['local', 'proxy', 'proxy', 'local']);
});

test('closing ends the connections that are kept for further requests at once', async () => {
  const closed = Promise.withResolvers<void>();
  await using server = await serverWith(socket => {
    socket.once('close', closed.resolve);
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  const transport = new Transport('test', REQUEST_TIMEOUT);
  expect(await attempt(transport, server.url)).toMatchObject({ kind: 'answered' });
  const began = performance.now();
  transport.close();
  await closed.promise;
  // An idle connection ends by itself after four seconds.
  expect(performance.now() - began).toBeLessThan(3800);
});
