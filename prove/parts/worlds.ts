import { availableParallelism } from 'node:os';
import { withBuildCopy } from '../build-copy.ts';
import type { BuiltOptions } from '../options.ts';
import type { Trial } from '../worlds/play.ts';
import { renderWorldCounts, renderWorldViolations } from '../worlds/print.ts';
import { allStories, sampleStories } from '../worlds/stories.ts';
import type { StoryTask } from '../worlds/thread.ts';
import { tryAll } from './try-all.ts';
import { secondsSince, type Verdict, verdictOf } from './verdict.ts';

/** Higher than the number of cores because processes mostly wait. */
const AT_ONCE = 2 * (availableParallelism() + 1);

/** Plays the worlds. Prints the counts, and how to reproduce each world that did not hold. */
export async function proveWorlds({
  only = '',
  sample,
  seed,
  atOnce = AT_ONCE,
  dist,
  logs,
}: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  const all = allStories(seed);
  const fitting = all.filter(({ id }) => id.includes(only));
  const chosen = sample === undefined ? fitting : sampleStories(fitting, sample, seed);
  console.log(`${chosen.length} of ${all.length} worlds.`);
  const trials = await withBuildCopy(dist, scripts =>
    tryAll<StoryTask, Trial>({
      tasks: chosen.map(story => [story, scripts]),
      thread: new URL('../worlds/thread.ts', import.meta.url),
      atOnce,
      report: trial => [
        ...(logs ? ['', trial.story.id, ...trial.logs] : []),
        ...(trial.violations.length > 0 ? ['', renderWorldViolations(trial, seed)] : []),
      ],
      progress: { every: 100, unit: 'worlds', started },
    }),
  );
  const runs = trials.reduce((sum, trial) => sum + trial.runs, 0);
  console.log(`\n${renderWorldCounts(trials)}`);
  console.log(`They took ${runs} processes and ${secondsSince(started)} s.`);
  return verdictOf('worlds', trials);
}

/** Prints the IDs of the worlds. */
export function listWorlds({ only = '', seed }: BuiltOptions): void {
  const ids = allStories(seed).map(({ id }) => id);
  console.log(ids.filter(id => id.includes(only)).join('\n'));
}
