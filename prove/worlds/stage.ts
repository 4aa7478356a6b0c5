import { setTimeout as sleep } from 'node:timers/promises';
import { canariesOf, vantageInputs } from '../../__tests__/support/vantage.ts';
import type { GitHub } from '../../emulator/github/index.ts';
import { type ActionRun, runAction } from '../../emulator/runner.ts';
import type { Vantage } from '../../emulator/vantage/index.ts';
import { type WatchedRequest, Watcher } from '../crash/events.ts';
import { accepts, namedRepository, PERMISSIONS } from '../servers.ts';
import { environmentOf, gitHubOf, ownerOf } from './actors.ts';
import { carryOut } from './deeds.ts';
import { openServers } from './open.ts';
import { CLIENT_ID, OWN_ID, spotOf } from './places.ts';
import type { Seeds } from './seeds.ts';
import { type Snapshot, secretsOf, takeSnapshot } from './snapshot.ts';
import type { Actor, Inputs, RunAct, Story } from './story.ts';

/** A process that runs longer than this is killed, in milliseconds. */
const LONGEST_STEP = 40_000;

/** Inputs of every run, so that it does not wait long for a response. */
const HASTE: Inputs = { timeout: '20s', 'request-timeout': '2s' };

/** A request of a run to either server, and its response. */
export interface SentRequest extends WatchedRequest {
  readonly service: 'vantage' | 'github';
  readonly body: string;
  readonly status: number | undefined;
  readonly applied: boolean;
}

/** A process of the action that has ended, and what was observed of it. */
export interface Scene extends ActionRun {
  readonly title: string;
  readonly kind: 'run' | 'end';
  readonly by: Actor;
  readonly inputs: Inputs;
  /** The repository of the run, which owns what it creates, and the owner of each secret. Manual secrets have none. */
  readonly owner: string;
  readonly owners: ReadonlyMap<string, string>;
  readonly requests: readonly SentRequest[];
  readonly before: Snapshot;
  /** The state right after somebody else changed something during the run, if so. */
  readonly meanwhile: Snapshot | undefined;
  readonly after: Snapshot;
  /** Whether it reached the moment at which something was to happen. */
  readonly reached: boolean;
}

/** Which process to run. */
interface Play extends Pick<RunAct, 'by' | 'vantage' | 'github' | 'at' | 'withTokenOf' | 'currentFrom' | 'vault'> {
  readonly title: string;
  readonly kind: 'run' | 'end';
  readonly entry: string;
  readonly inputs: Inputs;
  readonly state?: Inputs;
}

