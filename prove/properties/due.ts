import fc from 'fast-check';
import { defaultEnd, resolveLife } from '../../src/model/secret-life.ts';
import { type Duration, earlier } from '../../src/model/time.ts';
import type { Due } from '../../src/plan/due.ts';
import { dueTime } from '../../src/plan/due-dates.ts';
import { planEnsure } from '../../src/plan/plan.ts';
import { aPast, aTime, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading, readAs } from './reading.ts';
import { after, beginningOf, look } from './sight.ts';
import { DAY, HOUR } from './time.ts';
import { anyGiven, aWish, type Given, observationOf, outputOf, type Wish, wantedFrom } from './wish.ts';

/** What a run can tell of the secret in use. */
interface Case {
  readonly past: Past;
  readonly wish: Wish;
  readonly given: Given;
  /** How Vantage lists secrets. */
  readonly reading: Reading;
  /** How many milliseconds from the plan on `current-secret` is accepted, unless it is known to end before. */
  readonly acceptedFor: number;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  {
    past: aPast({ atLeast: 0 }),
    wish: aWish,
    given: anyGiven,
    reading: aReading,
    acceptedFor: fc.constantFrom(-1, 60 * DAY, 1000 * DAY, 1000 * DAY, 1000 * DAY),
  },
  { noNullPrototype: true },
);

/** The decisions in one world, one for each time that is asked about: so many milliseconds later. */
function decider({ past, wish, given, reading, acceptedFor }: Case): (wait: number) => Due | undefined {
  // Where two begin alike, the end of one is taken for that of the other, until the first has ended: not here.
  const sight = look(past, { beginAlike: false });
  const wanted = wantedFrom({ ...wish, rotate: 'when-due' }, given, { beginAlike: false, ...outputOf(sight) });
  const beginning = beginningOf(given.currentSecret ?? -1, false);
  const listed = readAs(reading, sight.listed);
  const current = (listed.kind === 'found' ? listed.found : []).find(({ valueDisplay }) => valueDisplay === beginning);
  const end = current?.expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(current.expiration);
  const acceptedTo = Math.min(sight.now.vantage.getTime() + acceptedFor, end);
  return wait => {
    const now = after(wait, sight.now);
    const isAccepted = given.currentSecret === undefined ? undefined : now.vantage.getTime() < acceptedTo;
    return planEnsure(wanted, observationOf(sight, { isAccepted, reading }), now).rotation?.due;
  };
}

const aWait = fc.nat(300 * 24).map(hours => hours * HOUR);
const aRotateBefore = fc.record({ months: fc.nat(24), days: fc.nat(400), hours: fc.integer({ min: 1, max: 23 }) });

/** When a secret is due. */
export const DUE_PROPERTIES: readonly Property[] = [
  {
    name: 'due: what is due stays due, however long nothing is done about it',
    property: telling =>
      fc.property(aCase, aWait, aWait, (one, wait, more) => {
        const decide = decider(one);
        const dues = [0, wait, wait + more].map(time => decide(time)?.due);
        if (dues.includes(true) && dues.includes(false)) {
          telling();
        }
        mustHold(
          dues.every((due, index) => due || !dues[index - 1]),
          () => `at these three times it is due: ${dues}`,
        );
      }),
  },
  {
    name: 'due: what is not due is due from the very millisecond that the plan names',
    property: telling =>
      fc.property(aCase, one => {
        const decide = decider({ ...one, acceptedFor: Number.POSITIVE_INFINITY });
        const now = one.past.now + one.past.reading + one.past.clocks.vantage;
        const decided = decide(0);
        if (!decided || decided.due || !decided.dueAt) {
          return;
        }
        telling();
        const wait = decided.dueAt.getTime() - now;
        const before = decide(wait - 1);
        mustHold(wait > 0, () => `it is said to be due since ${decided.dueAt?.toISOString()}`);
        mustHold(before?.due === false, () => 'it is due before');
        mustHold(decide(wait)?.due === true, () => `it is not due at ${decided.dueAt?.toISOString()}`);
      }),
  },
  {
    name: 'due: a secret is due after its start and before its end, and rotate-before its end where it lives longer',
    property: telling =>
      fc.property(aTime, fc.integer({ min: 2, max: 3 * 366 * DAY }), aRotateBefore, (from, life, rotateBefore) => {
        const [start, end] = [new Date(from), new Date(from + life)];
        const due = dueTime(start, end, rotateBefore);
        const asked = earlier(end, rotateBefore);
        if (asked > start) {
          telling();
        }
        mustHold(due > start && due < end, () => `it is due at ${due.toISOString()}`);
        mustHold(asked <= start || due.getTime() === asked.getTime(), () => `it is due at ${due.toISOString()}`);
      }),
  },
  {
    name: 'due: the life that is asked for is longer than rotate-before, in the worlds of these properties',
    property: telling =>
      fc.property(aWish, aTime, (wish, time) => {
        const now = new Date(time);
        const { startTime = now, expiration = defaultEnd(now) } = resolveLife(wantedLife(wish), now);
        telling();
        mustHold(earlier(expiration, wish.rotateBefore) > startTime, () => 'Vantage could only grant less');
      }),
  },
];

function wantedLife({
  life,
  startsAfter,
}: {
  readonly life?: Duration | undefined;
  readonly startsAfter?: Duration | undefined;
}) {
  return {
    ...(life ? { expiration: { after: life } } : {}),
    ...(startsAfter ? { startTime: { after: startsAfter } } : {}),
  };
}
