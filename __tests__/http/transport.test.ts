import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Transport } from '../../src/http/transport.ts';
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
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
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
