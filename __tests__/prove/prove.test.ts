import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runAction } from '../../emulator/runner.ts';
import { withBuildCopy } from '../../prove/build-copy.ts';
import { pointId } from '../../prove/crash/points.ts';
import { withSweep } from '../../prove/crash/sweep.ts';
import { tryPoint } from '../../prove/crash/try-point.ts';
import { eachOf } from '../../prove/each-of.ts';
import { playStory } from '../../prove/worlds/play.ts';
import { allStories, sampleStories } from '../../prove/worlds/stories.ts';
import { groupOf } from '../../prove/worlds/story.ts';
import { playYear } from '../../prove/years/play.ts';
import { HOUR } from '../../prove/years/scenario.ts';
import { SCENARIOS } from '../../prove/years/scenarios.ts';

test('a sample of the crash sweep holds, with every kind of break (all of it: npm run prove)', async () => {
  const trials = await withSweep({ sample: 20, seed: 'ci', atOnce: 2 }, ({ tasks }) =>
    eachOf(tasks, 2, task => tryPoint(...task)),
  );
  expect(
    trials.flatMap(({ point, violations }) => violations.map(what => ({ point: pointId(point), ...what }))),
  ).toEqual([]);
  expect(trials).toHaveLength(20);
  expect(new Set(trials.map(({ point }) => point.break)).size).toBe(10);
}, 600_000);

test('a sample of the worlds holds, with one of every group (all of them: npm run prove)', async () => {
  const stories = sampleStories(allStories('ci'), 16, 'ci');
  const trials = await withBuildCopy(undefined, scripts => eachOf(stories, 2, story => playStory(story, scripts)));
  expect(
    trials.flatMap(({ story, violations }) => violations.map(violation => ({ world: story.id, ...violation }))),
  ).toEqual([]);
  expect(new Set(trials.map(({ story }) => groupOf(story))).size).toBe(16);
}, 600_000);

test('ten weeks of two repositories with one target need two secrets (a year of all: npm run prove)', async () => {
  const [scenario] = SCENARIOS;
  if (!scenario) {
    throw new Error('there is no scenario');
  }
  const clocks = { name: 'Vantage +1 h', vantage: HOUR, github: 0 };
  const entry = path.resolve(import.meta.dirname, '..', '..', 'dist', 'index.js');
  const { tally, violations } = await playYear({ scenario, tier: 1, clocks }, { entry, seed: 'ci', weeks: 10 });
  expect(violations).toEqual([]);
  expect(tally).toMatchObject({ created: 2, writes: 2, dead: 0, red: 0 });
}, 600_000);

test('a step ends by itself when the runner that reads its log is gone', async () => {
  const { exitCode, signal } = await runAction({
    onStart: child => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    timeoutMs: 60_000,
  });
  expect({ exitCode, signal }).toEqual({ exitCode: 1, signal: null });
});
