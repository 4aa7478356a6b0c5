import { expect, test } from '@jest/globals';
import { adviceOf, asFailure, Failure, lineWithoutAdvice } from '../../src/model/failure.ts';

test.each([
  ['ENOSPC', 'ENOSPC: no space left on device, write', 'Free space on the disk of the runner.'],
  ['EDQUOT', 'EDQUOT: disk quota exceeded, write', 'Free space on the disk of the runner.'],
  ['EIO', 'EIO: i/o error, write', 'Please report it.'],
])('an unexpected error says what to do: %s', (code, message, advice) => {
  const failure = asFailure(Object.assign(new Error(message), { code }));
  expect(failure.code).toBe('internal-error');
  expect(failure.message).toBe(`the step failed: ${message}. ${advice}`);
});

test('a failure without advice has the same line without it', () => {
  const failure = new Failure('conflict', { operation: 'writing one', reason: 'it answered 409', advice: '' });
  expect(adviceOf(failure)).toEqual([]);
  expect(lineWithoutAdvice(failure)).toBe('writing one failed: it answered 409.');
});
