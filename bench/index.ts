/** `npm run bench`: what the step costs, as ratios measured in one run on this machine. It prints and never asserts. */
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
