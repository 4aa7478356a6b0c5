import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** More connections than the kernel queues for a server that does not accept them. */
const ENOUGH = 4;

/** A forwarder between the action and a server. It forwards everything until it is told to stall. */
export class Forwarder implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #fillers: Socket[] = [];

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  /** @param port the port of the server, on loopback. */
  static async start(port: number): Promise<Forwarder> {
    const child = fork(path.join(import.meta.dirname, 'forwarder-process.ts'), [String(port)]);
    const [address] = (await once(child, 'message')) as [AddressInfo];
    return new Forwarder(child, address.port);
  }

  /**
   * From now on, a new connection is accepted and never answered, and an existing one is reset when more is sent on it.
   */
  async stall(): Promise<void> {
    const stalls = once(this.#process, 'message');
    this.#process.send('stall');
    await stalls;
  }

  /** From now on, nothing answers an attempt to connect, as with a firewall that drops it. */
  async drop(): Promise<void> {
    this.#process.kill('SIGSTOP');
    for (let count = 0; count < ENOUGH; count += 1) {
      this.#fillers.push(connect(this.port, '127.0.0.1').on('error', () => undefined));
    }
    await sleep(50);
  }

  /** Resolves when a connection was reset. */
  async cut(): Promise<void> {
    await once(this.#process, 'message');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#fillers) {
      socket.destroy();
    }
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
