import fc from 'fast-check';
import type { Duration } from '../../src/model/time.ts';
import { planEnsure } from '../../src/plan/plan.ts';
import { comparablePlan } from './comparable-plan.ts';
import { aHistory, type History } from './history.ts';
import { observe } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading } from './reading.ts';
import {
  anyGiven,
  aRequest,
  createsSecret,
  type Given,
  outputOf,
  planObservation,
  type RotationRequest,
  wantedFrom,
} from './request-gen.ts';
import { DAY, SECOND } from './time.ts';

/** Durations in days only, because the length of a month depends on the date. */
const aRequestInDays: fc.Arbitrary<RotationRequest> = fc
  .tuple(
    aRequest,
    fc.constantFrom<Duration[]>({ hours: 12 }, { days: 7 }, { days: 30 }),
    fc.constantFrom<Duration[]>({ days: 1 }, { days: 7 }, { days: 90 }),
    fc.constantFrom<Duration[]>({ days: 45 }, { days: 90 }, { days: 183 }, { days: 1000 }),
  )
  .map(([request, rotateBefore, pruneAfter, life]) => ({ ...request, rotateBefore, pruneAfter, life }));

interface Case {
  readonly history: History;
  readonly request: RotationRequest;
  readonly given: Given;
  readonly reading: Reading;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  { history: aHistory({ atLeast: 2 }), request: aRequestInDays, given: anyGiven, reading: aReading },
  { noNullPrototype: true },
);

function planOf({ history, request, given, reading }: Case) {
  const observation = observe(history);
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  const plan = planEnsure(
    wantedFrom(request, given, outputOf(observation)),
    planObservation(observation, { isAccepted, reading }),
    observation.now,
  );
  const { prune, variables } = plan;
  return {
    comparable: comparablePlan(plan, observation.now).replace(/"end":\d+/u, ''),
    isRelevant: prune.length > 0 || variables.length > 0 || !createsSecret(plan),
  };
}

/** The plan never compares times of two servers. */
export const CLOCK_PROPERTIES: readonly Property[] = [
  {
    name: 'clocks: a plan is the same if all times, past and present, are shifted',
    property: relevant =>
      fc.property(aCase, fc.integer({ min: (-1000 * DAY) / SECOND, max: (1000 * DAY) / SECOND }), (one, seconds) => {
        const { comparable, isRelevant } = planOf(one);
        if (isRelevant) {
          relevant();
        }
        const shifted = planOf({
          ...one,
          history: { ...one.history, now: one.history.now + seconds * SECOND },
        }).comparable;
        mustHold(comparable === shifted, () => `${comparable}, and ${seconds} s later ${shifted}`);
      }),
  },
  {
    name: 'clocks: a plan is the same if the clocks of GitHub and Vantage disagree',
    property: relevant =>
      fc.property(aCase, one => {
        const { github, vantage } = one.history.clocks;
        const { comparable, isRelevant } = planOf(one);
        if (isRelevant && github !== vantage) {
          relevant();
        }
        const agreed = planOf({ ...one, history: { ...one.history, clocks: { github: 0, vantage: 0 } } }).comparable;
        mustHold(comparable === agreed, () => `${comparable}, and if they agree ${agreed}`);
      }),
  },
];
