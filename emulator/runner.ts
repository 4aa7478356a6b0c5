import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { inputEnvironment, readActionMetadata, undeclaredInputs } from './runner/action-metadata.ts';
import { parseKeyValueFile, parsePathFile } from './runner/command-files.ts';
import { githubContext, githubOf, RUNNER_ENVIRONMENT } from './runner/environment.ts';
import { JobDirectory } from './runner/job-directory.ts';
import { type Annotation, StepLog } from './runner/step-log.ts';

export { cancel } from './runner/cancel.ts';
export type { Annotation } from './runner/step-log.ts';

export interface ActionRunOptions {
  /** The step's `with:`. Omitted inputs get their default from action.yml. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The step's `env:`. Unlike a real step's, it can also replace what the runner sets, such as GITHUB_REPOSITORY. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What the main step saved for its post step, by name. As on a real runner, it takes precedence over the job's
   * environment.
   */
  readonly state?: Readonly<Record<string, string>>;
  /** The values of the matrix for this job. null: the job has no matrix. */
  readonly matrix?: Readonly<Record<string, unknown>> | null;
  /** Values that are masked from the start, as the runner does for each `secrets.NAME` that a job uses. */
  readonly secrets?: readonly string[];
  /** The files of the repository that was checked out, by their path in the workspace. */
  readonly workspace?: Readonly<Record<string, string | Uint8Array>>;
  /** The script to run. Default: `runs.main` of action.yml. To run a post step, name its script here. */
  readonly entry?: string;
  /** The path of action.yml. Default: this repository's. */
  readonly metadata?: string;
  /** The user and group ID of the step, if they differ from the runner's. Only root can set them. */
  readonly user?: number;
  /** Called when the process has started, to watch it or to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** The time after which the process is killed. Default: 120 s. */
  readonly timeoutMs?: number;
}

/** What a step left. */
export interface ActionRun {
  /** null if a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** A step fails because of its exit code, or because of a command or file that the runner cannot read. */
  readonly conclusion: 'success' | 'failure';
  /** As printed. */
  readonly stdout: string;
  readonly stderr: string;
  /** As the web page shows it: both streams in order of arrival, commands interpreted, secrets masked. */
  readonly log: string;
  readonly annotations: readonly Annotation[];
  /** The values that the step asked to be masked, in order. */
  readonly masks: readonly string[];
  /** As a later step reads them. (A job's own outputs would lose those that contain a masked value.) */
  readonly outputs: Readonly<Record<string, string>>;
  /** What the post step gets, each as STATE_name. */
  readonly state: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  /** The job summary as GitHub gets it: Markdown, masked. */
  readonly summary: string;
  /**
   * Every file that the step could write, unmasked: GITHUB_OUTPUT and the like by that name, others by relative path.
   */
  readonly files: Readonly<Record<string, string>>;
  readonly durationMs: number;
}

/** A step that is ready to be executed. */
export interface PreparedStep {
  /** The script of the step. */
  readonly entry: string;
  /** The whole environment of the step. */
  readonly env: Readonly<Record<string, string>>;
  readonly workspace: string;
  readonly options: ActionRunOptions;
  /** Takes the lines that the step prints. */
  readonly log: StepLog;
}

/** How the execution of a step ended. */
export type Executed = Pick<ActionRun, 'exitCode' | 'signal' | 'stdout' | 'stderr'>;

const ACTION_YML = path.resolve(import.meta.dirname, '..', 'action.yml');
/** Read at the start, because a test can execute a step in its own process, with the environment of the step. */
const SEARCH_PATH = process.env.PATH ?? '';

/**
 * Runs a `node24` JavaScript action as one step of a job, in its own environment and directory, which are deleted
 * afterwards. Throws only if it cannot start the step. A step that fails is an ActionRun that says so.
 *
 * @param execute executes the step. Default: in a process, as a runner does.
 */
