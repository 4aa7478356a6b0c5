/**
 * Makes time pass faster in this process while a step in it waits, so that a test does not wait as long as the action
 * does. Timers, clocks and sleeping agree, for the action and for the servers that it talks to.
 */
import { syncBuiltinESMExports } from 'node:module';
import type { TimerOptions } from 'node:timers';
import timers from 'node:timers/promises';
import { promisify } from 'node:util';
import { FastClock, FastTimer } from './fast-clock.ts';

/** How many times as fast time passes at most while the process waits. */
const FASTEST = 30;
/** How many times at most for each second of a limit, so that a limit of a second is half a second of waiting. */
const FASTEST_PER_SECOND = 2;
/** And however short a limit is. */
const SLOWEST = 2;

/** What the action loads when it needs it. */
const LOADED_LATER = [
  ...['audit', 'delete', 'ensure', 'fleet', 'sweep'].flatMap(mode => [`modes/${mode}/run`, `modes/${mode}/summary`]),
  ...['step', 'modes/revoke', 'report/summary', 'github/github', 'github/seal'],
];

/** One for each piece of work that runs now. Time passes as fast as the slowest one allows. */
const rates = new Set<{ readonly times: number }>();

type Global = typeof globalThis & {
  setTimeRate?: (times: number) => void;
  setDate?: (time: number | undefined) => void;
  dateShift?: () => number;
};

/**
 * Does something while time passes fast, but less so if a limit is short.
 *
 * @param inputs those of the step, which contain its limits.
 */
export async function withFastTime<Result>(
  inputs: Readonly<Record<string, string>>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { setTimeRate } = globalThis as Global;
  // To load code the first time takes long, and would count as many times, too.
  await Promise.all(LOADED_LATER.map(file => import(`../../src/${file}.ts`)));
  const limits = [inputs.timeout, inputs['request-timeout']].map(secondsOf);
  const most = Math.min(...limits.map(seconds => seconds * FASTEST_PER_SECOND), FASTEST);
  const rate = { times: Math.max(most, SLOWEST) };
  const update = () => setTimeRate?.(rates.size > 0 ? Math.min(...[...rates].map(({ times }) => times)) : 1);
  rates.add(rate);
  update();
  try {
    return await work();
  } finally {
    rates.delete(rate);
    update();
  }
}

/** The seconds of a limit that is written in seconds. Others are long enough. */
export const secondsOf = (limit: string | undefined): number =>
  Number(/^(?:PT)?([\d.]+)s$/iu.exec(limit ?? '')?.[1] ?? Number.POSITIVE_INFINITY);

/**
 * Makes `Date` show another time in this process, and run on from there. Servers that run here go by it as well.
 *
 * @param time undefined: the time that it really is.
 */
export const setDate = (time: number | undefined): void => (globalThis as Global).setDate?.(time);

/** How many milliseconds this process is ahead of the real time, if `setDate` moved its time. */
export const dateShift = (): number => (globalThis as Global).dateShift?.() ?? 0;

/** Lets `withFastTime` and `setDate` control the time of all code that uses this global object. */
export function controlTimeOf(scope: Global): void {
  const { setTimeout, clearTimeout, performance, AbortSignal, Date: RealDate } = scope;
  const { timeout } = AbortSignal;
  const sleep = timers.setTimeout;
  const clock = new FastClock();
  let shift = 0;
  // From one clock, because the difference of two can make a date go back by a millisecond.
  let started = RealDate.now() - clock.now();
  const date = () => Math.floor(started + clock.now()) + shift;

  const start = (callback: (...rest: unknown[]) => void, delay = 1, ...rest: unknown[]) =>
    clock.isFast ? clock.startTimer(() => callback(...rest), delay) : setTimeout(callback, delay, ...rest);
  const stop = (timer: Parameters<typeof clearTimeout>[0] | FastTimer) =>
    timer instanceof FastTimer ? void timer.close() : clearTimeout(timer);
  const sleepFast = <Value>(delay = 1, value?: Value, options: TimerOptions = {}): Promise<Value> => {
    const { signal, ref = true } = options;
    if (!clock.isFast || signal?.aborted) {
      return sleep(delay, value as Value, options);
    }
    return new Promise(resolve => {
      const timer = clock.startTimer(() => end(value as Value), delay);
      if (!ref) {
        timer.unref();
      }
      const abort = () => {
        timer.close();
        end(sleep(0, value as Value, options)); // rejects, because it is aborted
      };
      const end = (result: Value | Promise<Value>) => {
        signal?.removeEventListener('abort', abort);
        resolve(result);
      };
      signal?.addEventListener('abort', abort);
    });
  };

  scope.setTimeout = Object.assign(start, setTimeout, { [promisify.custom]: sleepFast }) as typeof setTimeout;
  scope.clearTimeout = stop as typeof clearTimeout;
  scope.Date = new Proxy(RealDate, {
    construct: (from, given, as) => Reflect.construct(from, given.length > 0 ? given : [date()], as),
    get: (from, key) => (key === 'now' ? date : Reflect.get(from, key)),
  });
  performance.now = () => clock.now();
  AbortSignal.timeout = delay => {
    const real = timeout.call(AbortSignal, delay); // rejects what is no delay
    if (!clock.isFast) {
      return real;
    }
    const controller = new AbortController();
    const abort = () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    clock.startTimer(abort, delay).unref();
    return controller.signal;
  };
  timers.setTimeout = sleepFast;
  syncBuiltinESMExports();

  scope.setTimeRate = times => clock.run(times);
  // With what this process is ahead by anyway: another process must show the same time.
  scope.dateShift = () => (shift === 0 ? 0 : date() - RealDate.now());
  scope.setDate = time => {
    if (time === undefined) {
      started = RealDate.now() - clock.now();
      shift = 0;
    } else {
      shift += time - date();
    }
  };
}
