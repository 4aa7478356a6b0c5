import { availableParallelism } from 'node:os';
import { withBuildCopy } from '../build-copy.ts';
import { eachOf } from '../each-of.ts';
import type { FleetTask } from '../fleet/thread.ts';
import { KINDS, type Kind, type Trial } from '../fleet/trial.ts';
import type { BuiltOptions } from '../options.ts';
import { Threads } from '../threads.ts';
import { PROCESSES_PART } from '../where.ts';
import { secondsSince, type Verdict } from './verdict.ts';

/** Higher than the number of cores because a server that does not answer makes a run wait. */
const AT_ONCE = 2 * availableParallelism();

/** The seeds of each kind of break. */
const SEEDS: Readonly<Record<Kind, number>> = { faults: 200, kill: 200, shards: 20 };

/** Breaks runs of many clients in random ways, and prints what did not hold. */
export async function proveFleet({ only = '', sample, dist, atOnce, logs }: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  const trials = trialsOf(only, sample);
  console.log('The runs that are broken are processes of their own.');
  console.log(
    `The steps after them are executed in this process. For ${PROCESSES_PART} fleets, they are processes too.`,
  );
  let [held, sent] = [0, 0];
  await withBuildCopy(dist, async scripts => {
    await using threads = new Threads<FleetTask, Trial>(new URL('../fleet/thread.ts', import.meta.url));
    await eachOf(trials, atOnce ?? AT_ONCE, async ({ kind, seed }) => {
      const trial = await threads.run({ kind, seed, scripts });
      sent += trial.sent;
      held += trial.violations.length === 0 ? 1 : 0;
      if (trial.violations.length > 0) {
        console.log(`\n${trial.id} did not hold (reproduce it with --part fleet --only "${kind} ${seed} "):`);
        console.log(trial.violations.map(violation => `  ${violation}`).join('\n'));
      }
      if (logs) {
        console.log(trial.logs.join('\n\n'));
      }
    });
  });
  console.log(`${trials.length} runs of many clients were broken, which had sent ${sent} requests; ${held} held.`);
  console.log(`The fleet took ${secondsSince(started)} s.`);
  return { tried: trials.length, held, unit: 'broken fleets', holds: trials.length > 0 && held === trials.length };
}

/** Prints the IDs of what would be tried. */
export function listFleet({ only = '', sample }: BuiltOptions): void {
  for (const { kind, seed } of trialsOf(only, sample)) {
    console.log(`${kind} ${seed}`);
  }
}

function trialsOf(only: string, sample: number | undefined) {
  const all = KINDS.flatMap(kind => Array.from({ length: SEEDS[kind] }, (_, seed) => ({ kind, seed })));
  const fitting = all.filter(({ kind, seed }) => `${kind} ${seed} `.includes(only));
  // Of every kind in turn.
  const dealt = fitting.toSorted((one, other) => one.seed - other.seed);
  return sample === undefined ? fitting : dealt.slice(0, sample);
}
