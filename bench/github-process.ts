import type { GitHubOptions } from '../emulator/github/index.ts';
import { ServerProcess, startServer } from './server-process.ts';

export interface Facts {
  readonly apiUrl: string;
  /** A token with all permissions. */
  readonly token: string;
}

/** An embedded GitHub in its own process. */
export class GitHubProcess extends ServerProcess<Facts> {
  static async start(options: GitHubOptions): Promise<GitHubProcess> {
    return new GitHubProcess(await startServer<Facts>('github-server.ts', options));
  }
}
