import fc from 'fast-check';
import { type Duration, later } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { GITHUB, isMarker, isOwnId, OTHER_GITHUB } from './makers.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { clockOfMarks, knownPlaces, look, placesOf, type Sight, secretOf, works } from './sight.ts';
import { MINUTE, SECOND } from './time.ts';
import { anyGiven, aPruneAfter, type Given, prunedIds } from './wish.ts';

/** How far two clocks may lie apart, in milliseconds. Not taken from the rules, as it judges them. */
const CLOCKS_APART = 5 * MINUTE;

/** A plan that was made, and what it was made from. */
interface Pruned {
  readonly gone: readonly string[];
  readonly past: Past;
  readonly sight: Sight;
  readonly pruneAfter: Duration;
  readonly given: Given;
}

/** A property of what is deleted in any world. The rule calls `telling` where it has something to judge. */
function property(name: string, rule: (pruned: Pruned, telling: () => void) => void): Property {
  return {
    name: `pruning: ${name}`,
    property: telling =>
      fc.property(
        aPast({ atLeast: 4, gitHubs: [GITHUB, GITHUB, OTHER_GITHUB] }),
        aPruneAfter,
        anyGiven,
        (past, pruneAfter, given) => {
          const sight = look(past);
          rule({ gone: prunedIds(pruneAfter, given, sight), past, sight, pruneAfter, given }, telling);
        },
      ),
  };
}

/** When a secret was minted by the clock that dates marks, as its mark tells. Shares no code with the plan. */
function createdAt({ description }: ListedSecret): number {
  return Number.parseInt(/ ([\da-f]{8})[\da-f]{8}\]$/u.exec(description ?? '')?.[1] ?? '', 16) * SECOND;
}

function ownOf({ listed }: Sight): readonly ListedSecret[] {
  return listed.filter(({ id }) => isOwnId(id));
}

/** Where a secret of an id goes. */
function goesTo({ past }: Pruned, id: string): readonly string[] {
  return placesOf(past, secretOf(past, id));
}

/** The listed secrets that bear a whole mark which names this place, whoever made them. */
function markedFor(pruned: Pruned, scope: string): readonly ListedSecret[] {
  const isMarked = (id: string) => isMarker(secretOf(pruned.past, id).maker);
  return pruned.sight.listed.filter(({ id }) => isMarked(id) && goesTo(pruned, id).includes(scope));
}

/** The ends of the ids of the secrets of this client that the run was given. */
function givenIds({ signIn, signInSecret, currentSecret }: Given): readonly string[] {
  return [signIn.toLowerCase() === 'invoices' ? signInSecret : undefined, currentSecret].map(scope => ` ${scope}`);
}

