import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Cancels a step as the runner does when its workflow is cancelled: SIGINT, 7.5 s later SIGTERM, 2.5 s later SIGKILL.
 * Resolves when the step has ended.
 */
export async function cancel(child: ChildProcess): Promise<void> {
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : Promise.resolve([]);
  for (const [signal, patienceMs] of [
    ['SIGINT', 7_500],
    ['SIGTERM', 2_500],
  ] as const) {
    child.kill(signal);
    const waiting = new AbortController();
    const outlived = sleep(patienceMs, true, { signal: waiting.signal }).catch(() => false);
    const lives = await Promise.race([outlived, ended.then(() => false)]);
    waiting.abort();
    if (!lives) return;
  }
  child.kill('SIGKILL');
  await ended;
}
