import fc from 'fast-check';
import { unreadable } from '../../src/model/vantage.ts';
import { planEnsure } from '../../src/plan/plan.ts';
import { essenceOf } from './essence.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aReason, type Reading } from './reading.ts';
import { look } from './sight.ts';
import { anyGiven, aWish, type Given, idsOf, isMint, observationOf, outputOf, type Wish, wantedFrom } from './wish.ts';

const aFog = fc.constantFrom<Reading[]>('hidden', 'cut');

/** What a workflow plans where Vantage lists secrets like that, and its clocks. */
function planner(past: Past, wish: Wish, given: Given) {
  const sight = look(past);
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  const plan = (reading: Reading) =>
    planEnsure(wantedFrom(wish, given, outputOf(sight)), observationOf(sight, { isAccepted, reading }), sight.now);
  return { plan, now: sight.now };
}

/** A list that Vantage gives, but that does not tell all: without descriptions, or not whole. And no list at all. */
export const DIM_PROPERTIES: readonly Property[] = [
  {
    name: 'lists: nothing is pruned by a list that is hidden or not whole',
    property: telling =>
      fc.property(aPast({ atLeast: 4 }), aWish, anyGiven, aFog, (past, wish, given, reading) => {
        const { plan } = planner(past, wish, given);
        if (idsOf(plan('told')).length > 0) {
          telling();
        }
        const gone = idsOf(plan(reading));
        mustHold(gone.length === 0, () => `${gone} are deleted`);
      }),
  },
  {
    name: 'lists: one that is hidden or not whole tells nothing of targets: all is as if there were none',
    property: telling =>
      fc.property(aPast({ atLeast: 2 }), aWish, anyGiven, aFog, (past, wish, given, reading) => {
        const { plan, now } = planner(past, { ...wish, rotate: 'when-due' }, { ...given, currentSecret: undefined });
        if (look(past).listed.length === 0) {
          return; // Where there is no secret, no description can be hidden.
        }
        const [told, dim, none] = ['told' as const, reading, unreadable('GET … answered 404')].map(one =>
          essenceOf(plan(one), now),
        );
        if (told !== none) {
          telling();
        }
        mustHold(dim === none, () => `${dim}, and without a list ${none}`);
      }),
  },
  {
    name: 'lists: what one that is hidden or not whole tells of current-secret may make it due, and never puts it off',
    property: telling =>
      fc.property(
        aPast({ atLeast: 2 }),
        aWish,
        anyGiven,
        fc.nat(5),
        aFog,
        (past, wish, given, currentSecret, reading) => {
          const { plan } = planner(past, { ...wish, rotate: 'when-due' }, { ...given, currentSecret });
          const [dim, none] = [plan(reading), plan(unreadable('GET … answered 404'))].map(
            ({ rotation }) => rotation?.due,
          );
          if (dim?.due === false) {
            telling();
          }
          mustHold(
            dim?.due === true || none?.due === false,
            () => `${JSON.stringify(dim)}, not ${JSON.stringify(none)}`,
          );
          const [dimAt, at] = [dim, none].map(due => (due?.due === false ? due.dueAt : undefined));
          mustHold(dim?.due === true || at === undefined || (dimAt ?? at) <= at, () => `${dimAt} is after ${at}`);
        },
      ),
  },
  {
    name: 'lists: why a read gives nothing, with what status, in what words, makes no difference',
    property: telling =>
      fc.property(aPast({ atLeast: 1 }), aWish, anyGiven, aReason, aReason, (past, wish, given, one, other) => {
        const sight = look(past);
        const [first, second] = [one, other].map(reason => {
          const observed = { ...observationOf(sight, { reading: reason }), client: reason };
          return planEnsure(wantedFrom(wish, given, outputOf(sight)), observed, sight.now);
        });
        if (!first || !second) {
          return;
        }
        if (one.code !== other.code && !isMint(first)) {
          telling();
        }
        const [is, should] = [first, second].map(plan => essenceOf(plan, sight.now));
        mustHold(is === should, () => `${is}, and for the other reason ${should}`);
        mustHold(first.client.step === 'create', () => `it is to ${first.client.step} the client`);
        mustHold(first.prune.length === 0, () => `${idsOf(first)} are deleted`);
      }),
  },
];
