import fc from 'fast-check';
import { heldSince, LONGEST_RUN, maybeHeldSince } from '../../src/plan/own-secrets.ts';
import { aPast } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { look } from './sight.ts';

/** What is concluded from the age of a target. */
export const HELD_PROPERTIES: readonly Property[] = [
  {
    name: 'use: what a target holds is among what it may hold',
    property: telling =>
      fc.property(aPast({ atLeast: 2 }), past => {
        const { own, targets, held } = look(past);
        const possible = new Set(targets.flatMap(({ updatedAt }) => (updatedAt ? maybeHeldSince(updatedAt, own) : [])));
        const truly = own.filter(({ id }) => held.has(id));
        if (truly.length > 0) {
          telling();
        }
        mustHold(
          truly.every(secret => possible.has(secret)),
          () => `of ${[...held]} not all may be held`,
        );
      }),
  },
  {
    name: 'use: what a target is taken to hold, it may hold; and where that is nothing, nothing recent',
    property: telling =>
      fc.property(aPast({ atLeast: 2 }), past => {
        const { own, targets } = look(past);
        for (const updatedAt of targets.flatMap(target => target.updatedAt ?? [])) {
          const held = heldSince(updatedAt, own);
          const possible = maybeHeldSince(updatedAt, own);
          const earliest = updatedAt.getTime() - LONGEST_RUN;
          if (held) {
            telling();
          }
          mustHold(
            held ? possible.includes(held) : possible.every(secret => secret.mintedAt.getTime() < earliest),
            () => `${held?.id} of ${possible.map(({ id }) => id)}`,
          );
        }
      }),
  },
];
