import { expect, jest } from '@jest/globals';
import {
  type GitHub,
  type GitHubOptions,
  type RecordedRequest as GitHubRequest,
  type Permissions,
  type SecretScope,
  startGitHub,
} from '../../emulator/github/index.ts';
import {
  type RecordedRequest,
  type StoredSecret,
  startVantage,
  type Vantage,
  type VantageOptions,
} from '../../emulator/vantage/index.ts';
import { Deadline } from '../../src/http/deadline.ts';
import type { Inputs as Reader } from '../../src/inputs/reader.ts';
import { asFailure, type ErrorCode, messageOf } from '../../src/model/failure.ts';
import type { WorkflowContext } from '../../src/model/request.ts';
import type { Secret } from '../../src/model/secret.ts';
import type { AuditRecord } from '../../src/modes/audit/record.ts';
import type { DeleteRecord } from '../../src/modes/delete/record.ts';
import { type EnsureRecord, newEnsureRecord, reportEnsure } from '../../src/modes/ensure/record.ts';
import type { ModeRun } from '../../src/modes/mode.ts';
import { type MODES, readRevocation, readRun } from '../../src/modes/read-run.ts';
import { revokePending } from '../../src/modes/revoke.ts';
import type { SweepRecord } from '../../src/modes/sweep/record.ts';
import { type ReportedRun, renderOutputs } from '../../src/report/outputs.ts';
import { type ContextRequest, type Runner, workWithin } from '../../src/step.ts';
import { EVERYTHING, SEED } from './github.ts';
import { findLeaks } from './leaks.ts';
import { expectToFollowSchema } from './schema.ts';
import { canariesOf, vantageInputs } from './vantage.ts';
import { RUNNER } from './workflow.ts';
import { CLIENT_ID } from './world.ts';

export type Inputs = Readonly<Record<string, string>>;

/** What every clock shows, in this process and in both servers, until a scenario moves on. Nothing else moves them. */
export const START = '2027-01-31T09:00:00.000Z';
/** When a secret ends that was minted then, unless the workflow says otherwise. */
export const SIX_MONTHS_LATER = '2027-07-31T09:00:00.000Z';

/** The first line of a run. */
export const SIGNED_IN = 'Signed in to VANTAGE as client "ADMIN".';

/** What the token may do. */
const MAY: Permissions = { ...EVERYTHING, pull_requests: 'read' };

/** The token request that proves the new secret, and none that signs in. */
export const PROOF = { path: 'token', body: /client_id=invoices(?:&|$)/u } as const;

export interface BenchOptions {
  /** The marks of secrets name targets by the GitHub that they are on, whose API has its URL once it is there. */
  readonly vantage?: VantageOptions | ((apiUrl: string) => VantageOptions);
  /** Left out: the scenario needs no GitHub. */
  readonly github?: GitHubOptions;
}

/** What a run may meet beside what the servers do to it. */
export interface RunOptions {
  /** What happens once something fits: a line as it is logged, or a request as it arrives, `POST /path body`. */
  readonly when?: readonly [at: RegExp, what: (deadline: Deadline) => void];
  /** Has the runner refuse the secret output. */
  readonly outputFails?: boolean;
  /** Has the runner note marks so many times, and then no more. */
  readonly notes?: number;
  /** Has the runner note sentences for the post step so many times, and then no more. */
  readonly sentences?: number;
  /** Has the runner mask so many values, and then no more. */
  readonly masks?: number;
  /** What the runner tells otherwise: another repository, or another step. */
  readonly runner?: Partial<WorkflowContext>;
}

/** What each mode notes of what it does. */
interface Records extends Record<keyof typeof MODES, unknown> {
  readonly ensure: EnsureRecord;
  readonly delete: DeleteRecord;
  readonly sweep: SweepRecord;
  readonly audit: AuditRecord;
}

/** Ends a run as a user does who cancels the workflow. */
export const cancel = (deadline: Deadline): void => deadline.cancel();

/**
 * All that came of a run, as it was told. What is new in every test is named: `VANTAGE` and `GITHUB` are their
 * addresses, `ADMIN` is who signs in, and `MARK-1` and `ID-1` are the first mark and the first id that was told.
 */
