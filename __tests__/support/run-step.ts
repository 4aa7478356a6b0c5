import path from 'node:path';
import * as core from '@actions/core';
import { context } from '@actions/github';
import { expect } from '@jest/globals';
import {
  type ActionRun,
  type ActionRunOptions,
  type Executed,
  type PreparedStep,
  runAction,
} from '../../emulator/runner.ts';
import { main } from '../../src/main.ts';
import { post } from '../../src/post.ts';
import { ActionsRunner } from '../../src/runner/actions-runner.ts';
import { clockAhead } from './clock.ts';
import { dateShift, secondsOf, withFastTime } from './fast-time.ts';

/** The script of the post step. */
export const POST = path.resolve(import.meta.dirname, '..', '..', 'dist', 'post.js');

/** One step in this many is executed in a process, so that every table has rows that show what the bundle does. */
const PROCESS_ONE_IN = 10;

/**
 * The seconds that a limit must leave a process, whose time passes although a busy machine keeps it or its servers from
 * running.
 */
const LEAST_LIMIT = 5;

/** Read once in a process: by Node when it starts, or by @actions/github when it is loaded. */
const READ_AT_START = /^NODE_|_PROXY$|^GITHUB_EVENT_PATH$/iu;

/** How long a busy machine can keep a process from running, in milliseconds. */
const MOST_DELAY = 5000;

/** A step that has ended. */
export interface StepRun extends ActionRun {
  /** How much longer than its work it may have taken. A step in the process of the test waits for no other process. */
  readonly delayMs: number;
  /** When its work ended, in milliseconds since 1970. What it left is read after that. */
  readonly endedAt: number;
}

let isBusy = false;
/** How many steps the test of that name has run. */
const counted = { test: '', steps: 0 };

/**
 * Runs the action as a step: in the process of the test, which takes a tenth of the time, or in a process of its own as
 * a runner does. The result is the same. A process it is for what only a process shows, for a step that starts while
 * another one runs here, and for one step in ten without short limits, chosen by the name of the test and the number of
 * the step.
 */
export async function runStep(options: ActionRunOptions): Promise<StepRun> {
  if (isBusy || needsProcess(options) || (isInSample() && !hasShortLimit(options))) {
    const shift = dateShift();
    const clock = shift === 0 ? {} : { NODE_OPTIONS: clockAhead(shift) };
    const run = await runAction({ ...options, env: { ...clock, ...options.env } });
    return { ...run, delayMs: MOST_DELAY, endedAt: Date.now() };
  }
  isBusy = true;
  try {
    let endedAt = Number.NaN;
    const execute = (prepared: PreparedStep) =>
      executeHere(prepared, () => {
        endedAt = Date.now();
      });
    return { ...(await runAction(options, execute)), delayMs: 0, endedAt };
  } finally {
    isBusy = false;
  }
}

function needsProcess({ entry, inputs = {}, env = {}, user, onStart, timeoutMs }: ActionRunOptions): boolean {
  return (
    (entry !== undefined && entry !== POST) ||
    // Node's own errors of TLS look different in a test.
    /^https:\/\/(?:localhost|127\.)/u.test(inputs['base-url'] ?? '') ||
    [user, onStart, timeoutMs].some(option => option !== undefined) ||
    Object.keys(env).some(name => READ_AT_START.test(name))
  );
}

/** The same steps on every run and every machine. None for a mutant, which is only in this process: it runs without Jest. */
function isInSample(): boolean {
  const { currentTestName: test } = expect.getState();
  if (test === undefined) {
    return false;
  }
  Object.assign(counted, { test, steps: counted.test === test ? counted.steps + 1 : 1 });
  const sum = [...`${test} ${counted.steps}`].reduce(
    (hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0,
    7,
  );
  return sum % PROCESS_ONE_IN === 0;
}

function hasShortLimit({ inputs = {} }: ActionRunOptions): boolean {
  return [inputs.timeout, inputs['request-timeout']].some(limit => secondsOf(limit) < LEAST_LIMIT);
}

/** Executes a step in this process, as `src/index.ts` does in a process of its own. */
async function executeHere({ entry, env, options, log }: PreparedStep, onEnd: () => void): Promise<Executed> {
  const own = { env: process.env, exitCode: process.exitCode };
  let stdout = '';
  process.env = { ...env };
  process.exitCode = undefined;
  const runner = new ActionsRunner((...lines) => {
    const text = lines.map(line => `${line}\n`).join('');
    stdout += Buffer.from(text).toString(); // what no encoding can represent arrives changed, as through a pipe
  });
  try {
    startAnew();
    const step = entry === POST ? post : main;
    await withFastTime(options.inputs ?? {}, () => step(runner, new AbortController().signal).finally(onEnd));
    return { exitCode: Number(process.exitCode ?? 0), signal: null, stdout, stderr: '' };
  } finally {
    process.exitCode = own.exitCode;
    process.env = own.env;
    for (const line of stdout.split(/\r?\n/u).slice(0, -1)) {
      log.take(line);
    }
  }
}

/** What @actions/github and @actions/core read once in a process. */
function startAnew(): void {
  Object.assign(context, new (context.constructor as new () => typeof context)());
  core.summary.emptyBuffer();
  Object.assign(core.summary, { _filePath: undefined });
}
