import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import {
  type GitHub,
  type GitHubOptions,
  type Permissions,
  type PullRequests,
  type RecordedRequest,
  type SecretScope,
  startGitHub,
  type TokenKind,
} from '../../emulator/github/index.ts';
import type { ActionRun, ActionRunOptions } from '../../emulator/runner.ts';
import {
  startVantage,
  type Vantage,
  type VantageOptions,
  type RecordedRequest as VantageRequest,
} from '../../emulator/vantage/index.ts';
import type { Outcome } from '../../src/report/outputs.ts';
import { EVERYTHING, OWN, OWN_ID, SEED } from './github.ts';
import { findLeaks } from './leaks.ts';
import { runStep } from './run-step.ts';
import { expectToFollowSchema } from './schema.ts';
import { canariesOf, vantageInputs } from './vantage.ts';
import { errorOf, expectOneWord } from './world.ts';

/** What an error says about a request that may have taken effect although its response was lost. */
const DOUBT = 'It may have taken effect.';

/** The default permissions of the token of a deletion or a sweep. */
const MAY: Permissions = { ...EVERYTHING, pull_requests: 'read' };

/** The places with secrets and variables in these tests, by their lines of `write-to`. */
export const SCOPES: Readonly<Record<string, SecretScope>> = {
  'environment octo-org/octo-repo production': { ...OWN, environment: 'production' },
  'environment octo-org/octo-repo preview': { ...OWN, environment: 'preview' },
  'actions repository octo-org/octo-repo': { ...OWN },
  'dependabot repository octo-org/octo-repo': { ...OWN, app: 'dependabot' },
  'actions organization octo-org': { org: 'octo-org' },
};

export interface TenantOptions {
  readonly vantage?: VantageOptions;
  readonly github?: GitHubOptions;
  /** Default: a fine-grained token with all permissions. */
  readonly token?: TokenKind;
}

/** A client in the `results` output of a deletion or a sweep. */
export interface Result {
  readonly clientId: string;
  readonly outcome: Outcome;
  readonly errorCode: string;
  readonly cleared?: readonly string[];
  readonly pullRequest?: number;
  readonly step?: 'delete' | 'keep';
  readonly fate?: 'kept' | 'to be deleted' | 'deleted' | 'gone' | 'failed';
  readonly why?: string;
}

/** A step that has ended, and the requests of it. */
export interface TenantStep extends ActionRun {
  /** What Vantage and GitHub received from it, in order. */
  readonly vantage: readonly VantageRequest[];
  readonly github: readonly RecordedRequest[];
  readonly results: readonly Result[];
}

