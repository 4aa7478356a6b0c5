import type { ApiVersion, ClientRequest } from './client.ts';
import type { ClientIdPattern } from './client-id-pattern.ts';
import type { Secret } from './secret.ts';
import type { SecretRequest } from './secret-life.ts';
import type { Target } from './target.ts';
import type { Duration } from './time.ts';

/** How the step is to run. Times are in milliseconds. */
export interface RunRequest {
  readonly dryRun: boolean;
  readonly timeout: number;
  readonly requestTimeout: number;
  readonly summary: boolean;
}

/** What every mode needs. */
export interface CommonRequest {
  readonly vantage: VantageRequest;
  readonly signIn: SignIn;
  readonly run: RunRequest;
  readonly workflow: WorkflowRun;
  /** What works but is dangerous, one line each. */
  readonly warnings: readonly string[];
}

/** See to it that a client is there and has a working secret. */
export interface EnsureRequest extends CommonRequest {
  readonly mode: 'ensure';
  readonly client: ClientRequest;
  readonly secret: SecretRequest;
  readonly delivery: DeliveryRequest;
}

/** See to it that a client is gone. */
export interface DeleteRequest extends CommonRequest {
  readonly mode: 'delete';
  readonly clientId: string;
  /** What goes from GitHub as well. */
  readonly github?: TargetsRequest;
}

/** Delete the clients of pull requests that are closed. */
export interface SweepRequest extends CommonRequest {
  readonly mode: 'sweep';
  readonly pattern: ClientIdPattern;
  readonly maxDeletes: number;
  /** Clients at work at once. */
  readonly concurrency: number;
  /** Who may read the pull requests. */
  readonly github: GitHubAccess;
}

/** What a finding of an audit is about. */
export const FINDING_CLASSES = ['expiring', 'risky'] as const;

/** Look at all clients and secrets of the tenant. */
export interface AuditRequest extends CommonRequest {
  readonly mode: 'audit';
  /** A secret is expiring once less than this is left of its life. */
  readonly expiringWithin: Duration;
  readonly failOn: (typeof FINDING_CLASSES)[number] | 'any' | 'none';
  /** Clients at work at once. */
  readonly concurrency: number;
}

/** Delete the secrets that a step left, at the end of its job. Not a mode: its post step needs no more than this. */
export interface RevocationRequest extends Pick<CommonRequest, 'vantage' | 'signIn' | 'workflow'> {
  readonly mode: 'revoke';
  readonly clientId: string;
  readonly run: Pick<RunRequest, 'timeout' | 'requestTimeout'>;
}

/** All that the workflow asked for, checked and frozen. */
export type Request = EnsureRequest | DeleteRequest | SweepRequest | AuditRequest;

/** Which Vantage to talk to. */
export interface VantageRequest {
  /** An origin without a slash at the end. */
  readonly baseUrl: string;
  /** As it goes into the path, not yet URL-encoded. */
  readonly tenantId: string;
  readonly apiVersion: ApiVersion;
}

/** One of the three ways to sign in. */
export type SignIn =
  | { readonly kind: 'access-token'; readonly accessToken: Secret }
  | {
      readonly kind: 'client-credentials';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope: string;
    }
  | {
      readonly kind: 'password';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope: string;
      readonly username: string;
      readonly password: Secret;
    };

/** The client that the step signs in with, or undefined where an access token does not tell. */
export function signedInClient(signIn: SignIn): string | undefined {
  return signIn.kind === 'access-token' ? clientOfToken(signIn.accessToken) : signIn.clientId;
}

/**
 * The `client_id` claim of a JWT (RFC 9068, 2.2). Its signature is not looked at: the claim only ever keeps a client
 * from being deleted.
 */
function clientOfToken(accessToken: Secret): string | undefined {
  const [, payload = '', ...rest] = accessToken.reveal().split('.');
  if (rest.length !== 1) {
    return undefined;
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const clientId = (claims as { client_id?: unknown } | null)?.client_id;
    return typeof clientId === 'string' ? clientId : undefined;
  } catch {
    return undefined; // Not every access token is a JWT.
  }
}

/** The run of the workflow, checked. It goes into the ownership mark and the User-Agent. */
export interface WorkflowRun {
  /** The host of the GitHub that the workflow belongs to, such as `github.com`. */
  readonly host: string;
  readonly repository: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** GitHub's number for the repository, which outlives its name. Absent where the runner does not tell it. */
  readonly repositoryId?: number;
  /** What tells the step from all others of its repository: the workflow's file, job, step, leg of the matrix and description. */
  readonly step: string;
}

/** Where the workflow wants its secret. */
export interface DeliveryRequest {
  readonly outputSecret: boolean;
  /** Absent where nothing is written to GitHub. */
  readonly github?: GitHubRequest;
}

/** Which GitHub to talk to, and as whom. */
export interface GitHubAccess {
  readonly token: Secret;
  /** Without a slash at the end. GitHub Enterprise Server's has a path. */
  readonly apiUrl: string;
  /** Whether the workflow itself belongs to this GitHub: its own repository, and the number of that, mean nothing to another. */
  readonly isOwn: boolean;
}

/** Where in GitHub secrets and variables are. */
export interface TargetsRequest extends GitHubAccess {
  readonly targets: readonly Target[];
  /** The variable that holds the client id beside each Actions target. */
  readonly clientIdVariable?: string;
  /** The variable that holds when the secret ends, likewise. */
  readonly expirationVariable?: string;
}

/** What to write to GitHub. */
export interface GitHubRequest extends TargetsRequest {
  readonly createEnvironments: boolean;
}
