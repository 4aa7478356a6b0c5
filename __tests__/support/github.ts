import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import {
  type GitHub,
  type GitHubOptions,
  type HeldItem,
  type Permissions,
  type RecordedRequest,
  type RouteName,
  type SecretScope,
  type Seed,
  startGitHub,
  type TokenKind,
} from '../../emulator/github/index.ts';
import type { ActionRun, ActionRunOptions } from '../../emulator/runner.ts';
import {
  type StoredClient,
  startVantage,
  type Vantage,
  type VantageOptions,
  type RecordedRequest as VantageRequest,
} from '../../emulator/vantage/index.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import { targetInProse, targetLine } from '../../src/model/target.ts';
import { findLeaks } from './leaks.ts';
import { runStep } from './run-step.ts';
import { expectToFollowSchema } from './schema.ts';
import { canariesOf, vantageInputs } from './vantage.ts';
import { CLIENT_ID, errorOf, markOf } from './world.ts';

/** The repository of the workflow, as the runner names it, and GitHub's number for it. */
export const OWN = { owner: 'octo-org', repo: 'octo-repo' } as const;
export const OWN_ID = 1001;

/** Everything that a fine-grained token or an App may be allowed of what a hand-off takes. */
export const EVERYTHING: Permissions = {
  actions: 'read',
  actions_variables: 'write',
  administration: 'write',
  agent_secrets: 'write',
  codespaces_secrets: 'write',
  dependabot_secrets: 'write',
  environments: 'write',
  organization_actions_variables: 'write',
  organization_agent_secrets: 'write',
  organization_codespaces_secrets: 'write',
  organization_dependabot_secrets: 'write',
  organization_secrets: 'write',
  secrets: 'write',
};

/** A GitHub with the repository of the workflow, three others, and two organizations. */
export const SEED: Seed = {
  repositories: [
    { ...OWN, id: OWN_ID, environments: ['production'] },
    { owner: 'octo-org', repo: 'website', id: 1002, private: false },
    { owner: 'octo-org', repo: 'tools', id: 1003 },
    { owner: 'acme', repo: 'invoices', id: 2001, environments: ['production'] },
  ],
  organizations: [{ login: 'octo-org' }, { login: 'acme' }],
};

export interface HandOffOptions {
  readonly vantage?: VantageOptions;
  readonly github?: GitHubOptions;
  /** Default: a fine-grained one that may do everything. */
  readonly token?: TokenKind;
}

export interface HandOffStepOptions extends Pick<ActionRunOptions, 'env' | 'onStart'> {
  readonly canaries?: Readonly<Record<string, string>>;
}

/** A step that has ended, and what both sides saw of it. */
export interface HandOffStep extends ActionRun {
  /** What Vantage and GitHub received from it, in order. */
  readonly vantage: readonly VantageRequest[];
  readonly github: readonly RecordedRequest[];
  /** The lines of the `written` output. */
  readonly written: readonly string[];
  /** Milliseconds from its first request (else from its start) to its end. */
  readonly workMs: number;
}

