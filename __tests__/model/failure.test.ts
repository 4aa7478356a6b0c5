import { expect, test } from '@jest/globals';
import { asFailure } from '../../src/model/failure.ts';

test.each([
  ['ENOSPC', 'ENOSPC: no space left on device, write', 'Free space on the disk of the runner.'],
  ['EDQUOT', 'EDQUOT: disk quota exceeded, write', 'Free space on the disk of the runner.'],
  ['EIO', 'EIO: i/o error, write', 'Please report it.'],
])('an unexpected error says what to do: %s', (code, message, advice) => {
  const failure = asFailure(Object.assign(new Error(message), { code }));
  expect(failure.code).toBe('internal-error');
  expect(failure.message).toBe(`the step failed: ${message}. ${advice}`);
});
