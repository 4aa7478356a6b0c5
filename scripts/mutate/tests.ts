/** Loads unchanged test files, and runs one test at a time like Jest, in this process. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jestExpect } from '@jest/expect';
import type { Circus } from '@jest/types';
import * as circus from 'jest-circus';
import { controlTimeOf } from '../../__tests__/support/fast-time.ts';
import { defineIn, jest, replaceJestGlobals } from '../test/globals.ts';

// Saved before a test replaces them with fakes.
const { clearTimeout, setImmediate, setTimeout } = globalThis;
const now = performance.now.bind(performance);

/** The tests that run what they test in their own process. Others run the bundle, which contains no mutants. */
const FILES = [
  '__tests__/{github,http,inputs,model,modes,plan,redaction,vantage}/**/*.test.ts',
  '__tests__/{access-token,audit,create-secret,delete,delivery,ensure,fleet}.test.ts',
  '__tests__/{outputs,post,preview,refused-inputs,rotation,sweep}.test.ts',
];
/** They measure time, which says nothing while other mutants are tried. */
const LEFT_OUT = '__tests__/http/linear-time.test.ts';

export interface LoadedTest {
  readonly id: string;
  readonly file: string;
  readonly isSkipped: boolean;
  readonly entry: Circus.TestEntry;
}

/** The result of a test: undefined if it passed. */
export interface Attempt {
  readonly ms: number;
  readonly failure: string | undefined;
  /** The test has exceeded its limit, and may still be running. */
  readonly isUnfinished: boolean;
}

/** The errors that a test did not await. */
interface Loose {
  readonly errors: unknown[];
}

const owner = new AsyncLocalStorage<Loose>();
const loaded = new Map<string, Promise<readonly LoadedTest[]>>();
/** The `beforeAll` hooks of each block of tests. They run once, like everything that a file does when it is loaded. */
const prepared = new Map<Circus.DescribeBlock, Promise<void>>();
let running: Loose | undefined;
let hasStrayErrors = false;

/** Makes tests import this instead of Jest, and makes their unhandled errors fail them instead of the process. */
export function prepareForTests(): void {
  defineIn(circus);
  replaceJestGlobals();
  controlTimeOf(globalThis);
  // The error of a test that has ended changes nothing. An error of unknown origin fails the current test, to be safe.
  const onLoose = (error: unknown) => {
    const culprit = owner.getStore();
    hasStrayErrors ||= culprit === undefined;
    (culprit ?? running)?.errors.push(error);
  };
  process.on('uncaughtException', onLoose);
  process.on('unhandledRejection', onLoose);
}

/** Something failed outside of all tests, so no result can be trusted from now on. */
export const isAstray = (): boolean => hasStrayErrors;

export const testFiles = (): readonly string[] =>
  globSync(FILES, { exclude: [LEFT_OUT] })
    .map(file => resolve(file))
    .sort();

/**
 * The tests of a file, which is loaded the first time. One file at a time, because Jest collects all tests in one
 * place.
 */
export function testsIn(file: string): Promise<readonly LoadedTest[]> {
  const tests = loaded.get(file) ?? load(file);
  loaded.set(file, tests);
  return tests;
}

async function load(file: string): Promise<readonly LoadedTest[]> {
  circus.resetState();
  await import(pathToFileURL(file).href);
  const { rootDescribeBlock, hasFocusedTests, unhandledErrors } = circus.getState();
  if (hasFocusedTests || unhandledErrors.length > 0) {
    throw new Error(`${file}: ${hasFocusedTests ? 'only some tests are to run' : unhandledErrors.map(messageOf)}`);
  }
  const names = new Map<string, number>();
  return entriesOf(rootDescribeBlock).map(entry => {
    const path = [entry.name, ...blocksOf(entry).map(block => block.name)].slice(0, -1).reverse();
    const name = `${file.slice(process.cwd().length + 1)}: ${path.join(' ')}`;
    if (entry.failing || entry.concurrent || entry.fn.length > 0) {
      throw new Error(`${name}: test.failing, test.concurrent and done callbacks are not supported here`);
    }
    const count = (names.get(name) ?? 0) + 1;
    names.set(name, count);
    const isSkipped = entry.mode === 'skip' || entry.mode === 'todo';
    return { id: count > 1 ? `${name} (${count})` : name, file, isSkipped, entry };
  });
}

/**
 * Runs a test with its hooks, until it ends or exceeds its limit.
 *
 * @param limit in milliseconds.
 * @param onStart is called when everything that tests share is ready.
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
    // Node reports an unhandled rejection only after all pending callbacks.
    await new Promise(done => setImmediate(done));
  });
  let timer: NodeJS.Timeout | undefined;
  const overrun = new Promise<boolean>(done => {
    timer = setTimeout(done, limit, true);
  });
  const isUnfinished = await Promise.race([work.then(() => false), overrun]);
  clearTimeout(timer);
  running = undefined;
  // Jest gives every file its own timers and mocks.
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

/** Tests and their hooks accept no `done` callback. */
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
