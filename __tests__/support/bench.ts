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
import type { PendingClient } from '../../src/inputs/saved-step.ts';
import { asFailure, type ErrorCode, messageOf } from '../../src/model/failure.ts';
import type { WorkflowContext } from '../../src/model/request.ts';
import type { Secret } from '../../src/model/secret.ts';
import type { AuditRecord } from '../../src/modes/audit/record.ts';
import type { DeleteRecord } from '../../src/modes/delete/record.ts';
import { type EnsureRecord, newEnsureRecord, reportEnsure } from '../../src/modes/ensure/record.ts';
import { type FleetRecord, newFleetRecord, reportFleet } from '../../src/modes/fleet/record.ts';
import type { ModeRun } from '../../src/modes/mode.ts';
import { type MODES, readRevocation, readRun } from '../../src/modes/read-run.ts';
import { revokePending } from '../../src/modes/revoke.ts';
import type { SweepRecord } from '../../src/modes/sweep/record.ts';
import { type ReportedRun, renderOutputs } from '../../src/report/outputs.ts';
import { type ContextRequest, type Runner, workWithin } from '../../src/step.ts';
import type { IssuedToken } from '../../src/vantage/token-answers.ts';
import { withFastTime } from './fast-time.ts';
import { type FleetOptions, fleetRequest } from './fleet.ts';
import { EVERYTHING, SEED } from './github.ts';
import { findLeaks } from './leaks.ts';
import { expectToFollowSchema } from './schema.ts';
import { stopClocks } from './stopped-clock.ts';
import { canariesOf, vantageInputs } from './vantage.ts';
import { RUNNER } from './workflow.ts';
import { CLIENT_ID } from './world.ts';

export type Inputs = Readonly<Record<string, string>>;

/** What every clock shows, in this process and in both servers, until a scenario calls `moveTo`. */
export const START = '2027-01-31T09:00:00.000Z';
/** When a secret expires that was created at `START`, by default. */
export const SIX_MONTHS_LATER = '2027-07-31T09:00:00.000Z';

/** The first line of the log of a run. */
export const SIGNED_IN = 'Signed in to VANTAGE as client "ADMIN".';

/** The permissions of the token. */
const MAY: Permissions = { ...EVERYTHING, pull_requests: 'read' };

/** The token request that verifies the new secret, and none that signs in. */
export const VERIFICATION = { path: 'token', body: /client_id=invoices(?:&|$)/u } as const;

export interface BenchOptions {
  /** A function if it contains marks of secrets, because they identify targets by the API URL of their GitHub. */
  readonly vantage?: VantageOptions | ((apiUrl: string) => VantageOptions);
  /** Omitted if the scenario needs no GitHub. */
  readonly github?: GitHubOptions;
}

/** What happens during a run in addition to what the servers do. */
export interface RunOptions {
  /**
   * What to do once something matches: a line when it is logged, or a request when it arrives, as `POST /path body`.
   */
  readonly when?: readonly [at: RegExp, what: (deadline: Deadline) => void];
  /** Makes the runner fail to set the secret output. */
  readonly outputFails?: boolean;
  /** How often the runner can save marks before it fails. */
  readonly notes?: number;
  /** How often the runner can save sentences for the post step before it fails. */
  readonly sentences?: number;
  /** How many values the runner can mask before it fails. */
  readonly masks?: number;
  /** Other properties of the runner: another repository, or another step. */
  readonly runner?: Partial<WorkflowContext>;
}

/** The record of each mode. */
interface Records extends Record<keyof typeof MODES | 'fleet', unknown> {
  readonly ensure: EnsureRecord;
  readonly delete: DeleteRecord;
  readonly sweep: SweepRecord;
  readonly audit: AuditRecord;
  readonly fleet: FleetRecord;
}

/** Ends a run like a user who cancels the workflow. */
export const cancel = (deadline: Deadline): void => deadline.cancel();

/**
 * Everything that a run returned and printed. Values that differ between tests are replaced by names: `VANTAGE` and
 * `GITHUB` are the addresses, `ADMIN` is the client that signs in, and `MARK-1` and `ID-1` are the first mark and the
 * first ID.
 */
export interface Outcome<Mode extends keyof Records = 'ensure'> {
  readonly record: Records[Mode];
  /** Undefined if the run succeeded. */
  readonly failure:
    | { readonly code: ErrorCode; readonly message: string; readonly outcomeUnknown: boolean }
    | undefined;
  /** The cause of the failure, for the debug log. */
  readonly cause: string | undefined;
  /** The `results` output, parsed. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
  /** The log, in order. A warning starts with `Warning: `. */
  readonly log: readonly string[];
  /** The marks that were saved for the post step, each time. */
  readonly remembered: readonly (readonly string[])[];
  /** The sentences that were saved for the post step, each time. */
  readonly unfinished: readonly string[];
  /** What was saved of the clients of a fleet, each time: the place, and what it holds from then on. */
  readonly places: readonly (readonly [number, readonly PendingClient[]])[];
  /** The `plan` output, parsed. */
  readonly plan: Readonly<Record<string, unknown>> | null;
  /** The secret output. */
  readonly output: string | undefined;
  /** The outputs of an access token: the token, and when it expires. */
  readonly accessToken: { readonly token: string; readonly expiration: string | undefined } | undefined;
  /** The values that the runner was told to mask, in order. */
  readonly masked: readonly string[];
  /** Those of them that nothing uses any more, in order. */
  readonly retired: readonly string[];
  /** The requests that Vantage and GitHub received, in order. */
  readonly vantage: readonly RecordedRequest[];
  readonly github: readonly GitHubRequest[];
}

