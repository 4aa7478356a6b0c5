import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { vantageInputs } from '../../__tests__/support/vantage.ts';
import { type GitHub, type NamedRepository, startGitHub } from '../../emulator/github/index.ts';
import { type ActionRun, type ActionRunOptions, runAction } from '../../emulator/runner.ts';
import { startVantage, type Vantage } from '../../emulator/vantage/index.ts';
import { runHere } from '../build-here.ts';
import { accepts, namedRepository, PERMISSIONS } from '../servers.ts';
import { spotOf } from '../worlds/places.ts';
import type { Inputs } from '../worlds/story.ts';
import { type PlannedRun, START } from './calendar.ts';
import { type Happening, type Holder, holdersOf, type Variant, type Workflow } from './scenario.ts';

const SET_CLOCK = pathToFileURL(path.join(import.meta.dirname, 'set-clock.mjs')).href;

/** A process that runs longer than this is killed, in milliseconds. */
const LONGEST_STEP = 60_000;

/** What a vault holds: a secret, and the `rotation-due` output of its step. */
export interface Stored {
  readonly secret: string;
  readonly rotationDue: string;
}

/** The servers of one year, whose clocks are set, and the vaults that store secrets outside of GitHub. */
export class World implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  /** The stored secrets, by the key of their holder. */
  readonly vaults = new Map<string, Stored>();
  readonly #variant: Variant;
  readonly #token: string;
  #now = START;
  #runs = 0;

  private constructor(variant: Variant, vantage: Vantage, github: GitHub) {
    this.#variant = variant;
    this.vantage = vantage;
    this.github = github;
    this.#token = github.issueToken({ kind: 'fine-grained', permissions: PERMISSIONS });
  }

  static async open(variant: Variant): Promise<World> {
    const { scenario, tier, clocks } = variant;
    const [vantage, github] = await Promise.all([
      startVantage({ tier, clock: START + clocks.vantage }),
      startGitHub({ seed: scenario.github, clock: START + clocks.github }),
    ]);
    for (const fault of scenario.faults ?? []) {
      github.faults.add(fault);
    }
    return new World(variant, vantage, github);
  }

  /** Sets every clock, in milliseconds since 1970, from the runner's clock. */
  setTime(now: number): void {
    const { clocks } = this.#variant;
    this.#now = now;
    this.vantage.clock.set(now + clocks.vantage);
    this.github.clock.set(now + clocks.github);
  }

  happen(happening: Happening): void {
    if ('renames' in happening) {
      const { owner, repo } = this.#nameOf(happening.renames);
      this.github.repositories.rename(owner, repo, { repo: happening.to });
    } else if ('archives' in happening) {
      const { owner, repo } = this.#nameOf(happening.archives);
      this.github.repositories.archive(owner, repo);
    } else {
      const { owner, repo } = this.#nameOf(happening.of);
      this.github.pullRequests(owner, repo).close(happening.closes);
    }
  }

  /** Runs the action once, as a runner does, or in this process. */
  run(entry: string, { workflow }: PlannedRun, { here }: { readonly here: boolean }): Promise<ActionRun> {
    const { github } = this;
    const { owner, repo } = this.#nameOf(workflow.repositoryId);
    this.#runs += 1;
    const clockAhead = this.#now - Date.now();
    const step: ActionRunOptions = {
      entry,
      timeoutMs: LONGEST_STEP,
      inputs: this.#inputsOf(workflow),
      env: {
        GITHUB_API_URL: github.apiUrl,
        GITHUB_SERVER_URL: github.apiUrl,
        GITHUB_REPOSITORY: `${owner}/${repo}`,
        GITHUB_REPOSITORY_ID: String(workflow.repositoryId),
        GITHUB_REPOSITORY_OWNER: owner,
        GITHUB_RUN_ID: String(1_658_821_493 + this.#runs),
        ...workflow.environment,
        ...(here ? {} : { NODE_OPTIONS: `--import=${SET_CLOCK}`, PROVE_CLOCK_AHEAD: String(clockAhead) }),
      },
    };
    return here ? runHere(step, { clockAhead }) : runAction(step);
  }

  /** The secret in a place where it is stored. */
  valueOf(holder: Holder, { repositoryId }: Workflow): string | undefined {
    if (holder.isVault) {
      return this.vaults.get(holder.key)?.secret;
    }
    const { scope, name } = spotOf(holder.line, this.#nameOf(repositoryId));
    return this.github.secret(scope, name)?.value;
  }

  accepts({ inputs }: Workflow, value: string): Promise<boolean> {
    return accepts(this.vantage, inputs['client-id'] ?? 'invoices', value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close()]);
  }

  #inputsOf(workflow: Workflow): Inputs {
    const vault = holdersOf(workflow).find(({ isVault }) => isVault);
    const held = vault && this.vaults.get(vault.key);
    return vantageInputs(this.vantage, {
      timeout: '40s',
      ...workflow.inputs,
      ...(vault ? { 'current-secret': held?.secret ?? '' } : { 'github-token': this.#token }),
      // If Vantage does not list secrets, only the stored `rotation-due` shows when the stored secret is due.
      ...(held && Date.parse(held.rotationDue) <= this.#now ? { rotate: 'always' } : {}),
      // `prune-after: ${{ secrets.STORED && '14d' }}`: before the first secret is stored, there is nothing to prune.
      ...(vault && held === undefined ? { 'prune-after': '' } : {}),
    });
  }

  #nameOf(repositoryId: number): NamedRepository {
    return namedRepository(this.github, repositoryId);
  }
}
