import { connect, createServer, type Socket } from 'node:net';

/**
 * A process that passes the bytes of each connection on to a port and back. Told to stall, it cuts a connection on which
 * more is sent, and answers nothing on a new one.
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

// With so short a queue the kernel soon drops what asks to connect while this process is stopped.
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.send?.(server.address()));