/**
 * The action in this process, assembled as in a step, with an embedded Vantage and an embedded GitHub. Tests see what a
 * run logs, what it saves for the post step, which requests it sends, and what both servers then store.
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
    stopClocks(START);
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

  /** Ensures the client and its secret with these inputs. Checks that nothing that is printed contains a secret. */
  async ensure(inputs: Inputs = {}, options: RunOptions = {}): Promise<Outcome> {
    return this.run('ensure', inputs, options);
  }

  /** Runs a mode. Checks that nothing that is printed contains a secret. */
  async run<Mode extends keyof Records>(
    mode: Mode,
    inputs: Inputs = {},
    options: RunOptions = {},
  ): Promise<Outcome<Mode>> {
    return this.#run({ ...inputs, mode }, options, async input => {
      const run = await readRun(input, contextOf(input, options), new Date());
      return { ...run, request: { ...run.request, github: run.github } };
    });
  }

  /** Ensures the clients with these inputs, as a manifest with the same values asks for. */
  async fleet(
    clients: readonly Inputs[],
    inputs: Inputs = {},
    { fleet, ...options }: RunOptions & { readonly fleet?: FleetOptions } = {},
  ): Promise<Outcome<'fleet'>> {
    return this.#run({ timeout: '60s', ...inputs }, options, async input => {
      const request = await fleetRequest(clients, input, contextOf(input, options), fleet);
      const record = newFleetRecord(request);
      return {
        ...reportFleet(record),
        request,
        execute: async context => (await import('../../src/modes/fleet/run.ts')).ensureFleet(request, context, record),
      };
    });
  }

  /** The post step: deletes the secrets with these marks. */
  async revokePending(marks: readonly string[], inputs: Inputs = {}): Promise<Outcome> {
    return this.#run(inputs, {}, input => {
      const request = readRevocation(input, contextOf(input, {}));
      return {
        ...reportEnsure(newEnsureRecord(CLIENT_ID)),
        request,
        execute: context =>
          revokePending(
            request,
            marks.map(mark => ({ clientId: CLIENT_ID, mark })),
            context,
          ),
      };
    });
  }

  /** Sets every clock to another time. */
  moveTo(time: string): void {
    stopClocks(time);
  }

  /** The sentence that a post step would get if the current run was killed now. */
  unfinished(): string {
    return this.normalize(this.#runner?.unfinished.at(-1) ?? '');
  }

  /** The secrets of the client in Vantage, oldest first. */
  secrets(): readonly StoredSecret[] {
    return this.vantage.client(CLIENT_ID)?.secrets ?? [];
  }

  /** The mark of each of them, by its name, or the description if it has no mark. */
  marks(): readonly (string | undefined)[] {
    return this.secrets().map(({ description }) => this.normalize(String(description)));
  }

  /** The value of a secret in GitHub. */
  held(scope: SecretScope, name = 'VANTAGE_CLIENT_SECRET'): string | undefined {
    return this.github.secret(scope, name)?.value;
  }

  /** The text with names in place of values that differ between tests. */
  normalize(text: string): string {
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

  /** The value with this name, such as the mark `MARK-1`. */
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
    options: RunOptions,
    open: (input: Reader) => Task | Promise<Task>,
  ): Promise<Outcome<Mode>> {
    warmth ??= warmUp();
    await warmth;
    return withFastTime(inputs, () => this.#execute(inputs, options, open));
  }

  async #execute<Mode extends keyof Records>(
    inputs: Inputs,
    {
      when: [at, what] = [/^\b$/u, () => undefined],
      outputFails = false,
      notes = Infinity,
      sentences = Infinity,
      masks = Infinity,
    }: RunOptions,
    open: (input: Reader) => Task | Promise<Task>,
  ): Promise<Outcome<Mode>> {
    const { vantage } = this;
    const toGitHub = this.#github ? { 'github-token': this.#token, 'github-api-url': this.#github.apiUrl } : {};
    const given: Inputs = vantageInputs(vantage, { timeout: '20s', 'request-timeout': '10s', ...toGitHub, ...inputs });
    const input = { readInput: (name: string) => given[name] ?? '', redact: (text: string) => text };
    const task = await open(input);
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
    // Marks get their names in the order of the log.
    for (const line of runner.lines) this.normalize(line);
    const tenant = request.vantage.tenantId;
    const { outputs } = renderOutputs(task, { tenant, failure }, text => runner.redactValue(text));
    expectToFollowSchema(outputs);
    const machines = JSON.stringify([record, runner.remembered, outputs]);
    this.#expectNoLeak([...runner.lines, failure?.message, machines].join('\n'));
    for (const output of [runner.output, runner.accessToken?.token.reveal()]) {
      expect(output === undefined || runner.masked.includes(output)).toBe(true);
    }
    return {
      record: JSON.parse(this.normalize(JSON.stringify(record))),
      failure: failure && {
        code: failure.code,
        message: this.normalize(failure.message),
        outcomeUnknown: failure.outcomeUnknown,
      },
      results: JSON.parse(this.normalize(outputs.results ?? '[]')),
      cause: failure?.cause === undefined ? undefined : this.normalize(messageOf(failure.cause)),
      log: runner.lines.map(line => this.normalize(line)),
      remembered: runner.remembered.map(marks => marks.map(mark => this.normalize(mark))),
      unfinished: runner.unfinished.map(sentence => this.normalize(sentence)),
      places: runner.places.map(([place, clients]) => [place, JSON.parse(this.normalize(JSON.stringify(clients)))]),
      plan: JSON.parse(this.normalize(outputs.plan || 'null')),
      output: runner.output,
      accessToken: runner.accessToken && {
        token: runner.accessToken.token.reveal(),
        expiration: runner.accessToken.expiration?.toISOString(),
      },
      masked: runner.masked,
      retired: runner.retired,
      vantage: vantage.requests.slice(received.vantage),
      github: this.#github?.requests.slice(received.github) ?? [],
    };
  }

  #expectNoLeak(printed: string): void {
    const token: Record<string, string> = this.#token ? { 'GitHub token': this.#token } : {};
    const canaries = { ...canariesOf(this.vantage), ...token };
    expect(findLeaks({ stdout: printed, stderr: '', files: {} }, canaries)).toEqual([]);
  }
}

