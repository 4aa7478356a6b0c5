/**
 * `npm run bench`: measures the cost of a step, as ratios of measurements in one run on this machine. It prints them,
 * and never fails because of them.
 */
import { firstRun } from './first-run.ts';
import { fleet } from './fleet.ts';
import { fleetPace } from './fleet-pace.ts';
import { memoryAndSize } from './memory-and-size.ts';
import { runKinds } from './run-kinds.ts';
import { targets } from './targets.ts';
import { times } from './times.ts';

console.log(`Node ${process.versions.node} on ${process.platform} ${process.arch}`);
await times();
await firstRun();
await runKinds();
await targets();
await memoryAndSize();
await fleet();
await fleetPace();
