import type { Scripts } from '../build-copy.ts';
import { usesProcesses } from '../where.ts';
import { endState, type Parts } from './end-state.ts';
import type { Event } from './events.ts';
import {
  checkBreak,
  checkEnd,
  checkFinish,
  checkForeign,
  checkHeld,
  checkIdle,
  checkLeaks,
  checkNamed,
  checkNothingBehind,
  checkPost,
  exemptions,
  Given,
  type Invariant,
  type Violation,
} from './invariants.ts';
import { type Ground, type Point, pointId } from './points.ts';
import type { Run } from './run.ts';
import { scenarioOf } from './scenarios.ts';
import { World } from './world.ts';

/** What an undisturbed run does, and its result. */
export interface Undisturbed {
  readonly events: readonly Event[];
  readonly end: Parts;
}

/** The result of a point. */
export interface Trial {
  readonly point: Point;
  readonly violations: readonly Violation[];
  /** The invariants that do not apply to this point. */
  readonly exempt: readonly Invariant[];
  /** Milliseconds from the signal to the end of the process. Undefined if no signal was sent. */
  readonly endedAfterMs: number | undefined;
  /** The output of each step, with its title, as the page of a run shows it. */
  readonly logs: readonly string[];
}

const BROKEN_RUN = '1658821493';
const NEXT_RUN = '1658821494';
const FURTHER_RUN = '1658821495';

/**
 * Runs a scenario without a break.
 *
 * @throws Error if it does not succeed, because then the results mean nothing.
 */
export async function runUndisturbed({ tier, scenario }: Ground, { main }: Scripts): Promise<Undisturbed> {
  await using world = await World.open(scenarioOf(scenario), tier);
  const run = await world.run({ title: 'an undisturbed run', entry: main, runId: BROKEN_RUN, seesWrites: true });
  if (run.exitCode !== 0) {
    throw new Error(`The undisturbed run of tier ${tier}, ${scenario}, failed:\n${run.log}`);
  }
  return { events: run.events, end: endState(world) };
}

/**
 * Breaks a run at a point, runs its post step, runs the step again twice, and checks everything. The broken run is a
 * process. Nothing breaks the others, so most of them are executed in this process.
 */
export async function tryPoint(point: Point, { main, post }: Scripts, undisturbed: Undisturbed): Promise<Trial> {
  await using world = await World.open(scenarioOf(point.scenario), point.tier);
  const here = !usesProcesses(pointId(point));
  const foreign = world.foreign();
  const given = new Given();

  const broken = await world.run({ title: 'the broken run', entry: main, runId: BROKEN_RUN, broken: point });
  given.note(world, broken);
  const ended = await world.run({
    ...{ title: 'its end of the job', entry: post, runId: BROKEN_RUN, here },
    state: broken.state,
  });
  const afterJob = [
    ...checkBreak(point, broken),
    ...checkFinish(world, point, undisturbed.events),
    ...checkPost(ended),
    ...(await checkHeld(world, [broken])),
    ...checkNamed(world, given, [broken, ended]),
    ...checkNothingBehind(world, given, point, undisturbed.events),
    ...checkForeign(world, foreign, [broken, ended]),
  ];

  const again = await world.run({ title: 'the run after it', entry: main, runId: NEXT_RUN, here });
  given.note(world, again);
  // If the state contains no mark, the post step sends no request, as its first runs show.
  const left = again.state.marks !== undefined && again.state.marks !== '[]';
  const endedAgain = left
    ? [await world.run({ title: 'its end of the job', entry: post, runId: NEXT_RUN, here, state: again.state })]
    : [];
  const afterAgain = [
    ...(await checkHeld(world, [again])),
    ...checkNamed(world, given, [broken, ended, again, ...endedAgain]),
    ...checkNothingBehind(world, given, point, undisturbed.events),
    ...checkEnd(world, again, undisturbed.end),
  ];

  const further = await world.run({
    ...{ title: 'a further run', entry: main, runId: FURTHER_RUN, here },
    inputs: { rotate: 'when-due' },
  });
  const runs = [broken, ended, again, ...endedAgain, further];
  const afterAll = [
    ...checkIdle(further, point),
    ...(await checkHeld(world, [])),
    ...checkForeign(world, foreign, runs),
    ...checkLeaks(world, runs),
  ];
  const violations = unique([...afterJob, ...afterAgain, ...afterAll]);
  const exempt = exemptions(point, undisturbed.events);
  return { point, violations, exempt, endedAfterMs: broken.endedAfterMs, logs: runs.map(describeRun) };
}

function unique(violations: readonly Violation[]): readonly Violation[] {
  const seen = new Set<string>();
  return violations.filter(
    ({ invariant, what }) => !seen.has(`${invariant} ${what}`) && seen.add(`${invariant} ${what}`),
  );
}

function describeRun({ title, log, exitCode, signal, requests }: Run): string {
  const sent = requests.map(({ method, path, applied }) => `${applied ? '*' : ' '} ${method} ${path}`);
  return [`--- ${title}: ${signal ?? `exit code ${exitCode}`}`, log.trimEnd(), ...sent].join('\n');
}