let warmth: Promise<void> | undefined;

/** Makes both servers answer once, because their first response is slow, and a scenario has little time. */
async function warmUp(): Promise<void> {
  const [vantage, github] = await Promise.all([startVantage(), startGitHub({ seed: SEED })]);
  await Promise.all([
    fetch(`${vantage.baseUrl}/auth2/connect/token`, { method: 'POST', body: new URLSearchParams() }),
    fetch(`${github.apiUrl}/repos/octo-org/octo-repo`),
  ]);
  await Promise.all([vantage.close(), github.close()]);
}

/** The runner belongs to the GitHub of the inputs, unless the scenario says otherwise. */
function contextOf(input: Reader, { runner = {} }: RunOptions): WorkflowContext {
  const apiUrl = input.readInput('github-api-url') || RUNNER.apiUrl;
  return { ...RUNNER, apiUrl, ...runner };
}

/** A request, its work, and its outputs. */
interface Task extends ReportedRun, Pick<ModeRun, 'execute'> {
  readonly request: ContextRequest;
}

interface Arrivals {
  tell: ((request: string) => void) | undefined;
}

/** A runner that records everything. */
class RecordingRunner implements Runner {
  readonly lines: string[] = [];
  readonly masked: string[] = [];
  readonly retired: string[] = [];
  readonly remembered: (readonly string[])[] = [];
  readonly unfinished: string[] = [];
  /** What was saved of the clients of a fleet, each time: the place, and what it holds from then on. */
  readonly places: (readonly [number, readonly PendingClient[]])[] = [];
  readonly state: Runner['state'] = {
    saveUnfinished: sentence => {
      if (this.unfinished.length >= this.#limits.sentences) {
        throw new Error('ENOSPC: no space left on device');
      }
      this.unfinished.push(sentence);
    },
    savePendingMarks: marks => {
      if (this.remembered.length >= this.#limits.notes) {
        throw new Error('ENOSPC: no space left on device');
      }
      this.remembered.push(marks);
    },
    savePending: (place, clients) => this.places.push([place, clients]),
  };
  output: string | undefined;
  accessToken: IssuedToken | undefined;
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

  infoAtOnce(line: string): void {
    this.info(line);
  }

  warning(line: string): void {
    this.info(`Warning: ${line}`);
  }

  debug(): void {}

  group(title: string, print: () => void): void {
    this.info(`Group: ${title}`);
    print();
    this.info('End of the group.');
  }

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

  retireSecret(secret: Secret): void {
    this.retired.push(secret.reveal());
  }

  setSecretOutput(secret: Secret): void {
    if (this.#limits.outputFails) {
      throw new Error('ENOSPC: no space left on device');
    }
    this.output = secret.reveal();
  }

  setAccessTokenOutput(issued: IssuedToken): void {
    this.accessToken = issued;
  }
}

/** The routes of the requests to Vantage that could change something, in order. */
export function writesOf({ vantage }: Outcome): readonly string[] {
  return vantage.filter(({ method, route }) => method !== 'GET' && route !== 'token').map(({ route }) => route);
}

/** The bodies of the requests of a route, parsed. */
export function bodiesOf(
  requests: readonly { readonly route: string; readonly body: string }[],
  route: string,
): readonly Record<string, unknown>[] {
  return requests.filter(request => request.route === route).map(({ body }) => JSON.parse(body));
}
