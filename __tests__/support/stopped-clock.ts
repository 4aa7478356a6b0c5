import { jest } from '@jest/globals';

/** Sets every clock of this process, and stops it until `jest.useRealTimers()`. Timers continue. */
export function stopClocks(time: string): void {
  jest.useFakeTimers({
    now: new Date(time),
    doNotFake: [
      'clearImmediate',
      'clearInterval',
      'clearTimeout',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'setInterval',
      'setTimeout',
    ],
  });
}
