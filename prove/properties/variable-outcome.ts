import fc from 'fast-check';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import { type Plan, planEnsure } from '../../src/plan/plan.ts';
import { type VariableWrite, variablesToWrite } from '../../src/plan/variables.ts';
import { aHistory, type History } from './history.ts';
import { type ObservedHistory, observe } from './observation.ts';
import { mustHold } from './property.ts';
import { aReading, type Reading } from './reading.ts';
import {
  anyGiven,
  aRequest,
  type Given,
  outputOf,
  planObservation,
  type RotationRequest,
  wantedFrom,
} from './request-gen.ts';
import { CLIENT_ID } from './variable-states.ts';

/** A history, and a request in it. */
export interface Case {
  readonly history: History;
  readonly request: RotationRequest;
  readonly given: Given;
  readonly reading: Reading;
}

export const aCase: fc.Arbitrary<Case> = fc.record(
  { history: aHistory({ atLeast: 1 }), request: aRequest, given: anyGiven, reading: aReading },
  { noNullPrototype: true },
);

/** What a plan does with the variables next to targets, with and without a new secret. */
export interface Outcome extends Case {
  readonly plan: Plan;
  readonly observation: ObservedHistory;
  /** All variables that this run writes. */
  readonly writes: readonly VariableWrite[];
  /** When a new secret expires. */
  readonly newEnd: Date;
}

export function outcomeOf(one: Case): Outcome {
  const { history, request, given, reading } = one;
  const observation = observe(history);
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  const plan = planEnsure(
    wantedFrom(request, given, outputOf(observation)),
    planObservation(observation, { isAccepted, reading }),
    observation.now,
  );
  const newEnd = plan.rotation?.end ?? observation.now.vantage;
  const withSecret = variablesToWrite(writtenBy(plan), {
    clientId: CLIENT_ID,
    expirationsOf: () => [newEnd],
    isNew: true,
  });
  return { ...one, plan, observation, newEnd, writes: [...withSecret, ...plan.variables] };
}

/** The targets that get a new secret. */
function writtenBy({ rotation }: Plan): readonly PreparedTarget[] {
  return rotation?.due.due ? rotation.due.targets : [];
}

export function getsSecret({ plan, observation }: Outcome, target: number): boolean {
  return writtenBy(plan).some(written => written === observation.targets[target]);
}

/** The write of one variable next to a target, if there is one. */
export function writeOf(
  { writes, observation }: Outcome,
  target: number,
  content: VariableWrite['content'],
): VariableWrite | undefined {
  const scope = observation.targets[target]?.target.scope;
  const here = writes.filter(write => write.content === content && write.scope === scope);
  mustHold(here.length < 2, () => `the ${content} is written twice: ${JSON.stringify(here)}`);
  return here[0];
}
