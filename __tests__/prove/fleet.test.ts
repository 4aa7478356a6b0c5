import { expect, test } from '@jest/globals';
import { KINDS, type Kind, tryFleet } from '../../prove/fleet/trial.ts';
import { runStep } from '../support/run-step.ts';

/** Those that are stopped or run at once are processes of `dist`. The others run here, where time passes fast. */
const SEEDS: readonly (readonly [Kind, number])[] = [
  ['faults', 1000],
  ['kill', 1001],
  ['shards', 1001],
];

test.each(SEEDS)(
  'many clients stay sound: %s, seed %d (more seeds: npm run prove -- --part fleet)',
  async (kind, seed) => {
    const { violations, sent } = await tryFleet(
      kind,
      seed,
      {},
      kind === 'faults' ? { run: runStep, runBroken: runStep } : {},
    );
    expect(violations).toEqual([]);
    expect(sent).toBeGreaterThan(0);
  },
  600_000,
);

test('every kind of break is tried', () => {
  expect(new Set(SEEDS.map(([kind]) => kind))).toEqual(new Set(KINDS));
});
