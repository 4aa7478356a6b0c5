import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { Deadline } from '../../src/http/deadline.ts';
import { withFastTime } from '../support/fast-time.ts';

/** The runner sends SIGINT, and SIGTERM after so many milliseconds. Some are left to report how the step ended. */
const NEXT_SIGNAL = 7500;
const FOR_REPORT = 500;

test('after a cancellation, work ends at once, and cleaning up before the next signal of the runner', () =>
  withFastTime({}, async () => {
    const deadline = new Deadline(60_000);
    const { work, cleanUp } = deadline;
    const began = performance.now();
    deadline.cancel();
    expect([work.signal.aborted, cleanUp.signal.aborted]).toEqual([true, false]);
    await once(cleanUp.signal, 'abort');
    expect(performance.now() - began).toBeLessThan(NEXT_SIGNAL - FOR_REPORT);
    deadline.close();
  }));
