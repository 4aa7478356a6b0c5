import { type ApiVersion, isSameClient } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import {
  type AuditRequest,
  type CommonRequest,
  type DeleteRequest,
  type EnsureRequest,
  FINDING_CLASSES,
  type Request,
  type RevocationRequest,
  type RunRequest,
  type SignIn,
  type SweepRequest,
  signedInClient,
} from '../model/request.ts';
import type { WorkflowContext } from '../runner/runner-context.ts';
import { readClient, readClientId, readClientIdPattern } from './client.ts';
import { readSignIn, readVantage } from './connection.ts';
import { readDelivery, readGitHubAccess, readNamedTargets } from './delivery.ts';
import { InputReader, type Inputs } from './reader.ts';
import { readRotateBefore, readSecret } from './secret.ts';
import { readWorkflowRun, whySecretsAreEmpty } from './workflow-run.ts';

const SECOND = 1000;

const HOUR = 60 * 60 * SECOND;

const TO_READ =
  'mode sweep needs a token that can read pull requests: github.token, in a job with permissions: pull-requests: read';

const OWN_PULL_REQUESTS =
  'a sweep reads the pull requests of the workflow’s own repository, which does not exist on another GitHub: leave this input out';

/**
 * Reads the inputs into one checked request. No other code reads an input. It ignores the inputs that a mode does not
 * use, so that one step can serve several modes.
 *
 * @param now the time from which durations count.
 * @throws Failure `invalid-input` that names every invalid input.
 */
export function readRequest(inputs: Inputs, runner: WorkflowContext, now: Date): Request {
  const input = new InputReader(inputs, whySecretsAreEmpty(runner));
  const warnings: string[] = [];
  const mode = input.choice('mode', ['ensure', 'delete', 'sweep', 'audit']);
  const apiVersion = readApiVersion(input);
  const vantage = readVantage(input, apiVersion);
  const signIn = readSignIn(input);
  const order = ORDERS[mode]({ input, runner, now, apiVersion, signIn, warn: line => warnings.push(line) });
  const run = readRun(input);
  input.assertAccepted();
  const workflow = readWorkflowRun(runner, {
    matrix: input.text('matrix'),
    description: input.text('secret-description'),
  });
  if (!vantage || !signIn || !run || !order) {
    throw unreported();
  }
  return Object.freeze({ vantage, signIn, run, workflow, warnings, ...order });
}

/**
 * Reads only the inputs that revoking the secrets of a step needs. The others were valid when the step started but may
 * be invalid by now, such as a `secret-expiration` that is now too soon.
 *
 * @throws Failure `invalid-input` that names every invalid input.
 */
export function readRevocation(inputs: Inputs, runner: WorkflowContext): RevocationRequest {
  const input = new InputReader(inputs, whySecretsAreEmpty(runner));
  const vantage = readVantage(input, readApiVersion(input));
  const signIn = readSignIn(input);
  const clientId = readClientId(input);
  const run = readTimes(input);
  input.assertAccepted();
  const workflow = readWorkflowRun(runner);
  if (!vantage || !signIn || !clientId || !run) {
    throw unreported();
  }
  return Object.freeze({ mode: 'revoke', vantage, signIn, clientId, run, workflow });
}

function unreported(): Failure {
  return new Failure('internal-error', {
    operation: 'reading the inputs',
    reason: 'an input was rejected without a reason',
  });
}

/** What the inputs of a mode are read from. */
interface Reading {
  readonly input: InputReader;
  readonly runner: WorkflowContext;
  readonly now: Date;
  readonly apiVersion: ApiVersion;
  readonly signIn: SignIn | undefined;
  readonly warn: (line: string) => void;
}

type Order<Whole extends Request> = Omit<Whole, keyof CommonRequest>;

/** The readers of the inputs of each mode. They return `undefined` if an input is rejected. */
const ORDERS = { ensure: readEnsure, delete: readDelete, sweep: readSweep, audit: readAudit };

function readEnsure({ input, runner, now, apiVersion, warn }: Reading): Order<EnsureRequest> {
  const client = readClient(input, apiVersion, warn);
  const secret = readSecret(input, now);
  const delivery = readDelivery(input, runner);
  if (!delivery.outputSecret && !input.isSet('write-to') && secret.rotate !== 'never') {
    input.reject(
      'output-secret',
      'a new secret must be delivered: set this input to true, name a target in write-to, or set rotate to never',
    );
  }
  if (secret.pruneAfter && delivery.outputSecret && !secret.currentSecret) {
    input.reject(
      'prune-after',
      'nothing shows who uses a secret that was an output: pass the stored secret as current-secret, which is then kept. Otherwise, leave this input out, and set secret-expiration or revoke-at-job-end',
    );
  }
  return { mode: 'ensure', client, secret, delivery };
}

function readDelete({ input, runner, signIn }: Reading): Order<DeleteRequest> | undefined {
  const clientId = readClientId(input);
  const github = readNamedTargets(input, runner);
  const signedIn = signIn && signedInClient(signIn);
  if (signedIn !== undefined && clientId && isSameClient(signedIn, clientId)) {
    return input.reject('client-id', 'the step signs in with this client, so it cannot delete it');
  }
  return clientId === undefined ? undefined : { mode: 'delete', clientId, ...(github ? { github } : {}) };
}

function readSweep({ input, runner }: Reading): Order<SweepRequest> | undefined {
  const pattern = readClientIdPattern(input);
  const maxDeletes = input.count('max-deletes', 0, 100_000);
  const concurrency = readConcurrency(input);
  const github = readGitHubAccess(input, runner, TO_READ);
  if (github && !github.isOwn) {
    return input.reject('github-api-url', OWN_PULL_REQUESTS);
  }
  return pattern && github ? { mode: 'sweep', pattern, maxDeletes, concurrency, github } : undefined;
}

function readAudit({ input, now }: Reading): Order<AuditRequest> {
  const expiringWithin = readRotateBefore(input, now);
  const failOn = input.choice('fail-on', ['none', ...FINDING_CLASSES, 'any']);
  return { mode: 'audit', expiringWithin, failOn, concurrency: readConcurrency(input) };
}

function readConcurrency(input: InputReader): number {
  return input.count('concurrency', 1, 50);
}

function readApiVersion(input: InputReader): ApiVersion {
  return input.choice('api-version', ['v2', 'v1']);
}

function readRun(input: InputReader): RunRequest | undefined {
  const times = readTimes(input);
  const dryRun = input.flag('dry-run');
  const summary = input.flag('summary');
  return times && { dryRun, summary, ...times };
}

function readTimes(input: InputReader): Pick<RunRequest, 'timeout' | 'requestTimeout'> | undefined {
  const timeout = input.milliseconds('timeout', SECOND, 24 * HOUR, 'expected a duration from 1s to 24h, such as 5m');
  const requestTimeout = input.milliseconds(
    'request-timeout',
    100,
    HOUR,
    'expected a duration from PT0.1S to 1h, such as 30s',
  );
  return timeout && requestTimeout ? { timeout, requestTimeout } : undefined;
}
