/**
 * A test runner for Stryker that loads each test once, and not once per mutant. For a mutant, it runs the tests that
 * reach it, the fastest first, until one fails. All mutants of a worker share its process, so one mutant can leave a
 * state in which a test of the next one fails, which would count as noticed. So a failure counts only if the mutant
 * provably caused it. If that is not certain, the runner throws an error, and Stryker tries the mutant again in a new
 * process.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext, type MutantCoverage } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import {
  type Attempt,
  isAstray,
  type LoadedTest,
  messageOf,
  prepareForTests,
  runTest,
  testFiles,
  testsIn,
} from './tests.ts';

/** What the first run of all tests passes to the workers, in the sandbox that they share. */
const NOTES = '.stryker-tests.json';
/** The maximum duration of a test in the first run, in milliseconds. */
const FIRST_LIMIT = 60_000;
/** What the tests for a mutant may have taken together in the first run, in milliseconds. */
const TIME_FOR_A_MUTANT = 12_000;
/** How many mutants before and after a mutant, in the order of the code, are around it. */
const NEAR = 25;
/** A test that reaches no more mutated files than this is about one of them. */
const FEW = 3;
const NOT_RUN = { ms: 0, failure: undefined };

/** A test in the first run. */
interface Note {
  readonly id: string;
  readonly file: string;
  /** The index of the test in its file. */
  readonly index: number;
  readonly ms: number;
  /** The mutated files that it reaches, and the mutants in them. */
  readonly reaches: Readonly<Record<string, readonly string[]>>;
}

type Context = { [Key in keyof InstrumenterContext]: InstrumenterContext[Key] | undefined };

const scope = globalThis as { [INSTRUMENTER_CONSTANTS.NAMESPACE]?: Context };
scope.__stryker__ ??= {};
const stryker = scope.__stryker__;
let notes: readonly Note[] | undefined;

class InProcessRunner implements TestRunner {
  /** No mutant has run in this process yet, so any failure is caused by the first one. */
  #isFresh = true;
  /** A test may still be running. */
  #isSpent = false;

  /** A module is loaded once per process, so a mutant of code that runs then needs its own process. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    enableCompileCache('.stryker-compiled');
    prepareForTests();
    // The same random values for every mutant, so that a failure can be repeated.
    fc.configureGlobal({ seed: 2027 });
  }

  async dryRun({ files = [], testFiles: chosen }: DryRunOptions): Promise<DryRunResult> {
    this.#isFresh = false;
    const tests: TestResult[] = [];
    const passed: Omit<Note, 'reaches'>[] = [];
    // What a module does when it is loaded belongs to no test, although the action loads some in the middle of one.
    for (const file of files) await import(pathToFileURL(file).href);
    for (const file of chosen ?? testFiles()) {
      for (const [index, test] of (await testsIn(file)).entries()) {
        // What tests share is not assigned to a single test: Stryker counts it as reached by all.
        const onStart = () => {
          stryker.currentTestId = test.id;
        };
        const { ms, failure } = test.isSkipped ? NOT_RUN : await runTest(test, FIRST_LIMIT, onStart);
        delete stryker.currentTestId;
        const result = { id: test.id, name: test.id, fileName: file, timeSpentMs: ms };
        if (failure !== undefined) tests.push({ ...result, status: TestStatus.Failed, failureMessage: failure });
        else tests.push({ ...result, status: test.isSkipped ? TestStatus.Skipped : TestStatus.Success });
        if (failure === undefined && !test.isSkipped) passed.push({ id: test.id, file, index, ms });
      }
    }
    const mutantCoverage = stryker.mutantCoverage ?? { static: {}, perTest: {} };
    writeFileSync(NOTES, JSON.stringify(notesOf(passed, mutantCoverage.perTest, files)));
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    if (this.#isSpent || isAstray()) {
      throw new Error('It is not certain what failed, because of a test before this mutant.');
    }
    const { activeMutant, disableBail, hitLimit, sandboxFileName, testFilter } = options;
    stryker.hitLimit = hitLimit;
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    const results: TestResult[] = [];
    let unloaded: unknown;
    try {
      for (const { id, file, index, ms } of testsFor(sandboxFileName, activeMutant.id, testFilter)) {
        // Activated before its file is loaded, for mutants that are not reached later.
        activate(activeMutant.id);
        const tests = await testsIn(file).catch(error => {
          unloaded = error;
          return [];
        });
        // Tests that are generated from what the mutant changes may have other names, or be fewer.
        const test = tests.find(one => one.id === id) ?? tests[index];
        if (!test) continue;
        const failure = await this.#failure(test, ms, options);
        const hit = determineHitLimitReached(stryker.hitCount, hitLimit);
        if (hit) return toMutantRunResult(hit);
        const result = { id, name: id, fileName: file, timeSpentMs: ms };
        if (failure === undefined) results.push({ ...result, status: TestStatus.Success });
        else results.push({ ...result, status: TestStatus.Failed, failureMessage: failure });
        if (this.#isSpent || (failure !== undefined && !disableBail)) break;
      }
    } finally {
      activate(undefined);
      this.#isFresh = false;
    }
    const isNoticed = results.some(({ status }) => status === TestStatus.Failed);
    return unloaded === undefined || isNoticed
      ? toMutantRunResult({ status: DryRunStatus.Complete, tests: results }, disableBail)
      : { status: MutantRunStatus.Error, errorMessage: messageOf(unloaded) };
  }

  /** How a test fails for a mutant: repeatedly while the mutant is active, and only then. */
  async #failure(test: LoadedTest, ms: number, { activeMutant, hitLimit = Infinity }: MutantRunOptions) {
    const run = async (mutant: string | undefined): Promise<Attempt> => {
      activate(mutant);
      // A process needs longer for what it does for the first time.
      const attempt = await runTest(test, 5 * ms + (this.#isFresh ? 5000 : 2000));
      this.#isSpent ||= attempt.isUnfinished;
      return attempt;
    };
    const { failure, isUnfinished } = await run(activeMutant.id);
    if (failure === undefined || Number(stryker.hitCount) > hitLimit) {
      return failure;
    }
    if (!isUnfinished && (await run(undefined)).failure === undefined) {
      return (await run(activeMutant.id)).failure;
    }
    if (!this.#isFresh) {
      throw new Error(`It is not certain what failed: ${failure}`);
    }
    this.#isSpent = true;
    return failure;
  }
}

/** Activates a mutant, here and in the processes that a test starts. */
function activate(mutant: string | undefined): void {
  stryker.activeMutant = mutant;
  if (mutant === undefined) delete process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE];
  else process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE] = mutant;
}

