import { describe, expect, test } from '@jest/globals';
import { exploreInterleavings } from '../prove/interleavings.ts';
import { CLOCK_SKEW, heldSince } from '../src/plan/own-secrets.ts';
import { planPrune } from '../src/plan/prune.ts';
import { later } from '../src/request/time.ts';

test('whatever the order: every target ends with a secret that works, and nothing in use is pruned', async () => {
  // The same schedules each time. `npm run prove` tries 100,000 others.
  const { schedules, done, violation } = await exploreInterleavings({ schedules: 1000, seed: 2027 });
  expect(violation).toBeUndefined();
  expect(schedules).toBe(1000);
  // It would be no proof if the runs did not mint, write, prune, and come to early ends.
  for (const [deed, times] of Object.entries(done)) {
    expect({ deed, often: times >= schedules / 10 }).toEqual({ deed, often: true });
  }
});

describe('a rule of pruning that is wrong is found out', () => {
  test.each<[string, typeof planPrune, RegExp]>([
    [
      'one that does not wait for runs under way',
      (_pruneAfter, evidence, now) => planPrune({ days: 0 }, evidence, now),
      /which was deleted before|which .+ holds/u,
    ],
    [
      'one that takes every clock for right',
      (pruneAfter, evidence, now) =>
        planPrune(pruneAfter, evidence, { ...now, github: new Date(now.github.getTime() + CLOCK_SKEW) }),
      /which was deleted before|which .+ holds/u,
    ],
    [
      'one that takes every clock for Vantage’s',
      (pruneAfter, evidence, now) => planPrune(pruneAfter, evidence, { ...now, github: now.vantage }),
      /which was deleted before|which .+ holds/u,
    ],
    [
      'one that takes the newest secret before a write for the one that was written',
      (pruneAfter, { own, targets }, now) =>
        own.filter((secret, index) => {
          const successor = own[index - 1];
          const isHeld = targets.some(({ updatedAt }) => updatedAt && heldSince(updatedAt, own) === secret);
          return successor && !isHeld && later(successor.mintedAt, pruneAfter) <= now.github;
        }),
      /which was deleted before|which .+ holds|which does not work/u,
    ],
    [
      'one that looks at the first target alone',
      (pruneAfter, evidence, now) => planPrune(pruneAfter, { ...evidence, targets: evidence.targets.slice(0, 1) }, now),
      /which .+ holds/u,
    ],
    [
      'one that takes what is foreign for its own',
      (pruneAfter, evidence, now) => {
        const taken = evidence.listed.map(({ id }) => ({
          id,
          mintedAt: new Date(0),
          startTime: undefined,
          expiration: undefined,
        }));
        return planPrune(pruneAfter, { ...evidence, own: [...evidence.own, ...taken] }, now);
      },
      /which is foreign/u,
    ],
  ])('%s', async (_, prune, violation) => {
    // By this seed all of them are found soon. The rarest, that of the clocks, takes others tens of thousands.
    const found = await exploreInterleavings({ schedules: 20_000, seed: 2, prune });
    expect(found.violation?.why).toMatch(violation);
    expect(found.violation?.schedule).toContain('schedulerFor()');
  });
});
