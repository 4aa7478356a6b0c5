import { basename } from 'node:path';
import { main } from './main.ts';
import { asFailure } from './model/failure.ts';
import { post } from './post.ts';
import { ActionsRunner } from './runner/actions-runner.ts';

const runner = new ActionsRunner();

// Node would print such an error itself, past the redactor. Once: one that comes of reporting it ends the process.
process.once('uncaughtException', error => runner.fail(asFailure(error)));

// From the very start: a signal ends the work early, and never the process itself.
const cancellation = new AbortController();
process.on('SIGINT', () => cancellation.abort()).on('SIGTERM', () => cancellation.abort());

// Whoever read the log is gone, and there is nobody to tell. What is under way still has to come to its end.
process.stdout.on('error', () => undefined);

// The runner starts one file for the step and another for the end of the job. Both are this bundle, so that what they
// share lies in `dist` once; a state that tells them apart could be missing when it matters, after a kill.
await (basename(process.argv[1] ?? '') === 'post.js'
  ? post(runner, cancellation.signal)
  : main(runner, cancellation.signal));

// A connection that is still being established would keep the process alive for minutes. On Windows output to a pipe is
// asynchronous, so the process ends only once it is written.
process.stdout.write('', () => process.exit());
