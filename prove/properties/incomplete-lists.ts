import fc from 'fast-check';
import { unreadable } from '../../src/model/vantage.ts';
import { planEnsure } from '../../src/plan/plan.ts';
import { comparablePlan } from './comparable-plan.ts';
import { aHistory, type History } from './history.ts';
import { observe } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { aReason, type Reading } from './reading.ts';
import {
  anyGiven,
  aRequest,
  createsSecret,
  type Given,
  idsOf,
  outputOf,
  planObservation,
  type RotationRequest,
  wantedFrom,
} from './request-gen.ts';

const anIncompleteList = fc.constantFrom<Reading[]>('hidden', 'incomplete');

/** Returns a function that makes the plan of a workflow for a way in which Vantage lists secrets, and its clocks. */
function planner(history: History, request: RotationRequest, given: Given) {
  const observation = observe(history);
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  const plan = (reading: Reading) =>
    planEnsure(
      wantedFrom(request, given, outputOf(observation)),
      planObservation(observation, { isAccepted, reading }),
      observation.now,
    );
  return { plan, now: observation.now };
}

/** Lists without descriptions, incomplete lists, and no list at all. */
export const INCOMPLETE_LIST_PROPERTIES: readonly Property[] = [
  {
    name: 'lists: nothing is pruned if the list is incomplete or has no descriptions',
    property: relevant =>
      fc.property(
        aHistory({ atLeast: 4 }),
        aRequest,
        anyGiven,
        anIncompleteList,
        (history, request, given, reading) => {
          const { plan } = planner(history, request, given);
          if (idsOf(plan('complete')).length > 0) {
            relevant();
          }
          const gone = idsOf(plan(reading));
          mustHold(gone.length === 0, () => `${gone} are deleted`);
        },
      ),
  },
  {
    name: 'lists: for targets, a list that is incomplete or has no descriptions counts as no list',
    property: relevant =>
      fc.property(
        aHistory({ atLeast: 2 }),
        aRequest,
        anyGiven,
        anIncompleteList,
        (history, request, given, reading) => {
          const { plan, now } = planner(
            history,
            { ...request, rotate: 'when-due' },
            { ...given, currentSecret: undefined },
          );
          if (observe(history).listed.length === 0) {
            return; // Without secrets, no description can be hidden.
          }
          const [complete, incomplete, none] = ['complete' as const, reading, unreadable('GET … answered 404')].map(
            one => comparablePlan(plan(one), now),
          );
          if (complete !== none) {
            relevant();
          }
          mustHold(incomplete === none, () => `${incomplete}, and without a list ${none}`);
        },
      ),
  },
  {
    name: 'lists: a list that is incomplete or has no descriptions never makes current-secret due later than no list',
    property: relevant =>
      fc.property(
        aHistory({ atLeast: 2 }),
        aRequest,
        anyGiven,
        fc.nat(5),
        anIncompleteList,
        (history, request, given, currentSecret, reading) => {
          const { plan } = planner(history, { ...request, rotate: 'when-due' }, { ...given, currentSecret });
          const [incomplete, none] = [plan(reading), plan(unreadable('GET … answered 404'))].map(
            ({ rotation }) => rotation?.due,
          );
          if (incomplete?.due === false) {
            relevant();
          }
          mustHold(
            incomplete?.due === true || none?.due === false,
            () => `${JSON.stringify(incomplete)}, not ${JSON.stringify(none)}`,
          );
          const [incompleteAt, at] = [incomplete, none].map(due => (due?.due === false ? due.dueAt : undefined));
          mustHold(
            incomplete?.due === true || at === undefined || (incompleteAt ?? at) <= at,
            () => `${incompleteAt} is after ${at}`,
          );
        },
      ),
  },
  {
    name: 'lists: the reason why a list cannot be read makes no difference',
    property: relevant =>
      fc.property(
        aHistory({ atLeast: 1 }),
        aRequest,
        anyGiven,
        aReason,
        aReason,
        (history, request, given, one, other) => {
          const observation = observe(history);
          const [first, second] = [one, other].map(reason => {
            const observed = { ...planObservation(observation, { reading: reason }), client: reason };
            return planEnsure(wantedFrom(request, given, outputOf(observation)), observed, observation.now);
          });
          if (!first || !second) {
            return;
          }
          if (one.code !== other.code && !createsSecret(first)) {
            relevant();
          }
          const [is, should] = [first, second].map(plan => comparablePlan(plan, observation.now));
          mustHold(is === should, () => `${is}, and for the other reason ${should}`);
          mustHold(first.client.step === 'create', () => `the plan is to ${first.client.step} the client`);
          mustHold(first.prune.length === 0, () => `${idsOf(first)} are deleted`);
        },
      ),
  },
];
