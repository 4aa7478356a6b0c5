import { describe, expect, test } from '@jest/globals';
import { LearnedPace } from '../../src/http/learned-pace.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Answers a request at a time: undefined if it accepts it, or else the milliseconds to wait. */
type Server = (now: number) => number | undefined;

/** A server that accepts so many requests in each window of its own clock. */
function fixedWindow(requests: number, window: number, offset = 0): Server {
  const used = new Map<number, number>();
  return now => {
    const index = Math.floor((now + offset) / window);
    const count = used.get(index) ?? 0;
    if (count >= requests) {
      return Math.ceil(((index + 1) * window - offset - now) / SECOND) * SECOND;
    }
    used.set(index, count + 1);
    return undefined;
  };
}

/** A server that accepts so many requests in any window. */
function slidingWindow(requests: number, window: number): Server {
  let accepted: number[] = [];
  return now => {
    accepted = accepted.filter(at => at > now - window);
    if (accepted.length >= requests) {
      return Math.ceil(((accepted[0] ?? now) + window - now) / SECOND) * SECOND;
    }
    accepted.push(now);
    return undefined;
  };
}

/**
 * Workers that send one request after the other through a pace. Time passes in steps of a millisecond, and stands still
 * while nothing happens.
 */
function send(total: number, server: Server, { workers = 16, latency = 50, hides = false } = {}) {
  const pace = new LearnedPace();
  const starts: number[] = [];
  const refused: number[] = [];
  let [now, done, pausedUntil] = [1, 0, 0];
  /** When each worker is free, and what its request is answered. */
  const busy = Array.from({ length: workers }, () => ({
    until: 0,
    startedAt: 0,
    answer: undefined as number | undefined,
  }));
  while (done < total) {
    for (const worker of busy) {
      if (worker.startedAt > 0 && worker.until <= now) {
        if (worker.answer === undefined) {
          done += 1;
          pace.accept();
        } else {
          refused.push(now);
          const wait = pace.refuse(worker.startedAt, now, hides ? undefined : worker.answer);
          pausedUntil = Math.max(pausedUntil, now + wait);
        }
        worker.startedAt = 0;
      }
      if (worker.startedAt === 0 && now >= pausedUntil && pace.left(now) <= 0) {
        pace.start(now);
        starts.push(now);
        worker.startedAt = now;
        worker.until = now + latency;
        worker.answer = server(now);
      }
    }
    const next = Math.min(
      ...busy.map(worker => (worker.startedAt > 0 ? worker.until : Math.max(pausedUntil, now + pace.left(now)))),
    );
    now = Math.max(now + 1, next);
  }
  return { starts, refused: refused.length, took: now, refusedAt: refused };
}

describe('a server without a limit', () => {
  test('gets every request at once', () => {
    const { refused, took } = send(3200, () => undefined);
    expect({ refused, took }).toEqual({ refused: 0, took: (3200 / 16 + 1) * 50 + 1 });
  });
});

describe('a server that allows 100 requests a minute', () => {
  test.each<readonly [string, () => Server]>([
    ['in fixed windows', () => fixedWindow(100, MINUTE)],
    ['in fixed windows that begin shortly after the run', () => fixedWindow(100, MINUTE, 59 * SECOND)],
    ['in fixed windows that began long before the run', () => fixedWindow(100, MINUTE, 20 * SECOND)],
    ['in any window', () => slidingWindow(100, MINUTE)],
  ])('%s refuses at most 2 %% of them, and is used', (_, server) => {
    const total = 4000;
    const { refused, took } = send(total, server());
    expect(refused / total).toBeLessThanOrEqual(0.02);
    expect(took).toBeLessThan((total / 100) * MINUTE * 1.15);
  });

  test('and does not say how long to wait, gets them all the same', () => {
    const total = 1000;
    const { refused, took } = send(total, fixedWindow(100, MINUTE), { hides: true });
    expect(refused / total).toBeLessThanOrEqual(0.1);
    expect(took).toBeLessThan((total / 100) * MINUTE * 2);
  });
});

test.each([
  [10, SECOND],
  [50, 5 * SECOND],
  [1000, MINUTE],
  [5000, 60 * MINUTE],
])('a server that allows %d requests in %d ms refuses few of them', (requests, window) => {
  const total = Math.max(requests * 20, 2000);
  const { refused } = send(total, fixedWindow(requests, window));
  expect(refused / total).toBeLessThanOrEqual(0.03);
});

test('the speed returns once the server accepts everything again', () => {
  const limited = fixedWindow(100, 5 * SECOND);
  const { starts } = send(60_000, now => (now < MINUTE ? limited(now) : undefined));
  const in10Seconds = (from: number) => starts.filter(at => at >= from && at < from + 10 * SECOND).length;
  expect(in10Seconds(40 * SECOND)).toBeLessThan(300);
  expect(in10Seconds(2 * MINUTE)).toBeGreaterThan(3000);
});

test('requests that were under way when the server refused the first one make nothing slower', () => {
  const pace = new LearnedPace();
  for (let now = 1; now <= 100; now += 1) {
    pace.start(now);
    pace.accept();
  }
  pace.refuse(90, 101, 1000);
  const { perMinute } = pace;
  for (let startedAt = 91; startedAt <= 100; startedAt += 1) pace.refuse(startedAt, startedAt + 100, 30 * SECOND);
  expect({ perMinute: pace.perMinute, left: pace.left(201) }).toEqual({ perMinute, left: 900 });
});

test('a server that does not say how long to wait is waited for twice as long, until it accepts a request', () => {
  const pace = new LearnedPace();
  expect([10, 20, 30].map(now => pace.refuse(now, now))).toEqual([SECOND, 2 * SECOND, 4 * SECOND]);
  pace.accept();
  expect(pace.refuse(40, 40)).toBe(SECOND);
});