export async function runAction(
  options: ActionRunOptions,
  execute: (step: PreparedStep) => Promise<Executed> = executeInProcess,
): Promise<ActionRun> {
  requireNode24();
  const { inputs = {}, env = {}, state = {}, matrix = null, secrets = [] } = options;
  const metadata = await readActionMetadata(options.metadata ?? ACTION_YML);
  const entry = options.entry ?? metadata.main;
  if (!existsSync(entry)) throw new Error(`File not found: '${entry}'`);
  const directory = await JobDirectory.create(options.workspace);
  try {
    const set = { ...RUNNER_ENVIRONMENT, ...githubOf(inputs), ...directory.environment, ...env };
    const log = new StepLog(secrets, set.RUNNER_DEBUG === '1');
    const undeclared = undeclaredInputs(metadata, inputs);
    if (undeclared.length > 0) {
      const quoted = (names: Iterable<string>) => [...names].map(name => `'${name}'`).join(', ');
      const valid = quoted(metadata.inputs.keys());
      log.annotate('warning', `Unexpected input(s) ${quoted(undeclared)}, valid inputs are [${valid}]`);
    }

    const started = performance.now();
    const executed = await execute({
      entry,
      env: {
        PATH: SEARCH_PATH,
        ...inputEnvironment(metadata, inputs, { github: githubContext(set), matrix }),
        ...set,
        ...stateEnvironment(state),
      },
      workspace: directory.workspace,
      options,
      log,
    });
    const durationMs = performance.now() - started;

    const files = await directory.files();
    const results = readResults(files, log);
    if (executed.exitCode !== 0) log.failed = true;
    return {
      ...executed,
      conclusion: log.failed ? 'failure' : 'success',
      log: log.text,
      annotations: log.annotations,
      masks: log.masks,
      ...results,
      files,
      durationMs,
    };
  } finally {
    await directory.remove();
  }
}

/** Executes a step as a runner does: in a process of its own. */
export async function executeInProcess({ entry, env, workspace, options, log }: PreparedStep): Promise<Executed> {
  const { user, onStart, timeoutMs = 120_000 } = options;
  const child = spawn(process.execPath, [entry], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  const stdout = collect(child.stdout, line => log.take(line));
  const stderr = collect(child.stderr, line => log.take(line));
  onStart?.(child);
  const timer = setTimeout(() => {
    log.fail(`The step has not ended after ${timeoutMs} ms and was killed.`);
    child.kill('SIGKILL');
  }, timeoutMs);
  const [exitCode, signal]: [number | null, NodeJS.Signals | null] = await closed(child).finally(() =>
    clearTimeout(timer),
  );
  return { exitCode, signal, stdout: stdout.text, stderr: stderr.text };
}

/** The job cannot set a name that the step saved, but it can set other names. */
function stateEnvironment(state: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
}

/** Only the version of Node that GitHub runs the action on shows how the action behaves. */
function requireNode24(): void {
  const major = process.versions.node.split('.')[0];
  if (major !== '24') {
    throw new Error(
      `The action runs on Node 24, but this is Node ${process.versions.node}. Start it through npm, which puts the Node 24 of node_modules first.`,
    );
  }
}

/** The text of a stream so far. Each line is passed on when it is complete. */
function collect(stream: NodeJS.ReadableStream, onLine: (line: string) => void): { text: string } {
  const collected = { text: '' };
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    collected.text += chunk;
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
  return collected;
}

/** The exit code and the signal, when the process has ended and everything that it printed has arrived. */
async function closed(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  const [exitCode, signal] = await once(child, 'close');
  return [exitCode, signal];
}

/** Reads the files with the results of a step. If one cannot be read, the step fails, but the others are read. */
function readResults(files: Readonly<Record<string, string>>, log: StepLog) {
  const values = (variable: string) => {
    try {
      return parseKeyValueFile(files[variable] ?? '');
    } catch (error) {
      const name = variable.replace('GITHUB_', '').toLowerCase();
      log.fail(`Unable to process file command '${name}' successfully.`);
      log.annotate('error', error instanceof Error ? error.message : String(error));
      return {};
    }
  };
  return {
    outputs: { ...log.outputs, ...values('GITHUB_OUTPUT') },
    state: { ...log.state, ...values('GITHUB_STATE') },
    environment: values('GITHUB_ENV'),
    paths: parsePathFile(files.GITHUB_PATH ?? ''),
    summary: log.mask(files.GITHUB_STEP_SUMMARY ?? ''),
  };
}