/** A tenant of Vantage and a GitHub, and the steps that delete clients of the tenant. */
export class Tenant implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  /** The GitHub token of the steps, by default. */
  readonly token: string;
  readonly pullRequests: PullRequests;

  private constructor(vantage: Vantage, github: GitHub, token: string) {
    this.vantage = vantage;
    this.github = github;
    this.token = token;
    this.pullRequests = github.pullRequests(OWN.owner, OWN.repo);
  }

  static async open(options: TenantOptions = {}): Promise<Tenant> {
    const { token = { kind: 'fine-grained', permissions: MAY } } = options;
    const [vantage, github] = await Promise.all([
      startVantage(options.vantage),
      startGitHub({ seed: SEED, ...options.github }),
    ]);
    return new Tenant(vantage, github, github.issueToken(token));
  }

  /**
   * Runs the action as a step. Checks that nothing leaked, that there is one line of error with the right code, that
   * GitHub got no request outside of its description, and that the outputs say what Vantage and GitHub did.
   *
   * @param inputs in addition to those that every step needs, or instead of them. An empty one counts as not set.
   */
  async step(
    inputs: Readonly<Record<string, string>>,
    options: Pick<ActionRunOptions, 'env' | 'onStart' | 'matrix' | 'workspace'> = {},
  ): Promise<TenantStep> {
    const { vantage, github } = this;
    const given: Record<string, string> = {
      'github-token': this.token,
      'github-api-url': github.apiUrl,
      timeout: '1m',
      ...inputs,
    };
    const received = { vantage: vantage.requests.length, github: github.requests.length };
    const known = new Set([...vantage.clients().map(({ clientId }) => clientId)]);
    const canaries = canariesOf(vantage);
    const run = await runStep({
      inputs: vantageInputs(vantage, given),
      ...options,
      env: { GITHUB_REPOSITORY_ID: String(OWN_ID), ...options.env },
    });
    const step: TenantStep = {
      ...run,
      vantage: vantage.requests.slice(received.vantage).filter(isOfAction),
      github: github.requests.slice(received.github).filter(isOfAction),
      results: JSON.parse(run.outputs.results || '[]'),
    };
    this.#expectNoLeak(step, canaries, given);
    expectOneWord(step, IN_MANIFEST);
    expectToFollowSchema(step.outputs);
    expect(step.github.flatMap(({ contractViolation }) => contractViolation ?? [])).toEqual([]);
    expectReportedChanges(step, given);
    if (given.mode === 'delete') {
      this.#expectHonestDeletion(step, given);
    }
    if (given.mode === 'sweep') {
      this.#expectHonestSweep(step, given, known);
    }
    return step;
  }

  /** The IDs of all clients except the administrator's, in order. */
  clientIds(): readonly string[] {
    return this.vantage.clients().map(({ clientId }) => clientId);
  }

  /** Everything in these places, by the line of `write-to` and the name. */
  held(names: readonly string[]): Record<string, string> {
    const held = Object.entries(SCOPES).flatMap(([line, scope]) =>
      names.flatMap(name => [
        [`${line} as ${name}`, this.github.secret(scope, name)?.value],
        [`variable ${name} of ${line}`, 'app' in scope ? undefined : this.github.variable(scope, name)?.value],
      ]),
    );
    return Object.fromEntries(held.filter(([, value]) => value !== undefined));
  }

  /** Resolves when a request of a route of either server has arrived. */
  async arrival(route: VantageRequest['route'] | RecordedRequest['route'], count = 1): Promise<void> {
    const { vantage, github } = this;
    const arrived = () => [...vantage.requests, ...github.requests].filter(one => one.route === route).length >= count;
    for (const deadline = Date.now() + 20_000; !arrived(); await sleep(5)) {
      if (Date.now() > deadline) {
        throw new Error(`${count} ${route} did not come`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close()]);
  }

  #expectNoLeak(step: TenantStep, before: Record<string, string>, given: Readonly<Record<string, string>>): void {
    const { vantage, github } = this;
    const created = Object.fromEntries(vantage.createdSecrets.map((value, index) => [`created value ${index}`, value]));
    const secrets = { ...created, ...before, ...canariesOf(vantage) };
    const shown = [...new Set([...github.tokens, given['github-token'] ?? ''])].filter(Boolean);
    const tokens = Object.fromEntries(shown.map((token, index) => [`GitHub token ${index}`, token]));
    const mayOutput = (given.mode || 'ensure') === 'ensure' && step.outputs['error-code'] === '';
    const token = given['output-access-token'] ? (['client-access-token'] as const) : [];
    const allowed = mayOutput ? { output: ['client-secret', ...token] as const } : undefined;
    expect(findLeaks(step, { ...secrets, ...tokens }, allowed)).toEqual([]);
    const nowhere = { stderr: '', files: {} };
    const sent = (requests: readonly (VantageRequest | RecordedRequest)[]) =>
      requests.map(({ path, body, rawHeaders }) => [path, ...rawHeaders, body].join('\n')).join('\n');
    expect(findLeaks({ ...nowhere, stdout: sent(step.github) }, secrets)).toEqual([]);
    expect(findLeaks({ ...nowhere, stdout: sent(step.vantage) }, tokens)).toEqual([]);
  }

  /**
   * What is reported about the client and GitHub is true. A client is never deleted while a target holds its secret.
   */
  #expectHonestDeletion(step: TenantStep, given: Readonly<Record<string, string>>): void {
    const { outputs, results } = step;
    const [result] = results;
    const clientId = given['client-id'] || 'invoices';
    const isThere = this.vantage.client(clientId) !== undefined;
    if (result === undefined) {
      return; // The inputs were rejected.
    }
    expect(results).toHaveLength(1);
    expect(outputs['client-id']).toBe(clientId);
    expect(outputs['client-deleted']).toBe(String(result.outcome === 'deleted'));
    const { outcome } = result;
    if (outcome !== 'unknown') {
      expect({ outcome, isThere }).toEqual({ outcome, isThere: outcome === 'kept' });
    }
    if (deletedClients(step).length > 0) {
      for (const line of (JSON.parse(outputs.plan ?? '{}') as { deleteFrom?: string[] }).deleteFrom ?? []) {
        expect(this.#lineIsHeld(line)).toBe(false);
      }
    }
    for (const line of result.cleared ?? []) {
      expect({ line, held: this.#lineIsHeld(line) }).toEqual({ line, held: false });
    }
    const deletions = step.github.filter(({ method, applied }) => method === 'DELETE' && applied).length;
    const doubts = errorOf(step).split(DOUBT).length - 1;
    expect(deletions - (result.cleared?.length ?? 0)).toBeGreaterThanOrEqual(0);
    expect(deletions - (result.cleared?.length ?? 0)).toBeLessThanOrEqual(doubts);
  }

  #lineIsHeld(line: string): boolean {
    const [, variable, ofVariable] = /^variable (\S+) of (.*)$/u.exec(line) ?? [];
    const [, ofSecret, secret] = /^(.*) as (\S+)$/u.exec(line) ?? [];
    const scope = SCOPES[ofVariable ?? ofSecret ?? ''];
    if (scope === undefined) {
      throw new Error(`${line} is no place of these tests`);
    }
    const item = variable ? this.github.variable(scope, variable) : this.github.secret(scope, String(secret));
    return item !== undefined;
  }

  /**
   * Only clients that match the pattern with the number of a closed pull request were deleted, and no more than the
   * limit.
   */
  #expectHonestSweep(step: TenantStep, given: Readonly<Record<string, string>>, known: ReadonlySet<string>): void {
    const deleted = deletedClients(step);
    expect(deleted.length).toBeLessThanOrEqual(Number(given['max-deletes'] || 20));
    for (const clientId of deleted) {
      const number = numberIn(given['client-id-pattern'] ?? '', clientId);
      expect({ clientId, known: known.has(clientId), number }).toEqual({
        clientId,
        known: true,
        number: expect.any(Number),
      });
      const asked = step.github.filter(({ path }) => path.endsWith(`/pulls/${number}`));
      expect({ clientId, asked: asked.some(({ status }) => status === 200) }).toEqual({ clientId, asked: true });
    }
    for (const { clientId, fate } of step.results) {
      const isThere = this.vantage.client(clientId) !== undefined;
      const wasDeleted = deleted.includes(clientId);
      const expected = { kept: false, 'to be deleted': false, gone: false, deleted: true, failed: wasDeleted }[
        fate ?? 'kept'
      ];
      expect({ clientId, fate, wasDeleted }).toEqual({ clientId, fate, wasDeleted: expected });
      expect({ clientId, fate, isThere: wasDeleted && isThere }).toEqual({ clientId, fate, isThere: false });
    }
    const unreported = deleted.filter(clientId => !step.results.some(result => result.clientId === clientId));
    expect(unreported).toEqual([]);
  }
}

