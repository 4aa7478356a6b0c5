import type { Vantage, VantageOptions } from '../emulator/vantage/index.ts';
import { ServerProcess, startServer } from './server-process.ts';

export type Facts = Pick<Vantage, 'baseUrl' | 'tenantId' | 'administrator'>;

/** An embedded Vantage in its own process. */
export class VantageProcess extends ServerProcess<Facts> {
  static async start(options: VantageOptions): Promise<VantageProcess> {
    return new VantageProcess(await startServer<Facts>('vantage-server.ts', options));
  }

  /** A new access token of the administrator. */
  accessToken(): Promise<string> {
    return this.ask('accessToken');
  }
}
