import { basename } from 'node:path';
import { main } from './main.ts';
import { asFailure } from './model/failure.ts';
import { post } from './post.ts';
import { ActionsRunner } from './runner/actions-runner.ts';

const runner = new ActionsRunner();

// Node would print such an error itself, unredacted. Only once: an error of the report itself ends the process.
process.once('uncaughtException', error => runner.fail(asFailure(error)));

// From the start: a signal stops the work, and never ends the process itself.
const cancellation = new AbortController();
process.on('SIGINT', () => cancellation.abort()).on('SIGTERM', () => cancellation.abort());

// The runner starts one file for the step and another for the end of the job. Both are this bundle, so that `dist`
// contains shared code once. A saved state could also tell them apart, but it could be missing after a kill.
const work = basename(process.argv[1] ?? '') === 'post.js' ? post : main;

// No `await` here: chunks of the bundle import this one, and would wait for it to end.
void work(runner, cancellation.signal).finally(() => {
  // A connection that is still being established would keep the process alive for minutes.
  process.exit();
});
