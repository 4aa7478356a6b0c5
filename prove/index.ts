/**
 * `npm run prove`: the crash sweep. Prints how many points were tried and how many held, and every one that did not with
 * the way to see it again. Exits with 1 where one did not hold.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { pointId } from './crash/points.ts';
import { renderCounts, renderViolations, slowestEnd } from './crash/print.ts';
import { sweep } from './crash/sweep.ts';

const HELP = `npm run prove -- [options]

Breaks the built action at every point of its runs, and checks what must hold whatever happens.

  --only TEXT    the points whose id holds this text
  --sample N     so many points, every break among them
  --seed TEXT    which sample (default: 1)
  --at-once N    points under way at once (default: one more than there are cores)
  --dist FOLDER  the build to break (default: dist)
  --list         print the ids, and try none
  --logs         print what each process of each point printed and sent
`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: String(availableParallelism() + 1) },
    dist: { type: 'string' },
    list: { type: 'boolean', default: false },
    logs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  await prove();
}

async function prove(): Promise<void> {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  let planned = 0;
  const trials = await sweep({
    only: values.only,
    sample: values.list ? 0 : count(values.sample),
    seed: values.seed,
    dist: values.dist,
    atOnce: count(values['at-once']) ?? 1,
    onPlan: (chosen, all) => {
      planned = chosen.length;
      const fitting = all.filter(point => pointId(point).includes(values.only ?? ''));
      console.log(values.list ? fitting.map(pointId).join('\n') : `Crash sweep: ${planned} of ${all.length} points.`);
    },
    onTrial: (trial, done) => {
      if (values.logs) {
        console.log(['', pointId(trial.point), ...trial.logs].join('\n'));
      }
      if (trial.violations.length > 0) {
        console.log(`\n${renderViolations(trial)}`);
      }
      if (done % 100 === 0) {
        console.log(`${done} of ${planned} points after ${seconds()} s`);
      }
    },
  });
  if (values.list) {
    return;
  }
  const failed = trials.filter(({ violations }) => violations.length > 0).length;
  console.log(`\n${renderCounts(trials)}`);
  console.log(`The slowest end after a signal: ${slowestEnd(trials)} ms. The sweep took ${seconds()} s.`);
  console.log(failed === 0 ? 'All points held.' : `${failed} points did not hold.`);
  process.exitCode = failed === 0 && trials.length > 0 ? 0 : 1;
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d+$/u.test(text)) {
    throw new Error(`${JSON.stringify(text)} is no number`);
  }
  return Number(text);
}
