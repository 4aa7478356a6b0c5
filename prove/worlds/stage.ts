import { setTimeout as sleep } from 'node:timers/promises';
import { canariesOf, vantageInputs } from '../../__tests__/support/vantage.ts';
import { type GitHub, startGitHub } from '../../emulator/github/index.ts';
import { type ActionRun, runAction } from '../../emulator/runner.ts';
import { startVantage, type Vantage } from '../../emulator/vantage/index.ts';
import { type WatchedRequest, Watcher } from '../crash/events.ts';
import { accepts, PERMISSIONS } from '../servers.ts';
import { carryOut } from './deeds.ts';
import { CLIENT_ID, OWN_ID, spotOf } from './places.ts';
import { type Seeds, seedsOf } from './seeds.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import type { Inputs, RunAct, Story } from './story.ts';

/** A process that lives longer than this is killed, in milliseconds. */
const LONGEST_STEP = 40_000;

/** What every run is given, so that no silence lasts. */
const HASTE: Inputs = { timeout: '20s', 'request-timeout': '2s' };

/** A request that a run sent, to either side, and what came of it. */
export interface SentRequest extends WatchedRequest {
  readonly service: 'vantage' | 'github';
  readonly body: string;
  readonly status: number | undefined;
  readonly applied: boolean;
}

/** A process of the action that has ended, and what was seen of it. */
export interface Scene extends ActionRun {
  readonly title: string;
  readonly kind: 'run' | 'end';
  readonly inputs: Inputs;
  readonly requests: readonly SentRequest[];
  readonly before: Snapshot;
  /** Right after somebody else did something during the run, if so. */
  readonly meanwhile: Snapshot | undefined;
  readonly after: Snapshot;
  /** Whether it came to the moment at which something was to happen. */
  readonly reached: boolean;
}

/** Which process to run. */
interface Play extends Pick<RunAct, 'vantage' | 'github' | 'at' | 'withTokenOf' | 'currentFrom'> {
  readonly title: string;
  readonly kind: 'run' | 'end';
  readonly entry: string;
  readonly inputs: Inputs;
  readonly state?: Inputs;
}

/** The two servers of one world, and the processes of the action that meet them. */
export class Stage implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  readonly seeds: Seeds;
  readonly #token: string;
  readonly #watching: { watcher: Watcher | undefined };
  #runs = 0;

  private constructor({ vantage, github, seeds, watching }: Awaited<ReturnType<typeof openServers>>) {
    this.vantage = vantage;
    this.github = github;
    this.seeds = seeds;
    this.#watching = watching;
    this.#token = github.issueToken({ kind: 'fine-grained', permissions: PERMISSIONS });
  }

  static async open(story: Story): Promise<Stage> {
    return new Stage(await openServers(story));
  }

  /** Runs one process of the action to its end. */
  async play({ title, kind, entry, state = {}, at, ...play }: Play): Promise<Scene> {
    const { vantage, github } = this;
    const inputs = await this.#inputsOf(play);
    for (const fault of play.vantage ?? []) {
      vantage.faults.add(fault);
    }
    for (const fault of play.github ?? []) {
      github.faults.add(fault);
    }
    const received = { vantage: vantage.requests.length, github: github.requests.length };
    const before = takeSnapshot(this);
    let meanwhile: Snapshot | undefined;
    const child: { kill?: () => Promise<void> } = {};
    const act = async () => {
      if (at?.comes === 'SIGKILL') {
        await child.kill?.();
      } else if (at) {
        carryOut(at.comes, this);
        meanwhile = takeSnapshot(this);
      }
    };
    const watcher = new Watcher(at && { at: at.event, act, holds: 'all' }, () => {});
    this.#watching.watcher = watcher;
    this.#runs += kind === 'run' ? 1 : 0;
    const run = await runAction({
      entry,
      inputs,
      timeoutMs: LONGEST_STEP,
      env: {
        GITHUB_REPOSITORY_ID: String(OWN_ID),
        GITHUB_RUN_ID: String(1_658_821_493 + this.#runs),
        ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
      },
      onStart: process => {
        child.kill = async () => {
          process.kill('SIGKILL');
          while (process.exitCode === null && process.signalCode === null) {
            await sleep(2);
          }
        };
      },
    });
    await watcher.idle();
    this.#watching.watcher = undefined;
    vantage.faults.clear();
    github.faults.clear();
    return {
      ...run,
      ...{ title, kind, inputs, before, meanwhile, after: takeSnapshot(this) },
      requests: [
        ...vantage.requests.slice(received.vantage).map(request => ({ service: 'vantage' as const, ...request })),
        ...github.requests.slice(received.github).map(request => ({ service: 'github' as const, ...request })),
      ],
      reached: at === undefined || watcher.events.includes(at.event),
    };
  }

  /** Whether the token endpoint takes a secret of a client. */
  accepts(clientId: string, value: string): Promise<boolean> {
    return accepts(this.vantage, clientId, value);
  }

  /** Everything in this world that must not show. */
  canaries(): Readonly<Record<string, string>> {
    const { vantage, github } = this;
    return {
      ...Object.fromEntries(vantage.minted.map((value, index) => [`secret ${index} of Vantage`, value])),
      ...canariesOf(vantage),
      ...Object.fromEntries(github.tokens.map((token, index) => [`GitHub token ${index}`, token])),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close()]);
  }

  async #inputsOf({ inputs, withTokenOf, currentFrom }: Omit<Play, 'title' | 'kind' | 'entry'>): Promise<Inputs> {
    const { vantage, github } = this;
    const spot = currentFrom === undefined ? undefined : spotOf(currentFrom);
    const all: Inputs = vantageInputs(vantage, {
      'client-id': CLIENT_ID,
      'github-token': this.#token,
      'github-api-url': github.apiUrl,
      ...HASTE,
      ...(spot ? { 'current-secret': github.secret(spot.place, spot.name)?.value ?? '' } : {}),
      ...(withTokenOf === undefined
        ? {}
        : {
            'access-token': await vantage.issueAccessToken(),
            'auth-client-id': '',
            'auth-client-secret': '',
          }),
      ...inputs,
    });
    // A client that is signed in with is one of the world's, but its name is made up anew each time.
    const named = Object.entries(all).map(([name, value]) => [
      name,
      value.replaceAll('{administrator}', vantage.administrator.clientId),
    ]);
    return Object.fromEntries(named);
  }
}

async function openServers(story: Story) {
  const now = Date.now();
  const { vantage: ofVantage, github: ofGitHub } = story.clocks ?? { vantage: 0, github: 0 };
  const seeds = seedsOf(story, now);
  const watching: { watcher: Watcher | undefined } = { watcher: undefined };
  const [vantage, github] = await Promise.all([
    startVantage({
      tier: story.tier,
      clients: seeds.clients,
      clock: now + ofVantage,
      ...(story.shape && { shape: story.shape }),
      watch: async (moment, request) => watching.watcher?.see('vantage', moment, request),
    }),
    startGitHub({
      seed: seeds.github,
      clock: now + ofGitHub,
      watch: async (moment, request) => watching.watcher?.see('github', moment, request),
    }),
  ]);
  return { vantage, github, seeds, watching };
}
