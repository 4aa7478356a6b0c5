import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { listen } from './ports.ts';

/** One request, as bytes. */
export interface WireRequest {
  /** The request line and the headers, each line with its `\r\n`, and the empty line that ends them. */
  readonly head: string;
  readonly body: string;
}

/** A recorder in front of a server. */
export interface Wire {
  /** `http://127.0.0.1:PORT`, which a client uses instead of the server's own origin. */
  readonly origin: string;
  /** Every complete request so far, in the order in which their first bytes arrived. */
  requests(): WireRequest[];
  close(): Promise<void>;
}

/**
 * Listens on loopback, forwards every byte to the server and back, and records those that clients send.
 *
 * @param server an origin, `http://127.0.0.1:PORT`
 */
export async function recordWire(server: string): Promise<Wire> {
  const target = new URL(server);
  const recorded: Partial<WireRequest>[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer(client => {
    const upstream = connect(Number(target.port), target.hostname);
    const record = recorder(recorded);
    client.on('data', record);
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      // A reset of one side is forwarded to the other one.
      socket.on('error', () => other.destroy());
      socket.once('close', () => sockets.delete(socket));
    }
  });
  const port = await listen(listener);
  return {
    origin: `http://127.0.0.1:${port}`,
    requests: () => recorded.filter(request => request.body !== undefined) as WireRequest[],
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Splits the chunks of one connection into requests. */
function recorder(recorded: Partial<WireRequest>[]): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0);
  let current: { -readonly [Part in keyof WireRequest]?: WireRequest[Part] } | undefined;
  return chunk => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length > 0) {
      if (!current) {
        current = {};
        recorded.push(current);
      }
      const headEnd = bytes.indexOf('\r\n\r\n') + 4;
      if (headEnd < 4) return;
      current.head = bytes.toString('latin1', 0, headEnd);
      const bodyEnd = headEnd + bodyLength(current.head);
      if (bytes.length < bodyEnd) return;
      current.body = bytes.toString('utf8', headEnd, bodyEnd);
      bytes = bytes.subarray(bodyEnd);
      current = undefined;
    }
  };
}

/** A request in chunks has no length, and fails the test. */
function bodyLength(head: string): number {
  if (/^transfer-encoding:/imu.test(head)) throw new Error('The request came in chunks; only Content-Length is known.');
  return Number(/^content-length: *(\d+)\r$/imu.exec(head)?.[1] ?? 0);
}
