import { availableParallelism } from 'node:os';
import { withBuildCopy } from '../build-copy.ts';
import type { FleetTask } from '../fleet/thread.ts';
import { KINDS, type Kind, type Trial } from '../fleet/trial.ts';
import type { BuiltOptions } from '../options.ts';
import { PROCESSES_PART } from '../where.ts';
import { tryAll } from './try-all.ts';
import { secondsSince, type Verdict, verdictOf } from './verdict.ts';

/** Higher than the number of cores because a server that does not answer makes a run wait. */
const AT_ONCE = 2 * availableParallelism();

/** The seeds of each kind of break. */
const SEEDS: Readonly<Record<Kind, number>> = { faults: 200, kill: 200, shards: 20 };

/** Breaks runs of many clients in random ways, and prints what did not hold. */
export async function proveFleet({ only, sample, dist, atOnce = AT_ONCE, logs }: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  console.log('The runs that are broken are processes of their own.');
  console.log(
    `The steps after them are executed in this process. For ${PROCESSES_PART} fleets, they are processes too.`,
  );
  const trials = await withBuildCopy(dist, scripts =>
    tryAll<FleetTask, Trial>({
      tasks: chosenBreaks(only, sample).map(chosen => ({ ...chosen, scripts })),
      thread: new URL('../fleet/thread.ts', import.meta.url),
      atOnce,
      report: trial => [
        ...(trial.violations.length > 0 ? ['', renderViolations(trial)] : []),
        ...(logs ? [trial.logs.join('\n\n')] : []),
      ],
    }),
  );
  const verdict = verdictOf('broken fleets', trials);
  const sent = trials.reduce((sum, trial) => sum + trial.sent, 0);
  console.log(
    `${verdict.tried} runs of many clients were broken, which had sent ${sent} requests; ${verdict.held} held.`,
  );
  console.log(`The fleet took ${secondsSince(started)} s.`);
  return verdict;
}

/** Prints the IDs of what would be tried. */
export function listFleet({ only, sample }: BuiltOptions): void {
  for (const { kind, seed } of chosenBreaks(only, sample)) {
    console.log(`${kind} ${seed}`);
  }
}

function chosenBreaks(only = '', sample: number | undefined) {
  const all = KINDS.flatMap(kind => Array.from({ length: SEEDS[kind] }, (_, seed) => ({ kind, seed })));
  const fitting = all.filter(({ kind, seed }) => `${kind} ${seed} `.includes(only));
  // Of every kind in turn.
  const dealt = fitting.toSorted((one, other) => one.seed - other.seed);
  return sample === undefined ? fitting : dealt.slice(0, sample);
}

/** What did not hold, and how to reproduce it. */
function renderViolations({ kind, seed, tier, violations }: Trial): string {
  return [
    `${kind} ${seed} tier${tier} did not hold (reproduce it with --part fleet --only "${kind} ${seed} "):`,
    ...violations.map(violation => `  ${violation}`),
  ].join('\n');
}
