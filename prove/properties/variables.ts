import fc from 'fast-check';
import { targetLine } from '../../src/model/target.ts';
import type { Due } from '../../src/plan/due.ts';
import { marksAreReadable } from '../../src/plan/marked-secrets.ts';
import type { VariableWrite } from '../../src/plan/variables.ts';
import type { History } from './history.ts';
import { isMarker } from './makers.ts';
import { placesOf, secretOf } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { readAs } from './reading.ts';
import { createsSecret } from './request-gen.ts';
import { SECOND } from './time.ts';
import { aCase, type Case, getsSecret, type Outcome, outcomeOf, writeOf } from './variable-outcome.ts';
import { CLIENT_ID, type IdVariableState, type VariableStates } from './variable-states.ts';

/**
 * A property of the variables next to each target. The rule calls `relevant` in worlds that test it.
 *
 * @param prepare changes any world so that the rule applies to it.
 */
function property(
  name: string,
  rule: (outcome: Outcome, target: number, relevant: () => void) => void,
  prepare: (one: Case) => Case = one => one,
): Property {
  return {
    name: `variables: ${name}`,
    property: relevant =>
      fc.property(aCase, one => {
        const outcome = outcomeOf(prepare(one));
        let isRelevant = false;
        outcome.observation.targets.forEach((_, target) => {
          rule(outcome, target, () => {
            isRelevant = true;
          });
        });
        if (isRelevant) {
          relevant();
        }
      }),
  };
}

/** The same history with only one secret, which all targets received at the same time. */
function withOneSecret({ secrets: [secret], ...history }: History): History {
  const written = {
    maker: 'own',
    deliveredTo: 'step',
    writtenAfter: [0, 0, 0, 0, 0],
    startsAfter: 0,
    life: 366,
    isDeleted: false,
  } as const;
  return { ...history, unwritten: null, secrets: secret ? [{ ...secret, ...written }] : [] };
}

function idVariable({ history }: Outcome, target: number): IdVariableState | undefined {
  return history.variableStates[target]?.names;
}

function describeDue(due: Due | undefined): string {
  return JSON.stringify(due?.due ? { ...due, targets: due.targets.map(({ target }) => targetLine(target)) } : due);
}

function show(write: VariableWrite | undefined): string {
  return write ? `it is written as ${write.value}` : 'it is not written';
}

