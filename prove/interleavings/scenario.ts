import fc from 'fast-check';
import type { Duration } from '../../src/model/time.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../properties/time.ts';

/** The targets of the runs, as lines of `write-to`. */
export const LINES = ['repository octo-org/octo-repo', 'organization octo-org', 'repository octo-org/website'];

/** A step of a repository. Its targets are indexes of `LINES`. */
export interface StepPlan {
  readonly repository: 'octo-org/octo-repo' | 'octo-org/website';
  readonly targets: readonly number[];
}

const WHOLE: StepPlan = { repository: 'octo-org/octo-repo', targets: [0, 1, 2] };
const PART: StepPlan = { repository: 'octo-org/octo-repo', targets: [0, 1] };
const OTHER_WHOLE: StepPlan = { repository: 'octo-org/website', targets: [0, 1, 2] };
const OTHER_PART: StepPlan = { repository: 'octo-org/website', targets: [1, 2] };
/** The number of steps before a run decides: it reads the targets and lists the secrets. */
const READS = 2;

/** A planned run. */
export interface RunPlan {
  /** The index of its step. */
  readonly step: number;
  readonly rotate: 'always' | 'when-due';
  readonly pruneAfter: Duration;
  /** How far the clock of a server, as the run reads it, is ahead of the real clock of that server, in milliseconds. */
  readonly reading: number;
  /** The number of steps after which the run is killed. Most runs are not. */
  readonly killedAfter: number;
}

/** A run that ended before the model starts. */
interface EarlierRun {
  /** The index of its step. */
  readonly step: number;
  readonly daysAgo: number;
  /** The number of targets that it wrote before it ended. */
  readonly wrote: number;
}

export interface Scenario {
  readonly steps: readonly StepPlan[];
  readonly earlier: readonly EarlierRun[];
  readonly runs: readonly RunPlan[];
  /** How far the clock of each server is ahead, in milliseconds. Negative: behind. */
  readonly clocks: { readonly github: number; readonly vantage: number };
  /** How far GitHub's times of writes are ahead of its own clock. */
  readonly dating: number;
  /** The durations of the steps, in order, whichever run takes them. */
  readonly gaps: readonly number[];
  /** A run after all others have ended, and how much later it starts. */
  readonly last: RunPlan & { readonly after: number };
}

/** The clocks of two servers can differ by an hour and more. */
const aServerClock = fc.constantFrom(0, -HOUR, HOUR, 7 * MINUTE, -59 * MINUTE);
/** Two times of one clock differ by five minutes at most. */
const aClock = fc.constantFrom(0, 0, 150 * SECOND, 5 * MINUTE, 5 * MINUTE);
const aStep = fc.nat(11);
/** One step, or several steps whose targets are the same, overlap or contain each other. */
const someSteps = fc.constantFrom<(readonly StepPlan[])[]>(
  ...[[WHOLE], [WHOLE], [WHOLE, OTHER_WHOLE], [WHOLE, PART], [WHOLE, OTHER_PART], [PART, OTHER_PART]],
  [WHOLE, PART, OTHER_WHOLE, OTHER_PART],
);
const aRun: fc.Arbitrary<RunPlan> = fc.record({
  step: aStep,
  rotate: fc.constantFrom('always', 'always', 'when-due'),
  pruneAfter: fc.constantFrom({ days: 1 }, { days: 1 }, { hours: 36 }, { days: 7 }),
  reading: aClock,
  // A run that is killed between the creation and the first write leaves a newer secret that nobody holds.
  killedAfter: fc.oneof(
    { weight: 6, arbitrary: fc.constant(99) },
    { weight: 2, arbitrary: fc.constant(READS + 1) },
    { weight: 1, arbitrary: fc.nat(12) },
  ),
});
const aShortGap = fc.constantFrom(0, 0, 0, 1, SECOND, MINUTE);
/** Durations that reach, or just miss, the limits of runs, of pruning and of clocks that disagree. */
const aLongGap = fc.constantFrom(...[DAY - HOUR, DAY - 5 * MINUTE, DAY - 4 * MINUTE, DAY, DAY + 5 * MINUTE, 2 * DAY]);
/** Mostly short durations, so that runs overlap: short ones with a long one between them, or all kinds. */
const gaps = fc.oneof(
  fc
    .tuple(fc.array(aShortGap, { minLength: 3, maxLength: 12 }), aLongGap, fc.array(aShortGap, { minLength: 24 }))
    .map(([before, long, after]) => [...before, long, ...after]),
  fc.array(
    fc.oneof(
      { weight: 24, arbitrary: aShortGap },
      { weight: 6, arbitrary: fc.constantFrom(4 * MINUTE, 10 * MINUTE, 2 * HOUR, 12 * HOUR) },
      { weight: 1, arbitrary: aLongGap },
    ),
    { minLength: 8, maxLength: 48 },
  ),
);
/** Any runs in any world. */
export const aScenario: fc.Arbitrary<Scenario> = fc.record({
  steps: someSteps,
  earlier: fc
    .uniqueArray(fc.record({ step: aStep, daysAgo: fc.integer({ min: 1, max: 320 }), wrote: fc.nat(LINES.length) }), {
      selector: ({ daysAgo }) => daysAgo,
      maxLength: 3,
    })
    .map(earlier => earlier.toSorted((one, other) => other.daysAgo - one.daysAgo)),
  runs: fc.array(aRun, { minLength: 2, maxLength: 3 }),
  clocks: fc.record({ github: aServerClock, vantage: aServerClock }),
  dating: aClock,
  gaps,
  last: fc
    .tuple(aRun, fc.constantFrom(0, DAY - 5 * MINUTE, DAY, 2 * DAY, 8 * DAY))
    .map(([run, after]) => ({ ...run, killedAfter: 99, after })),
});
