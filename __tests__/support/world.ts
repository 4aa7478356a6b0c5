import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import {
  type GitHub,
  type GitHubOptions,
  type RouteName as GitHubRoute,
  type PullRequests,
  startGitHub,
  type TokenKind,
} from '../../emulator/github/index.ts';
import type { ActionRunOptions } from '../../emulator/runner.ts';
import {
  type RouteName,
  type StoredClient,
  type StoredSecret,
  startVantage,
  type Vantage,
  type VantageOptions,
} from '../../emulator/vantage/index.ts';
import { EVERYTHING, OWN, SEED } from './github.ts';
import { expectHonestChanges } from './honest-changes.ts';
import { expectHonestDeletion } from './honest-deletion.ts';
import { expectHonestDelivery } from './honest-delivery.ts';
import { expectHonestEnsure } from './honest-ensure.ts';
import { expectHonestSweep } from './honest-sweep.ts';
import { expectNoLeak } from './no-leaks.ts';
import { expectOneError } from './one-error.ts';
import { runStep } from './run-step.ts';
import { expectToFollowSchema } from './schema.ts';
import type { Inputs, SeenStep, State, Step } from './step.ts';
import { targetsOf } from './targets.ts';
import { accepts, canariesOf, vantageInputs } from './vantage.ts';

/** The client of the steps, by default. */
export const CLIENT_ID = 'invoices';

export interface WorldOptions {
  readonly vantage?: VantageOptions;
  /** Omitted if the scenario needs no GitHub. Default for its contents: `SEED`. */
  readonly github?: GitHubOptions;
  /** The token of GitHub that the steps get. Default: a fine-grained token with all permissions that a delivery can need. */
  readonly token?: TokenKind;
}

/** How to run a step, in addition to its inputs. */
export interface StepOptions extends Pick<ActionRunOptions, 'env' | 'onStart' | 'matrix' | 'workspace'> {
  /** Name → another secret that must not appear. */
  readonly canaries?: Inputs;
  /** Set if the step cannot write its outputs, so that none of them can be checked. */
  readonly losesOutputs?: boolean;
}

/** An embedded Vantage for one scenario, a GitHub if it needs one, and the steps that use them. */
export class World implements AsyncDisposable {
  readonly vantage: Vantage;
  /** The GitHub token of the steps, by default. Empty without a GitHub. */
  readonly token: string;
  readonly #github: GitHub | undefined;

  private constructor(vantage: Vantage, github: GitHub | undefined, token: TokenKind) {
    this.vantage = vantage;
    this.#github = github;
    this.token = github?.issueToken(token) ?? '';
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const { token = { kind: 'fine-grained', permissions: EVERYTHING } } = options;
    const [vantage, github] = await Promise.all([
      startVantage(options.vantage),
      options.github && startGitHub({ seed: SEED, ...options.github }),
    ]);
    return new World(vantage, github, token);
  }

  get github(): GitHub {
    if (!this.#github) {
      throw new Error('the world was opened without a GitHub');
    }
    return this.#github;
  }

  /** The pull requests of the repository of the workflow. */
  get pullRequests(): PullRequests {
    return this.github.pullRequests(OWN.owner, OWN.repo);
  }

