import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import type { ActionRun, ActionRunOptions } from '../../emulator/runner.ts';
import {
  type RecordedRequest,
  type RouteName,
  type StoredClient,
  type StoredSecret,
  startVantage,
  type Vantage,
  type VantageOptions,
} from '../../emulator/vantage/index.ts';
import { findLeaks } from './leaks.ts';
import { runStep } from './run-step.ts';
import { expectToFollowSchema } from './schema.ts';
import { canariesOf, vantageInputs } from './vantage.ts';

/** The client of the steps, by default. */
export const CLIENT_ID = 'invoices';

/** What an error says about a request that may have taken effect although its response was lost. */
const DOUBT = 'It may have taken effect.';

/**
 * How a step ends if no request is answered: with the last attempt, or by its timeout if that aborts the last attempt.
 */
export const UNANSWERED: readonly string[] = ['vantage-unavailable', 'timeout'];

/** How to run a step, in addition to its inputs. */
export interface StepOptions extends Pick<ActionRunOptions, 'env' | 'onStart'> {
  /** Name → another secret that must not appear. */
  readonly canaries?: Readonly<Record<string, string>>;
}

/** A step that has ended, and its requests to Vantage. */
export interface Step extends ActionRun {
  /** The requests that Vantage received from it, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Milliseconds from its first request (or from its start) to its end, without the time that Node takes to start. */
  readonly workMs: number;
}

/** An embedded Vantage for one scenario, and the steps that use it. */
export class World implements AsyncDisposable {
  readonly vantage: Vantage;

  private constructor(vantage: Vantage) {
    this.vantage = vantage;
  }

  static async open(options: VantageOptions = {}): Promise<World> {
    return new World(await startVantage(options));
  }