/** Which variables are written, and when. */
export const VARIABLE_PROPERTIES: readonly Property[] = [
  property(
    'a correct variable is not written without a new secret, nor one that was not requested',
    (outcome, target, relevant) => {
      const name = writeOf(outcome, target, 'client id');
      if (idVariable(outcome, target) === 'right') {
        relevant();
        mustHold(name === undefined, () => show(name));
      }
      const end = writeOf(outcome, target, 'expiration');
      const { clientId, expiration } = outcome.observation.targets[target]?.resolved.variables ?? {};
      mustHold(clientId !== undefined || name === undefined, () => show(name));
      mustHold(expiration !== undefined || end === undefined, () => show(end));
      const held = Date.parse(expiration?.value ?? '');
      // The expiration is written with each new secret, so that it is not older than the secret.
      const mayStay = end === undefined || getsSecret(outcome, target);
      mustHold(mayStay || Math.abs(held - Date.parse(end.value)) >= SECOND || Number.isNaN(held), () => show(end));
    },
  ),

  property('a missing client ID is written with and without a new secret', (outcome, target, relevant) => {
    if (idVariable(outcome, target) !== 'missing') {
      return;
    }
    relevant();
    const write = writeOf(outcome, target, 'client id');
    mustHold(write?.value === CLIENT_ID && !write.exists, () => show(write));
  }),

  property('a client ID in another spelling, or a blank one, is corrected', (outcome, target, relevant) => {
    if (['other case', 'padded', 'blank'].includes(idVariable(outcome, target) ?? '')) {
      relevant();
      const write = writeOf(outcome, target, 'client id');
      mustHold(write?.value === CLIENT_ID && write.exists, () => show(write));
    }
  }),

  property('the ID of another client is replaced only together with a new secret', (outcome, target, relevant) => {
    if (idVariable(outcome, target) !== 'another') {
      return;
    }
    relevant();
    mustHold(getsSecret(outcome, target), () => `it gets no secret: ${JSON.stringify(outcome.plan.rotation)}`);
    const scope = outcome.observation.targets[target]?.resolved.scope;
    mustHold(!outcome.plan.variables.some(write => write.scope === scope), () => 'it is written without a secret');
    const write = writeOf(outcome, target, 'client id');
    mustHold(write?.value === CLIENT_ID && write.exists, () => show(write));
  }),

  property('with a new secret, its expiration is written', (outcome, target, relevant) => {
    const { expiration } = outcome.observation.targets[target]?.resolved.variables ?? {};
    if (!getsSecret(outcome, target) || expiration === undefined) {
      return;
    }
    relevant();
    const write = writeOf(outcome, target, 'expiration');
    mustHold(
      write?.value === outcome.newEnd.toISOString(),
      () => `${show(write)}, and the secret expires at ${outcome.newEnd.toISOString()}`,
    );
  }),

  property(
    'without a new secret, only the expiration of a listed secret for the target is written',
    (outcome, target, relevant) => {
      if (getsSecret(outcome, target)) {
        return;
      }
      const { history, reading, observation } = outcome;
      const write = writeOf(outcome, target, 'expiration');
      if (history.variableStates[target]?.ends !== 'not requested') {
        relevant();
      }
      const wasDelivered = observation.listed.some(({ id, expiration }) => {
        const secret = secretOf(history, id);
        const isMarked = isMarker(secret.maker) && placesOf(history, secret).includes(String(target));
        return isMarked && expiration === write?.value;
      });
      const isComplete =
        reading === 'complete' && observation.listed.every(({ description }) => description !== undefined);
      const isProven = isComplete && wasDelivered;
      mustHold(write === undefined || isProven, () => show(write));
    },
  ),

  property(
    'an expiration that differs from that of the listed secret is corrected',
    (outcome, target, relevant) => {
      const { history, observation } = outcome;
      const state = history.variableStates[target]?.ends;
      if (getsSecret(outcome, target) || state === undefined || ['not requested', 'right'].includes(state)) {
        return;
      }
      relevant();
      const end = observation.listed[0]?.expiration;
      const write = writeOf(outcome, target, 'expiration');
      mustHold(write?.value === end, () => `${show(write)}, and its secret expires at ${end}`);
      mustHold(write?.exists === (state !== 'missing'), () => `${JSON.stringify(write)} is ${state}`);
    },
    one => ({
      ...one,
      history: withOneSecret(one.history),
      request: { ...one.request, rotate: 'when-due' },
      reading: 'complete',
    }),
  ),

  property(
    'without a complete list, no target keeps a secret longer than its expiration variable says',
    (outcome, target, relevant) => {
      const { history, reading, observation } = outcome;
      const state = history.variableStates[target]?.ends;
      const stated = Date.parse(observation.targets[target]?.resolved.variables?.expiration?.value ?? '');
      if (reading === 'complete' || !['right', 'wrong'].includes(state ?? '') || Number.isNaN(stated)) {
        return;
      }
      relevant();
      mustHold(getsSecret(outcome, target) || stated > observation.now.vantage.getTime(), () => 'no secret is due');
    },
  ),

  property(
    'an expiration that is not a time is ignored',
    (outcome, target, relevant) => {
      const { history, plan } = outcome;
      if (history.variableStates[target]?.ends !== 'malformed') {
        return;
      }
      const without = (one: VariableStates, index: number): VariableStates =>
        index === target ? { ...one, ends: 'not requested' } : one;
      const { plan: other } = outcomeOf({
        ...outcome,
        history: { ...history, variableStates: history.variableStates.map(without) },
      });
      const [is, should] = [plan, other].map(({ rotation }) => describeDue(rotation?.due));
      if (!createsSecret(plan)) {
        relevant();
      }
      mustHold(is === should, () => `with a variable that is malformed ${is}, and without it ${should}`);
    },
    ({ history, ...one }) => {
      const withoutTime = (state: VariableStates): VariableStates =>
        state.ends === 'missing' || state.ends === 'stale' ? { ...state, ends: 'malformed' } : state;
      return { ...one, history: { ...history, variableStates: history.variableStates.map(withoutTime) } };
    },
  ),

  property(
    'without a complete list, a target whose expiration was not written with its secret gets a new one',
    (outcome, target, relevant) => {
      const { history, observation, reading, plan } = outcome;
      const state = history.variableStates[target]?.ends;
      const isWritten = state !== 'missing' && state !== 'stale';
      if (isWritten || marksAreReadable(readAs(reading, observation.listed))) {
        return;
      }
      if (plan.rotation?.due.due !== true || plan.rotation.due.reason === 'expiration-unknown') {
        relevant();
      }
      mustHold(getsSecret(outcome, target), () => `no secret is due, and the variable is ${state}`);
    },
    one => ({ ...one, request: { ...one.request, rotate: 'when-due' } }),
  ),
];
