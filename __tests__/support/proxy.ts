import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createProxy } from 'proxy';

/** A forward proxy on loopback. */
export interface ForwardProxy {
  /** For HTTPS_PROXY: `http://127.0.0.1:PORT`, with the credentials where it asks for them. */
  readonly url: string;
  /** The targets it was asked for, in order: `host:port` of each CONNECT, the whole URL of a plain request. */
  readonly requested: readonly string[];
  /** Those among them that it let through. */
  readonly passed: readonly string[];
  close(): Promise<void>;
}

/** A host that only this proxy can resolve: it leads to this machine, and is no loopback address by its name. */
export const BEHIND_PROXY = 'vantage.example';

/**
 * Starts a proxy that tunnels CONNECT and forwards plain http.
 * @param credentials `user:password` that it demands (Basic); without them it answers 407
 * @param tls PEM texts; with them the proxy itself speaks https
 */
export async function startProxy(
  credentials?: string,
  tls?: { readonly key: string; readonly cert: string },
): Promise<ForwardProxy> {
  const requested: string[] = [];
  const passed: string[] = [];
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;

  const server = createProxy(
    tls ? (createSecureServer({ key: tls.key, cert: tls.cert }) as unknown as Server) : createServer(),
  );
  server.authenticate = (request: IncomingMessage) => {
    const target = String(request.url);
    requested.push(target);
    const welcome = expected === undefined || request.headers['proxy-authorization'] === expected;
    if (welcome) passed.push(target);
    request.url = target.replace(`${BEHIND_PROXY}:`, '127.0.0.1:');
    return welcome;
  };
  // A tunnelled socket is no longer the http server's own, and would keep the process alive.
  const sockets = new Set<Socket>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://${credentials ? `${credentials}@` : ''}${tls ? 'localhost' : '127.0.0.1'}:${port}`,
    requested,
    passed,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
