import fc from 'fast-check';
import type { WorkflowRun } from '../../src/model/request.ts';
import { targetLine } from '../../src/model/target.ts';
import { type Plan, planEnsure } from '../../src/plan/plan.ts';
import { comparablePlan } from './comparable-plan.ts';
import { aHistory, type History, type HistorySecret } from './history.ts';
import { FORMER, isMarker, isOwnId, type Maker, WORKFLOW } from './makers.ts';
import { deliveredTargets, type ObservedHistory, observe, placesOf, secretOf } from './observation.ts';
import { mustHold, type Property } from './property.ts';
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
import { DAY } from './time.ts';

interface Case {
  readonly history: History;
  readonly request: RotationRequest;
  readonly given: Given;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  { history: aHistory({ atLeast: 2 }), request: aRequest, given: anyGiven },
  { noNullPrototype: true },
);

/** With `rotate: when-due` and at least one target, and without `current-secret`, which would decide alone. */
const aCaseOfTargets = aCase.map(
  ({ history, request, given }): Case => ({
    history: { ...history, targets: Math.max(history.targets, 1) },
    request: { ...request, rotate: 'when-due' },
    given: { ...given, currentSecret: undefined },
  }),
);

/** Makers whose marks have the same digests for all targets of this workflow. */
const LIKE_OWN: readonly Maker[] = ['own', 'own re-cased', 'other repository', 'recreated', 'other host'];

function planOf(
  { history, request, given }: Case,
  observation: ObservedHistory = observe(history),
  workflow: WorkflowRun = WORKFLOW,
): Plan {
  const isAccepted = given.currentSecret === undefined ? undefined : true;
  return planEnsure(
    { ...wantedFrom(request, given, outputOf(observation)), workflow },
    planObservation(observation, { isAccepted }),
    observation.now,
  );
}

/** The same history with other makers. */
function madeBy(history: History, makerOf: (secret: HistorySecret, index: number) => Maker): History {
  const secrets = history.secrets.map((secret, index) =>
    isMarker(secret.maker) ? { ...secret, maker: makerOf(secret, index) } : secret,
  );
  return { ...history, secrets };
}

/** A plan as comparable text, without the makers of the secrets that it prunes. */
function planWithoutOwners(plan: Plan, { now }: ObservedHistory): string {
  return comparablePlan(
    { ...plan, prune: plan.prune.map(gone => ({ ...gone, id: gone.id.replace(/^\D+/u, '') })) },
    now,
  );
}

/** The indexes of the targets that get a new secret. */
function writtenBy({ rotation }: Plan, { targets }: ObservedHistory): readonly number[] {
  const due = rotation?.due.due ? rotation.due.targets : [];
  return due.map(target => targets.indexOf(target));
}

/** Whether a listed secret has a mark of another repository that names this target. */
function isSharedBy(history: History, id: string, target: number): boolean {
  const secret = secretOf(history, id);
  return isMarker(secret.maker) && !isOwnId(secret.maker) && placesOf(history, secret).includes(String(target));
}