export interface Outcome<Mode extends keyof Records = 'ensure'> {
  readonly record: Records[Mode];
  /** Undefined where the run went well. */
  readonly failure:
    | { readonly code: ErrorCode; readonly message: string; readonly outcomeUnknown: boolean }
    | undefined;
  /** What the failure says it comes of, for the debug log. */
  readonly cause: string | undefined;
  /** The `results` output, read. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
  /** What was logged, in order. A warning begins with `Warning: `. */
  readonly log: readonly string[];
  /** The marks that were left to the post step, each time. */
  readonly remembered: readonly (readonly string[])[];
  /** The sentences that were left to the post step, each time. */
  readonly unfinished: readonly string[];
  /** The secret output. */
  readonly output: string | undefined;
  /** What the runner was told to mask, in order. */
  readonly masked: readonly string[];
  /** What Vantage and GitHub received, in order. */
  readonly vantage: readonly RecordedRequest[];
  readonly github: readonly GitHubRequest[];
}

/**
 * The action in this process, put together as it is in a step, with an embedded Vantage and an embedded GitHub: what a
 * run does shows in what it tells, in what it leaves to the post step, on the wire, and in what both then hold.
 */
export class Bench implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly #github: GitHub | undefined;
  readonly #token: string;
  readonly #names = new Map<string, string>();
  readonly #arrivals: Arrivals;
  #runner: RecordingRunner | undefined;

  private constructor(vantage: Vantage, github: GitHub | undefined, arrivals: Arrivals) {
    this.vantage = vantage;
    this.#github = github;
    this.#token = github?.issueToken({ kind: 'fine-grained', permissions: MAY }) ?? '';
    this.#arrivals = arrivals;
  }

  static async open(options: BenchOptions = {}): Promise<Bench> {
    setClocks(START);
    const arrivals: Arrivals = { tell: undefined };
    const watch = async (moment: string, { method, path, body }: Pick<RecordedRequest, 'method' | 'path' | 'body'>) => {
      if (moment === 'arrived') {
        arrivals.tell?.(`${method} ${path} ${body}`);
      }
    };
    const github = options.github && (await startGitHub({ seed: SEED, watch, ...options.github }));
    const given = typeof options.vantage === 'function' ? options.vantage(github?.apiUrl ?? '') : options.vantage;
    const vantage = await startVantage({ watch, ...given });
    return new Bench(vantage, github, arrivals);
  }

  get github(): GitHub {
    if (!this.#github) {
      throw new Error('the bench was opened without a GitHub');
    }
    return this.#github;
  }

  /** Ensures the client and its secret as these inputs ask. Whatever comes of it, nothing that is told holds a secret. */
  async ensure(inputs: Inputs = {}, options: RunOptions = {}): Promise<Outcome> {
    return this.run('ensure', inputs, options);
  }

  /** Does the work of a mode. Whatever comes of it, nothing that is told holds a secret. */
  async run<Mode extends keyof Records>(
    mode: Mode,
    inputs: Inputs = {},
    options: RunOptions = {},
  ): Promise<Outcome<Mode>> {
    return this.#run({ ...inputs, mode }, options, input => {
      const run = readRun(input, contextOf(input, options), new Date());
      return { ...run, request: { ...run.request, github: run.github } };
    });
  }

  /** The end of the job: deletes what bears these marks. */
  async revokePending(marks: readonly string[], inputs: Inputs = {}): Promise<Outcome> {
    return this.#run(inputs, {}, input => {
      const request = readRevocation(input, contextOf(input, {}));
      return {
        ...reportEnsure(newEnsureRecord(request.clientId)),
        request,
        execute: context => revokePending(request, marks, context),
      };
    });
  }

  /** Has every clock show another time from now on. */
  moveTo(time: string): void {
    setClocks(time);
  }

  /** The sentence that a post step would get, if the run under way were killed now. */
  unfinished(): string {
    return this.told(this.#runner?.unfinished.at(-1) ?? '');
  }

  /** The secrets that Vantage holds of the client, oldest first. */
  secrets(): readonly StoredSecret[] {
    return this.vantage.client(CLIENT_ID)?.secrets ?? [];
  }

  /** The mark of each of those, by its name, or the words of a description that has none. */
  marks(): readonly (string | undefined)[] {
    return this.secrets().map(({ description }) => this.told(String(description)));
  }

  /** The value that GitHub holds in a place. */
  held(scope: SecretScope, name = 'VANTAGE_CLIENT_SECRET'): string | undefined {
    return this.github.secret(scope, name)?.value;
  }

  /** A text with names in place of what is new in every test. */
  told(text: string): string {
    const { baseUrl, tenantId, administrator } = this.vantage;
    return text
      .replaceAll(baseUrl, 'VANTAGE')
      .replaceAll(this.#github?.apiUrl ?? baseUrl, 'GITHUB')
      .replaceAll(tenantId, 'TENANT')
      .replaceAll(administrator.clientId, 'ADMIN')
      .replace(
        /\[vantage-client [\w.-]+\/[\w.-]+ id=github\.com\/\d+ to=[\da-f]{8}(?:,[\da-f]{8})* run=\d+\.1 [\da-f]{16}\]/gu,
        mark => this.#nameOf('MARK', mark),
      )
      .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gu, id => this.#nameOf('ID', id));
  }

  /** What bears a name: the mark that is told as `MARK-1`. */
  named(name: string): string {
    return [...this.#names].find(([, known]) => known === name)?.[0] ?? `nothing is named ${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    jest.useRealTimers();
    await Promise.all([this.vantage.close(), this.#github?.close()]);
  }

  #nameOf(kind: string, text: string): string {
    const known = [...this.#names.values()].filter(name => name.startsWith(kind)).length;
    const name = this.#names.get(text) ?? `${kind}-${known + 1}`;
    this.#names.set(text, name);
    return name;
  }

  async #run<Mode extends keyof Records>(
    inputs: Inputs,
    {
      when: [at, what] = [/^\b$/u, () => undefined],
      outputFails = false,
      notes = Infinity,
      sentences = Infinity,
      masks = Infinity,
    }: RunOptions,
    open: (input: Reader) => Task,
  ): Promise<Outcome<Mode>> {
    const { vantage } = this;
    const toGitHub = this.#github ? { 'github-token': this.#token, 'github-api-url': this.#github.apiUrl } : {};
    const given: Inputs = vantageInputs(vantage, { timeout: '8s', 'request-timeout': '5s', ...toGitHub, ...inputs });
    const input = { readInput: (name: string) => given[name] ?? '', redact: (text: string) => text };
    const task = open(input);
    const { request, record } = task;
    const deadline = new Deadline(request.run.timeout);
    const notice = (text: string) => {
      if (at.test(text)) {
        what(deadline);
      }
    };
    const runner = new RecordingRunner(notice, { outputFails, notes, sentences, masks });
    this.#runner = runner;
    this.#arrivals.tell = notice;
    const received = { vantage: vantage.requests.length, github: this.#github?.requests.length ?? 0 };
    const failure = await workWithin(deadline, request, runner, task.execute).then(() => undefined, asFailure);
    deadline.close();
    this.#arrivals.tell = undefined;
    // In the order of their marks, whatever order the lines name them in.
    for (const line of runner.lines) this.told(line);
    const tenant = request.vantage.tenantId;
    const { outputs } = renderOutputs(task, { tenant, failure }, text => runner.redactValue(text));
    expectToFollowSchema(outputs);
    const machines = JSON.stringify([record, runner.remembered, outputs]);
    this.#expectNoLeak([...runner.lines, failure?.message, machines].join('\n'));
    expect(runner.output === undefined || runner.masked.includes(runner.output)).toBe(true);
    return {
      record: JSON.parse(this.told(JSON.stringify(record))),
      failure: failure && {
        code: failure.code,
        message: this.told(failure.message),
        outcomeUnknown: failure.outcomeUnknown,
      },
      results: JSON.parse(this.told(outputs.results ?? '[]')),
      cause: failure?.cause === undefined ? undefined : this.told(messageOf(failure.cause)),
      log: runner.lines.map(line => this.told(line)),
      remembered: runner.remembered.map(marks => marks.map(mark => this.told(mark))),
      unfinished: runner.unfinished.map(sentence => this.told(sentence)),
      output: runner.output,
      masked: runner.masked,
      vantage: vantage.requests.slice(received.vantage),
      github: this.#github?.requests.slice(received.github) ?? [],
    };
  }

  #expectNoLeak(told: string): void {
    const minted = Object.fromEntries(this.vantage.minted.map((value, index) => [`minted value ${index}`, value]));
    const token: Record<string, string> = this.#token ? { 'GitHub token': this.#token } : {};
    const canaries = { ...minted, ...canariesOf(this.vantage), ...token };
    expect(findLeaks({ stdout: told, stderr: '', files: {} }, canaries)).toEqual([]);
  }
}

/**
 * Has both servers answer once, which takes them long the first time. For `beforeAll`, where a scenario gives a run but a
 * second and may be the first one of its file.
 */
export async function warmUp(): Promise<void> {
  await using bench = await Bench.open({ github: {} });
  await bench.vantage.issueAccessToken();
  await Promise.all([
    fetch(`${bench.vantage.baseUrl}/auth2/connect/token`, { method: 'POST', body: new URLSearchParams() }),
    fetch(`${bench.github.apiUrl}/repos/octo-org/octo-repo`),
  ]);
}

/** The runner belongs to the GitHub that the inputs name, unless the scenario says otherwise. */
function contextOf(input: Reader, { runner = {} }: RunOptions): WorkflowContext {
  const apiUrl = input.readInput('github-api-url') || RUNNER.apiUrl;
  return { ...RUNNER, apiUrl, ...runner };
}

/** A request, the work that it asks for, and what the outputs show of it. */
interface Task extends ReportedRun, Pick<ModeRun, 'execute'> {
  readonly request: ContextRequest;
}

interface Arrivals {
  tell: ((request: string) => void) | undefined;
}

/** Has every clock of this process show this time, and stand still. Timers run on. */
function setClocks(time: string): void {
  jest.useFakeTimers({
    now: new Date(time),
    doNotFake: [
      'clearImmediate',
      'clearInterval',
      'clearTimeout',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'setInterval',
      'setTimeout',
    ],
  });
}

/** A runner that writes everything down. */
class RecordingRunner implements Runner {
  readonly lines: string[] = [];
  readonly masked: string[] = [];
  readonly remembered: (readonly string[])[] = [];
  readonly unfinished: string[] = [];
  output: string | undefined;
  readonly #onLine: (line: string) => void;
  readonly #limits: Required<Omit<RunOptions, 'when' | 'runner'>>;

  constructor(onLine: (line: string) => void, limits: Required<Omit<RunOptions, 'when' | 'runner'>>) {
    this.#onLine = onLine;
    this.#limits = limits;
  }

  info(line: string): void {
    this.lines.push(line);
    this.#onLine(line);
  }

  warning(line: string): void {
    this.info(`Warning: ${line}`);
  }

  debug(): void {}

  redact(text: string): string {
    return this.masked.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
  }

  redactValue(value: string): string {
    return this.redact(value);
  }

  maskSecret(secret: Secret): void {
    if (this.masked.length >= this.#limits.masks) {
      throw new Error('EPIPE: broken pipe, write');
    }
    this.masked.push(secret.reveal());
  }

  saveUnfinished(sentence: string): void {
    if (this.unfinished.length >= this.#limits.sentences) {
      throw new Error('ENOSPC: no space left on device');
    }
    this.unfinished.push(sentence);
  }

  savePendingMarks(marks: readonly string[]): void {
    if (this.remembered.length >= this.#limits.notes) {
      throw new Error('ENOSPC: no space left on device');
    }
    this.remembered.push(marks);
  }

  setSecretOutput(secret: Secret): void {
    if (this.#limits.outputFails) {
      throw new Error('ENOSPC: no space left on device');
    }
    this.output = secret.reveal();
  }
}

/** The routes of the requests to Vantage that could change something, in order. */
export function writesOf({ vantage }: Outcome): readonly string[] {
  return vantage.filter(({ method, route }) => method !== 'GET' && route !== 'token').map(({ route }) => route);
}

/** The bodies of the requests of a route, read. */
export function bodiesOf(
  requests: readonly { readonly route: string; readonly body: string }[],
  route: string,
): readonly Record<string, unknown>[] {
  return requests.filter(request => request.route === route).map(({ body }) => JSON.parse(body));
}
