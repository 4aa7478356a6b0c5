import fc from 'fast-check';
import { LONGEST_RUN, likelyHeldSecrets, possiblyHeldSecrets } from '../../src/plan/marked-secrets.ts';
import { GITHUB, isMarker, OTHER_GITHUB } from './makers.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { look, secretOf } from './sight.ts';

/** For each target that was written, when, what its marks tell that it may hold, and the marked secret that it truly holds. */
function lookAtTargets(past: Past) {
  const { named, targets, heldBy } = look(past);
  return targets.flatMap(({ updatedAt }, index) => {
    const id = heldBy[index];
    const isListed = id !== undefined && isMarker(secretOf(past, id).maker) && !secretOf(past, id).isDeleted;
    return updatedAt ? [{ updatedAt, secrets: named[index] ?? [], truly: isListed ? id : undefined }] : [];
  });
}

/** What is concluded from the age of a target. */
export const HELD_PROPERTIES: readonly Property[] = [
  {
    name: 'use: what a target holds is among what it may hold, and is taken to hold, whoever made it',
    property: telling =>
      fc.property(aPast({ atLeast: 2, gitHubs: [GITHUB, OTHER_GITHUB] }), past => {
        const held = lookAtTargets(past).filter(({ truly }) => truly !== undefined);
        if (held.length > 0) {
          telling();
        }
        for (const { updatedAt, secrets, truly } of held) {
          for (const taken of [possiblyHeldSecrets(updatedAt, secrets), likelyHeldSecrets(updatedAt, secrets)]) {
            mustHold(
              taken.some(({ id }) => id === truly),
              () => `${truly} is not among ${taken.map(({ id }) => id)}`,
            );
          }
        }
      }),
  },
  {
    name: 'use: what a target is taken to hold, it may hold; and where that is nothing, nothing recent',
    property: telling =>
      fc.property(aPast({ atLeast: 2, gitHubs: [GITHUB, OTHER_GITHUB] }), past => {
        let isTelling = false;
        for (const { updatedAt, secrets } of lookAtTargets(past)) {
          const held = likelyHeldSecrets(updatedAt, secrets);
          const possible = possiblyHeldSecrets(updatedAt, secrets);
          const earliest = updatedAt.getTime() - LONGEST_RUN;
          isTelling ||= held.length > 0;
          mustHold(
            held.length > 0
              ? held.every(secret => possible.includes(secret))
              : possible.every(({ mark }) => mark.createdAt.getTime() < earliest),
            () => `${held.map(({ id }) => id)} of ${possible.map(({ id }) => id)}`,
          );
        }
        if (isTelling) {
          telling();
        }
      }),
  },
];