/** What may be deleted, and when. */
export const PRUNE_PROPERTIES: readonly Property[] = [
  property('nothing foreign is deleted', ({ gone, sight }, telling) => {
    if (gone.length > 0 && sight.listed.some(({ id }) => !isOwnId(id))) {
      telling();
    }
    mustHold(gone.every(isOwnId), () => `${gone} are deleted, not all of them its own`);
  }),

  property('the last secret that works is never deleted', ({ gone, sight: { listed, now } }, telling) => {
    const working = listed.filter(secret => works(secret, now));
    if (working.some(({ id }) => gone.includes(id))) {
      telling();
    }
    mustHold(
      working.length === 0 || working.some(({ id }) => !gone.includes(id)),
      () => `${gone} are deleted, and nothing is left that works`,
    );
  }),

  property(
    'nothing in use is deleted: neither what a target holds nor what a run may still write',
    (pruned, telling) => {
      const { gone, sight } = pruned;
      if (gone.length > 0 && ownOf(sight).some(({ id }) => sight.held.has(id) || sight.underWay.has(id))) {
        telling();
      }
      for (const id of gone) {
        mustHold(!sight.held.has(id), () => `${id} is deleted, which a target holds`);
        mustHold(!sight.underWay.has(id), () => `${id} is deleted, which a run is still to write`);
      }
    },
  ),

  property('of what was minted for a target before it was written, the newest stays', (pruned, telling) => {
    const { gone, sight } = pruned;
    let isTelling = false;
    sight.targets.forEach(({ updatedAt }, target) => {
      const before = markedFor(pruned, String(target)).filter(
        secret => updatedAt && createdAt(secret) <= updatedAt.getTime() + CLOCKS_APART,
      );
      const newest = Math.max(...before.map(createdAt));
      // Two that were minted in the same second cannot be told apart by their marks: one of them stays.
      const held = before.filter(secret => createdAt(secret) === newest);
      isTelling ||= gone.length > 0 && held.some(({ id }) => isOwnId(id));
      mustHold(held.length === 0 || held.some(({ id }) => !gone.includes(id)), () => `${gone} are deleted`);
    });
    if (isTelling) {
      telling();
    }
  }),

  property('nothing goes that a missing target may get from the next run', (pruned, telling) => {
    const missing = pruned.sight.targets.flatMap(({ updatedAt }, target) => (updatedAt ? [] : [String(target)]));
    const isForMissing = (id: string) => goesTo(pruned, id).some(scope => missing.includes(scope));
    if (ownOf(pruned.sight).filter(({ id }) => isForMissing(id)).length > 1) {
      telling();
    }
    mustHold(!pruned.gone.some(isForMissing), () => `${pruned.gone} are deleted`);
  }),

  property('nothing goes that went to a place which the step does not know', (pruned, telling) => {
    const { gone, past, sight } = pruned;
    const known = knownPlaces(past);
    const isForUnknown = (id: string) => goesTo(pruned, id).some(scope => !known.includes(scope));
    if (gone.length > 0 && ownOf(sight).some(({ id }) => isForUnknown(id))) {
      telling();
    }
    mustHold(!gone.some(isForUnknown), () => `${gone.filter(isForUnknown)} are deleted`);
  }),

  property('neither the sign-in secret nor current-secret is deleted', ({ gone, sight, given }, telling) => {
    const isGiven = (id: string) => givenIds(given).some(end => id.endsWith(end));
    if (gone.length > 0 && ownOf(sight).some(({ id }) => isGiven(id))) {
      telling();
    }
    mustHold(!gone.some(isGiven), () => `${gone} are deleted, of which the run needs one`);
  }),

  property('nothing is deleted of the client whose access token the run works with', (pruned, telling) => {
    const { sight, pruneAfter, given } = pruned;
    if (prunedIds(pruneAfter, { ...given, signIn: 'token of nobody' }, sight).length > 0) {
      telling();
    }
    for (const signIn of ['token of invoices', 'token of INVOICES'] as const) {
      const gone = prunedIds(pruneAfter, { ...given, signIn }, sight);
      mustHold(gone.length === 0, () => `${gone} are deleted, and the token may be got with any of them`);
    }
  }),

  property(
    'only what was superseded prune-after ago in every place, by the clock that dates marks, is deleted',
    (pruned, telling) => {
      const { gone, past, sight, pruneAfter } = pruned;
      const now = past.now + past.reading + clockOfMarks(past.targets, past);
      const isOver = (secret: ListedSecret) =>
        later(new Date(createdAt(secret)), pruneAfter).getTime() + CLOCKS_APART <= now;
      if (gone.length > 0) {
        telling();
      }
      for (const secret of ownOf(sight).filter(({ id }) => gone.includes(id))) {
        for (const scope of goesTo(pruned, secret.id)) {
          const successors = markedFor(pruned, scope).filter(
            one => one !== secret && createdAt(one) >= createdAt(secret),
          );
          mustHold(successors.some(isOver), () => `${secret.id} is deleted, which went to ${scope}`);
        }
      }
    },
  ),

  property('pruning once more finds nothing', ({ gone, sight, pruneAfter, given }, telling) => {
    if (gone.length > 0) {
      telling();
    }
    const listed = sight.listed.filter(({ id }) => !gone.includes(id));
    const more = prunedIds(pruneAfter, given, { ...sight, listed });
    mustHold(more.length === 0, () => `first ${gone} are deleted, then ${more}`);
  }),
];
