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
  /** Gives the proven secret to where the workflow wants it. @throws Error where nothing took it. */
  readonly handOut: (secret: Secret) => void;
}
