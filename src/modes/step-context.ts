import type { GitHub } from '../github/github.ts';
import type { Deadline } from '../http/deadline.ts';
import type { PendingClient } from '../inputs/saved-step.ts';
import type { Log } from '../model/log.ts';
import type { Secret } from '../model/secret.ts';
import type { Clocks } from '../model/time.ts';
import type { OtherSecret } from '../plan/marked-secrets.ts';
import type { Session } from '../vantage/session.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { IssuedToken } from '../vantage/token-answers.ts';
import type { TokenEndpoint } from '../vantage/token-endpoint.ts';

/**
 * Everything outside of the mode that a run uses. What saves or sets an output throws an Error if the file of the runner
 * cannot be written.
 */
export interface StepContext {
  readonly tokens: Pick<TokenEndpoint, 'signIn' | 'probe'>;
  /** @param listsOnce whether the clients of the tenant are listed only once. Only for a run that changes nothing. */
  readonly openTenant: (session: Session, listsOnce?: boolean) => Tenant;
  /**
   * The secrets that the action created for all clients of the tenant, read once for all clients of a run. Undefined if
   * Vantage does not list them in time. Absent for a run with one client.
   */
  readonly markedSecrets?: () => Promise<readonly OtherSecret[] | undefined>;
  readonly deadline: Deadline;
  /** Returns the current time of both servers. */
  readonly now: () => Clocks;
  readonly log: Log;
  /** Does a part of the work whose lines go to another log, those of its requests included. `open` makes that log. */
  readonly logTo: <Inner extends Log, Result>(
    open: (outer: Log) => Inner,
    part: (inner: Inner) => Promise<Result>,
  ) => Promise<Result>;
  /** Absent if the request does not name a GitHub. */
  readonly github: GitHub | undefined;
  /** Saves the marks of the secrets that the post step must delete. Replaces the marks that were saved before. */
  readonly savePendingMarks: (marks: readonly string[]) => void;
  /** Saves what the post step must do for some of many clients. Replaces what this place, from 0, held before. */
  readonly savePending: (place: number, pending: readonly PendingClient[]) => void;
  /** Saves what the post step prints if the step is killed: what is unfinished, and how to repair it. '' deletes it. */
  readonly saveUnfinished: (message: string) => void;
  readonly outputSecret: (secret: Secret) => void;
  readonly outputAccessToken: (issued: IssuedToken) => void;
}
