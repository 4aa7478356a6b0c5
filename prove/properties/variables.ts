import fc from 'fast-check';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import { targetLine } from '../../src/model/target.ts';
import type { Due } from '../../src/plan/due.ts';
import { type Plan, planEnsure } from '../../src/plan/plan.ts';
import { type VariableWrite, variablesToWrite } from '../../src/plan/variables.ts';
import { type Beside, CLIENT_ID, type NameBeside } from './beside.ts';
import { isMarker } from './makers.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading } from './reading.ts';
import { look, placesOf, type Sight, secretOf } from './sight.ts';
import { SECOND } from './time.ts';
import { anyGiven, aWish, type Given, isMint, observationOf, outputOf, type Wish, wantedFrom } from './wish.ts';

interface Case {
  readonly past: Past;
  readonly wish: Wish;
  readonly given: Given;
  readonly reading: Reading;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  { past: aPast({ atLeast: 1 }), wish: aWish, given: anyGiven, reading: aReading },
  { noNullPrototype: true },
);

/** What becomes of the variables: beside targets that get a new secret, and beside those that get none. */
interface Outcome extends Case {
  readonly plan: Plan;
  readonly sight: Sight;
  /** Written by this run, whether beside a new secret or not. */
  readonly writes: readonly VariableWrite[];
  /** When a new secret ends. */
  readonly newEnd: Date;
}

function outcomeOf(one: Case): Outcome {
  const { past, wish, given, reading } = one;
  const sight = look(past);
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  const plan = planEnsure(
    wantedFrom(wish, given, outputOf(sight)),
    observationOf(sight, { isAccepted, reading }),
    sight.now,
  );
  const newEnd = plan.rotation?.end ?? sight.now.vantage;
  const withSecret = variablesToWrite(writtenBy(plan), { clientId: CLIENT_ID, expirationsOf: () => [newEnd] });
  return { ...one, plan, sight, newEnd, writes: [...withSecret, ...plan.variables] };
}

/** The targets that get a new secret. */
function writtenBy({ rotation }: Plan): readonly PreparedTarget[] {
  return rotation?.due.due ? rotation.due.targets : [];
}

function getsSecret({ plan, sight }: Outcome, target: number): boolean {
  return writtenBy(plan).some(written => written === sight.targets[target]);
}

/** The one write of that kind to the place of a target, if there is one. */
function writeOf(
  { writes, sight }: Outcome,
  target: number,
  content: VariableWrite['content'],
): VariableWrite | undefined {
  const scope = sight.targets[target]?.target.scope;
  const here = writes.filter(write => write.content === content && write.scope === scope);
  mustHold(here.length < 2, () => `the ${content} is written twice: ${JSON.stringify(here)}`);
  return here[0];
}

/**
 * A property of the variables beside each target. The rule calls `telling` where it has something to judge.
 *
 * @param prepare makes of any world one that the rule is about.
 */
function property(
  name: string,
  rule: (outcome: Outcome, target: number, telling: () => void) => void,
  prepare: (one: Case) => Case = one => one,
): Property {
  return {
    name: `variables: ${name}`,
    property: telling =>
      fc.property(aCase, one => {
        const outcome = outcomeOf(prepare(one));
        let isTelling = false;
        outcome.sight.targets.forEach((_, target) => {
          rule(outcome, target, () => {
            isTelling = true;
          });
        });
        if (isTelling) {
          telling();
        }
      }),
  };
}

/** The same past with a single secret, which every target got at once. */
function withOneSecret({ secrets: [secret], ...past }: Past): Past {
  const written = {
    maker: 'own',
    goesTo: 'step',
    wroteAfter: [0, 0, 0, 0, 0],
    startsAfter: 0,
    life: 366,
    isDeleted: false,
  } as const;
  return { ...past, unwritten: null, secrets: secret ? [{ ...secret, ...written }] : [] };
}

function nameBeside({ past }: Outcome, target: number): NameBeside | undefined {
  return past.otherWrites[target]?.names;
}

function describeDue(due: Due | undefined): string {
  return JSON.stringify(due?.due ? { ...due, targets: due.targets.map(({ target }) => targetLine(target)) } : due);
}

function show(write: VariableWrite | undefined): string {
  return write ? `it is written as ${write.value}` : 'it is not written';
}

