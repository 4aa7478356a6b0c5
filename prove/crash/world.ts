import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { findLeaks, type Leak } from '../../__tests__/support/leaks.ts';
import { canariesOf, vantageInputs } from '../../__tests__/support/vantage.ts';
import { type GitHub, type SecretScope, startGitHub } from '../../emulator/github/index.ts';
import { type ActionRunOptions, runAction } from '../../emulator/runner.ts';
import { type StoredClient, startVantage, type Vantage } from '../../emulator/vantage/index.ts';
import { targetLine } from '../../src/model/target.ts';
import { runHere } from '../build-here.ts';
import { accepts, PERMISSIONS } from '../servers.ts';
import type { Tier } from '../tier.ts';
import { type Event, isWrite, type Trigger, type WatchedRequest, Watcher } from './events.ts';
import { type Break, isSignal, MISHAPS, type MishapName, type Point } from './points.ts';
import { endOf, hit, type Watched } from './process.ts';
import type { Holding, Run, RunOptions } from './run.ts';
import { type Beginning, CLIENT_ID, FOREIGN_ITEMS, OWN, OWN_ID, type Scenario, targetsOf } from './scenarios.ts';

/** A process that runs longer than this is killed, in milliseconds. */
const LONGEST_STEP = 40_000;

/** Inputs that keep a run short if a server does not respond, and that let it reach its break on a busy machine. */
const HASTE: { readonly [how in Break]?: Readonly<Record<string, string>> } = {
  stall: { 'request-timeout': 'PT1S' },
  late: { 'request-timeout': 'PT1S' },
  outage: { timeout: '10s' },
};

/** A step that nothing breaks waits for nothing: both servers show at once what was written. */
const SHORT = 0.1;

const RAISE_AT_WRITE = pathToFileURL(path.join(import.meta.dirname, 'raise-at-write.mjs')).href;