  /**
   * Runs the action as a step of a job. Checks that it leaked nothing, and that it reports what Vantage stores.
   *
   * @param inputs in addition to those that every step needs, or instead of them. An empty one counts as not set.
   */
  async step(inputs: Readonly<Record<string, string>> = {}, options: StepOptions = {}): Promise<Step> {
    const { canaries = {}, ...runOptions } = options;
    const { vantage } = this;
    const before = vantage.clients();
    const received = vantage.requests.length;
    const run = await runStep({ inputs: vantageInputs(vantage, { timeout: '20s', ...inputs }), ...runOptions });
    const requests = vantage.requests.slice(received);
    const firstAt = requests[0]?.receivedAt;
    const step: Step = { ...run, requests, workMs: firstAt === undefined ? run.durationMs : Date.now() - firstAt };
    expectNoLeak(step, { ...createdCanaries(vantage), ...canariesOf(vantage), ...canaries }, inputs);
    expectToFollowSchema(step.outputs);
    expectHonesty(step, before, vantage.clients());
    expectNoNeedlessCreation(step);
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

  /** The secrets of that client. */
  secrets(clientId = CLIENT_ID): readonly StoredSecret[] {
    return this.client(clientId).secrets;
  }

  /** Resolves when a request of a route has arrived whose body (known when it is complete) matches. */
  async arrival(route: RouteName, body = /(?:)/u): Promise<void> {
    const arrived = () => this.vantage.requests.some(request => request.route === route && body.test(request.body));
    for (const deadline = Date.now() + 20_000; !arrived(); await sleep(5)) {
      if (Date.now() > deadline) {
        throw new Error(`no ${route} request came`);
      }
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.vantage.close();
  }
}

/** The requests of one route. */
export function requestsOf(step: Step, route: RouteName): readonly RecordedRequest[] {
  return step.requests.filter(request => request.route === route);
}

/** The route of each request in order, except the reads, which are sent at the same time. */
export function routesOf(step: Step): readonly RouteName[] {
  return step.requests.map(({ route }) => route).filter(route => route !== 'readClient' && route !== 'readSecrets');
}

/** The requests that could change something. */
export function writesOf(step: Step): readonly RecordedRequest[] {
  return step.requests.filter(({ method, route }) => method !== 'GET' && route !== 'token');
}

/** The ownership mark in each request to create a secret, in order. */
export function marksOf(step: Step): readonly string[] {
  return requestsOf(step, 'createSecret').map(({ body }) => markOf((JSON.parse(body) as StoredSecret).description));
}

/** The ownership mark at the end of a description. */
export function markOf(description: string | null): string {
  const mark =
    /\[vantage-client octo-org\/octo-repo id=github\.com\/1001 to=[\da-f]{8}(?:,[\da-f]{8})* run=1658821493\.1 [\da-f]+\]$/u.exec(
      description ?? '',
    );
  return mark?.[0] ?? 'no mark';
}

/** The warnings that a user sees on the page of the run. */
export function warningsOf(step: ActionRun): readonly string[] {
  return step.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);
}

/** The one line that says why a step failed, or '' if it succeeded. */
export function errorOf(step: ActionRun): string {
  return step.annotations.find(({ level }) => level === 'error')?.message ?? '';
}

/**
 * A step that fails has one line of error, with its code, and every annotation has a title.
 *
 * @param place the source of a pattern: what may follow the title.
 */
export function expectOneError(step: ActionRun, place = ''): void {
  const failed = step.exitCode !== 0;
  const untitled = new RegExp(`^::(?:error|warning)(?! title=Vantage(?:%3A [a-z -]+)?${place}::).*$`, 'gmu');
  expect(step.stdout.match(untitled)).toBeNull();
  const line = new RegExp(`^::error title=Vantage%3A ([a-z-]+)${place}::\\[\\1\\] \\S.*\\S$`, 'u');
  expect({
    signal: step.signal,
    stderr: step.stderr,
    errors: step.stdout.split(/\r?\n/u).filter(one => one.startsWith('::error')),
  }).toEqual({ signal: null, stderr: '', errors: failed ? [expect.stringMatching(line)] : [] });
  const code = step.outputs['error-code'];
  if (code !== undefined) {
    expect(errorOf(step)).toMatch(failed ? new RegExp(`^\\[${code}\\] `, 'u') : /^$/u);
    expect(failed).toBe(code !== '');
  }
}

/** As `expectOneError`, and that line is the last one of the log. */
export function expectOneWord(step: ActionRun, place?: string): void {
  expect(step.outputs['error-code']).toBeDefined();
  expectOneError(step, place);
  expect(step.exitCode === 0 ? 'Error: ' : step.log.trimEnd().split('\n').at(-1)).toMatch(/^Error: /u);
}

/** The step succeeded and delivered a secret that Vantage stores. */
export function expectDelivered(step: Step, secrets: readonly StoredSecret[]): void {
  expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({ code: '', error: '' });
  expect(secrets.map(({ value }) => value)).toContain(step.outputs['client-secret']);
}

/** The value of every secret that Vantage ever created, including deleted ones. */
function createdCanaries({ createdSecrets: created }: Vantage): Record<string, string> {
  return Object.fromEntries(created.map((value, index) => [`created value ${index}`, value]));
}

function expectNoLeak(
  step: Step,
  canaries: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>>,
): void {
  // Only a step that succeeded delivers a secret, and only to these outputs.
  const output = [
    'client-secret',
    ...(inputs['output-access-token'] ? (['client-access-token'] as const) : []),
  ] as const;
  expect(findLeaks(step, canaries, step.outputs['error-code'] === '' ? { output } : undefined)).toEqual([]);
}

/** The outputs, the exit code and the annotations say what Vantage stored before and stores now. */
function expectHonesty(step: Step, before: readonly StoredClient[], after: readonly StoredClient[]): void {
  const { outputs } = step;
  expectOneError(step);
  if (outputs['error-code'] === undefined) {
    return; // The output file was removed.
  }
  const [result] = JSON.parse(outputs.results || '[]') as { outcome?: string }[];
  // If an attempt without a response may have created the client, nobody can know whether it is new, so it counts as a
  // change.
  const mayBeNew = result?.outcome === 'unknown' && outputs.changed === 'true';
  const doubtful = errorOf(step).includes(DOUBT) || mayBeNew;

  const known = (clients: readonly StoredClient[]) => clients.map(({ clientId }) => clientId);
  const appeared = known(after).filter(clientId => !known(before).includes(clientId));
  if (!doubtful || outputs['client-created'] === 'true') {
    expect(appeared).toEqual(outputs['client-created'] === 'true' ? [outputs['client-id']] : []);
  }
  if (!doubtful) {
    const changed = String(!isDeepStrictEqual(before, after));
    expect({ changed: outputs.changed ?? 'false' }).toEqual({ changed });
  } else {
    expect(outputs.changed).toBe('true');
  }

  const earlier = before.flatMap(({ secrets }) => secrets.map(({ id }) => id));
  const now = after.flatMap(({ secrets }) => secrets);
  const remaining = new Set(now.map(({ id }) => id));
  expect(earlier.filter(id => !remaining.has(id))).toEqual([]);
  const old = new Set(earlier);
  const fresh = now.filter(({ id }) => !old.has(id));
  const named = step.annotations.map(({ message }) => message).join('\n');
  for (const { value, description } of fresh) {
    if (value !== outputs['client-secret']) {
      const mark = markOf(description);
      expect(named).toContain(mark);
      expect(step.log.split('\n').filter(line => line.includes(mark) && /Revoked|was revoked/u.test(line))).toEqual([]);
    }
  }
  const delivered = fresh.filter(({ value }) => value === outputs['client-secret']);
  expect(outputs['secret-created'] ?? 'false').toBe(String(delivered.length === 1));
  expect('client-secret' in outputs).toBe(delivered.length === 1);
}

/**
 * A request to create a secret is retried only if it had no effect. Another secret is requested only if the first one
 * is lost.
 */
function expectNoNeedlessCreation(step: Step): void {
  const creations = requestsOf(step, 'createSecret');
  const marks = marksOf(step);
  expect(new Set(marks).size).toBeLessThanOrEqual(2);
  creations.slice(0, -1).forEach(({ status }, index) => {
    const answered = { status, again: marks[index] === marks[index + 1] };
    // A client that this step created may not be known everywhere yet.
    const mayBeNew = /"outcome":"(?:created|unknown)"/u.test(step.outputs.results ?? '');
    const notYetKnown = status === 404 && mayBeNew;
    const unapplied = [401, 415, 429].includes(status ?? 0) || notYetKnown;
    const lost = status === undefined || status < 300 || status === 408 || status >= 500;
    expect(answered).toEqual({ status, again: unapplied });
    expect(unapplied || lost).toBe(true);
  });
  for (const mark of marks) {
    expect(step.log).toContain(`marked ${mark}`);
  }
}
