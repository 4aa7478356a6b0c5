import fc from 'fast-check';
import { type Duration, later } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { aHistory, type History } from './history.ts';
import { GITHUB, isMarker, isOwnId, OTHER_GITHUB } from './makers.ts';
import { clockOfMarks, knownPlaces, type ObservedHistory, observe, placesOf, secretOf, works } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { anyGiven, aPruneAfter, type Given, prunedIds } from './request-gen.ts';
import { MINUTE, SECOND } from './time.ts';

/** The maximum difference of two clocks, in milliseconds. Not imported from the plan, because it checks the plan. */
const CLOCKS_APART = 5 * MINUTE;

/** The secrets that a plan deletes, and what it was made from. */
interface Pruned {
  readonly gone: readonly string[];
  readonly history: History;
  readonly observation: ObservedHistory;
  readonly pruneAfter: Duration;
  readonly given: Given;
}

/** A property of the secrets that are deleted. The rule calls `relevant` in worlds that test it. */
function property(name: string, rule: (pruned: Pruned, relevant: () => void) => void): Property {
  return {
    name: `pruning: ${name}`,
    property: relevant =>
      fc.property(
        aHistory({ atLeast: 4, gitHubs: [GITHUB, GITHUB, OTHER_GITHUB] }),
        aPruneAfter,
        anyGiven,
        (history, pruneAfter, given) => {
          const observation = observe(history);
          rule({ gone: prunedIds(pruneAfter, given, observation), history, observation, pruneAfter, given }, relevant);
        },
      ),
  };
}

/** When a secret was created, from its mark. Shares no code with the plan. */
function createdAt({ description }: ListedSecret): number {
  return Number.parseInt(/ ([\da-f]{8})[\da-f]{8}\]$/u.exec(description ?? '')?.[1] ?? '', 16) * SECOND;
}

function ownOf({ listed }: ObservedHistory): readonly ListedSecret[] {
  return listed.filter(({ id }) => isOwnId(id));
}

/** The places that the secret with an ID is delivered to. */
function deliveredTo({ history }: Pruned, id: string): readonly string[] {
  return placesOf(history, secretOf(history, id));
}

/** The listed secrets with a complete mark that names this place, whoever created them. */
function markedFor(pruned: Pruned, scope: string): readonly ListedSecret[] {
  const isMarked = (id: string) => isMarker(secretOf(pruned.history, id).maker);
  return pruned.observation.listed.filter(({ id }) => isMarked(id) && deliveredTo(pruned, id).includes(scope));
}

/** How the IDs of the secrets that the run received end. */
function givenIds({ signIn, signInSecret, currentSecret }: Given): readonly string[] {
  return [signIn.toLowerCase() === 'invoices' ? signInSecret : undefined, currentSecret].map(scope => ` ${scope}`);
}

