import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Log } from '../../../src/model/log.ts';
import { Progress } from '../../../src/modes/fleet/progress.ts';

const lines: string[] = [];
const log = { info: line => lines.push(line) } as Pick<Log, 'info'> as Log;
const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1000);

beforeEach(() => {
  lines.length = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('how far a fleet is', () => {
  test('is shown every ten seconds, without an estimate before the first client is done', async () => {
    using progress = new Progress(10, log);
    await pass(10);
    expect(lines).toEqual(['0 of 10 clients done (0 %), 0 failed.']);
    progress.count(true);
    await pass(10);
    expect(lines.slice(1)).toEqual(['1 of 10 clients done (10 %), 1 failed. About 3 min left.']);
  });

  test('is estimated in seconds for less than two minutes, and otherwise in minutes', async () => {
    using progress = new Progress(7, log);
    await pass(10);
    progress.count(false);
    await pass(9);
    expect(lines).toEqual(['0 of 7 clients done (0 %), 0 failed.']);
    await pass(11);
    progress.count(false);
    progress.count(false);
    await pass(10);
    expect(lines.slice(1)).toEqual([
      '1 of 7 clients done (14 %), 0 failed. About 2 min left.',
      '1 of 7 clients done (14 %), 0 failed. About 3 min left.',
      '3 of 7 clients done (42 %), 0 failed. About 54 s left.',
    ]);
  });

  test('is not shown again once the run has ended', async () => {
    {
      using progress = new Progress(10, log);
      progress.count(false);
    }
    await pass(60);
    expect(lines).toEqual([]);
  });
});
