import fc from 'fast-check';
import type { WorkflowRun } from '../../src/model/request.ts';
import { targetLine } from '../../src/model/target.ts';
import { type Plan, planEnsure } from '../../src/plan/plan.ts';
import { essenceOf } from './essence.ts';
import { FORMER, isMarker, isOwnId, type Maker, WORKFLOW } from './makers.ts';
import { aPast, type Past, type PastSecret } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { goalsOf, look, placesOf, type Sight, secretOf } from './sight.ts';
import { DAY } from './time.ts';
import { anyGiven, aWish, type Given, idsOf, isMint, observationOf, outputOf, type Wish, wantedFrom } from './wish.ts';

interface Case {
  readonly past: Past;
  readonly wish: Wish;
  readonly given: Given;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  { past: aPast({ atLeast: 2 }), wish: aWish, given: anyGiven },
  { noNullPrototype: true },
);

/** With `rotate: when-due` and at least one target, and without a `current-secret` that would decide by itself. */
const aCaseOfTargets = aCase.map(
  ({ past, wish, given }): Case => ({
    past: { ...past, targets: Math.max(past.targets, 1) },
    wish: { ...wish, rotate: 'when-due' },
    given: { ...given, currentSecret: undefined },
  }),
);

/** These call every target of this workflow the same. */
const LIKE_OWN: readonly Maker[] = ['own', 'own re-cased', 'other repository', 'recreated', 'other host'];

function planOf({ past, wish, given }: Case, sight: Sight = look(past), workflow: WorkflowRun = WORKFLOW): Plan {
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  return planEnsure(
    { ...wantedFrom(wish, given, outputOf(sight)), workflow },
    observationOf(sight, { isAccepted }),
    sight.now,
  );
}

/** The same past, but made by others. */
function madeBy(past: Past, makerOf: (secret: PastSecret, index: number) => Maker): Past {
  const secrets = past.secrets.map((secret, index) =>
    isMarker(secret.maker) ? { ...secret, maker: makerOf(secret, index) } : secret,
  );
  return { ...past, secrets };
}

/** What a plan does, but for who made what it prunes. */
function deedsOf(plan: Plan, { now }: Sight): string {
  return essenceOf({ ...plan, prune: plan.prune.map(gone => ({ ...gone, id: gone.id.replace(/^\D+/u, '') })) }, now);
}

/** The targets that get a new secret, by their places. */
function writtenBy({ rotation }: Plan, { targets }: Sight): readonly number[] {
  const due = rotation?.due.due ? rotation.due.targets : [];
  return due.map(target => targets.indexOf(target));
}

/** Whether a listed secret bears a mark of another repository which names this target. */
function isSharedBy(past: Past, id: string, target: number): boolean {
  const secret = secretOf(past, id);
  return isMarker(secret.maker) && !isOwnId(secret.maker) && placesOf(past, secret).includes(String(target));
}