/** What is written beside targets, and when. */
export const VARIABLE_PROPERTIES: readonly Property[] = [
  property('a right one, or one that nobody asked for, is never written', (outcome, target, telling) => {
    const name = writeOf(outcome, target, 'client id');
    if (nameBeside(outcome, target) === 'right') {
      telling();
      mustHold(name === undefined, () => show(name));
    }
    const end = writeOf(outcome, target, 'expiration');
    const { clientId, expiration } = outcome.sight.targets[target]?.resolved.variables ?? {};
    mustHold(clientId !== undefined || name === undefined, () => show(name));
    mustHold(expiration !== undefined || end === undefined, () => show(end));
    const held = Date.parse(expiration?.value ?? '');
    mustHold(end === undefined || Math.abs(held - Date.parse(end.value)) >= SECOND || Number.isNaN(held), () =>
      show(end),
    );
  }),

  property('a missing client id is written in any case, with a new secret or without', (outcome, target, telling) => {
    if (nameBeside(outcome, target) !== 'missing') {
      return;
    }
    telling();
    const write = writeOf(outcome, target, 'client id');
    mustHold(write?.value === CLIENT_ID && !write.exists, () => show(write));
  }),

  property('one that spells this client otherwise, or is blank, is written right', (outcome, target, telling) => {
    if (['other case', 'padded', 'blank'].includes(nameBeside(outcome, target) ?? '')) {
      telling();
      const write = writeOf(outcome, target, 'client id');
      mustHold(write?.value === CLIENT_ID && write.exists, () => show(write));
    }
  }),

  property(
    'one that names another client is written with a new secret, and never alone',
    (outcome, target, telling) => {
      if (nameBeside(outcome, target) !== 'another') {
        return;
      }
      telling();
      mustHold(getsSecret(outcome, target), () => `it gets no secret: ${JSON.stringify(outcome.plan.rotation)}`);
      const scope = outcome.sight.targets[target]?.resolved.scope;
      mustHold(!outcome.plan.variables.some(write => write.scope === scope), () => 'it is written without a secret');
      const write = writeOf(outcome, target, 'client id');
      mustHold(write?.value === CLIENT_ID && write.exists, () => show(write));
    },
  ),

  property('with a new secret the expiration is that of the new secret', (outcome, target, telling) => {
    const { expiration } = outcome.sight.targets[target]?.resolved.variables ?? {};
    if (!getsSecret(outcome, target) || expiration === undefined) {
      return;
    }
    telling();
    const after = writeOf(outcome, target, 'expiration')?.value ?? expiration.value ?? '';
    mustHold(
      Math.abs(Date.parse(after) - outcome.newEnd.getTime()) < SECOND,
      () => `then it is ${after}, and the secret ends at ${outcome.newEnd.toISOString()}`,
    );
  }),

  property(
    'without a new secret an expiration is written only as that of a listed secret which went there, whoever made it',
    (outcome, target, telling) => {
      if (getsSecret(outcome, target)) {
        return;
      }
      const { past, reading, sight } = outcome;
      const write = writeOf(outcome, target, 'expiration');
      if (past.otherWrites[target]?.ends !== 'not asked for') {
        telling();
      }
      const wentThere = sight.listed.some(({ id, expiration }) => {
        const secret = secretOf(past, id);
        const isMarked = isMarker(secret.maker) && placesOf(past, secret).includes(String(target));
        return isMarked && expiration === write?.value;
      });
      const isTold = reading === 'told' && sight.listed.every(({ description }) => description !== undefined);
      const isProven = isTold && wentThere;
      mustHold(write === undefined || isProven, () => show(write));
    },
  ),

  property(
    'where a list tells that its secret ends at another time, the expiration is mended',
    (outcome, target, telling) => {
      const { past, sight } = outcome;
      const says = past.otherWrites[target]?.ends;
      if (getsSecret(outcome, target) || says === undefined || ['not asked for', 'right'].includes(says)) {
        return;
      }
      telling();
      const end = sight.listed[0]?.expiration;
      const write = writeOf(outcome, target, 'expiration');
      mustHold(write?.value === end, () => `${show(write)}, and its secret ends at ${end}`);
      mustHold(write?.exists === (says !== 'missing'), () => `${JSON.stringify(write)} is ${says}`);
    },
    one => ({ ...one, past: withOneSecret(one.past), wish: { ...one.wish, rotate: 'when-due' }, reading: 'told' }),
  ),

  property('nothing is left past the end that one tells where no list does', (outcome, target, telling) => {
    const { past, reading, sight } = outcome;
    const says = past.otherWrites[target]?.ends;
    const told = Date.parse(sight.targets[target]?.resolved.variables?.expiration?.value ?? '');
    if (reading === 'told' || !['right', 'wrong'].includes(says ?? '') || Number.isNaN(told)) {
      return;
    }
    telling();
    mustHold(getsSecret(outcome, target) || told > sight.now.vantage.getTime(), () => 'no secret is due');
  }),

  property('an expiration that is older than its secret, or no time, tells nothing', (outcome, target, telling) => {
    const { past, plan } = outcome;
    const says = past.otherWrites[target]?.ends;
    if (says !== 'stale' && says !== 'malformed') {
      return;
    }
    const without = (one: Beside, index: number): Beside => (index === target ? { ...one, ends: 'missing' } : one);
    const { plan: other } = outcomeOf({ ...outcome, past: { ...past, otherWrites: past.otherWrites.map(without) } });
    const [is, should] = [plan, other].map(({ rotation }) => describeDue(rotation?.due));
    if (!isMint(plan)) {
      telling();
    }
    mustHold(is === should, () => `with one that is ${says} ${is}, and without it ${should}`);
  }),
];