/** A test can send its own requests while a step runs. */
function isOfAction({ headers }: Pick<RecordedRequest, 'headers'>): boolean {
  return String(headers['user-agent']).startsWith('vantage-client-action/');
}

/** The clients that a step deleted, in the order in which Vantage deleted them. */
export function deletedClients(step: Pick<TenantStep, 'vantage'>): readonly string[] {
  return step.vantage
    .filter(({ route, applied }) => route === 'deleteClient' && applied)
    .map(({ path }) => decodeURIComponent(/\/clients\/([^/?]+)/u.exec(path)?.[1] ?? ''));
}

/** The requests to either server that could change something. */
export function writesOf(step: TenantStep): readonly string[] {
  return [...step.vantage, ...step.github]
    .filter(({ method, route }) => method !== 'GET' && route !== 'token')
    .map(({ method, path }) => `${method} ${path}`);
}

/** The number in a client ID that matches the pattern, by a regular expression made of the pattern. */
export function numberIn(pattern: string, clientId: string): number | undefined {
  const source = pattern
    .split('{pr}')
    .map(text => text.replace(/[^a-z\d]/giu, character => `\\u{${character.codePointAt(0)?.toString(16)}}`))
    .join('([1-9][0-9]*)');
  const number = new RegExp(`^(?:${source})$`, 'u').exec(clientId)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** An error in a manifest names its place. */
const IN_MANIFEST = '(?:,file=[^,]+,line=\\d+,col=\\d+)?';

/** `changed` is true if a request changed something or may have, and false otherwise. */
function expectReportedChanges(step: TenantStep, given: Readonly<Record<string, string>>): void {
  const applied = [...step.vantage, ...step.github].filter(one => one.applied);
  const doubtful = errorOf(step).includes(DOUBT);
  if (step.outputs.changed !== undefined) {
    expect({ changed: step.outputs.changed }).toEqual({ changed: String(applied.length > 0 || doubtful) });
  }
  if (given['dry-run'] === 'true') {
    expect(writesOf(step)).toEqual([]);
  }
}