/** Whose secrets are, and which targets they are for. */
export const OWNER_PROPERTIES: readonly Property[] = [
  {
    name: 'owners: who made the secrets of a target makes no difference to whether it is due',
    property: telling =>
      fc.property(aCaseOfTargets, fc.infiniteStream(fc.constantFrom(...LIKE_OWN)), (one, makers) => {
        const own = madeBy(one.past, () => 'own');
        const others = madeBy(one.past, () => makers.next().value);
        const [sight, plan] = [look(own), planOf({ ...one, past: own })];
        const isHeldByOther = look(others).heldBy.some(id => id !== undefined && !isOwnId(id));
        if (isHeldByOther && writtenBy(plan, sight).length < sight.targets.length) {
          telling();
        }
        const [is, should] = [planOf({ ...one, past: others }), plan].map(each =>
          deedsOf({ ...each, prune: [], shared: [] }, sight),
        );
        mustHold(is === should, () => `${is}, and where all are its own ${should}`);
      }),
  },
  {
    name: 'owners: a rename of the repository, and another case of its name, make no difference to a plan',
    property: telling =>
      fc.property(
        aCase,
        fc.infiniteStream(fc.constantFrom<Maker[]>('own renamed', 'own re-cased', 'own')),
        (one, makers) => {
          // What has the former name now was this very repository then.
          const named = { ...one.past, targets: Math.min(one.past.targets, FORMER) };
          const before = {
            ...named,
            secrets: named.secrets.map(secret => ({
              ...secret,
              goesTo: goalsOf(named, secret).length === 0 ? secret.goesTo : goalsOf(named, secret).filter(isNotFormer),
            })),
          };
          const own = madeBy(before, ({ maker }) => (isOwnId(maker) ? 'own' : maker));
          const renamed = madeBy(before, ({ maker }) => (isOwnId(maker) ? makers.next().value : maker));
          const sight = look(own);
          const [plan, is] = [own, renamed].map(past => planOf({ ...one, past }));
          if (!plan || !is) {
            return;
          }
          if (
            renamed.secrets.some(({ maker }) => maker === 'own renamed') &&
            (!isMint(plan) || plan.prune.length > 0)
          ) {
            telling();
          }
          const should = deedsOf(plan, sight);
          mustHold(deedsOf(is, sight) === should, () => `${deedsOf(is, sight)}, and without a rename ${should}`);
        },
      ),
  },
  {
    name: 'owners: a repository that was created anew, or whose id the runner does not tell, prunes nothing of before',
    property: telling =>
      fc.property(aPast({ atLeast: 4 }), aWish, anyGiven, (past, wish, given) => {
        const { repositoryId: _, ...unreported } = WORKFLOW;
        const sight = look(past);
        if (idsOf(planOf({ past, wish, given }, sight)).length > 0) {
          telling();
        }
        for (const workflow of [
          unreported,
          { ...WORKFLOW, repositoryId: 4711 },
          { ...WORKFLOW, host: 'github.example' },
        ]) {
          const gone = idsOf(planOf({ past, wish, given }, sight, workflow));
          mustHold(gone.length === 0, () => `${gone} are deleted by ${JSON.stringify(workflow)}`);
        }
      }),
  },
  {
    name: 'owners: a target is said to be shared where a mark of another repository names it, and nowhere else',
    property: telling =>
      fc.property(aCaseOfTargets, one => {
        const sight = look(one.past);
        const shared = planOf(one, sight).shared.map(({ line }) => line);
        sight.targets.forEach(({ target }, index) => {
          const should = sight.listed.some(({ id }) => isSharedBy(one.past, id, index));
          mustHold(shared.includes(targetLine(target)) === should, () => `of ${targetLine(target)} it says ${!should}`);
        });
        if (shared.length > 0) {
          telling();
        }
      }),
  },
  {
    name: 'owners: those targets get a new secret that are due by themselves, or within a day, and no others',
    property: telling =>
      fc.property(aCaseOfTargets, one => {
        const sight = look(one.past);
        const plan = planOf(one, sight);
        const written = writtenBy(plan, sight);
        const alone = sight.targets.map(target => planOf(one, { ...sight, targets: [target] }).rotation?.due);
        const isDue = (index: number) => alone[index]?.due === true;
        const dueAt = (index: number) => {
          const due = alone[index];
          return due?.due === false ? (due.dueAt?.getTime() ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY;
        };
        const all = sight.targets.map((_, index) => index);
        const soon = sight.now.vantage.getTime() + DAY;
        const should = all.some(isDue) ? all.filter(index => dueAt(index) <= soon) : [];
        mustHold(`${written}` === `${should}`, () => `${written} get it, and ${should} are due`);
        const rest = Math.min(...all.filter(index => !written.includes(index)).map(dueAt));
        const { due } = plan.rotation ?? {};
        const told = due?.due ? due.restDueAt : due?.dueAt;
        mustHold((told?.getTime() ?? Number.POSITIVE_INFINITY) === rest, () => `the rest is due at ${told}`);
        if (written.length > 0 && written.length < all.length) {
          telling();
        }
      }),
  },
  {
    name: 'owners: no target is left with a secret that has ended, whoever made it',
    property: telling =>
      fc.property(aCaseOfTargets, one => {
        const sight = look(one.past);
        const written = writtenBy(planOf(one, sight), sight);
        let isTelling = false;
        sight.heldBy.forEach((held, target) => {
          const { expiration } = sight.listed.find(({ id }) => id === held) ?? {};
          const isTold = held !== undefined && isMarker(secretOf(one.past, held).maker) && expiration !== undefined;
          if (isTold && sight.listed.every(({ description }) => description !== undefined)) {
            isTelling ||= !written.includes(target);
            mustHold(
              written.includes(target) || Date.parse(expiration) > sight.now.vantage.getTime(),
              () => `target ${target} stays with ${held}, which ended at ${expiration}`,
            );
          }
        });
        if (isTelling) {
          telling();
        }
      }),
  },
];

function isNotFormer(target: number): boolean {
  return target !== FORMER;
}
