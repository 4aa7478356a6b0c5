import type { StoredSecret } from '../../emulator/vantage/index.ts';
import { differences, endState, type Parts, wrongVariables } from './end-state.ts';
import type { Event } from './events.ts';
import { isCatchable, isSignal, type Point } from './points.ts';
import type { Run, SentRequest } from './run.ts';
import { CLIENT_ID } from './scenarios.ts';
import type { World } from './world.ts';

/** What must hold at every point. The first six have the numbers of the design. */
export const INVARIANTS = {
  I1: 'the token endpoint accepts every secret that GitHub holds',
  I2: 'every created secret is delivered, revoked, or named in the log with its mark and expiration',
  I3: 'nothing that belongs to others is changed',
  I4: 'no secret is printed or written',
  I5: 'the next run has the same result as an undisturbed run',
  I6: 'one more when-due run changes nothing',
  behind: 'tier 1: after the post step, no undelivered secret is left',
  finishes: 'a signal that can be caught does not stop a delivery that has started',
  ends: 'the process ends within 7 s of a signal, and a network failure does not kill it',
  post: 'the post step does not fail the job',
  reached: 'the run reached the break',
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** A violation of an invariant at a point. */
export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/** The maximum time from a signal to the end of a step, in milliseconds. */
const LONGEST_END = 7000;
/** The maximum difference of the expiration in a log and in Vantage, in milliseconds: the duration of a run. */
const NEAR = 60_000;

const MARK = /\[vantage-client [^\]]+\]$/u;
const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+Z/gu;

/** The broken run reached the break, and then ended. */
export function checkBreak(point: Point, broken: Run): readonly Violation[] {
  const { exitCode, signal, endedAfterMs, stderr, events } = broken;
  const violations: Violation[] = [];
  if (!events.includes(point.event)) {
    violations.push({ invariant: 'reached', what: `${point.event} never came` });
  }
  if (isSignal(point.break)) {
    if (endedAfterMs === undefined || endedAfterMs > LONGEST_END) {
      violations.push({ invariant: 'ends', what: `it ended ${endedAfterMs} ms after ${point.break}` });
    }
  }
  if (point.break === 'SIGKILL') {
    return violations;
  }
  if (exitCode === null) {
    violations.push({ invariant: 'ends', what: `it was ended by ${signal}` });
  }
  if (stderr !== '') {
    violations.push({ invariant: 'ends', what: `it printed to stderr: ${stderr.slice(0, 200)}` });
  }
  return violations;
}

/** The post step succeeded. */
export function checkPost({ exitCode, stderr }: Run): readonly Violation[] {
  return exitCode === 0 && stderr === ''
    ? []
    : [{ invariant: 'post', what: `it ended with ${exitCode}; stderr: ${stderr.slice(0, 200)}` }];
}

/** I1: the secrets in the targets work, and so does the output of the last step that succeeded. */
export async function checkHeld(world: World, runs: readonly Run[]): Promise<readonly Violation[]> {
  const outputs = runs.filter(({ exitCode }) => exitCode === 0).map(({ outputs }) => outputs['client-secret']);
  const held = world.holdings().map(({ line, secret }) => ({ line, value: secret?.value }));
  const violations: Violation[] = [];
  for (const { line, value } of [...held, ...outputs.slice(-1).map(value => ({ line: 'the output', value }))]) {
    if (value !== undefined && !(await world.accepts(value))) {
      violations.push({ invariant: 'I1', what: `${line} holds a secret that is refused` });
    }
  }
  return violations;
}

/** The values of all secrets that the steps of a point have delivered. */
export class Given {
  readonly #values = new Set<string>();

  /** Records the secrets in targets and in the output of a step. */
  note(world: World, { outputs }: Run): void {
    for (const value of [...world.holdings().map(({ secret }) => secret?.value), outputs['client-secret']]) {
      if (value !== undefined) {
        this.#values.add(value);
      }
    }
  }

  has({ value }: StoredSecret): boolean {
    return this.#values.has(value);
  }
}

/** I2: every existing secret that a run created was delivered, or its mark and expiration are in the log. */
export function checkNamed(world: World, given: Given, runs: readonly Run[]): readonly Violation[] {
  const lines = runs.flatMap(({ log }) => log.split('\n'));
  const ended = runs.some(({ signal }) => signal !== null) ? undefined : runs.flatMap(({ annotations }) => annotations);
  return orphansOf(world, given).flatMap(({ description, expiration }): Violation[] => {
    const mark = MARK.exec(description ?? '')?.[0] ?? 'no mark';
    if (!lines.some(line => line.includes(mark) && namesEnd(line, expiration))) {
      return [{ invariant: 'I2', what: `nobody holds ${mark}, and the log does not name it with its expiration` }];
    }
    // A run that was not killed must also report it in an annotation.
    return ended?.some(({ message }) => message.includes(mark)) === false
      ? [{ invariant: 'I2', what: `nobody holds ${mark}, and no annotation names it` }]
      : [];
  });
}

/**
 * On tier 1, the post step leaves no undelivered secret. The exception is a kill between the start of the delivery and
 * its first write. Then it is not known whether a target holds the secret.
 */
