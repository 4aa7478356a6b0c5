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
import { CLIENT_ID, errorOf, expectOneWord, markOf } from './world.ts';

/** The repository of the workflow, as the runner names it, and its ID on GitHub. */
export const OWN = { owner: 'octo-org', repo: 'octo-repo' } as const;
export const OWN_ID = 1001;

/** All permissions of a fine-grained token or an App that a delivery can need. */
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

export interface DeliveryOptions {
  readonly vantage?: VantageOptions;
  readonly github?: GitHubOptions;
  /** Default: a fine-grained token with all permissions. */
  readonly token?: TokenKind;
}

export interface DeliveryStepOptions extends Pick<ActionRunOptions, 'env' | 'onStart' | 'timeoutMs'> {
  readonly canaries?: Readonly<Record<string, string>>;
}

/** A step that has ended, and the requests of it. */
export interface DeliveryStep extends ActionRun {
  /** What Vantage and GitHub received from it, in order. */
  readonly vantage: readonly VantageRequest[];
  readonly github: readonly RecordedRequest[];
  /** The lines of the `written` output. */
  readonly written: readonly string[];
  /** Milliseconds from its first request (or from its start) to its end. */
  readonly workMs: number;
}

/** An embedded Vantage and an embedded GitHub for one scenario, and the steps that use them. */
export class DeliveryWorld implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  /** The GitHub token of the steps, by default. */
  readonly token: string;

  private constructor(vantage: Vantage, github: GitHub, token: string) {
    this.vantage = vantage;
    this.github = github;
    this.token = token;
  }

  static async open(options: DeliveryOptions = {}): Promise<DeliveryWorld> {
    const { token = { kind: 'fine-grained', permissions: EVERYTHING } } = options;
    const [vantage, github] = await Promise.all([
      startVantage(options.vantage),
      startGitHub({ seed: SEED, ...options.github }),
    ]);
    return new DeliveryWorld(vantage, github, github.issueToken(token));
  }

  /**
   * Runs the action as a step that writes to these targets. Checks that nothing leaked, that GitHub got no unencrypted
   * secret and no request outside of its description, that the step reports what GitHub and Vantage store, and that
   * every secret of Vantage in GitHub is still valid.
   *
   * @param inputs in addition to those that every step needs, or instead of them. An empty one counts as not set.
   */
  async step(
    writeTo: readonly string[],
    inputs: Readonly<Record<string, string>> = {},
    { canaries = {}, env = {}, ...options }: DeliveryStepOptions = {},
  ): Promise<DeliveryStep> {
    const { vantage, github } = this;
    const given: Readonly<Record<string, string>> = {
      'write-to': writeTo.join('\n'),
      'github-token': this.token,
      'github-api-url': github.apiUrl,
      timeout: '20s',
      ...inputs,
    };
    const targets = parseTargets(writeTo, inputs);
    const before = this.#holdings(targets, inputs);
    const received = { vantage: vantage.requests.length, github: github.requests.length };
    const createdBefore = vantage.createdSecrets.length;
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
    const step: DeliveryStep = {
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
    this.#expectHonesty(step, targets, before, after, vantage.createdSecrets.slice(createdBefore));
    await this.#expectAllWorks(targets, inputs['client-id']);
    return step;
  }

  /** The line and the value of each target that exists. */
  held(writeTo: readonly string[], inputs: Readonly<Record<string, string>> = {}): Record<string, string> {
    const held = parseTargets(writeTo, inputs).map(({ line, scope, name }) => [
      line,
      this.github.secret(scope, name)?.value,
    ]);
    return Object.fromEntries(held.filter(([, value]) => value !== undefined));
  }

  /** Whether Vantage's token endpoint accepts a secret of a client. Clears the faults of Vantage. */
  async accepts(secret: string, clientId = CLIENT_ID): Promise<boolean> {
    this.vantage.faults.clear();
    const response = await fetch(`${this.vantage.baseUrl}/auth2/connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret }),
    });
    const answer = (await response.json()) as { error?: string };
    return response.ok || answer.error !== 'invalid_client';
  }

  /** The secrets of the client in Vantage. */
  secrets(clientId = CLIENT_ID): StoredClient['secrets'] {
    return this.vantage.client(clientId)?.secrets ?? [];
  }

  /** Resolves when a number of requests of a route of GitHub have arrived completely. */
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

  #holdings(targets: readonly GitHubTarget[], inputs: Readonly<Record<string, string>>) {
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
    step: DeliveryStep,
    given: Readonly<Record<string, string>>,
    canaries: Readonly<Record<string, string>>,
  ): void {
    const shown = new Set([...this.github.tokens, given['github-token'] ?? '']);
    const tokens = Object.fromEntries([...shown].map((token, index) => [`GitHub token ${index}`, token]));
    const created = Object.fromEntries(
      this.vantage.createdSecrets.map((value, index) => [`created value ${index}`, value]),
    );
    const secrets = { ...created, ...canariesOf(this.vantage), ...canaries };
    const output = (['client-secret', 'client-access-token'] as const).filter(
      name => given[name.replace('client', 'output')] === 'true',
    );
    expect(findLeaks(step, { ...secrets, ...tokens }, { output })).toEqual([]);
    const nowhere = { stderr: '', files: {} };
    const toGitHub = step.github.map(({ path, body, rawHeaders }) => [path, ...rawHeaders, body].join('\n')).join('\n');
    expect(findLeaks({ ...nowhere, stdout: toGitHub }, secrets)).toEqual([]);
    const toVantage = step.vantage.map(({ path, body, rawHeaders }) => [path, ...rawHeaders, body].join('\n'));
    expect(findLeaks({ ...nowhere, stdout: toVantage.join('\n') }, tokens)).toEqual([]);
  }

  /** The outputs and the annotations say what GitHub and Vantage store. */
  #expectHonesty(
    step: DeliveryStep,
    targets: readonly GitHubTarget[],
    before: unknown,
    after: unknown,
    fresh: readonly string[],
  ): void {
    const { outputs, written } = step;
    const isFresh = (value: string | undefined) => value !== undefined && fresh.includes(value);
    const holds = ({ scope, name }: GitHubTarget) => isFresh(this.github.secret(scope, name)?.value);
    const holding = targets.filter(holds).map(({ line }) => line);
    const unsure = /; possibly written: (?<names>[^·]*?)\. /u.exec(errorOf(step))?.groups?.names?.split(', ') ?? [];
    const mayHold = unsure.map(prose => targets.find(target => target.prose === prose)?.line ?? prose);
    expect({ written, unreported: holding.filter(line => ![...written, ...mayHold].includes(line)) }).toEqual({
      written: holding.filter(line => !mayHold.includes(line)),
      unreported: [],
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

  /** The token endpoint accepts every secret of Vantage that GitHub stores. */
  async #expectAllWorks(targets: readonly GitHubTarget[], clientId = CLIENT_ID): Promise<void> {
    for (const { line, scope, name } of targets) {
      const value = this.github.secret(scope, name)?.value;
      if (value !== undefined && this.vantage.createdSecrets.includes(value)) {
        expect({ line, accepted: await this.accepts(value, clientId) }).toEqual({ line, accepted: true });
      }
    }
  }
}

/** The requests of one route of GitHub. */
export function githubRequests(step: DeliveryStep, route: RouteName): readonly RecordedRequest[] {
  return step.github.filter(request => request.route === route);
}

/** The requests to GitHub that could change something. */
export function githubWrites(step: DeliveryStep): readonly RecordedRequest[] {
  return step.github.filter(({ method }) => method !== 'GET');
}

/** The requests to create a secret that Vantage received. */
export function creationsOf(step: DeliveryStep): readonly VantageRequest[] {
  return step.vantage.filter(({ route }) => route === 'createSecret');
}

/** The body of a request, parsed. */
export function bodyOf(request: Pick<RecordedRequest, 'body'> | undefined): Record<string, unknown> {
  return JSON.parse(request?.body || '{}');
}

/** The step succeeded, and every target holds the one secret that it created. */
export function expectAllHold(
  world: DeliveryWorld,
  step: DeliveryStep,
  parseTargets: readonly [SecretScope, string?][],
): string {
  expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({ code: '', error: '' });
  expect(creationsOf(step)).toHaveLength(1);
  const values = parseTargets.map(([scope, name = 'VANTAGE_CLIENT_SECRET']) => world.github.secret(scope, name)?.value);
  const value = world.vantage.createdSecrets.at(-1);
  expect(values).toEqual(parseTargets.map(() => value));
  expect(step.written).toHaveLength(parseTargets.length);
  return String(value);
}

/** The content of a place, or an error if it is empty. */
export function itemAt(held: HeldItem | undefined): HeldItem {
  if (held === undefined) {
    throw new Error('GitHub holds nothing there');
  }
  return held;
}

/** One target, as GitHub identifies it. */
interface GitHubTarget {
  readonly line: string;
  /** How an error names it. */
  readonly prose: string;
  readonly scope: SecretScope;
  readonly name: string;
}

function parseTargets(writeTo: readonly string[], inputs: Readonly<Record<string, string>>): readonly GitHubTarget[] {
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
