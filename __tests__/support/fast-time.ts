/**
 * Makes time pass faster in this process while a step runs in it, so that a test does not wait as long as the action
 * does. Timers, clocks and sleeping agree, for the action and for the servers that it talks to.
 */
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** How many times as fast time passes at most. The time that the action really needs counts as many times, too. */
const FASTEST = 10;

/** What the action loads when it needs it. */
const LOADED_LATER = [
  ...['audit', 'delete', 'ensure', 'fleet', 'sweep'].flatMap(mode => [`modes/${mode}/run`, `modes/${mode}/summary`]),
  ...['step', 'modes/revoke', 'report/summary', 'github/github', 'github/seal'],
];

type Global = typeof globalThis & { setTimeRate?: (times: number) => void };

/**
 * Does something while time passes fast, but not so fast that a limit of a second is over in less than half a second.
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
  const limits = [inputs.timeout, inputs['request-timeout']].map(limit => /^(\d+)s$/u.exec(limit ?? '')?.[1]);
  setTimeRate?.(Math.min(...limits.map(seconds => Number(seconds ?? FASTEST) * 2), FASTEST));
  try {
    return await work();
  } finally {
    setTimeRate?.(1);
  }
}

/**
 * Lets `withFastTime` control the time of all code that uses this global object.
 *
 * @returns what undoes it for objects that other global objects share.
 */
export function controlTimeOf(scope: Global): () => void {
  const { setTimeout, performance, AbortSignal, Date: RealDate } = scope;
  const { timeout } = AbortSignal;
  const now = performance.now.bind(performance);
  const sleep = timers.setTimeout;
  let rate = 1;
  let ahead = 0;
  let since = now();

  /** How much more time has passed than really did, in milliseconds. */
  const lead = () => ahead + (now() - since) * (rate - 1);
  const delayOf = (milliseconds = 0) => Math.ceil(milliseconds / rate);
  const date = () => RealDate.now() + Math.floor(lead());

  const faster = (callback: (...rest: unknown[]) => void, delay: number, ...rest: unknown[]) =>
    setTimeout(callback, delayOf(delay), ...rest);
  scope.setTimeout = Object.assign(faster, setTimeout);
  scope.Date = new Proxy(RealDate, {
    construct: (from, given, as) => Reflect.construct(from, given.length > 0 ? given : [date()], as),
    get: (from, key) => (key === 'now' ? date : Reflect.get(from, key)),
  });
  performance.now = () => now() + lead();
  AbortSignal.timeout = delay => timeout.call(AbortSignal, delayOf(delay));
  timers.setTimeout = ((delay, value, options) => sleep(delayOf(delay), value, options)) as typeof sleep;
  syncBuiltinESMExports();

  scope.setTimeRate = times => {
    ahead = lead();
    since = now();
    rate = times;
  };
  return () => {
    performance.now = now;
    AbortSignal.timeout = timeout;
    timers.setTimeout = sleep;
    syncBuiltinESMExports();
  };
}
