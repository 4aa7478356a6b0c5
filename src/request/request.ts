import { Failure } from '../failure.ts';
import { type ApiVersion, type ClientRequest, isDotSegment, isLoopback, readClient } from './client.ts';
import { type HandOffRequest, readHandOff } from './hand-off.ts';
import { InputReader, type Inputs } from './reader.ts';
import { readSecret, type SecretRequest } from './secret.ts';
import { readSignIn, type SignIn } from './sign-in.ts';

/** Which Vantage to talk to. */
export interface VantageRequest {
  /** An origin without a slash at the end. */
  readonly baseUrl: string;
  /** As it goes into the path, not yet URL-encoded. */
  readonly tenantId: string;
  readonly apiVersion: ApiVersion;
}

/** How the step is to run. Times are in milliseconds. */
export interface RunRequest {
  readonly dryRun: boolean;
  readonly timeout: number;
  readonly requestTimeout: number;
  readonly summary: boolean;
}

/** The run of the workflow, as the runner names it. It goes into the ownership mark and the User-Agent. */
export interface WorkflowRun {
  readonly repository: string;
  readonly runId: string;
  readonly runAttempt: string;
  /** GitHub's number for the repository. */
  readonly repositoryId?: number;
}

/** All that the workflow asked for, checked and frozen. */
export interface Request {
  readonly vantage: VantageRequest;
  readonly signIn: SignIn;
  readonly client: ClientRequest;
  readonly secret: SecretRequest;
  readonly handOff: HandOffRequest;
  readonly run: RunRequest;
  readonly workflow: WorkflowRun;
  /** What works but is dangerous, one line each. */
  readonly warnings: readonly string[];
}

const GUID = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/iu;
const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;

/**
 * Turns what the workflow wrote into one checked request. No other code reads an input or the runner's variables.
 *
 * @param now durations count from here.
 * @throws Failure `invalid-input`, one line that names every input that is wrong.
 */
export function readRequest(inputs: Inputs, env: NodeJS.ProcessEnv, now: Date): Request {
  const input = new InputReader(inputs);
  const warnings: string[] = [];
  input.choice('mode', ['ensure']);
  const apiVersion = input.choice('api-version', ['v2', 'v1']);
  const vantage = readVantage(input, apiVersion);
  const signIn = readSignIn(input);
  const client = readClient(input, apiVersion, line => warnings.push(line));
  const secret = readSecret(input, now);
  const handOff = readHandOff(input, env);
  const run = readRun(input);
  if (!handOff.outputSecret && !input.given('write-to') && secret.rotate !== 'never') {
    input.refuse(
      'output-secret',
      'a secret that is minted must go somewhere: set it to true, name a target in write-to, or set rotate to never',
    );
  }
  input.assertAccepted();
  const workflow = readWorkflowRun(env);
  if (!vantage || !signIn || !run) {
    throw new Failure('internal-error', { what: 'reading the inputs', why: 'a refused input was not reported' });
  }
  return Object.freeze({ vantage, signIn, client, secret, handOff, run, workflow, warnings });
}

function readVantage(input: InputReader, apiVersion: ApiVersion): VantageRequest | undefined {
  const baseUrl = readBaseUrl(input);
  const tenantId = readTenantId(input);
  return baseUrl && tenantId ? { baseUrl, tenantId, apiVersion } : undefined;
}

function readBaseUrl(input: InputReader): string | undefined {
  const takes = 'exactly one of base-url and region says which Vantage to talk to';
  if (input.given('base-url') && input.given('region')) {
    return input.refuse('region', takes);
  }
  if (input.given('region')) {
    return `https://vantage-${input.choice('region', ['us', 'eu', 'au'])}.abbyy.com`;
  }
  const text = input.required('base-url', takes);
  if (text === undefined) {
    return undefined;
  }
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//iu.test(text)) {
    return input.refuse(
      'base-url',
      'it takes an origin such as https://vantage-eu.abbyy.com',
      input.quote(withoutUserInfo(text)),
    );
  }
  if (url.username || url.password || /^[^/?#]*\/\/[^/?#]*@/u.test(text)) {
    return input.refuse('base-url', 'it takes no user info', input.quote(withoutUserInfo(text)));
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return input.refuse('base-url', 'plain http is for a loopback address alone: use https');
  }
  if (url.pathname !== '/' || /[?#]/u.test(text)) {
    return input.refuse('base-url', `it takes an origin without path, query or fragment, such as ${url.origin}`);
  }
  return url.origin;
}

/** A base URL as an error may quote it: what stands before an `@` may be a password. */
function withoutUserInfo(text: string): string {
  return text.replace(/^([^/]*\/\/)?.*@/su, '$1***@');
}

function readTenantId(input: InputReader): string | undefined {
  const tenantId = input.required('tenant-id', 'it takes the id of the tenant, from Configuration → General');
  if (tenantId === undefined) {
    return undefined;
  }
  if (GUID.test(tenantId)) {
    return tenantId
      .toLowerCase()
      .replaceAll('-', '')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
  }
  return isDotSegment(tenantId) || /\p{Cc}/u.test(tenantId) || !tenantId.isWellFormed()
    ? input.refuse('tenant-id', 'it takes the GUID of the tenant, from Configuration → General')
    : tenantId;
}

function readRun(input: InputReader): RunRequest | undefined {
  const timeout = input.milliseconds('timeout', SECOND, 24 * HOUR, 'it takes a duration of 1s to 24h, such as 5m');
  const requestTimeout = input.milliseconds(
    'request-timeout',
    100,
    HOUR,
    'it takes a duration of PT0.1S to 1h, such as 30s',
  );
  const dryRun = input.flag('dry-run');
  const summary = input.flag('summary');
  return timeout && requestTimeout ? { dryRun, timeout, requestTimeout, summary } : undefined;
}

function readWorkflowRun(env: NodeJS.ProcessEnv): WorkflowRun {
  const { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: runId, GITHUB_RUN_ATTEMPT: runAttempt = '1' } = env;
  if (!/^[\w.-]+\/[\w.-]+$/u.test(repository ?? '') || !/^\d+$/u.test(runId ?? '') || !/^\d+$/u.test(runAttempt)) {
    throw new Failure('invalid-input', {
      what: 'reading the environment',
      why: 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT is not as a runner sets it',
      todo: 'Run the action in a workflow: each secret is marked with its repository and run.',
    });
  }
  const repositoryId = Number(env.GITHUB_REPOSITORY_ID);
  return {
    repository: repository ?? '',
    runId: runId ?? '',
    runAttempt,
    ...(repositoryId > 0 ? { repositoryId } : {}),
  };
}
