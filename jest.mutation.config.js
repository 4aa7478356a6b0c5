import config from './jest.config.js';

/** The tests that run in this process: a mutant in a bundle that another process runs would not be seen. */
export default { ...config, testMatch: ['<rootDir>/__tests__/unit/**/*.test.ts'], maxWorkers: 1 };