/** The servers of one world, and the processes of the action that use them. */
export class Stage implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  readonly otherGitHub: GitHub | undefined;
  readonly seeds: Seeds;
  readonly #vaults = new Map<string, string>();
  /** The repository that created each secret. */
  readonly #owners: Map<string, string>;
  readonly #tokens: ReadonlyMap<GitHub, string>;
  readonly #watching: { watcher: Watcher | undefined };
  #runs = 0;

  private constructor({ vantage, github, otherGitHub, seeds, watching }: Awaited<ReturnType<typeof openServers>>) {
    this.vantage = vantage;
    this.github = github;
    this.otherGitHub = otherGitHub;
    this.seeds = seeds;
    this.#watching = watching;
    this.#owners = new Map(seeds.owners);
    this.#tokens = new Map(
      [github, ...(otherGitHub ? [otherGitHub] : [])].map(one => [
        one,
        one.issueToken({ kind: 'fine-grained', permissions: PERMISSIONS }),
      ]),
    );
  }

  static async open(story: Story): Promise<Stage> {
    return new Stage(await openServers(story));
  }

  /** Runs one process of the action until it ends. */
  async play({ title, kind, entry, state = {}, at, ...play }: Play): Promise<Scene> {
    const { by = {}, vault } = play;
    const { vantage } = this;
    const github = gitHubOf(by, this);
    const owner = ownerOf(by);
    const inputs = await this.#inputsOf(play, github);
    for (const fault of play.vantage ?? []) {
      vantage.faults.add(fault);
    }
    for (const fault of play.github ?? []) {
      github.faults.add(fault);
    }
    const received = { vantage: vantage.requests.length, github: github.requests.length };
    const look = () => this.#lookAs(by, github);
    const before = look();
    let meanwhile: Snapshot | undefined;
    const child: { kill?: () => Promise<void> } = {};
    const act = async () => {
      if (at?.comes === 'SIGKILL') {
        await child.kill?.();
      } else if (at) {
        carryOut(at.comes, this);
        meanwhile = look();
      }
    };
    const watcher = new Watcher(at && { at: at.event, act, holds: 'all' }, () => {});
    this.#watching.watcher = watcher;
    this.#runs += kind === 'run' ? 1 : 0;
    const run = await runAction({
      entry,
      inputs,
      matrix: by.matrix ?? null,
      timeoutMs: LONGEST_STEP,
      env: {
        ...environmentOf(by, github),
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
    const after = look();
    this.#noteOwner(owner, before, [...(meanwhile ? [meanwhile] : []), after]);
    const given = run.outputs['client-secret'];
    if (vault && !vault.fails && given) {
      this.#vaults.set(vault.name, given);
    }
    return {
      ...run,
      ...{ title, kind, by, inputs, owner, owners: new Map(this.#owners), before, meanwhile, after },
      requests: [
        ...vantage.requests.slice(received.vantage).map(request => ({ service: 'vantage' as const, ...request })),
        ...github.requests.slice(received.github).map(request => ({ service: 'github' as const, ...request })),
      ],
      reached: at === undefined || watcher.events.includes(at.event),
    };
  }

  /** Whether the token endpoint accepts a secret of the client. */
  accepts(clientId: string, value: string): Promise<boolean> {
    return accepts(this.vantage, clientId, value);
  }

  /** Everything in this world that must not appear in logs or files. */
  canaries(): Readonly<Record<string, string>> {
    const { vantage } = this;
    return {
      ...canariesOf(vantage),
      ...Object.fromEntries([...this.#tokens.values()].map((token, index) => [`GitHub token ${index}`, token])),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close(), this.otherGitHub?.close()]);
  }

  /** Everything, from the view of the actor's repository. */
  #lookAs({ repositoryId = OWN_ID }: Actor, github: GitHub): Snapshot {
    const otherGitHub = [this.github, this.otherGitHub].find(one => one !== github);
    const own = namedRepository(github, repositoryId);
    return takeSnapshot({ vantage: this.vantage, github, own, otherGitHub, vaults: this.#vaults });
  }

  /** A secret that was created manually has no mark. */
  #noteOwner(owner: string, before: Snapshot, since: readonly Snapshot[]): void {
    const known = new Set(secretsOf(before).map(({ value }) => value));
    for (const { value, description } of since.flatMap(secretsOf)) {
      if (!known.has(value) && description?.includes('[vantage-client ')) {
        this.#owners.set(value, owner);
      }
    }
  }

  async #inputsOf(
    { inputs, withTokenOf, currentFrom, vault }: Omit<Play, 'title' | 'kind' | 'entry'>,
    github: GitHub,
  ): Promise<Inputs> {
    const { vantage } = this;
    const spot = currentFrom === undefined ? undefined : spotOf(currentFrom);
    const all: Inputs = vantageInputs(vantage, {
      'client-id': CLIENT_ID,
      'github-token': this.#tokens.get(github) ?? '',
      ...HASTE,
      ...(vault ? { 'current-secret': this.#vaults.get(vault.name) ?? '' } : {}),
      ...(spot ? { 'current-secret': github.secret(spot.scope, spot.name)?.value ?? '' } : {}),
      ...(withTokenOf === undefined
        ? {}
        : {
            'access-token': await vantage.issueAccessToken(),
            'auth-client-id': '',
            'auth-client-secret': '',
          }),
      ...inputs,
    });
    // The client of the sign-in is one of the world, but its name is created for each run.
    const named = Object.entries(all).map(([name, value]) => [
      name,
      value.replaceAll('{administrator}', vantage.administrator.clientId),
    ]);
    return Object.fromEntries(named);
  }
}
