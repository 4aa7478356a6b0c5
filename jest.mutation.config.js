import config from './jest.config.js';

/** The tests that run in this process: a mutant in a bundle that another process runs would not be seen. */
export default {
  ...config,
  testRunner: '<rootDir>/__tests__/support/jest-circus-for-mutants.mjs',
  testMatch: ['<rootDir>/__tests__/{unit,apply}/**/*.test.ts'],
  testSequencer: '<rootDir>/__tests__/support/fast-first.mjs',
  roots: ['<rootDir>/__tests__', '<rootDir>/src', '<rootDir>/emulator', '<rootDir>/prove'],
  maxWorkers: 1,
};