/** A Vantage and a GitHub for one point, and the steps of the action that use them. */
export class World implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  readonly scenario: Scenario;
  readonly beginning: Beginning;
  readonly #token: string;
  readonly #traces: string;
  readonly #watching: { watcher: Watcher | undefined };

  private constructor(
    scenario: Scenario,
    beginning: Beginning,
    { vantage, github, traces, watching }: Awaited<ReturnType<typeof openServices>>,
  ) {
    this.scenario = scenario;
    this.beginning = beginning;
    this.vantage = vantage;
    this.github = github;
    this.#traces = traces;
    this.#watching = watching;
    this.#token = github.issueToken({ kind: 'fine-grained', permissions: PERMISSIONS });
  }

  static async open(scenario: Scenario, tier: Tier): Promise<World> {
    const beginning = scenario.begin(Date.now());
    return new World(scenario, beginning, await openServices(beginning, tier));
  }

  /** Runs the action once, as a runner does, and breaks it if requested. */
  async run({ title, entry, runId, inputs = {}, state = {}, ...how }: RunOptions): Promise<Run> {
    const { broken, seesWrites = false, here = false } = how;
    const { vantage, github } = this;
    const before = { vantage: vantage.requests.length, github: github.requests.length };
    const trace = path.join(this.#traces, `${runId}-${path.basename(entry)}`);
    await writeFile(trace, '');
    const process: Watched = {};
    const breaksAtWrite = broken !== undefined && isWrite(broken.event);
    const trigger = broken && !breaksAtWrite ? this.#trigger(broken, process) : undefined;
    let writes = 0;
    // Writes of the process before a request are recorded before the request.
    const merge = () => {
      const lines = readFileSync(trace, 'utf8').split('\n').slice(0, -1);
      for (const [event = '', at] of lines.slice(writes).map(line => line.split(' '))) {
        watcher.events.push(event);
        if (event === broken?.event && isSignal(broken.break)) {
          process.brokenAt = Number(at);
        }
      }
      writes = lines.length;
    };
    const watcher = new Watcher(trigger, merge);
    this.#watching.watcher = watcher;
    const step: ActionRunOptions = {
      entry,
      timeoutMs: LONGEST_STEP,
      inputs: vantageInputs(vantage, {
        'client-id': CLIENT_ID,
        'write-to': this.scenario.writeTo.join('\n'),
        'github-token': this.#token,
        'github-api-url': github.apiUrl,
        timeout: '20s',
        ...this.scenario.inputs,
        ...(broken ? HASTE[broken.break] : {}),
        ...(broken?.break === 'outage' ? this.scenario.inOutage : {}),
        ...inputs,
      }),
      env: {
        GITHUB_REPOSITORY_ID: String(OWN_ID),
        GITHUB_RUN_ID: runId,
        ...(seesWrites || breaksAtWrite ? { NODE_OPTIONS: `--import=${RAISE_AT_WRITE}`, PROVE_TRACE: trace } : {}),
        ...(breaksAtWrite ? { PROVE_RAISE: `${broken.event} ${broken.break}` } : {}),
      },
      state,
      onStart: child => {
        process.child = child;
        child.once('exit', () => {
          process.endedAt = Date.now();
        });
      },
    };
    const run = await (here ? runHere(step, { waits: SHORT }) : runAction(step));
    await watcher.idle();
    merge();
    this.#watching.watcher = undefined;
    vantage.faults.clear();
    github.faults.clear();
    const { brokenAt, endedAt = Date.now() } = process;
    return {
      ...run,
      title,
      requests: [
        ...vantage.requests.slice(before.vantage).map(request => ({ service: 'vantage' as const, ...request })),
        ...github.requests.slice(before.github).map(request => ({ service: 'github' as const, ...request })),
      ],
      events: watcher.events,
      endedAfterMs: brokenAt === undefined ? undefined : endedAt - brokenAt,
    };
  }

  /** What each target holds. */
  holdings(): readonly Holding[] {
    const { writeTo, variables } = this.scenario;
    return targetsOf(writeTo).map(target => {
      const scope = placeOf(target.scope);
      const saidBy = (name: string | undefined) => name && this.github.variable(scope, name)?.value;
      return {
        line: targetLine(target),
        secret: this.github.secret(scope, target.secretName),
        clientId: saidBy(variables?.clientId),
        expiration: saidBy(variables?.expiration),
      };
    });
  }

  /** The client of the scenario. */
  client(): StoredClient | undefined {
    return this.vantage.client(CLIENT_ID);
  }

  /** Everything that belongs to others: other clients, the administrator, other secrets of the client, other items. */
  foreign(): Readonly<Record<string, unknown>> {
    const { vantage, github, beginning } = this;
    const { names, prunable } = beginning;
    const others = this.client()?.secrets.filter(({ value }) => names.has(value) && !prunable.includes(value));
    return {
      clients: vantage.clients().filter(({ clientId }) => clientId !== CLIENT_ID),
      administrator: vantage.client(vantage.administrator.clientId),
      secrets: others ?? [],
      items: FOREIGN_ITEMS.map(({ scope, name, kind }) => github[kind](scope, name)),
      production: github.environment(OWN.owner, OWN.repo, 'production'),
    };
  }

  /** Whether the token endpoint accepts a secret of the client. */
  accepts(value: string): Promise<boolean> {
    return accepts(this.vantage, CLIENT_ID, value);
  }

  /** Every secret of this world that appears, in any form, in the output and files of a run. */
  leaks(run: Run): readonly Leak[] {
    const { vantage, github } = this;
    const canaries = {
      ...canariesOf(vantage),
      ...Object.fromEntries(github.tokens.map((token, index) => [`GitHub token ${index}`, token])),
    };
    return findLeaks(run, canaries, this.scenario.output ? { output: 'client-secret' } : undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close(), rm(this.#traces, { recursive: true, force: true })]);
  }

  /** Runs the action of an event: the network fails the request, or the process gets a signal. */
  #trigger({ event, break: how }: Pick<Point, 'event' | 'break'>, process: Watched): Trigger {
    const act = async (request: WatchedRequest) => {
      if (isSignal(how)) {
        process.brokenAt = Date.now();
        await hit(process.child, how);
      } else if (how === 'late') {
        await endOf(process.child);
      } else {
        this.#fail(event, how, request);
      }
    };
    return { at: event, act, holds: how === 'late' ? 'one' : 'all' };
  }

  #fail(event: Event, how: MishapName | 'outage', { method, path: exact }: WatchedRequest): void {
    const { vantage, github } = this;
    const on = { method, path: new RegExp(`^${exact.replace(/[^\w/]/gu, '\\$&')}$`) };
    const service = event.startsWith('vantage.') ? vantage : github;
    service.faults.add({ on, times: 1, mishap: MISHAPS[how === 'outage' ? 'reset-after' : how] });
    if (how === 'outage') {
      vantage.faults.add({ mishap: MISHAPS['reset-before'] });
      github.faults.add({ mishap: MISHAPS['reset-before'] });
    }
  }
}

async function openServices({ clientsFor, github: seed }: Beginning, tier: Tier) {
  const watching: { watcher: Watcher | undefined } = { watcher: undefined };
  const github = await startGitHub({
    seed,
    watch: async (moment, request) => watching.watcher?.see('github', moment, request),
  });
  const [vantage, traces] = await Promise.all([
    startVantage({
      tier,
      clients: clientsFor(github),
      watch: async (moment, request) => watching.watcher?.see('vantage', moment, request),
    }),
    mkdtemp(path.join(tmpdir(), 'prove-')),
  ]);
  return { vantage, github, traces, watching };
}

/** A place of the action, as the emulator names it. */
function placeOf(scope: ReturnType<typeof targetsOf>[number]['scope']): SecretScope {
  switch (scope.kind) {
    case 'repository':
      return { owner: scope.owner, repo: scope.repo, app: scope.app };
    case 'environment':
      return { owner: scope.owner, repo: scope.repo, environment: scope.environment };
    case 'organization':
      return { org: scope.org, app: scope.app };
  }
}
