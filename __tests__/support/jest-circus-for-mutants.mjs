import jestCircus from 'jest-circus/runner';

const { default: circus } = jestCircus;

/** What became of each file of tests when it was last run whole. */
const seen = new Map();
/** The mutant that a test has failed for. */
let noticed;

/**
 * Runs a file of tests with Jest's own runner. For a mutant it does no more than it must, where Jest would go on: once a
 * test has failed, no further one is run, and a file is not even loaded that holds no test of what is mutated.
 */
export default async function run(globalConfig, config, environment, runtime, testPath, ...rest) {
  const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
  const before = seen.get(testPath);
  const pattern = new RegExp(globalConfig.testNamePattern ?? '', 'i');
  const isNoticed = () => mutant !== undefined && mutant === noticed;
  if (before && mutant !== undefined && (isNoticed() || !before.testResults.some(one => pattern.test(one.fullName)))) {
    return passedOver(before);
  }
  const handle = environment.handleTestEvent?.bind(environment);
  environment.handleTestEvent = async (event, state) => {
    if (event.name === 'test_done' && event.test.errors.length > 0) {
      noticed = mutant;
    }
    if (event.name === 'test_start' && isNoticed()) {
      event.test.mode = 'skip';
    }
    await handle?.(event, state);
  };
  const result = await circus(globalConfig, config, environment, runtime, testPath, ...rest);
  if (!result.testExecError) {
    seen.set(testPath, result);
  }
  return result;
}

function passedOver(result) {
  const testResults = result.testResults.map(one => ({ ...one, status: 'pending', failureMessages: [] }));
  return { ...result, testResults, numFailingTests: 0, numPassingTests: 0, numPendingTests: testResults.length };
}
