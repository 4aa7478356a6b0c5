import type { Vantage, VantageOptions } from '../emulator/vantage/index.ts';
import { ServerProcess } from './server-process.ts';

export type Question = 'facts' | 'accessToken' | 'requests' | 'processorTime';
export type Facts = Pick<Vantage, 'baseUrl' | 'tenantId' | 'administrator'>;

/** An embedded Vantage in its own process. */
export class VantageProcess {
  readonly #server: ServerProcess;
  readonly facts: Facts;

  private constructor(server: ServerProcess, facts: Facts) {
    this.#server = server;
    this.facts = facts;
  }

  static async start(options: VantageOptions): Promise<VantageProcess> {
    const server = new ServerProcess('vantage-server.ts', options);
    return new VantageProcess(server, await server.ask<Facts>('facts' satisfies Question));
  }

  /** A new access token of the administrator. */
  accessToken(): Promise<string> {
    return this.#server.ask('accessToken' satisfies Question);
  }

  /** When each request since the last call arrived, in milliseconds. */
  requests(): Promise<number[]> {
    return this.#server.ask('requests' satisfies Question);
  }

  /** The processor time that the server has used so far, in milliseconds. */
  processorTime(): Promise<number> {
    return this.#server.ask('processorTime' satisfies Question);
  }

  stop(): void {
    this.#server.stop();
  }
}
