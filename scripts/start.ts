import { bootstrap } from './start/bootstrap.ts';
import { keepRunning } from './start/keep.ts';
import { HELP, readOptions, type StartOptions, UsageError } from './start/options.ts';
import { quickStart } from './start/quick-start.ts';
import { openSetup } from './start/setup.ts';
import { print } from './start/show.ts';

// Ctrl+C reaches the step as well, which cleans up. Only then can its directory be deleted, with the secret in it.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) print(HELP);
  else await start(options, interrupted.signal);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message} Try: npm start -- --help\n`);
  process.exitCode = 2;
}

/** Runs the examples, one after the other. Without the embedded servers, what needs to read them is left out. */
async function start(options: StartOptions, signal: AbortSignal): Promise<void> {
  const setup = await openSetup(options, process.env);
  const { embedded } = setup;
  try {
    await quickStart(setup, options, signal);
    if (embedded && !signal.aborted) await bootstrap(setup, embedded, options);
    if (embedded && options.keep) await keepRunning(embedded, signal);
  } finally {
    await setup.close();
  }
}
