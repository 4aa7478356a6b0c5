import { readClientId } from '../inputs/client.ts';
import { readSignIn, readVantage } from '../inputs/connection.ts';
import { InputReader, type Inputs } from '../inputs/reader.ts';
import { readWorkflowRun, whySecretsAreEmpty } from '../inputs/workflow-run.ts';
import type { ApiVersion } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import type { RevocationRequest, WorkflowContext } from '../model/request.ts';
import { auditMode } from './audit/index.ts';
import { deleteMode } from './delete/index.ts';
import { ensureMode } from './ensure/index.ts';
import type { Mode, ModeRun } from './mode.ts';
import { sweepMode } from './sweep/index.ts';

/** Every value of the `mode` input. */
export const MODES = {
  ensure: ensureMode,
  delete: deleteMode,
  sweep: sweepMode,
  audit: auditMode,
} as const satisfies Record<string, Mode>;

type ModeName = keyof typeof MODES;
const MODE_NAMES = Object.keys(MODES) as [ModeName, ...ModeName[]];

const SECOND = 1000;
const HOUR = 60 * 60 * SECOND;

/**
 * Reads and checks the inputs, and returns the run that they ask for. Only the code that this function calls reads inputs.
 * It ignores inputs of other modes, so that one step can serve several modes.
 *
 * @param now durations count from here.
 * @throws Failure `invalid-input` with every input that is wrong.
 */
export async function readRun(inputs: Inputs, workflow: WorkflowContext, now: Date): Promise<ModeRun> {
  const input = new InputReader(inputs, whySecretsAreEmpty(workflow));
  const warnings: string[] = [];
  const warn = (line: string) => warnings.push(line);
  const mode = input.choice('mode', MODE_NAMES);
  const apiVersion = readApiVersion(input);
  const vantage = readVantage(input, apiVersion);
  const signIn = readSignIn(input);
  const read = modeOf(mode, input);
  const start = await read({ input, workflow, now, apiVersion, signIn, warn });
  const times = readTimes(input);
  const dryRun = input.flag('dry-run');
  const summary = input.flag('summary');
  input.assertAccepted();
  const workflowRun = readWorkflowRun(workflow, {
    matrix: input.text('matrix'),
    description: input.text('secret-description'),
  });
  if (!vantage || !signIn || !times || !start) {
    throw unreported();
  }
  return start({ vantage, signIn, run: { dryRun, summary, ...times }, workflow: workflowRun, warnings });
}

/**
 * Reads what the end of the job needs to revoke pending secrets, and no other input: one that was valid when the step
 * began may have become invalid, such as a `secret-expiration` that is now too soon.
 *
 * @param isFleet whether the step has many clients, so that no input names them.
 * @throws Failure `invalid-input` with every input that is wrong.
 */
export function readRevocation(inputs: Inputs, workflow: WorkflowContext, isFleet = false): RevocationRequest {
  const input = new InputReader(inputs, whySecretsAreEmpty(workflow));
  const vantage = readVantage(input, readApiVersion(input));
  const signIn = readSignIn(input);
  const clientId = isFleet ? undefined : readClientId(input);
  const run = readTimes(input);
  input.assertAccepted();
  if (!vantage || !signIn || !run) {
    throw unreported();
  }
  return { vantage, signIn, clientId, run, workflow: readWorkflowRun(workflow) };
}

/** A manifest is a mode of its own, which is loaded on demand with what parses the file. */
function modeOf(mode: ModeName, input: InputReader): Mode {
  if (input.isSet('manifest') && mode === 'ensure') {
    return async reading => (await import('./fleet/index.ts')).fleetMode(reading);
  }
  if (input.isSet('manifest')) {
    input.reject('manifest', `expected mode to be ensure, because mode ${mode} reads no manifest`);
  } else if (input.isSet('shard') && mode === 'ensure') {
    input.reject('shard', 'expected a manifest, whose clients are shared');
  }
  return MODES[mode];
}

function unreported(): Failure {
  return new Failure('internal-error', {
    operation: 'reading the inputs',
    reason: 'an input was rejected without a reason',
  });
}

function readApiVersion(input: InputReader): ApiVersion {
  return input.choice('api-version', ['v2', 'v1']);
}

function readTimes(input: InputReader): RevocationRequest['run'] | undefined {
  const timeout = input.milliseconds('timeout', SECOND, 24 * HOUR, 'expected a duration from 1s to 24h, such as 5m');
  const expected = 'expected a duration from PT0.1S to 1h, such as 30s';
  const requestTimeout = input.milliseconds('request-timeout', 100, HOUR, expected);
  return timeout && requestTimeout ? { timeout, requestTimeout } : undefined;
}
