import fc from 'fast-check';
import type { Duration } from '../../src/model/time.ts';
import { planEnsure } from '../../src/plan/plan.ts';
import { essenceOf } from './essence.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading } from './reading.ts';
import { look } from './sight.ts';
import { DAY, SECOND } from './time.ts';
import { anyGiven, aWish, type Given, isMint, observationOf, outputOf, type Wish, wantedFrom } from './wish.ts';

/** Lengths in days: those in months are of another length at another time. */
const aWishInDays: fc.Arbitrary<Wish> = fc
  .tuple(
    aWish,
    fc.constantFrom<Duration[]>({ hours: 12 }, { days: 7 }, { days: 30 }),
    fc.constantFrom<Duration[]>({ days: 1 }, { days: 7 }, { days: 90 }),
    fc.constantFrom<Duration[]>({ days: 45 }, { days: 90 }, { days: 183 }, { days: 1000 }),
  )
  .map(([wish, rotateBefore, pruneAfter, life]) => ({ ...wish, rotateBefore, pruneAfter, life }));

interface Case {
  readonly past: Past;
  readonly wish: Wish;
  readonly given: Given;
  readonly reading: Reading;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  { past: aPast({ atLeast: 2 }), wish: aWishInDays, given: anyGiven, reading: aReading },
  { noNullPrototype: true },
);

function planOf({ past, wish, given, reading }: Case) {
  const sight = look(past);
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  const plan = planEnsure(
    wantedFrom(wish, given, outputOf(sight)),
    observationOf(sight, { isAccepted, reading }),
    sight.now,
  );
  const { prune, variables } = plan;
  return {
    essence: essenceOf(plan, sight.now).replace(/"end":\d+/u, ''),
    isTelling: prune.length > 0 || variables.length > 0 || !isMint(plan),
  };
}

/** Times of two servers are never compared with each other. */
export const CLOCK_PROPERTIES: readonly Property[] = [
  {
    name: 'clocks: another time by all clocks, with all that went before, makes no difference to a plan',
    property: telling =>
      fc.property(aCase, fc.integer({ min: (-1000 * DAY) / SECOND, max: (1000 * DAY) / SECOND }), (one, seconds) => {
        const { essence, isTelling } = planOf(one);
        if (isTelling) {
          telling();
        }
        const shifted = planOf({ ...one, past: { ...one.past, now: one.past.now + seconds * SECOND } }).essence;
        mustHold(essence === shifted, () => `${essence}, and ${seconds} s later ${shifted}`);
      }),
  },
  {
    name: 'clocks: where those of GitHub, Vantage and the marks disagree, the plan is the one of clocks that agree',
    property: telling =>
      fc.property(aCase, one => {
        const { github, vantage } = one.past.clocks;
        const { essence, isTelling } = planOf(one);
        if (isTelling && github !== vantage) {
          telling();
        }
        const agreed = planOf({ ...one, past: { ...one.past, clocks: { github: 0, vantage: 0 } } }).essence;
        mustHold(essence === agreed, () => `${essence}, and where they agree ${agreed}`);
      }),
  },
];
