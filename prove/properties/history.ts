import fc from 'fast-check';
import { CLOCK_SKEW, LONGEST_RUN } from '../../src/plan/marked-secrets.ts';
import { ALL_TARGETS, GITHUB, type GitHubAt, type Maker, MOST_TARGETS } from './makers.ts';
import { HOUR, MINUTE, SECOND } from './time.ts';
import { anyVariableStates, type VariableStates } from './variable-states.ts';

/** A secret that was created, and where it was delivered. Times are real times, without clock errors, in milliseconds. */
export interface HistorySecret {
  readonly maker: Maker;
  readonly ago: number;
  /** How far the clock of the run that created it was ahead of the clock of the marks. */
  readonly clock: number;
  /**
   * The targets that its mark names. `step`: all targets of this workflow, or the output of its step if there are none. An
   * empty list: the output of another step.
   */
  readonly deliveredTo: readonly number[] | 'step';
  /** For each target, how long after the creation the target was written, or will be written. Null: never. */
  readonly writtenAfter: readonly (number | null)[];
  /** Days from its creation to its start. Null: not reported. */
  readonly startsAfter: number | null;
  /** Its life in days. Null: not reported. */
  readonly life: number | null;
  /** Whether it was deleted later. */
  readonly isDeleted: boolean;
}

/** Everything that happened before a plan, as it really was. `observe` returns what the action sees of it. */
export interface History {
  /** The real time of the plan. */
  readonly now: number;
  /** How far the clock of each server is ahead. Negative: behind. */
  readonly clocks: { readonly github: number; readonly vantage: number };
  /** How far the clock of a server, as a run reads it, is ahead of the real clock of that server. */
  readonly clockError: number;
  /** How far GitHub's times of writes are ahead of its own clock. */
  readonly dateSkew: number;
  readonly targets: number;
  /** The GitHub that all targets are on. */
  readonly github: GitHubAt;
  /** The index of a target that was never written. */
  readonly unwritten: number | null;
  /** The variables next to each target. */
  readonly variableStates: readonly VariableStates[];
  readonly secrets: readonly HistorySecret[];
  /** Whether Vantage shows the first characters of secrets. */
  readonly showsPrefixes: boolean;
}

const EPOCH = Date.UTC(2027, 0, 1);

/** A time within four years, which include a leap year. To the second. */
export const aTime = fc.nat(4 * 366 * 24 * 3600).map(seconds => EPOCH + seconds * SECOND);

/** The clocks of two servers can differ by an hour and more. */
const aServerClock = fc.constantFrom(0, 0, -HOUR, HOUR, 7 * MINUTE, -7 * MINUTE, 59 * MINUTE);
/** Two times of one clock differ by five minutes at most. */
const aClock = fc.constantFrom(0, 0, MINUTE, CLOCK_SKEW);
/** Often a few days, so that runs overlap; in whole hours, or just less than a day, so that limits are reached. */
const anAge = fc.oneof(
  { weight: 2, arbitrary: fc.nat(4 * 24).map(hours => hours * HOUR) },
  { weight: 3, arbitrary: fc.nat(400 * 24).map(hours => hours * HOUR) },
  { weight: 1, arbitrary: fc.nat(3 * LONGEST_RUN) },
  { weight: 1, arbitrary: fc.constantFrom(LONGEST_RUN - 4 * MINUTE, LONGEST_RUN - MINUTE) },
);
const aDelay = fc.constantFrom(0, 2 * SECOND, 2 * SECOND, 3 * HOUR, 20 * HOUR, LONGEST_RUN, null);
const aDestination = fc.oneof(
  { weight: 5, arbitrary: fc.constant<'step'>('step') },
  { weight: 3, arbitrary: fc.subarray(Array.from({ length: ALL_TARGETS }, (_, index) => index)) },
);
const aSecret: fc.Arbitrary<HistorySecret> = fc.record(
  {
    maker: fc.constantFrom<Maker>(
      ...Array.from({ length: 24 }, (): Maker => 'own'),
      ...(['own renamed', 'own renamed', 'own re-cased', 'own transferred', 'own transferred'] satisfies Maker[]),
      ...(['other repository', 'other repository', 'recreated', 'other host', 'reused name'] satisfies Maker[]),
      ...(['copied mark', 'by hand', 'no description', 'hidden description', 'unproven own'] satisfies Maker[]),
    ),
    ago: anAge,
    clock: aClock,
    deliveredTo: aDestination,
    writtenAfter: fc.tuple(aDelay, aDelay, aDelay, aDelay, aDelay),
    startsAfter: fc.constantFrom(0, 0, 0, 10, null),
    life: fc.constantFrom(1, 30, 90, 183, 366, 1000, null),
    isDeleted: fc.constantFrom(...Array.from({ length: 11 }, () => false), true),
  },
  { noNullPrototype: true },
);

/** Any history with a minimum number of secrets. Its targets are on one of the GitHubs; default: the workflow's own. */
export function aHistory({
  atLeast,
  gitHubs = [GITHUB],
}: {
  readonly atLeast: number;
  readonly gitHubs?: readonly GitHubAt[];
}): fc.Arbitrary<History> {
  return fc.record(
    {
      now: aTime,
      clocks: fc.record({ github: aServerClock, vantage: aServerClock }, { noNullPrototype: true }),
      clockError: aClock,
      dateSkew: aClock,
      targets: fc.constantFrom(0, 1, 1, 2, 2, 2, 3, MOST_TARGETS),
      github: fc.constantFrom(...gitHubs),
      unwritten: fc.constantFrom(...Array.from({ length: 7 }, () => null), 0, 1),
      variableStates: fc.tuple(anyVariableStates, anyVariableStates, anyVariableStates, anyVariableStates),
      secrets: fc.array(aSecret, { minLength: atLeast, maxLength: 7, size: 'max' }),
      showsPrefixes: fc.constantFrom(...Array.from({ length: 9 }, () => true), false),
    },
    { noNullPrototype: true },
  );
}
