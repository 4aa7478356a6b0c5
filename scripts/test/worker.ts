/** Runs test files in Jest's framework, in a process in which Node loads them. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { JestEnvironment } from '@jest/environment';
import type { TestResult } from '@jest/test-result';
import type { Config } from '@jest/types';
import { controlTimeOf, setDate } from '../../__tests__/support/fast-time.ts';
import { defineIn, replaceJestGlobals } from './globals.ts';

const require = createRequire(import.meta.url);
const runInFramework = require('jest-circus/runner').default;

// Saved before time can pass faster.
const now = Date.now.bind(Date);
// The framework measures tests by it.
Object.assign(globalThis, { [Symbol.for('jest-native-now')]: now });
controlTimeOf(globalThis);
replaceJestGlobals();

/** What the framework needs of Jest's own way to load modules. */
const runtime = {
  /** The framework itself, which keeps the tests of one file. A new one for each file, without the listeners of the last. */
  requireInternalModule(file: string): unknown {
    delete (globalThis as Record<symbol, unknown>)[Symbol.for('EVENT_HANDLERS')];
    delete require.cache[file];
    return require(file);
  },
  requireModule: require,
  setGlobalsForRuntime: defineIn,
  unstable_shouldLoadAsEsm: () => true,
  unstable_importModule: (file: string) => import(pathToFileURL(file).href),
  enterTestCode: () => undefined,
  leaveTestCode: () => undefined,
};

/** The result of the tests of a file. */
export async function runFile(
  file: string,
  globalConfig: Config.GlobalConfig,
  config: Config.ProjectConfig,
): Promise<TestResult> {
  // Each file begins with the real time, which processes of its own show as well.
  setDate(undefined);
  const start = now();
  const environment = { global: globalThis } as unknown as JestEnvironment;
  const result: TestResult = await runInFramework(globalConfig, config, environment, runtime, file);
  const end = now();
  const slow = (end - start) / 1000 > config.slowTestThreshold;
  return { ...result, perfStats: { ...result.perfStats, start, end, runtime: end - start, slow } };
}
