/** What tests import from `@jest/globals`, if they do not run in Jest. A test that uses anything else fails. */
import { ModernFakeTimers } from '@jest/fake-timers';
import type { Config } from '@jest/types';
import { ModuleMocker } from 'jest-mock';

export { jestExpect as expect } from '@jest/expect';
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';

// Jest passes the whole configuration of a project. The timers only read this part of it.
const config = { fakeTimers: {}, rootDir: process.cwd() } as Config.ProjectConfig;
const timers = new ModernFakeTimers({ config, global: globalThis });
const mocker = new ModuleMocker(globalThis);

export const jest = {
  useFakeTimers: (options?: Config.FakeTimersConfig) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTimeAsync: (milliseconds: number) => timers.advanceTimersByTimeAsync(milliseconds),
  setSystemTime: (now: number) => timers.setSystemTime(now),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
};
