import type { ApiVersion, ClientIdPattern, ClientRequest } from './client.ts';
import type { Secret, SecretRequest } from './secret.ts';
import type { Shard } from './shard.ts';
import type { Target } from './target.ts';
import type { Duration } from './time.ts';

/** How the step runs. Times are in milliseconds. */
export interface RunRequest {
  readonly dryRun: boolean;
  readonly timeout: number;
  readonly requestTimeout: number;
  readonly summary: boolean;
}

/** The part of a request that every mode has. */
export interface CommonRequest {
  readonly vantage: VantageRequest;
  readonly signIn: SignIn;
  readonly run: RunRequest;
  readonly workflow: WorkflowRun;
  /** One line for each input that works but is dangerous. */
  readonly warnings: readonly string[];
}

/** Ensure a client, and deliver a secret of it. */
export interface EnsureRequest extends CommonRequest {
  readonly client: ClientRequest;
  readonly secret: SecretRequest;
  readonly delivery: DeliveryRequest;
}

/** Ensure each client of a manifest. */
export interface FleetRequest extends CommonRequest {
  /** The clients of this job's shard, in the order of the manifest. */
  readonly clients: readonly FleetClient[];
  /** The ids of all clients in the manifest, whatever their shard. */
  readonly manifestClientIds: readonly string[];
  /** The share of the manifest that this job takes. Absent if it takes all of it. */
  readonly shard: Shard | undefined;
  readonly concurrency: number;
  /** Absent if no client is written to GitHub. */
  readonly github: GitHubAccess | undefined;
}

export interface FleetClient {
  /** The line of its entry in the manifest, from 1. */
  readonly line: number;
  /** The request that inputs with the same values make. */
  readonly request: EnsureRequest;
}

/** Delete the clients of closed pull requests. */
export interface SweepRequest extends CommonRequest {
  readonly pattern: ClientIdPattern;
  readonly maxDeletes: number;
  readonly concurrency: number;
  /** Reads the pull requests. */
  readonly github: GitHubAccess;
}

/** Delete a client, and what GitHub stores of it. */
export interface DeleteRequest extends CommonRequest {
  readonly clientId: string;
  /** Absent if nothing in GitHub is to be deleted. */
  readonly github?: TargetsRequest;
}

/** Check all clients and secrets of the tenant. */
export interface AuditRequest extends CommonRequest {
  /** A secret is expiring if less than this is left before it expires. */
  readonly expiringWithin: Duration;
  readonly failOn: FailOn;
  readonly concurrency: number;
}

/** What a finding of an audit is about. */
export const FINDING_CLASSES = ['expiring', 'risky'] as const;

/** For which findings an audit fails. */
export type FailOn = (typeof FINDING_CLASSES)[number] | 'any' | 'none';

/** Revoke the pending secrets of a step at the end of its job. */
export interface RevocationRequest extends Pick<CommonRequest, 'vantage' | 'signIn' | 'workflow'> {
  /** Absent for a fleet, which saves the id of each client with its marks. */
  readonly clientId?: string | undefined;
  readonly run: Pick<RunRequest, 'timeout' | 'requestTimeout'>;
}

export interface VantageRequest {
  /** An origin without a trailing slash. */
  readonly baseUrl: string;
  /** Not URL-encoded. */
  readonly tenantId: string;
  readonly apiVersion: ApiVersion;
}

export type SignIn =
  | { readonly kind: 'access-token'; readonly accessToken: Secret }
  | ({ readonly kind: 'client-credentials' } & ClientSignIn)
  | ({ readonly kind: 'password'; readonly username: string; readonly password: Secret } & ClientSignIn);

interface ClientSignIn {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: string;
}

/** The client that the step signs in with, or undefined if the access token does not name it. */
export function signedInClient(signIn: SignIn): string | undefined {
  return signIn.kind === 'access-token' ? claimOf(signIn.accessToken, 'client_id') : signIn.clientId;
}

/**
 * A claim of an access token, if it is a JWT: the client (RFC 9068, 2.2), or the GUID of the tenant, which Vantage adds. The
 * token is not verified, because the claims only ever prevent a deletion.
 */
export function claimOf(accessToken: Secret, claim: 'client_id' | 'tenant'): string | undefined {
  const [, payload = '', ...rest] = accessToken.reveal().split('.');
  if (rest.length !== 1) {
    return undefined;
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const value = (claims as Partial<Record<typeof claim, unknown>> | null)?.[claim];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined; // Not every access token is a JWT.
  }
}

/** The run of the workflow. The ownership mark and the User-Agent contain it. */
export interface WorkflowRun {
  /** The host of the GitHub that the workflow belongs to, such as `github.com`. */
  readonly host: string;
  readonly repository: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** The id of the repository on GitHub, which a renamed repository keeps. Absent if the runner does not report it. */
  readonly repositoryId?: number;
  /** Identifies the step in its repository: the workflow file, job, step, matrix values and description. */
  readonly step: string;
}

export interface DeliveryRequest {
  readonly outputSecret: boolean;
  /** Whether to output an access token of the client as well. Absent: no. */
  readonly outputAccessToken?: boolean;
  /** Absent if nothing is written to GitHub. */
  readonly github?: GitHubRequest | undefined;
}

/** Which GitHub to use, with which token. */
export interface GitHubAccess {
  readonly token: Secret;
  /** Without a trailing slash. That of GitHub Enterprise Server has a path. */
  readonly apiUrl: string;
  /** Whether the workflow runs on this GitHub. Another GitHub does not know the workflow's repository or its id. */
  readonly isOwn: boolean;
}

/** Which secrets and variables of GitHub to use. */
export interface TargetsRequest extends GitHubAccess {
  readonly targets: readonly Target[];
  /** The name of the variable for the client id, next to each Actions target. */
  readonly clientIdVariable?: string | undefined;
  /** The name of the variable for the expiration of the secret, next to each Actions target. */
  readonly expirationVariable?: string | undefined;
}

/** What to write to GitHub. */
export interface GitHubRequest extends TargetsRequest {
  readonly createEnvironments: boolean;
}

/** What the runner reports of the run. */
export interface WorkflowContext {
  /** `owner/name` */
  readonly repository: string;
  /** The id of the repository on GitHub. */
  readonly repositoryId: number | undefined;
  readonly runId: number;
  readonly runAttempt: number;
  /** The GitHub that the runner belongs to, and the API of that GitHub. */
  readonly serverUrl: string;
  readonly apiUrl: string;
  /** `owner/name/PATH@REF` of the workflow file. Runners before 2.300 do not report it. */
  readonly workflowRef: string;
  /** The id of the job in its workflow, and of the step in its job. */
  readonly job: string;
  readonly action: string;
  readonly eventName: string;
  readonly actor: string;
  /** The folder that the repository is checked out to. `''` if the runner reports none. */
  readonly workspace: string;
  /** The repositories of the pull request that started the run. A deleted one has no name. */
  readonly pullRequest?: { readonly head: string | undefined; readonly base: string | undefined };
}
