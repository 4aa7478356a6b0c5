import { expect, test } from '@jest/globals';
import type { PointTask } from '../../prove/crash/thread.ts';
import type { Trial } from '../../prove/crash/try-point.ts';
import { Threads } from '../../prove/threads.ts';

const POINTS = new URL('../../prove/crash/thread.ts', import.meta.url);
const MISSING = new URL('../../prove/crash/missing.ts', import.meta.url);

function pointOf(scenario: string): PointTask {
  const point = { tier: 1, scenario, event: 'vantage.token#1.arrived', break: 'SIGKILL' };
  return [point, { main: '', post: '' }, { events: [], end: {} }] as unknown as PointTask;
}

test('a task that fails in a thread fails with its error, and the thread goes on', async () => {
  await using threads = new Threads<PointTask, Trial>(POINTS, 1);
  for (const scenario of ['one', 'another']) {
    await expect(threads.run(pointOf(scenario))).rejects.toThrow(`there is no scenario ${scenario}`);
  }
});

test('each task of a thread that cannot start fails', async () => {
  await using threads = new Threads<PointTask, Trial>(MISSING, 1);
  for (const scenario of ['one', 'another', 'a third']) {
    await expect(threads.run(pointOf(scenario))).rejects.toThrow('missing.ts');
  }
});