export function checkNothingBehind(
  world: World,
  given: Given,
  point: Point,
  undisturbed: readonly Event[],
): readonly Violation[] {
  const orphans = exemptions(point, undisturbed).includes('behind') ? [] : orphansOf(world, given);
  return orphans.map(({ description }) => ({ invariant: 'behind', what: `${description} is left` }));
}

function isExcused({ event, break: how }: Point, undisturbed: readonly Event[]): boolean {
  const firstWrite = undisturbed.findIndex(isFirstWrite);
  const begin = undisturbed.slice(0, firstWrite).findLastIndex(one => one.startsWith('runner.GITHUB_STATE#'));
  const at = undisturbed.indexOf(event);
  return how === 'SIGKILL' && at >= begin && at < firstWrite;
}

/** If a signal that can be caught arrives after the first write started, all targets get the same new secret. */
export function checkFinish(world: World, point: Point, undisturbed: readonly Event[]): readonly Violation[] {
  if (exemptions(point, undisturbed).includes('finishes')) {
    return [];
  }
  const values = world.holdings().map(({ secret }) => secret?.value);
  const isNew = (value: string | undefined) => value !== undefined && !world.beginning.names.has(value);
  return values.every(value => isNew(value) && value === values[0])
    ? []
    : [{ invariant: 'finishes', what: 'some targets hold the new secret, and some do not' }];
}

/** The invariants that do not apply to a point. */
export function exemptions(point: Point, undisturbed: readonly Event[]): readonly Invariant[] {
  return [
    ...(point.tier === 1 && !isExcused(point, undisturbed) ? [] : ['behind' as const]),
    ...(interruptsDelivery(point, undisturbed) ? [] : ['finishes' as const]),
  ];
}

/** Whether a point is a signal that can be caught, after the first write of the delivery started. */
function interruptsDelivery({ event, break: how }: Point, undisturbed: readonly Event[]): boolean {
  return isCatchable(how) && undisturbed.indexOf(event) >= undisturbed.findIndex(isFirstWrite);
}

function isFirstWrite(event: Event): boolean {
  return /^github\.PUT:.*\/secrets\/\w+#1\.arrived$/u.test(event);
}

/** I3: everything that belongs to others is unchanged, and no request tried to change it. */
export function checkForeign(world: World, before: Parts, runs: readonly Run[]): readonly Violation[] {
  const violations: Violation[] = [];
  const changes = differences(world.foreign(), before);
  if (changes !== '') {
    violations.push({ invariant: 'I3', what: changes });
  }
  for (const request of runs.flatMap(({ requests }) => requests)) {
    if (isWrite(request) && !isOwnBusiness(request)) {
      violations.push({ invariant: 'I3', what: `it sent ${request.method} ${request.path}` });
    }
  }
  return violations;
}

/** I4: no secret is printed or written. */
export function checkLeaks(world: World, runs: readonly Run[]): readonly Violation[] {
  return runs
    .flatMap(run => world.leaks(run))
    .map(({ canary, form, where }) => ({ invariant: 'I4', what: `${canary} as ${form} in ${where}` }));
}

/** I5: an undisturbed run succeeds, and its result is the same as without the broken run before it. */
export function checkEnd(world: World, again: Run, undisturbed: Parts): readonly Violation[] {
  const violations: Violation[] = [];
  if (again.exitCode !== 0) {
    violations.push({ invariant: 'I5', what: `the run after it failed: ${again.outputs['error-code']}` });
  }
  const changes = differences(endState(world), undisturbed);
  if (changes !== '') {
    violations.push({ invariant: 'I5', what: changes });
  }
  return [...violations, ...wrongVariables(world).map(what => ({ invariant: 'I5' as const, what }))];
}

/** I6: a run with nothing to do changes nothing. On tier 0, it may ask for the client with a POST request. */
export function checkIdle(further: Run, { tier }: Pick<Point, 'tier'>): readonly Violation[] {
  const asks = ({ route }: SentRequest) => tier === 0 && route === 'createClient';
  const writes = further.requests.filter(request => request.applied || (isWrite(request) && !asks(request)));
  return [
    ...writes.map(({ method, path }) => ({ invariant: 'I6' as const, what: `it sent ${method} ${path}` })),
    ...(further.exitCode === 0
      ? []
      : [{ invariant: 'I6' as const, what: `it failed: ${further.outputs['error-code']}` }]),
  ];
}

/** The secrets of the client that a run created and nobody received. */
function orphansOf(world: World, given: Given): readonly StoredSecret[] {
  const secrets = world.client()?.secrets ?? [];
  return secrets.filter(secret => !world.beginning.names.has(secret.value) && !given.has(secret));
}

function namesEnd(line: string, expiration: string): boolean {
  return [...line.matchAll(INSTANT)].some(([time]) => Math.abs(Date.parse(time) - Date.parse(expiration)) < NEAR);
}

function isWrite({ method, route }: SentRequest): boolean {
  return method !== 'GET' && route !== 'token';
}

/** Whether a step may send a request: only requests to its client, its secrets, its targets and their variables. */
function isOwnBusiness({ service, method, path, route }: SentRequest): boolean {
  if (service === 'github') {
    return method !== 'DELETE' && !path.includes('OTHER') && !path.includes('/website/');
  }
  return (
    route === 'createClient' ||
    (['createSecret', 'deleteSecret'].includes(route) && path.includes(`/clients/${CLIENT_ID}/`))
  );
}
