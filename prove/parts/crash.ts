import { availableParallelism } from 'node:os';
import { pointId } from '../crash/points.ts';
import { renderCounts, renderViolations, slowestEnd } from '../crash/print.ts';
import { withSweep } from '../crash/sweep.ts';
import type { PointTask } from '../crash/thread.ts';
import type { Trial } from '../crash/try-point.ts';
import type { BuiltOptions } from '../options.ts';
import { PROCESSES_PART } from '../where.ts';
import { tryAll } from './try-all.ts';
import { secondsSince, type Verdict, verdictOf } from './verdict.ts';

/** Higher than the number of cores because most runs wait two seconds for GitHub. */
const AT_ONCE = 5 * availableParallelism();

/** Tries the points. Prints the counts, and how to reproduce each point that did not hold. */
export async function proveCrashes({ atOnce = AT_ONCE, logs, ...options }: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  const trials = await withSweep({ ...options, atOnce }, ({ all, tasks }) => {
    console.log(`${tasks.length} of ${all.length} points. Each run that is interrupted is a process of its own.`);
    console.log(
      `The steps after it are executed in this process. For ${PROCESSES_PART} points, they are processes too.`,
    );
    return tryAll<PointTask, Trial>({
      tasks,
      thread: new URL('../crash/thread.ts', import.meta.url),
      atOnce,
      report: trial => [
        ...(logs ? ['', pointId(trial.point), ...trial.logs] : []),
        ...(trial.violations.length > 0 ? ['', renderViolations(trial)] : []),
      ],
      progress: { every: 100, unit: 'points', started },
    });
  });
  console.log(`\n${renderCounts(trials)}`);
  console.log(`The slowest end after a signal: ${slowestEnd(trials)} ms. The sweep took ${secondsSince(started)} s.`);
  return verdictOf('crash points', trials);
}

/** Prints the IDs of the points. */
export async function listCrashes({ only = '', seed, atOnce = AT_ONCE, dist }: BuiltOptions): Promise<void> {
  await withSweep({ seed, atOnce, dist }, async ({ all }) => {
    console.log(
      all
        .map(pointId)
        .filter(id => id.includes(only))
        .join('\n'),
    );
  });
}
