import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { dateShift, setDate, withFastTime } from './fast-time.ts';

/** How long the work took by each clock that the action reads, in milliseconds. */
async function time(work: () => Promise<unknown>): Promise<{ readonly date: number; readonly performance: number }> {
  const began = { date: Date.now(), performance: performance.now() };
  await work();
  return { date: Date.now() - began.date, performance: performance.now() - began.performance };
}

/** Keeps this thread from running, like a machine with more to do. */
const starve = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Milliseconds. */
const realSince = (began: bigint) => Number(process.hrtime.bigint() - began) / 1e6;

async function whileProcessRuns(work: () => Promise<unknown>): Promise<void> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
  await work();
  child.kill();
  await once(child, 'exit');
}

const aborted = (signal: AbortSignal) =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(signal.reason)));

test.each<readonly [string, (milliseconds: number) => Promise<unknown>]>([
  ['setTimeout', milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))],
  ['promisify(setTimeout)', promisify(setTimeout)],
  ['setTimeout of node:timers/promises', sleep],
  ['AbortSignal.timeout', milliseconds => aborted(AbortSignal.timeout(milliseconds))],
])('%s ends on time by every clock', async (_, wait) => {
  const took = await withFastTime({}, () => time(() => wait(2000)));
  for (const milliseconds of Object.values(took)) {
    expect(milliseconds).toBeGreaterThan(1990);
    expect(milliseconds).toBeLessThan(2500);
  }
});

test('timers end in the order of their ends', async () => {
  const ends: number[] = [];
  await withFastTime({}, () =>
    Promise.all(
      [430, 110, 420, 50, 410, 400].map(async end => {
        await new Promise(resolve => setTimeout(resolve, end));
        ends.push(end);
      }),
    ),
  );
  expect(ends).toEqual([50, 110, 400, 410, 420, 430]);
});

test('a limit is not over before work that a busy machine delays', async () => {
  await withFastTime({}, async () => {
    const limit = AbortSignal.timeout(1000);
    for (let step = 0; step < 10; step += 1) {
      starve(150);
      await new Promise(resolve => setImmediate(resolve));
    }
    expect(limit.aborted).toBe(false);
  });
});

test('time passes as fast as the slowest of several pieces of work allows', async () => {
  const began = process.hrtime.bigint();
  await withFastTime({ timeout: '1s' }, () =>
    whileProcessRuns(async () => {
      await withFastTime({}, () => sleep(100));
      await sleep(900);
    }),
  );
  expect(realSince(began)).toBeGreaterThan(450);
});

test('on Linux, time passes faster and faster while nothing but a timer can end the waiting', async () => {
  const began = process.hrtime.bigint();
  await withFastTime({ timeout: '1s' }, () => sleep(60_000));
  // At the rate of this limit, it would be half a minute.
  expect(process.platform !== 'linux' || realSince(began) < 15_000).toBe(true);
});

test('and not while a process of this process works', async () => {
  const began = process.hrtime.bigint();
  await withFastTime({}, () => whileProcessRuns(() => sleep(20_000)));
  expect(realSince(began)).toBeGreaterThan(300);
});

test('a timer that was stopped does not end, and one that was refreshed ends later', async () => {
  await withFastTime({}, async () => {
    const ended: string[] = [];
    const stopped = setTimeout(() => ended.push('stopped'), 50);
    const refreshed = setTimeout(() => ended.push('refreshed'), 80);
    await sleep(40);
    clearTimeout(stopped);
    refreshed.refresh();
    await sleep(70);
    expect(ended).toEqual([]);
    await sleep(20);
    expect(ended).toEqual(['refreshed']);
  });
});

test('sleeping ends when it is aborted, as it really does', async () => {
  const controller = new AbortController();
  await withFastTime({}, async () => {
    const asleep = sleep(5000, undefined, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('cancelled')), 10);
    await expect(asleep).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORT_ERR',
      cause: { message: 'cancelled' },
    });
  });
});

test('a timer that was started in fast time ends in real time after it', async () => {
  const ended = await withFastTime({}, async () => {
    const left = new Promise<string>(resolve => setTimeout(resolve, 30, 'ended'));
    return () => left;
  });
  expect(await ended()).toBe('ended');
});

test('the date can be moved, runs on from there, and can be moved back', async () => {
  const before = Date.now();
  setDate(Date.parse('2030-05-06T07:08:09Z'));
  const took = await withFastTime({}, () => time(() => sleep(500)));
  expect(took.date).toBeGreaterThan(490);
  expect(new Date().toISOString()).toMatch(/^2030-05-06T07:08:/u);
  expect(dateShift()).toBeGreaterThan(Date.parse('2030-01-01T00:00:00Z') - before);
  setDate(undefined);
  expect(dateShift()).toBe(0);
  expect(Date.now() - before).toBeLessThan(60_000);
});
