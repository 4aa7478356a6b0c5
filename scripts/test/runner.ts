/**
 * A runner for Jest whose workers let Node load the files, so that a worker loads each module once. Jest's own runner
 * loads all modules, and compiles what is hot in them, again for each file.
 */
import { CallbackTestRunner } from 'jest-runner';
import { Worker } from 'jest-worker';
import pMap from 'p-map';
import type * as Work from './worker.ts';

type RunTests = CallbackTestRunner['runTests'];

export default class extends CallbackTestRunner {
  async runTests(...[tests, watcher, onStart, onResult, onFailure]: Parameters<RunTests>): Promise<void> {
    const { maxWorkers } = this._globalConfig;
    const workers = new Worker(new URL('worker.ts', import.meta.url), {
      exposedMethods: ['runFile'],
      numWorkers: maxWorkers,
      forkOptions: { stdio: 'inherit' },
    }) as Worker & Pick<typeof Work, 'runFile'>;
    try {
      await pMap(
        tests,
        async test => {
          if (watcher.isInterrupted()) {
            return;
          }
          await onStart(test);
          try {
            await onResult(test, await workers.runFile(test.path, this._globalConfig, test.context.config));
          } catch (error) {
            await onFailure(test, error as Parameters<typeof onFailure>[1]);
          }
        },
        { concurrency: maxWorkers },
      );
    } finally {
      await workers.end();
    }
  }
}