/** Which secrets are deleted, and when. */
export const PRUNE_PROPERTIES: readonly Property[] = [
  property('no secret of somebody else is deleted', ({ gone, observation }, relevant) => {
    if (gone.length > 0 && observation.listed.some(({ id }) => !isOwnId(id))) {
      relevant();
    }
    mustHold(gone.every(isOwnId), () => `${gone} are deleted, but not all of them are its own`);
  }),

  property('the last valid secret is never deleted', ({ gone, observation: { listed, now } }, relevant) => {
    const working = listed.filter(secret => works(secret, now));
    if (working.some(({ id }) => gone.includes(id))) {
      relevant();
    }
    mustHold(
      working.length === 0 || working.some(({ id }) => !gone.includes(id)),
      () => `${gone} are deleted, and no valid secret is left`,
    );
  }),

  property(
    'no secret in use is deleted: none that a target holds, and none that a run may still write',
    (pruned, relevant) => {
      const { gone, observation } = pruned;
      if (
        gone.length > 0 &&
        ownOf(observation).some(({ id }) => observation.held.has(id) || observation.pending.has(id))
      ) {
        relevant();
      }
      for (const id of gone) {
        mustHold(!observation.held.has(id), () => `${id} is deleted, but a target holds it`);
        mustHold(!observation.pending.has(id), () => `${id} is deleted, but a run will still write it`);
      }
    },
  ),

  property('the newest secret created for a target before its last write is kept', (pruned, relevant) => {
    const { gone, observation } = pruned;
    let isRelevant = false;
    observation.targets.forEach(({ updatedAt }, target) => {
      const before = markedFor(pruned, String(target)).filter(
        secret => updatedAt && createdAt(secret) <= updatedAt.getTime() + CLOCKS_APART,
      );
      const newest = Math.max(...before.map(createdAt));
      // The marks of two secrets that were created in the same second do not show which is newer. One of them is kept.
      const held = before.filter(secret => createdAt(secret) === newest);
      isRelevant ||= gone.length > 0 && held.some(({ id }) => isOwnId(id));
      mustHold(held.length === 0 || held.some(({ id }) => !gone.includes(id)), () => `${gone} are deleted`);
    });
    if (isRelevant) {
      relevant();
    }
  }),

  property('no secret that another run may write to a missing target is deleted', (pruned, relevant) => {
    const missing = pruned.observation.targets.flatMap(({ updatedAt }, target) => (updatedAt ? [] : [String(target)]));
    const isForMissing = (id: string) => deliveredTo(pruned, id).some(scope => missing.includes(scope));
    if (ownOf(pruned.observation).filter(({ id }) => isForMissing(id)).length > 1) {
      relevant();
    }
    mustHold(!pruned.gone.some(isForMissing), () => `${pruned.gone} are deleted`);
  }),

  property('no secret that was delivered to a place unknown to the step is deleted', (pruned, relevant) => {
    const { gone, history, observation } = pruned;
    const known = knownPlaces(history);
    const isForUnknown = (id: string) => deliveredTo(pruned, id).some(scope => !known.includes(scope));
    if (gone.length > 0 && ownOf(observation).some(({ id }) => isForUnknown(id))) {
      relevant();
    }
    mustHold(!gone.some(isForUnknown), () => `${gone.filter(isForUnknown)} are deleted`);
  }),

  property('neither the sign-in secret nor current-secret is deleted', ({ gone, observation, given }, relevant) => {
    const isGiven = (id: string) => givenIds(given).some(end => id.endsWith(end));
    if (gone.length > 0 && ownOf(observation).some(({ id }) => isGiven(id))) {
      relevant();
    }
    mustHold(!gone.some(isGiven), () => `${gone} are deleted, but the run needs one of them`);
  }),

  property('no secret is deleted if the run signs in with an access token of the client', (pruned, relevant) => {
    const { observation, pruneAfter, given } = pruned;
    if (prunedIds(pruneAfter, { ...given, signIn: 'token of nobody' }, observation).length > 0) {
      relevant();
    }
    for (const signIn of ['token of invoices', 'token of INVOICES'] as const) {
      const gone = prunedIds(pruneAfter, { ...given, signIn }, observation);
      mustHold(gone.length === 0, () => `${gone} are deleted, but the token may be requested with any of them`);
    }
  }),

  property(
    'a secret is deleted only if it was superseded prune-after ago in every place, by the clock of the marks',
    (pruned, relevant) => {
      const { gone, history, observation, pruneAfter } = pruned;
      const now = history.now + history.clockError + clockOfMarks(history.targets, history);
      const hasPassed = (secret: ListedSecret) =>
        later(new Date(createdAt(secret)), pruneAfter).getTime() + CLOCKS_APART <= now;
      if (gone.length > 0) {
        relevant();
      }
      for (const secret of ownOf(observation).filter(({ id }) => gone.includes(id))) {
        for (const scope of deliveredTo(pruned, secret.id)) {
          const successors = markedFor(pruned, scope).filter(
            one => one !== secret && createdAt(one) >= createdAt(secret),
          );
          mustHold(successors.some(hasPassed), () => `${secret.id} is deleted, but was not superseded in ${scope}`);
        }
      }
    },
  ),

  property('pruning again deletes nothing', ({ gone, observation, pruneAfter, given }, relevant) => {
    if (gone.length > 0) {
      relevant();
    }
    const listed = observation.listed.filter(({ id }) => !gone.includes(id));
    const more = prunedIds(pruneAfter, given, { ...observation, listed });
    mustHold(more.length === 0, () => `first ${gone} are deleted, then ${more}`);
  }),
];
