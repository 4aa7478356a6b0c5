import { expect, test } from '@jest/globals';
import { runAction } from '../emulator/runner.ts';
import { pointId } from '../prove/crash/points.ts';
import { sweep } from '../prove/crash/sweep.ts';
import { groupOf } from '../prove/worlds/story.ts';
import { tour } from '../prove/worlds/tour.ts';

test('a sample of the crash sweep holds, every kind of break among it (all of it: npm run prove)', async () => {
  const trials = await sweep({ sample: 20, seed: 'ci', atOnce: 2 });
  expect(
    trials.flatMap(({ point, violations }) => violations.map(what => ({ point: pointId(point), ...what }))),
  ).toEqual([]);
  expect(trials).toHaveLength(20);
  expect(new Set(trials.map(({ point }) => point.break)).size).toBe(10);
}, 180_000);

test('a sample of the worlds holds, one of every group (all of them: npm run prove)', async () => {
  const trials = await tour({ sample: 12, seed: 'ci', atOnce: 2 });
  expect(
    trials.flatMap(({ story, violations }) => violations.map(violation => ({ world: story.id, ...violation }))),
  ).toEqual([]);
  expect(new Set(trials.map(({ story }) => groupOf(story))).size).toBe(12);
}, 180_000);

test('a step ends by itself when the runner that reads its log is gone', async () => {
  const { exitCode, signal } = await runAction({
    onStart: child => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    timeoutMs: 10_000,
  });
  expect({ exitCode, signal }).toEqual({ exitCode: 1, signal: null });
});
