import type { StoredSecret } from '../../emulator/vantage/index.ts';
import { differences, endState, type Parts, wrongVariables } from './end-state.ts';
import type { Event } from './events.ts';
import { isCatchable, isSignal, type Point } from './points.ts';
import type { Run, SentRequest } from './run.ts';
import { CLIENT_ID } from './scenarios.ts';
import type { World } from './world.ts';

/** What is to hold of every point. The first six are the design's, in its numbers. */
export const INVARIANTS = {
  I1: 'whatever GitHub holds is taken at the token endpoint',
  I2: 'every secret minted is handed out, or revoked, or named in the log with its mark and end',
  I3: 'nothing foreign is touched',
  I4: 'no secret is printed or written',
  I5: 'running again ends where an undisturbed run ends',
  I6: 'a further when-due run changes nothing',
  behind: 'tier 1: after the end of the job no secret is left that nobody was given',
  finishes: 'a hand-off under way finishes when a signal comes that can be caught',
  ends: 'a signal ends the process within 7 s, and a mishap does not kill it',
  post: 'the end of the job fails no job',
  reached: 'the break came where it was to come',
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** One way in which a point did not hold. */
export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/** How long a step may live on after a signal, in milliseconds. */
const LONGEST_END = 7000;
/** How far the end that a log names may lie from the one that Vantage holds, in milliseconds: a run's length. */
const NEAR = 60_000;

const MARK = /\[vantage-client [^\]]+\]$/u;
const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+Z/gu;

/** The run that was broken got as far as the break, and ended by it or in spite of it. */
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

/** The end of the job succeeded. */
export function checkPost({ exitCode, stderr }: Run): readonly Violation[] {
  return exitCode === 0 && stderr === ''
    ? []
    : [{ invariant: 'post', what: `it ended with ${exitCode}; stderr: ${stderr.slice(0, 200)}` }];
}

/** I1: what the targets hold works, and so does what a step that succeeded handed to its job. */
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

/** What all steps of a point have given to somebody: values. */
export class Given {
  readonly #values = new Set<string>();

  /** Notes what is held now, and what a step handed to its job. */
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

/** I2: every secret that a run minted and that is still there was given to somebody, or its mark and end are in the log. */
export function checkNamed(world: World, given: Given, runs: readonly Run[]): readonly Violation[] {
  const lines = runs.flatMap(({ log }) => log.split('\n'));
  const ended = runs.some(({ signal }) => signal !== null) ? undefined : runs.flatMap(({ annotations }) => annotations);
  return orphansOf(world, given).flatMap(({ description, expiration }): Violation[] => {
    const mark = MARK.exec(description ?? '')?.[0] ?? 'no mark';
    if (!lines.some(line => line.includes(mark) && namesEnd(line, expiration))) {
      return [{ invariant: 'I2', what: `${mark} is nobody's, and not in the log with its end` }];
    }
    // A run that came to its own end says it where a user sees it.
    return ended?.some(({ message }) => message.includes(mark)) === false
      ? [{ invariant: 'I2', what: `${mark} is nobody's, and no annotation says so` }]
      : [];
  });
}

/**
 * On tier 1 the end of the job leaves nothing that nobody was given. The one excuse: a kill between the begin of the
 * hand-out and its first write, after which nobody can know whether a target holds the secret.
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

/** Where a signal comes once the first write is on its way, and can be caught, every target gets the one new secret. */
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

/** The invariants that say nothing of a point. */
export function exemptions(point: Point, undisturbed: readonly Event[]): readonly Invariant[] {
  return [
    ...(point.tier === 1 && !isExcused(point, undisturbed) ? [] : ['behind' as const]),
    ...(interruptsHandOff(point, undisturbed) ? [] : ['finishes' as const]),
  ];
}

/** Whether a point is a signal that can be caught, from the first write of the hand-off on. */
function interruptsHandOff({ event, break: how }: Point, undisturbed: readonly Event[]): boolean {
  return isCatchable(how) && undisturbed.indexOf(event) >= undisturbed.findIndex(isFirstWrite);
}

function isFirstWrite(event: Event): boolean {
  return /^github\.PUT:.*\/secrets\/\w+#1\.arrived$/u.test(event);
}

/** I3: what is foreign is as it was, working secrets of the client among it, and no request was to change anything else. */
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

/** I4 */
export function checkLeaks(world: World, runs: readonly Run[]): readonly Violation[] {
  return runs
    .flatMap(run => world.leaks(run))
    .map(({ canary, form, where }) => ({ invariant: 'I4', what: `${canary} as ${form} in ${where}` }));
}

/** I5: a run that nobody disturbed succeeds, and leaves what it would have left without the broken one before it. */
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

/** I6: a run that has nothing to do sends nothing that could change anything, but for tier 0's question by POST. */
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

/** The secrets of the client that were minted by a run and that nobody was given. */
function orphansOf(world: World, given: Given): readonly StoredSecret[] {
  const secrets = world.client()?.secrets ?? [];
  return secrets.filter(secret => !world.beginning.names.has(secret.value) && !given.has(secret));
}

function namesEnd(line: string, expiration: string): boolean {
  return [...line.matchAll(INSTANT)].some(([told]) => Math.abs(Date.parse(told) - Date.parse(expiration)) < NEAR);
}

function isWrite({ method, route }: SentRequest): boolean {
  return method !== 'GET' && route !== 'token';
}

/** What a step of some scenario may do: with its client and that one's secrets; with its targets and what is beside them. */
function isOwnBusiness({ service, method, path, route }: SentRequest): boolean {
  if (service === 'github') {
    return method !== 'DELETE' && !path.includes('OTHER') && !path.includes('/website/');
  }
  return (
    route === 'createClient' ||
    (['mintSecret', 'deleteSecret'].includes(route) && path.includes(`/clients/${CLIENT_ID}/`))
  );
}
