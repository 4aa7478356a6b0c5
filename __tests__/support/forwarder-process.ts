import { connect, createServer, type Socket } from 'node:net';

/**
 * A process that forwards the bytes of each connection to a port and back. When told to stall, it resets a connection
 * on which more is sent, and sends nothing on a new one.
 */
const [port] = process.argv.slice(2).map(Number);
let stalls = false;

const server = createServer(client => {
  client.on('error', () => undefined);
  if (!stalls && port !== undefined) {
    forward(client, connect(port, '127.0.0.1'));
  }
});

function forward(client: Socket, upstream: Socket): void {
  client.on('data', chunk => {
    if (stalls) {
      client.resetAndDestroy();
      process.send?.('cut');
    } else {
      upstream.write(chunk);
    }
  });
  upstream.pipe(client);
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
}

process.on('message', () => {
  stalls = true;
  process.send?.('stalls');
});

// With such a short queue, the kernel soon drops new connections while this process is stopped.
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send?.(server.address()));
