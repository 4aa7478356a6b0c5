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

  test('is shown sooner, after every 20 clients, but not after the last one', async () => {
    using progress = new Progress(60, log);
    const count = (clients: number) => {
      for (let ended = 0; ended < clients; ended += 1) progress.count(false);
    };
    await pass(5);
    count(19);
    expect(lines).toEqual([]);
    count(20);
    expect(lines).toEqual(['20 of 60 clients done (33 %), 0 failed. About 10 s left.']);
    count(1);
    expect(lines.slice(1)).toEqual(['40 of 60 clients done (66 %), 0 failed. About 3 s left.']);
    count(20);
    expect(lines.slice(2)).toEqual([]);
  });

  test('of many clients is shown sooner after a twentieth of them', async () => {
    using progress = new Progress(1000, log);
    for (let ended = 0; ended < 120; ended += 1) progress.count(ended === 60);
    expect(lines).toEqual([
      '50 of 1000 clients done (5 %), 0 failed. About 0 s left.',
      '100 of 1000 clients done (10 %), 1 failed. About 0 s left.',
    ]);
  });

  test('is shown with the first client that ends ten seconds after the line before', async () => {
    using progress = new Progress(100, log);
    await pass(15);
    for (let ended = 0; ended < 20; ended += 1) progress.count(false);
    lines.length = 0;
    await pass(9);
    progress.count(false);
    expect(lines).toEqual([]);
    await pass(1);
    progress.count(false);
    expect(lines).toEqual(['22 of 100 clients done (22 %), 0 failed. About 89 s left.']);
  });

  test('is estimated from when the fleet began, not the process', async () => {
    await pass(3600);
    using progress = new Progress(10, log);
    progress.count(false);
    await pass(10);
    expect(lines).toEqual(['1 of 10 clients done (10 %), 0 failed. About 90 s left.']);
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
