/**
 * `npm run bench`: measures the cost of a step, as ratios of measurements in one run on this machine. It prints them,
 * and never fails because of them.
 */
import { mainJob } from './main-job.ts';
import { startUp } from './start-up.ts';
import { targets } from './targets.ts';
import { ways } from './ways.ts';
import { weight } from './weight.ts';

console.log(`Node ${process.versions.node} on ${process.platform} ${process.arch}`);
await startUp();
await mainJob();
await ways();
await targets();
await weight();
