import type { GitHubOptions } from '../emulator/github/index.ts';
import { ServerProcess } from './server-process.ts';

export type Question = 'facts' | 'requests' | 'processorTime';

export interface Facts {
  readonly apiUrl: string;
  /** A token with all permissions. */
  readonly token: string;
}

/** An embedded GitHub in its own process. */
export class GitHubProcess {
  readonly #server: ServerProcess;
  readonly facts: Facts;

  private constructor(server: ServerProcess, facts: Facts) {
    this.#server = server;
    this.facts = facts;
  }

  static async start(options: GitHubOptions): Promise<GitHubProcess> {
    const server = new ServerProcess('github-server.ts', options);
    return new GitHubProcess(server, await server.ask<Facts>('facts' satisfies Question));
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
