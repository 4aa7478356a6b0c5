/** Loads files of tests as they stand, and runs one test at a time as Jest does, in this process. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jestExpect } from '@jest/expect';
import type { Circus } from '@jest/types';
import { getState, resetState } from 'jest-circus';
import { jest } from './globals.ts';

// Taken before any test fakes them.
const { clearTimeout, setImmediate, setTimeout } = globalThis;
const now = performance.now.bind(performance);

/** Where the tests are that run what they test in their own process: no mutant shows in the bundle that others run. */
const FILES = '__tests__/{github,http,inputs,model,modes,plan,redaction,vantage}/**/*.test.ts';
/** They measure time, which says nothing while other mutants are tried. */
const LEFT_OUT = '__tests__/http/linear-time.test.ts';
const GLOBALS = new URL('globals.ts', import.meta.url).href;

export interface LoadedTest {
  readonly id: string;
  readonly file: string;
  readonly isSkipped: boolean;
  readonly entry: Circus.TestEntry;
}

/** What became of a test: undefined where it passed. */
export interface Attempt {
  readonly ms: number;
  readonly failure: string | undefined;
  /** The test has gone over its limit, and may still be at work. */
  readonly isUnfinished: boolean;
}

/** The errors that a test let go, so that no `await` of it saw them. */
interface Loose {
  readonly errors: unknown[];
}

const owner = new AsyncLocalStorage<Loose>();
const loaded = new Map<string, Promise<readonly LoadedTest[]>>();
/** The `beforeAll` of each block of tests. They run once, as does all that a file does when it is loaded. */
const prepared = new Map<Circus.DescribeBlock, Promise<void>>();
let running: Loose | undefined;
let hasStrayErrors = false;

/** Has tests find this in place of Jest, and their loose errors fail them in place of the process. */
export function prepareForTests(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@jest/globals' ? { url: GLOBALS, shortCircuit: true } : next(specifier, context),
  });
  // The error of a test that is over changes nothing. One of unknown origin fails the test under way, for good measure.
  const onLoose = (error: unknown) => {
    const culprit = owner.getStore();
    hasStrayErrors ||= culprit === undefined;
    (culprit ?? running)?.errors.push(error);
  };
  process.on('uncaughtException', onLoose);
  process.on('unhandledRejection', onLoose);
}

/** Something failed outside of all tests, so that none is to be trusted from now on. */
export const isAstray = (): boolean => hasStrayErrors;

export const testFiles = (): readonly string[] =>
  globSync(FILES, { exclude: [LEFT_OUT] })
    .map(file => resolve(file))
    .sort();

/** The tests of a file, which is loaded the first time. One file at a time: Jest collects all tests in one place. */
export function testsIn(file: string): Promise<readonly LoadedTest[]> {
  const tests = loaded.get(file) ?? load(file);
  loaded.set(file, tests);
  return tests;
}

async function load(file: string): Promise<readonly LoadedTest[]> {
  resetState();
  await import(pathToFileURL(file).href);
  const { rootDescribeBlock, hasFocusedTests, unhandledErrors } = getState();
  if (hasFocusedTests || unhandledErrors.length > 0) {
    throw new Error(`${file}: ${hasFocusedTests ? 'only some tests are to run' : unhandledErrors.map(messageOf)}`);
  }
  const names = new Map<string, number>();
  return entriesOf(rootDescribeBlock).map(entry => {
    const path = [entry.name, ...blocksOf(entry).map(block => block.name)].slice(0, -1).reverse();
    const name = `${file.slice(process.cwd().length + 1)}: ${path.join(' ')}`;
    if (entry.failing || entry.concurrent || entry.fn.length > 0) {
      throw new Error(`${name}: neither test.failing nor test.concurrent nor a done callback works here`);
    }
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    const isSkipped = entry.mode === 'skip' || entry.mode === 'todo';
    return { id: count > 1 ? `${name} (${count})` : name, file, isSkipped, entry };
  });
}

/**
 * Runs a test, with all that goes before and after it, until it ends or goes over its limit.
 *
 * @param limit in milliseconds.
 * @param onStart is called once all is ready that tests share.
 */
export async function runTest({ entry }: LoadedTest, limit: number, onStart?: () => void): Promise<Attempt> {
  const blocks = blocksOf(entry).reverse();
  const loose: Loose = { errors: [] };
  const errors: unknown[] = [];
  const attempt = async (step: () => unknown) => {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  };
  await attempt(async () => {
    for (const block of blocks) await prepare(block);
  });
  onStart?.();
  running = loose;
  const began = now();
  const context = {};
  jestExpect.setState({
    assertionCalls: 0,
    expectedAssertionsNumber: null,
    isExpectingAssertions: false,
    suppressedErrors: [],
  });
  const work = owner.run(loose, async () => {
    const hooks = (type: Circus.Hook['type']) =>
      blocks.flatMap(block => block.hooks.filter(hook => hook.type === type));
    await attempt(async () => {
      for (const hook of hooks('beforeEach')) await call(hook.fn, context);
      if (errors.length === 0) await call(entry.fn, context);
    });
    for (const hook of hooks('afterEach')) await attempt(() => call(hook.fn, context));
    // Node tells of a promise that nobody handles once all that was due is done.
    await new Promise(done => setImmediate(done));
  });
  let timer: NodeJS.Timeout | undefined;
  const overrun = new Promise<boolean>(done => {
    timer = setTimeout(done, limit, true);
  });
  const isUnfinished = await Promise.race([work.then(() => false), overrun]);
  clearTimeout(timer);
  running = undefined;
  // Jest gives every file timers of its own, and mocks.
  jest.useRealTimers();
  jest.restoreAllMocks();
  const unmet = jestExpect.extractExpectedAssertionsErrors().map(({ error }) => error);
  const late = isUnfinished ? [`The test ran for longer than ${Math.round(limit)} ms.`] : [];
  const all = [...errors, ...loose.errors, ...unmet, ...late];
  return { ms: now() - began, failure: all.length > 0 ? all.map(messageOf).join('\n') : undefined, isUnfinished };
}

function prepare(block: Circus.DescribeBlock): Promise<void> {
  const run = async () => {
    for (const { type, fn } of block.hooks) {
      if (type === 'beforeAll') await call(fn, {});
    }
  };
  const ready = prepared.get(block) ?? run();
  prepared.set(block, ready);
  return ready;
}

/** Tests take no `done`, and neither do their hooks. */
const call = (fn: Circus.TestFn | Circus.HookFn, context: object): unknown =>
  (fn as (this: object) => unknown).call(context);

const entriesOf = (block: Circus.DescribeBlock): readonly Circus.TestEntry[] =>
  block.children.flatMap(child => (child.type === 'test' ? [child] : entriesOf(child)));

/** The blocks around a test, from the innermost to the file. */
function blocksOf(entry: Circus.TestEntry): Circus.DescribeBlock[] {
  const blocks: Circus.DescribeBlock[] = [];
  for (let block: Circus.DescribeBlock | undefined = entry.parent; block; block = block.parent) blocks.push(block);
  return blocks;
}

/** What an error says, and where it comes from. */
export const messageOf = (error: unknown): string => String((error as Error | undefined)?.stack ?? error);
