import type { Scripts } from '../build-copy.ts';
import { runHere } from '../build-here.ts';
import { serveTasks } from '../threads.ts';
import { usesProcesses } from '../where.ts';
import { type Kind, type Trial, tryFleet } from './trial.ts';

/** A way to break a run of many clients. */
export interface FleetTask {
  readonly kind: Kind;
  readonly seed: number;
  readonly scripts: Scripts;
}

serveTasks<FleetTask, Trial>(({ kind, seed, scripts }) =>
  tryFleet(kind, seed, scripts, usesProcesses(`${kind} ${seed}`) ? {} : { run: runHere }),
);
