import { availableParallelism } from 'node:os';
import type { BuiltOptions } from '../options.ts';
import { renderWorldCounts, renderWorldViolations } from '../worlds/print.ts';
import { allStories } from '../worlds/stories.ts';
import { tour } from '../worlds/tour.ts';
import { secondsSince, type Verdict } from './verdict.ts';

/** Higher than the number of cores because processes mostly wait. */
const AT_ONCE = 2 * (availableParallelism() + 1);

/** Runs the worlds. Prints the counts, and how to reproduce each world that did not hold. */
export async function proveWorlds({
  only,
  sample,
  seed,
  atOnce = AT_ONCE,
  dist,
  logs,
}: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  let planned = 0;
  const trials = await tour({
    ...{ only, sample, seed, atOnce, dist },
    onPlan: (chosen, all) => {
      planned = chosen.length;
      console.log(`${planned} of ${all.length} worlds.`);
    },
    onTrial: (trial, done) => {
      if (logs) {
        console.log(['', trial.story.id, ...trial.logs].join('\n'));
      }
      if (trial.violations.length > 0) {
        console.log(`\n${renderWorldViolations(trial, seed)}`);
      }
      if (done % 100 === 0) {
        console.log(`${done} of ${planned} worlds after ${secondsSince(started)} s`);
      }
    },
  });
  const tried = trials.length;
  const held = trials.filter(({ violations }) => violations.length === 0).length;
  const runs = trials.reduce((sum, trial) => sum + trial.runs, 0);
  console.log(`\n${renderWorldCounts(trials)}`);
  console.log(`They took ${runs} processes and ${secondsSince(started)} s.`);
  return { tried, held, unit: 'worlds', holds: held === tried && tried > 0 };
}

/** Prints the IDs of the worlds. */
export function listWorlds({ only = '', seed }: BuiltOptions): void {
  const ids = allStories(seed).map(({ id }) => id);
  console.log(ids.filter(id => id.includes(only)).join('\n'));
}