function notesOf(
  passed: readonly Omit<Note, 'reaches'>[],
  perTest: MutantCoverage['perTest'],
  mutated: readonly string[],
): readonly Note[] {
  const mutants = mutated.map(file => ({
    file,
    ids: [...readFileSync(file, 'utf8').matchAll(/stryMutAct_\w+\("(\d+)"\)/gu)].map(([, id = '']) => id),
  }));
  return passed.map(test => {
    const covered = perTest[test.id] ?? {};
    const reached = mutants.map(({ file, ids }) => [file, ids.filter(mutant => mutant in covered)] as const);
    return { ...test, reaches: Object.fromEntries(reached.filter(([, ids]) => ids.length > 0)) };
  });
}

/**
 * The tests to run for a mutant, as far as there is time for them. A mutant that all tests reach would take minutes to
 * survive. So the score is what the tests notice at least.
 *
 * First the tests that reach little else than the file of the mutant. Then the others, in rounds: those of a round
 * together reach everything around the mutant that any test reaches.
 */
function* testsFor(mutated: string, mutant: string, chosen: readonly string[] | undefined): Generator<Note> {
  notes ??= JSON.parse(readFileSync(NOTES, 'utf8')) as Note[];
  const filter = chosen && new Set(chosen);
  const all = notes.filter(({ id, file }) => !filter || filter.has(id) || filter.has(file)).sort(byDuration);
  const isAbout = ({ reaches }: Note) => mutated in reaches && Object.keys(reaches).length <= FEW;
  function* inOrder() {
    yield* all.filter(isAbout);
    yield* inRounds(
      all.filter(note => !isAbout(note)),
      mutated,
      mutant,
    );
  }
  let left = TIME_FOR_A_MUTANT;
  for (const note of inOrder()) {
    if (note.ms > left) continue;
    left -= note.ms;
    yield note;
  }
}

/** Each round begins with the test that reaches most around the mutant in its time. */
function* inRounds(tests: readonly Note[], mutated: string, mutant: string): Generator<Note> {
  // Many tests reach the same.
  const groups = new Map<string, { readonly ids: readonly string[]; readonly tests: Note[] }>();
  for (const test of tests) {
    const ids = (test.reaches[mutated] ?? []).filter(id => Math.abs(Number(id) - Number(mutant)) <= NEAR);
    const group = groups.get(ids.join()) ?? { ids, tests: [] };
    groups.set(ids.join(), group);
    group.tests.push(test);
  }
  const reached = new Set<string>();
  while (groups.size > 0) {
    const gains = [...groups].map(
      ([
        key,
        {
          ids,
          tests: [first],
        },
      ]) => {
        const gain = ids.filter(id => !reached.has(id)).length / Math.max(first?.ms ?? 0, 1);
        return { key, gain };
      },
    );
    const { key, gain } = gains.reduce((best, one) => (one.gain > best.gain ? one : best));
    const group = groups.get(key);
    if (gain === 0 && reached.size > 0) {
      reached.clear();
      continue;
    }
    const next = group?.tests.shift();
    if (next) yield next;
    if (!group?.tests.length) groups.delete(key);
    for (const id of group?.ids ?? []) reached.add(id);
  }
}

const byDuration = (one: Note, other: Note) => one.ms - other.ms;

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner)];
