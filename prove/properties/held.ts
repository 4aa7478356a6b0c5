import fc from 'fast-check';
import { LONGEST_RUN, likelyHeldSecrets, possiblyHeldSecrets } from '../../src/plan/marked-secrets.ts';
import { aHistory, type History } from './history.ts';
import { GITHUB, isMarker, OTHER_GITHUB } from './makers.ts';
import { observe, secretOf } from './observation.ts';
import { mustHold, type Property } from './property.ts';

/** For each target that was written: the time, the secrets whose mark names it, and the marked secret that it really holds. */
function writtenTargets(history: History) {
  const { named, targets, heldBy } = observe(history);
  return targets.flatMap(({ updatedAt }, index) => {
    const id = heldBy[index];
    const isListed = id !== undefined && isMarker(secretOf(history, id).maker) && !secretOf(history, id).isDeleted;
    return updatedAt ? [{ updatedAt, secrets: named[index] ?? [], actual: isListed ? id : undefined }] : [];
  });
}

/** What follows from the age of a target. */
export const HELD_PROPERTIES: readonly Property[] = [
  {
    name: 'use: the secret that a target holds is among its likely and its possible secrets, whoever created it',
    property: relevant =>
      fc.property(aHistory({ atLeast: 2, gitHubs: [GITHUB, OTHER_GITHUB] }), history => {
        const held = writtenTargets(history).filter(({ actual }) => actual !== undefined);
        if (held.length > 0) {
          relevant();
        }
        for (const { updatedAt, secrets, actual } of held) {
          for (const candidates of [possiblyHeldSecrets(updatedAt, secrets), likelyHeldSecrets(updatedAt, secrets)]) {
            mustHold(
              candidates.some(({ id }) => id === actual),
              () => `${actual} is not among ${candidates.map(({ id }) => id)}`,
            );
          }
        }
      }),
  },
  {
    name: 'use: all likely secrets of a target are possible; if there are none, no possible one is recent',
    property: relevant =>
      fc.property(aHistory({ atLeast: 2, gitHubs: [GITHUB, OTHER_GITHUB] }), history => {
        let isRelevant = false;
        for (const { updatedAt, secrets } of writtenTargets(history)) {
          const held = likelyHeldSecrets(updatedAt, secrets);
          const possible = possiblyHeldSecrets(updatedAt, secrets);
          const earliest = updatedAt.getTime() - LONGEST_RUN;
          isRelevant ||= held.length > 0;
          mustHold(
            held.length > 0
              ? held.every(secret => possible.includes(secret))
              : possible.every(({ mark }) => mark.createdAt.getTime() < earliest),
            () => `${held.map(({ id }) => id)} of ${possible.map(({ id }) => id)}`,
          );
        }
        if (isRelevant) {
          relevant();
        }
      }),
  },
];