  /**
   * Runs the action as a step of a job. Checks that nothing leaked, that GitHub got no request outside of its
   * description, and that the step reports what the servers store. A file next to this one has the checks of each
   * subject.
   *
   * @param inputs in addition to those that every step needs, or instead of them. An empty one counts as not set.
   */
  async step(inputs: Inputs = {}, options: StepOptions = {}): Promise<Step> {
    const { canaries, losesOutputs = false, ...runOptions } = options;
    const { vantage } = this;
    const github = this.#github;
    const onGitHub = github && { 'github-token': this.token, 'github-api-url': github.apiUrl };
    const given = vantageInputs(vantage, { timeout: '20s', ...onGitHub, ...inputs });
    const before = this.#state(given);
    const secretsBefore = canariesOf(vantage);
    const received = { vantage: vantage.requests.length, github: github?.requests.length };
    const createdBefore = vantage.createdSecrets.length;

    const run = await runStep({ inputs: given, ...runOptions });
    const requests = {
      vantage: vantage.requests.slice(received.vantage).filter(isOfStep),
      github: github?.requests.slice(received.github).filter(isOfStep) ?? [],
    };
    const firstAt = Math.min(...[...requests.vantage, ...requests.github].map(({ receivedAt }) => receivedAt));
    const step: Step = {
      ...run,
      ...requests,
      results: JSON.parse(run.outputs.results || '[]'),
      written: JSON.parse(run.outputs.written || '[]'),
      workMs: Number.isFinite(firstAt) ? run.endedAt - firstAt : run.durationMs,
    };
    const created = vantage.createdSecrets.slice(createdBefore);
    const servers = { vantage, github, before, after: this.#state(given), created };
    const seen: SeenStep = { step, inputs: given, env: runOptions.env ?? {}, ...servers };
    expectNoLeak(seen, { ...secretsBefore, ...canaries });
    expectOneError(seen, losesOutputs);
    expectToFollowSchema(step.outputs);
    expect(step.github.flatMap(({ contractViolation }) => contractViolation ?? [])).toEqual([]);
    if (!losesOutputs) {
      await expectHonesty(seen);
    }
    return step;
  }

  /** The one client of the scenario. */
  client(clientId = CLIENT_ID): StoredClient {
    const client = this.vantage.client(clientId);
    if (client === undefined) {
      throw new Error(`Vantage holds no client "${clientId}"`);
    }
    return client;
  }

  /** The IDs of all clients except the administrator's, in order. */
  clientIds(): readonly string[] {
    return this.vantage.clients().map(({ clientId }) => clientId);
  }

  /** The secrets of that client. */
  secrets(clientId = CLIENT_ID): readonly StoredSecret[] {
    return this.client(clientId).secrets;
  }

  /** Whether Vantage's token endpoint accepts a secret of a client. Clears the faults of Vantage. */
  accepts(secret: string, clientId = CLIENT_ID): Promise<boolean> {
    return accepts(this.vantage, secret, clientId);
  }

  /** The line and the value of each target that exists. */
  held(writeTo: string): Record<string, string> {
    const held = targetsOf({ 'write-to': writeTo }).flatMap(({ line, scope, name }) => {
      const value = this.github.secret(scope, name)?.value;
      return value === undefined ? [] : [[line, value] as const];
    });
    return Object.fromEntries(held);
  }

  /** Resolves when requests of a route have arrived whose body (known when it is complete) matches. */
  async arrival(route: RouteName | GitHubRoute, body = /(?:)/u, count = 1): Promise<void> {
    const arrived = () =>
      [...this.vantage.requests, ...(this.#github?.requests ?? [])].filter(
        request => request.route === route && body.test(request.body),
      ).length >= count;
    for (const deadline = Date.now() + 20_000; !arrived(); await sleep(5)) {
      if (Date.now() > deadline) {
        throw new Error(`${count} ${route} did not come`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.#github?.close()]);
  }

  #state(inputs: Inputs): State {
    const github = this.#github;
    const variable = inputs['client-id-variable'];
    const administrator = this.vantage.client(this.vantage.administrator.clientId);
    return {
      clients: [...this.vantage.clients(), ...(administrator ? [administrator] : [])],
      github: github && {
        targets: targetsOf(inputs).map(({ scope, name }) => [
          github.secret(scope, name),
          variable && github.variable(scope, variable),
        ]),
        environments: SEED.repositories?.map(({ owner, repo }) =>
          github.environments(owner, repo).map(name => github.environment(owner, repo, name)),
        ),
      },
    };
  }
}

/** A test that sends its own requests while a step runs says so. */
function isOfStep({ headers }: { readonly headers: Readonly<Record<string, unknown>> }): boolean {
  return headers['user-agent'] !== 'somebody else';
}

/** What the step reports is true, for each mode. */
async function expectHonesty(seen: SeenStep): Promise<void> {
  const { inputs, github } = seen;
  const mode = inputs.mode || 'ensure';
  expectHonestChanges(seen);
  if (mode === 'delete') {
    expectHonestDeletion(seen);
  } else if (mode === 'sweep') {
    expectHonestSweep(seen);
  } else if (!inputs.manifest) {
    expectHonestEnsure(seen);
    if (github && mode === 'ensure') {
      await expectHonestDelivery(seen, github);
    }
  }
}
