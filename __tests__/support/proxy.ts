import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { createProxy } from 'proxy';
import { listen } from './ports.ts';

/** A forward proxy on loopback. */
export interface ForwardProxy {
  /** For HTTPS_PROXY: `http://127.0.0.1:PORT`, with the credentials if it requires them. */
  readonly url: string;
  /** The targets that were requested, in order: `host:port` of each CONNECT, the full URL of a plain request. */
  readonly requested: readonly string[];
  /** Those that it forwarded. */
  readonly passed: readonly string[];
  close(): Promise<void>;
}

/** A host that only this proxy can resolve: it is this machine, but its name is not a loopback address. */
export const BEHIND_PROXY = 'vantage.example';

/**
 * Starts a proxy that tunnels CONNECT and forwards plain http.
 *
 * @param credentials `user:password` that it requires (Basic). Without them it answers 407.
 * @param tls PEM texts. With them, the proxy itself uses https.
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
  // The http server does not close a tunnelled socket, which would keep the process alive.
  const sockets = new Set<Socket>();
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
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
