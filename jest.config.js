/** Runs the TypeScript tests as they stand: swc strips the types, Node runs the modules (--experimental-vm-modules). */
export default {
  testEnvironment: '<rootDir>/__tests__/support/environment.ts',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Loaded once for all files of a worker: Jest would load them, and what they compile, again for each file.
  moduleNameMapper: {
    '/(contract|identity-server|json-schemas)\\.ts$': '<rootDir>/__tests__/support/loaded-once/$1.ts',
  },
  testSequencer: '<rootDir>/__tests__/support/slow-first.js',
  testTimeout: 60_000,
  // Most tests wait for a child process of their own: more workers than cores would only make them time out.
  maxWorkers: 2,
  // Concurrent tests mostly wait, each for a process of its own.
  maxConcurrency: 6,
};
