import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pacer, timeUntilLast } from '../../src/github/rate-limits.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import type { PreparedTarget, ResolvedScope } from '../../src/model/prepared-target.ts';
import { assertTimeToWrite, countWrites } from '../../src/modes/ensure/rotate.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A number of secrets of one place. */
function prepared(line: string, count: number, resolved: Omit<ResolvedScope, 'scope'> = {}): readonly PreparedTarget[] {
  const target = parseTarget(line, 'octo-org/octo-repo', 'NAME');
  if (typeof target === 'string') {
    throw new Error(target);
  }
  const found = { scope: target.scope, ...resolved };
  return Array.from({ length: count }, () => ({ target, resolved: found }));
}

const KEY = { key: { id: '1', value: '' } };

test.each([
  [0, 0],
  [1, 0],
  [70, 0],
  [71, MINUTE],
  [72, MINUTE + 858],
  [140, MINUTE + 69 * 858],
  [141, 2 * MINUTE],
  [450, 6 * MINUTE + 29 * 858],
  [451, HOUR],
  [452, HOUR + 8000],
  [900, 2 * HOUR - 8000],
  [901, 2 * HOUR],
])('the last of %d writes starts after %d ms', (writes, time) => {
  expect(timeUntilLast(writes)).toBe(time);
});

describe('the pace', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('is one that GitHub accepts, and as fast as it is calculated', async () => {
    const paced = pacer({ signal: new AbortController().signal, remaining: () => HOUR });
    const began = Date.now();
    const at: number[] = [];
    const all = (async () => {
      for (let write = 0; write < 1000; write += 1) {
        await paced(async () => at.push(Date.now() - began));
      }
    })();
    await jest.advanceTimersByTimeAsync(3 * HOUR);
    await all;
    const most = (window: number) => Math.max(...at.map(from => at.filter(t => t >= from && t < from + window).length));
    expect(most(MINUTE)).toBe(70);
    expect(most(HOUR)).toBe(450);
    const late = at.map((time, index) => time - timeUntilLast(index + 1));
    expect({ least: Math.min(...late), most: Math.max(...late) }).toEqual({ least: 0, most: 0 });
  });
});

describe('the writes of a delivery', () => {
  test.each<readonly [string, readonly PreparedTarget[], number]>([
    ['none', [], 0],
    ['one per secret', prepared('repository', 3, KEY), 3],
    [
      'one more for each variable of a place',
      prepared('repository', 3, { ...KEY, variables: { clientId: { name: 'ID' }, expiration: { name: 'END' } } }),
      5,
    ],
    ['one more for a missing environment', prepared('environment staging', 2), 3],
    ['none for an existing environment', prepared('environment staging', 2, KEY), 2],
  ])('%s', (_, targets, writes) => {
    expect(countWrites(targets)).toBe(writes);
  });

  test.each([
    [70, 1, undefined],
    [71, MINUTE + 1, undefined],
    [71, MINUTE, /71 writes.*after 1 min\. Set `timeout` to 3m,/u],
    [451, 59 * MINUTE, /451 writes.*after 60 min\. Set `timeout` to 62m,/u],
    [10_786, 2 * HOUR, /after 1438 min\. Set `timeout` to 1440m,/u],
    [10_801, 2 * HOUR, /after 1440 min\. No `timeout` is long enough/u],
  ])('%d take time: %d ms are enough, or not', (writes, remaining, refusal) => {
    const check = () => assertTimeToWrite(prepared('repository', writes, KEY), remaining);
    if (refusal) {
      expect(check).toThrow(refusal);
    } else {
      expect(check).not.toThrow();
    }
  });
});
