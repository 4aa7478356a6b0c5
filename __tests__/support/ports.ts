import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';

/** Makes a server listen on a free port of loopback. @returns the port. */
export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/**
 * A port of loopback on which nothing listens. A connection from this port lasts as long as the process, because the
 * system would soon give a port that is free to the server of another test.
 */
export async function closedPort(): Promise<number> {
  const server = createServer(socket => socket.unref());
  const socket = connect(await listen(server), '127.0.0.1');
  await once(socket, 'connect');
  server.close();
  socket.unref();
  return Number(socket.localPort);
}