/** An embedded Vantage and an embedded GitHub for one scenario, and the steps that are run against them. */
export class HandOffWorld implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  /** What the steps show GitHub, unless they say otherwise. */
  readonly token: string;

  private constructor(vantage: Vantage, github: GitHub, token: string) {
    this.vantage = vantage;
    this.github = github;
    this.token = token;
  }

  static async open(options: HandOffOptions = {}): Promise<HandOffWorld> {
    const { token = { kind: 'fine-grained', permissions: EVERYTHING } } = options;
    const [vantage, github] = await Promise.all([
      startVantage(options.vantage),
      startGitHub({ seed: SEED, ...options.github }),
    ]);
    return new HandOffWorld(vantage, github, github.issueToken(token));
  }

  /**
   * Runs the action as a step that writes to these targets. Whatever comes of it: nothing leaked, GitHub got no secret
   * in the open and no request that it does not describe, what the step says is what GitHub and Vantage hold, and
   * whatever GitHub holds of Vantage's secrets still works.
   *
   * @param inputs beside those that every step needs, or in their place. An empty one is one not given.
   */
  async step(
    writeTo: readonly string[],
    inputs: Readonly<Record<string, string>> = {},
    { canaries = {}, env = {}, ...options }: HandOffStepOptions = {},
  ): Promise<HandOffStep> {
    const { vantage, github } = this;
    const given: Readonly<Record<string, string>> = {
      'write-to': writeTo.join('\n'),
      'github-token': this.token,
      'github-api-url': github.apiUrl,
      timeout: '20s',
      ...inputs,
    };
    const targets = places(writeTo, inputs);
    const before = this.#holdings(targets, inputs);
    const received = { vantage: vantage.requests.length, github: github.requests.length };
    const mintedBefore = vantage.minted.length;
    const run = await runStep({
      inputs: vantageInputs(vantage, given),
      env: { GITHUB_REPOSITORY_ID: String(OWN_ID), ...env },
      ...options,
    });
    const endedAt = Date.now();
    const requests = {
      vantage: vantage.requests.slice(received.vantage),
      github: github.requests.slice(received.github),
    };
    const firstAt = Math.min(...[...requests.vantage, ...requests.github].map(({ receivedAt }) => receivedAt));
    const step: HandOffStep = {
      ...run,
      ...requests,
      written: JSON.parse(run.outputs.written ?? '[]'),
      workMs: Number.isFinite(firstAt) ? endedAt - firstAt : run.durationMs,
    };
    this.#expectNoLeak(step, given, canaries);
    expectOneWord(step);
    expectToFollowSchema(step.outputs);
    expect(step.github.flatMap(({ contractViolation }) => contractViolation ?? [])).toEqual([]);
    const after = this.#holdings(targets, inputs);
    this.#expectHonesty(step, targets, before, after, vantage.minted.slice(mintedBefore));
    await this.#expectAllWorks(targets, inputs['client-id']);
    return step;
  }

  /** The line and the value of each of the targets that holds something. */
  held(writeTo: readonly string[], inputs: Readonly<Record<string, string>> = {}): Record<string, string> {
    const held = places(writeTo, inputs).map(({ line, scope, name }) => [line, this.github.secret(scope, name)?.value]);
    return Object.fromEntries(held.filter(([, value]) => value !== undefined));
  }

  /** Whether Vantage's token endpoint takes a secret of a client. The faults of Vantage are over then. */
  async accepts(secret: string, clientId = CLIENT_ID): Promise<boolean> {
    this.vantage.faults.clear();
    const response = await fetch(`${this.vantage.baseUrl}/auth2/connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret }),
    });
    const answer = (await response.json()) as { error?: string };
    return response.ok || answer.error !== 'invalid_client';
  }

  /** The secrets that Vantage holds of the client. */
  secrets(clientId = CLIENT_ID): StoredClient['secrets'] {
    return this.vantage.client(clientId)?.secrets ?? [];
  }

  /** Resolves once so many requests of a route of GitHub have arrived whole. */
  async arrival(route: RouteName, count = 1): Promise<void> {
    const arrived = () => this.github.requests.filter(one => one.route === route && one.body !== '').length >= count;
    for (const deadline = Date.now() + 20_000; !arrived(); await sleep(5)) {
      if (Date.now() > deadline) {
        throw new Error(`${count} ${route} did not come`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close()]);
  }

  #holdings(targets: readonly TargetPlace[], inputs: Readonly<Record<string, string>>) {
    const { github, vantage } = this;
    const variable = inputs['client-id-variable'];
    return {
      clients: vantage.clients(),
      secrets: targets.map(({ scope, name }) => github.secret(scope, name)),
      variables: targets.map(({ scope }) => variable && github.variable(scope, variable)),
      environments: (['octo-org/octo-repo', 'octo-org/website', 'octo-org/tools', 'acme/invoices'] as const).map(
        name => {
          const [owner = '', repo = ''] = name.split('/');
          return github.environments(owner, repo).map(environment => github.environment(owner, repo, environment));
        },
      ),
    };
  }

  #expectNoLeak(
    step: HandOffStep,
    given: Readonly<Record<string, string>>,
    canaries: Readonly<Record<string, string>>,
  ): void {
    const shown = new Set([...this.github.tokens, given['github-token'] ?? '']);
    const tokens = Object.fromEntries([...shown].map((token, index) => [`GitHub token ${index}`, token]));
    const minted = Object.fromEntries(this.vantage.minted.map((value, index) => [`minted value ${index}`, value]));
    const secrets = { ...minted, ...canariesOf(this.vantage), ...canaries };
    const allowed = given['output-secret'] === 'true' ? ({ output: 'client-secret' } as const) : undefined;
    expect(findLeaks(step, { ...secrets, ...tokens }, allowed)).toEqual([]);
    const nowhere = { stderr: '', files: {} };
    const toGitHub = step.github.map(({ path, body, rawHeaders }) => [path, ...rawHeaders, body].join('\n')).join('\n');
    expect(findLeaks({ ...nowhere, stdout: toGitHub }, secrets)).toEqual([]);
    const toVantage = step.vantage.map(({ path, body, rawHeaders }) => [path, ...rawHeaders, body].join('\n'));
    expect(findLeaks({ ...nowhere, stdout: toVantage.join('\n') }, tokens)).toEqual([]);
  }

  /** What the outputs and the annotations say is what GitHub and Vantage hold. */
  #expectHonesty(
    step: HandOffStep,
    targets: readonly TargetPlace[],
    before: unknown,
    after: unknown,
    fresh: readonly string[],
  ): void {
    const { outputs, written } = step;
    const isFresh = (value: string | undefined) => value !== undefined && fresh.includes(value);
    const holds = ({ scope, name }: TargetPlace) => isFresh(this.github.secret(scope, name)?.value);
    const holding = targets.filter(holds).map(({ line }) => line);
    const unsure = /; possibly written: (?<names>[^·]*?)\. /u.exec(errorOf(step))?.groups?.names?.split(', ') ?? [];
    const mayHold = unsure.map(prose => targets.find(target => target.prose === prose)?.line ?? prose);
    expect({ written, unsaid: holding.filter(line => ![...written, ...mayHold].includes(line)) }).toEqual({
      written: holding.filter(line => !mayHold.includes(line)),
      unsaid: [],
    });

    const output = outputs['client-secret'];
    expect(outputs['secret-created'] ?? 'false').toBe(
      String(output !== undefined || written.length + mayHold.length > 0),
    );
    const changed = !isDeepStrictEqual(before, after);
    const doubt = mayHold.length > 0 || errorOf(step).includes('It may have taken effect.');
    expect({ changed: outputs.changed ?? 'false' }).toEqual({ changed: doubt ? 'true' : String(changed) });

    const kept = targets.map(({ scope, name }) => this.github.secret(scope, name)?.value);
    const named = step.annotations.map(({ message }) => message).join('\n');
    for (const { value, description } of this.vantage.clients().flatMap(({ secrets }) => secrets)) {
      if (isFresh(value) && value !== output && !kept.includes(value) && mayHold.length === 0) {
        expect(named).toContain(markOf(description));
      }
    }
  }

  /** Whatever GitHub holds of what Vantage ever made is taken at the token endpoint. */
  async #expectAllWorks(targets: readonly TargetPlace[], clientId = CLIENT_ID): Promise<void> {
    for (const { line, scope, name } of targets) {
      const value = this.github.secret(scope, name)?.value;
      if (value !== undefined && this.vantage.minted.includes(value)) {
        expect({ line, accepted: await this.accepts(value, clientId) }).toEqual({ line, accepted: true });
      }
    }
  }
}

/** The requests of one route of GitHub. */
export function githubRequests(step: HandOffStep, route: RouteName): readonly RecordedRequest[] {
  return step.github.filter(request => request.route === route);
}

/** The requests to GitHub that could change something. */
export function githubWrites(step: HandOffStep): readonly RecordedRequest[] {
  return step.github.filter(({ method }) => method !== 'GET');
}

/** The mints that Vantage received. */
export function mintsOf(step: HandOffStep): readonly VantageRequest[] {
  return step.vantage.filter(({ route }) => route === 'mintSecret');
}

/** The body of a request, read. */
export function bodyOf(request: Pick<RecordedRequest, 'body'> | undefined): Record<string, unknown> {
  return JSON.parse(request?.body || '{}');
}

/** The step went well, and every target holds the one secret that it minted. */
export function expectAllHold(
  world: HandOffWorld,
  step: HandOffStep,
  places: readonly [SecretScope, string?][],
): string {
  expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({ code: '', error: '' });
  expect(mintsOf(step)).toHaveLength(1);
  const values = places.map(([scope, name = 'VANTAGE_CLIENT_SECRET']) => world.github.secret(scope, name)?.value);
  const value = world.vantage.minted.at(-1);
  expect(values).toEqual(places.map(() => value));
  expect(step.written).toHaveLength(places.length);
  return String(value);
}

/** What a place holds, or an error that says that it holds nothing. */
export function itemAt(held: HeldItem | undefined): HeldItem {
  if (held === undefined) {
    throw new Error('GitHub holds nothing there');
  }
  return held;
}

/** One target, as GitHub finds it. */
interface TargetPlace {
  readonly line: string;
  /** How an error names it. */
  readonly prose: string;
  readonly scope: SecretScope;
  readonly name: string;
}

function places(writeTo: readonly string[], inputs: Readonly<Record<string, string>>): readonly TargetPlace[] {
  const defaultName = inputs['secret-name'] || 'VANTAGE_CLIENT_SECRET';
  return writeTo.flatMap(line => {
    const target = parseTarget(line, `${OWN.owner}/${OWN.repo}`, defaultName);
    return typeof target === 'string'
      ? []
      : [
          {
            line: targetLine(target),
            prose: targetInProse(target),
            scope: target.scope,
            name: target.secretName,
          },
        ];
  });
}

/** A step that fails says so in one line under its code, and in that line last. */
function expectOneWord(step: HandOffStep): void {
  const failed = step.exitCode !== 0;
  const errors = step.stdout.split(/\r?\n/u).filter(line => line.startsWith('::error'));
  expect({ signal: step.signal, stderr: step.stderr, errors }).toEqual({
    signal: null,
    stderr: '',
    errors: failed ? [expect.stringMatching(/^::error::\[[a-z-]+\] \S.*\S$/u)] : [],
  });
  expect(errorOf(step)).toMatch(failed ? new RegExp(`^\\[${step.outputs['error-code']}\\] `, 'u') : /^$/u);
  expect(failed).toBe(step.outputs['error-code'] !== '');
  if (failed) {
    expect(step.log.trimEnd().split('\n').at(-1)).toMatch(/^Error: /u);
  }
}
