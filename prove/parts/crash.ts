import { availableParallelism } from 'node:os';
import { pointId } from '../crash/points.ts';
import { renderCounts, renderViolations, slowestEnd } from '../crash/print.ts';
import { sweep } from '../crash/sweep.ts';
import type { PointTask } from '../crash/thread.ts';
import type { Trial } from '../crash/try-point.ts';
import type { BuiltOptions } from '../options.ts';
import { Threads } from '../threads.ts';
import { PROCESSES_PART } from '../where.ts';
import { secondsSince, type Verdict } from './verdict.ts';

/** Higher than the number of cores because most runs wait two seconds for GitHub. */
const AT_ONCE = 5 * availableParallelism();

/** Tries the points. Prints the counts, and how to reproduce each point that did not hold. */
export async function proveCrashes({
  only,
  sample,
  seed,
  atOnce = AT_ONCE,
  dist,
  logs,
}: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  let planned = 0;
  await using threads = new Threads<PointTask, Trial>(new URL('../crash/thread.ts', import.meta.url));
  const trials = await sweep({
    ...{ only, sample, seed, atOnce, dist },
    try: (...task) => threads.run(task),
    onPlan: (chosen, all) => {
      planned = chosen.length;
      console.log(`${planned} of ${all.length} points. Each run that is interrupted is a process of its own.`);
      console.log(
        `The steps after it are executed in this process. For ${PROCESSES_PART} points, they are processes too.`,
      );
    },
    onTrial: (trial, done) => {
      if (logs) {
        console.log(['', pointId(trial.point), ...trial.logs].join('\n'));
      }
      if (trial.violations.length > 0) {
        console.log(`\n${renderViolations(trial)}`);
      }
      if (done % 100 === 0) {
        console.log(`${done} of ${planned} points after ${secondsSince(started)} s`);
      }
    },
  });
  const tried = trials.length;
  const held = trials.filter(({ violations }) => violations.length === 0).length;
  console.log(`\n${renderCounts(trials)}`);
  console.log(`The slowest end after a signal: ${slowestEnd(trials)} ms. The sweep took ${secondsSince(started)} s.`);
  return { tried, held, unit: 'crash points', holds: held === tried && tried > 0 };
}

/** Prints the IDs of the points. */
export async function listCrashes({ only = '', seed, atOnce = AT_ONCE, dist }: BuiltOptions): Promise<void> {
  await sweep({
    ...{ sample: 0, seed, atOnce, dist },
    onPlan: (_, all) => {
      console.log(
        all
          .map(pointId)
          .filter(id => id.includes(only))
          .join('\n'),
      );
    },
  });
}
