/** Node runs the TypeScript tests as they stand. */
export default {
  runner: '<rootDir>/scripts/test/runner.ts',
  injectGlobals: false,
  transform: {},
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  testSequencer: '<rootDir>/__tests__/support/slow-first.js',
  // Far more than a test takes, because a busy machine can make it take many times as long.
  testTimeout: 180_000,
  // More than two cores, because a worker often waits for a process that it has started.
  maxWorkers: 4,
  // Concurrent tests mostly wait, each for a process of its own.
  maxConcurrency: 6,
};
