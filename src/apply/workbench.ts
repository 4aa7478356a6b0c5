import type { GitHubStore } from '../github/store.ts';
import type { Deadline } from '../http/deadline.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';
import type { AdminApi } from '../vantage/admin.ts';
import type { TokenEndpoint } from '../vantage/token-endpoint.ts';

/** What the way through works with. */
export interface Workbench {
  readonly tokens: TokenEndpoint;
  /** The admin API, as whoever the access token stands for. */
  readonly openAdmin: (accessToken: Secret) => AdminApi;
  readonly deadline: Deadline;
  readonly log: Log;
  /** Where the secret is written, if anywhere. */
  readonly github: GitHubStore | undefined;
  /**
   * Notes the marks of the secrets that the post step is to delete, should it come to that: those that nobody was given.
   * @throws Error where the runner's file cannot be written.
   */
  readonly remember: (marks: readonly string[]) => void;
  /** Sets the step output that is the secret. @throws Error where the runner's file cannot be written. */
  readonly outputSecret: (secret: Secret) => void;
}