/** Who owns secrets, and which targets they are for. */
export const OWNER_PROPERTIES: readonly Property[] = [
  {
    name: 'owners: whether a target is due does not depend on who created its secrets',
    property: relevant =>
      fc.property(aCaseOfTargets, fc.infiniteStream(fc.constantFrom(...LIKE_OWN)), (one, makers) => {
        const own = madeBy(one.history, () => 'own');
        const others = madeBy(one.history, () => makers.next().value);
        const [observation, plan] = [observe(own), planOf({ ...one, history: own })];
        const isHeldByOther = observe(others).heldBy.some(id => id !== undefined && !isOwnId(id));
        if (isHeldByOther && writtenBy(plan, observation).length < observation.targets.length) {
          relevant();
        }
        const [is, should] = [planOf({ ...one, history: others }), plan].map(each =>
          planWithoutOwners({ ...each, prune: [], shared: [] }, observation),
        );
        mustHold(is === should, () => `${is}, and if all are its own ${should}`);
      }),
  },
  {
    name: 'owners: a plan does not depend on former names of the repository, or on the case of its name',
    property: relevant =>
      fc.property(
        aCase,
        fc.infiniteStream(fc.constantFrom<Maker[]>('own renamed', 'own re-cased', 'own')),
        (one, makers) => {
          // The repository with the former name was this repository at that time.
          const named = { ...one.history, targets: Math.min(one.history.targets, FORMER) };
          const before = {
            ...named,
            secrets: named.secrets.map(secret => ({
              ...secret,
              deliveredTo:
                deliveredTargets(named, secret).length === 0
                  ? secret.deliveredTo
                  : deliveredTargets(named, secret).filter(isNotFormer),
            })),
          };
          const own = madeBy(before, ({ maker }) => (isOwnId(maker) ? 'own' : maker));
          const renamed = madeBy(before, ({ maker }) => (isOwnId(maker) ? makers.next().value : maker));
          const observation = observe(own);
          const [plan, is] = [own, renamed].map(history => planOf({ ...one, history }));
          if (!plan || !is) {
            return;
          }
          if (
            renamed.secrets.some(({ maker }) => maker === 'own renamed') &&
            (!createsSecret(plan) || plan.prune.length > 0)
          ) {
            relevant();
          }
          const should = planWithoutOwners(plan, observation);
          mustHold(
            planWithoutOwners(is, observation) === should,
            () => `${planWithoutOwners(is, observation)}, and without a rename ${should}`,
          );
        },
      ),
  },
  {
    name: 'owners: a repository that was recreated, or whose ID is not known, prunes no earlier secret',
    property: relevant =>
      fc.property(aHistory({ atLeast: 4 }), aRequest, anyGiven, (history, request, given) => {
        const { repositoryId: _, ...unreported } = WORKFLOW;
        const observation = observe(history);
        if (idsOf(planOf({ history, request, given }, observation)).length > 0) {
          relevant();
        }
        for (const workflow of [
          unreported,
          { ...WORKFLOW, repositoryId: 4711 },
          { ...WORKFLOW, host: 'github.example' },
        ]) {
          const gone = idsOf(planOf({ history, request, given }, observation, workflow));
          mustHold(gone.length === 0, () => `${gone} are deleted by ${JSON.stringify(workflow)}`);
        }
      }),
  },
  {
    name: 'owners: a target is reported as shared exactly if a mark of another repository names it',
    property: relevant =>
      fc.property(aCaseOfTargets, one => {
        const observation = observe(one.history);
        const shared = planOf(one, observation).shared.map(({ target }) => target);
        observation.targets.forEach(({ target }, index) => {
          const should = observation.listed.some(({ id }) => isSharedBy(one.history, id, index));
          mustHold(shared.includes(target) === should, () => `of ${targetLine(target)} it says ${!should}`);
        });
        if (shared.length > 0) {
          relevant();
        }
      }),
  },
  {
    name: 'owners: exactly the targets that are due, or are due within a day, get a new secret',
    property: relevant =>
      fc.property(aCaseOfTargets, one => {
        const observation = observe(one.history);
        const plan = planOf(one, observation);
        const written = writtenBy(plan, observation);
        const alone = observation.targets.map(
          target => planOf(one, { ...observation, targets: [target] }).rotation?.due,
        );
        const isDue = (index: number) => alone[index]?.due === true;
        const dueAt = (index: number) => {
          const due = alone[index];
          return due?.due === false ? (due.dueAt?.getTime() ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY;
        };
        const all = observation.targets.map((_, index) => index);
        const soon = observation.now.vantage.getTime() + DAY;
        const should = all.some(isDue) ? all.filter(index => dueAt(index) <= soon) : [];
        mustHold(`${written}` === `${should}`, () => `${written} get it, and ${should} are due`);
        const rest = Math.min(...all.filter(index => !written.includes(index)).map(dueAt));
        const { due } = plan.rotation ?? {};
        const reported = due?.due ? due.restDueAt : due?.dueAt;
        mustHold((reported?.getTime() ?? Number.POSITIVE_INFINITY) === rest, () => `the rest is due at ${reported}`);
        if (written.length > 0 && written.length < all.length) {
          relevant();
        }
      }),
  },
  {
    name: 'owners: no target keeps an expired secret, whoever created it',
    property: relevant =>
      fc.property(aCaseOfTargets, one => {
        const observation = observe(one.history);
        const written = writtenBy(planOf(one, observation), observation);
        let isRelevant = false;
        observation.heldBy.forEach((held, target) => {
          const { expiration } = observation.listed.find(({ id }) => id === held) ?? {};
          const isKnown = held !== undefined && isMarker(secretOf(one.history, held).maker) && expiration !== undefined;
          if (isKnown && observation.listed.every(({ description }) => description !== undefined)) {
            isRelevant ||= !written.includes(target);
            mustHold(
              written.includes(target) || Date.parse(expiration) > observation.now.vantage.getTime(),
              () => `target ${target} keeps ${held}, which expired at ${expiration}`,
            );
          }
        });
        if (isRelevant) {
          relevant();
        }
      }),
  },
];

function isNotFormer(target: number): boolean {
  return target !== FORMER;
}
