import type { GitHub } from '../github/github.ts';
import type { Deadline } from '../http/deadline.ts';
import type { Log } from '../model/log.ts';
import type { Secret } from '../model/secret.ts';
import type { Clocks } from '../model/time.ts';
import type { Session } from '../vantage/session.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { TokenEndpoint } from '../vantage/token-endpoint.ts';

/** What the way through works with. */
export interface StepContext {
  readonly tokens: TokenEndpoint;
  /** The tenant, as whoever the session is of. */
  readonly openTenant: (session: Session) => Tenant;
  readonly deadline: Deadline;
  /** What time it is, by the clocks of both servers. */
  readonly now: () => Clocks;
  readonly log: Log;
  /** The GitHub that the request names, if any. */
  readonly github: GitHub | undefined;
  /**
   * Notes the marks of the secrets that the post step is to delete, should it come to that: those that nobody was given.
   * @throws Error where the runner's file cannot be written.
   */
  readonly savePendingMarks: (marks: readonly string[]) => void;
  /**
   * Notes one sentence for the post step to print, should the step be killed: what it left undone, and what repairs it.
   * '' takes it back.
   *
   * @throws Error where the runner's file cannot be written.
   */
  readonly saveUnfinished: (sentence: string) => void;
  /** Sets the step output that is the secret. @throws Error where the runner's file cannot be written. */
  readonly outputSecret: (secret: Secret) => void;
}
