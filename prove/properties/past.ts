import fc from 'fast-check';
import { CLOCK_SKEW, LONGEST_RUN } from '../../src/plan/marked-secrets.ts';
import { anyBeside, type Beside } from './beside.ts';
import { ALL_TARGETS, GITHUB, type GitHubAt, type Maker, MOST_TARGETS } from './makers.ts';
import { HOUR, MINUTE, SECOND } from './time.ts';

/** A secret that somebody made, and where it went. All times are true ones, in milliseconds. */
export interface PastSecret {
  readonly maker: Maker;
  readonly ago: number;
  /** How far the run that minted it was ahead of the clock that dates marks. */
  readonly clock: number;
  /**
   * The targets that it goes to, as its mark tells; `step`: all of this workflow, or where there is none the output of
   * its step. None: the output of another step.
   */
  readonly goesTo: readonly number[] | 'step';
  /** For each target that it goes to, how long after the mint it was written, or is going to be; null: never. */
  readonly wroteAfter: readonly (number | null)[];
  /** Days from the mint to its start; null: not told. */
  readonly startsAfter: number | null;
  /** Days that it lives; null: not told. */
  readonly life: number | null;
  /** Whether it was deleted since. */
  readonly isDeleted: boolean;
}

/** All that went before a plan. It is the truth: what the action sees of it, `look` tells. */
export interface Past {
  /** The true time of the plan. */
  readonly now: number;
  /** How far each server's clock is ahead; behind, where that is below 0. */
  readonly clocks: { readonly github: number; readonly vantage: number };
  /** How far what a run takes for a server's clock is ahead of it. */
  readonly reading: number;
  /** How far GitHub dates what is written to it ahead of its own clock. */
  readonly dating: number;
  readonly targets: number;
  /** The GitHub that all targets are on. */
  readonly github: GitHubAt;
  /** A target that nobody ever wrote. */
  readonly unwritten: number | null;
  /** For each target. */
  readonly otherWrites: readonly Beside[];
  readonly secrets: readonly PastSecret[];
  /** Whether Vantage shows how secrets begin. */
  readonly showsBeginnings: boolean;
}

const EPOCH = Date.UTC(2027, 0, 1);

/** A point in time in four years, a leap year among them. To the second. */
export const aTime = fc.nat(4 * 366 * 24 * 3600).map(seconds => EPOCH + seconds * SECOND);

/** The clocks of two servers may be an hour apart and more, so each of them that much ahead or behind. */
const aServerClock = fc.constantFrom(0, 0, -HOUR, HOUR, 7 * MINUTE, -7 * MINUTE, 59 * MINUTE);
/** Five minutes is the most that two times of one clock may lie apart. */
const aClock = fc.constantFrom(0, 0, MINUTE, CLOCK_SKEW);
/** Often few days ago, so that runs overlap; and by the hour, or just less than a day, so that limits are met. */
const anAge = fc.oneof(
  { weight: 2, arbitrary: fc.nat(4 * 24).map(hours => hours * HOUR) },
  { weight: 3, arbitrary: fc.nat(400 * 24).map(hours => hours * HOUR) },
  { weight: 1, arbitrary: fc.nat(3 * LONGEST_RUN) },
  { weight: 1, arbitrary: fc.constantFrom(LONGEST_RUN - 4 * MINUTE, LONGEST_RUN - MINUTE) },
);
const aDelay = fc.constantFrom(0, 2 * SECOND, 2 * SECOND, 3 * HOUR, 20 * HOUR, LONGEST_RUN, null);
const aGoal = fc.oneof(
  { weight: 5, arbitrary: fc.constant<'step'>('step') },
  { weight: 3, arbitrary: fc.subarray(Array.from({ length: ALL_TARGETS }, (_, index) => index)) },
);
const aSecret: fc.Arbitrary<PastSecret> = fc.record(
  {
    maker: fc.constantFrom<Maker>(
      ...Array.from({ length: 24 }, (): Maker => 'own'),
      ...(['own renamed', 'own renamed', 'own re-cased', 'own transferred', 'own transferred'] satisfies Maker[]),
      ...(['other repository', 'other repository', 'recreated', 'other host', 'heir of the name'] satisfies Maker[]),
      ...(['copied mark', 'by hand', 'no words', 'untold', 'unproven own'] satisfies Maker[]),
    ),
    ago: anAge,
    clock: aClock,
    goesTo: aGoal,
    wroteAfter: fc.tuple(aDelay, aDelay, aDelay, aDelay, aDelay),
    startsAfter: fc.constantFrom(0, 0, 0, 10, null),
    life: fc.constantFrom(1, 30, 90, 183, 366, 1000, null),
    isDeleted: fc.constantFrom(...Array.from({ length: 11 }, () => false), true),
  },
  { noNullPrototype: true },
);

/** Any past, with so many secrets at least, whose targets are on the workflow's own GitHub, or on any. */
export function aPast({
  atLeast,
  gitHubs = [GITHUB],
}: {
  readonly atLeast: number;
  readonly gitHubs?: readonly GitHubAt[];
}): fc.Arbitrary<Past> {
  return fc.record(
    {
      now: aTime,
      clocks: fc.record({ github: aServerClock, vantage: aServerClock }, { noNullPrototype: true }),
      reading: aClock,
      dating: aClock,
      targets: fc.constantFrom(0, 1, 1, 2, 2, 2, 3, MOST_TARGETS),
      github: fc.constantFrom(...gitHubs),
      unwritten: fc.constantFrom(...Array.from({ length: 7 }, () => null), 0, 1),
      otherWrites: fc.tuple(anyBeside, anyBeside, anyBeside, anyBeside),
      secrets: fc.array(aSecret, { minLength: atLeast, maxLength: 7, size: 'max' }),
      showsBeginnings: fc.constantFrom(...Array.from({ length: 9 }, () => true), false),
    },
    { noNullPrototype: true },
  );
}
