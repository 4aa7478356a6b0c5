import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancel } from '../../emulator/runner.ts';
import type { Signal } from './points.ts';

/** How long an event of a request is delayed so that the process notices the signal, in milliseconds. */
const NOTICE = 30;

/** A process to break. Times in milliseconds since 1970. */
export interface Watched {
  child?: ChildProcess;
  brokenAt?: number;
  endedAt?: number;
}

/** Sends a signal, and gives the process time to notice it. Like a runner, kills a cancelled step that does not end. */
export async function hit(child: ChildProcess | undefined, signal: Signal): Promise<void> {
  if (!child || hasEnded(child)) {
    return;
  }
  const ended = endOf(child);
  switch (signal) {
    case 'SIGKILL':
      child.kill(signal);
      await ended;
      return;
    case 'SIGINT':
      await Promise.race([cancel(child), sleep(NOTICE)]);
      return;
    case 'SIGTERM':
      child.kill(signal);
      await Promise.race([ended, sleep(NOTICE)]);
  }
}

/** Resolves when a process has ended. */
export async function endOf(child: ChildProcess | undefined): Promise<void> {
  if (child && !hasEnded(child)) {
    await once(child, 'exit');
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
