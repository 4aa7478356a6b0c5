import { writeSync } from 'node:fs';

/** A reporter for Jest: below its summary, one line `N passed, N failed`. A file that could not be run is a failure. */
export default class Count {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    const line = `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed\n`;
    // Jest runs its own summary after every other reporter, so that the line has to wait for the end.
    process.once('exit', () => writeSync(1, line));
  }
}
