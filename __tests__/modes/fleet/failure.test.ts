import { describe, expect, test } from '@jest/globals';
import { type ErrorCode, Failure } from '../../../src/model/failure.ts';
import { StopRule } from '../../../src/modes/fleet/failure.ts';

const BASE_URL = 'https://vantage.example';
const GITHUB = 'PUT https://api.github.com/repos/acme/web/actions/secrets/X';

const ruleFor = (concurrency = 1) =>
  new StopRule({ vantage: { baseUrl: BASE_URL, tenantId: 'acme', apiVersion: 'v2' }, concurrency });
const failed = (code: ErrorCode, { request = `GET ${BASE_URL}/api/clients/`, reason = 'it answered 403' } = {}) =>
  new Failure(code, { operation: 'ensuring a client', request, reason });

/** How many clients begin, one after the other, if each ends like this. */
function beginning(rule: StopRule, ends: readonly (Failure | undefined)[]): number {
  const last = ends.findIndex(end => rule.reasonToStop(end) !== undefined);
  return last < 0 ? ends.length : last + 1;
}
const times = (count: number, end: Failure | undefined) => Array.from({ length: count }, () => end);

describe('a fleet begins no further client', () => {
  test.each(['authentication-failed', 'rate-limited'] as const)('after %s, whichever client it was', code => {
    expect(beginning(ruleFor(), [undefined, failed(code), undefined])).toBe(2);
  });

  test.each(['forbidden', 'not-found', 'unsupported'] as const)(
    'after %s of Vantage, unless a client has ended well before',
    code => {
      expect(beginning(ruleFor(), times(3, failed(code)))).toBe(1);
      expect(beginning(ruleFor(), [undefined, ...times(30, failed(code))])).toBe(31);
      expect(beginning(ruleFor(), times(30, failed(code, { request: GITHUB })))).toBe(30);
    },
  );

  test('after GitHub rejects the token itself, but not after it refuses one place', () => {
    const refused = (reason: string) => failed('github-permission', { request: GITHUB, reason });
    expect(beginning(ruleFor(), [undefined, refused('it answered 401 (Bad credentials)'), undefined])).toBe(2);
    expect(beginning(ruleFor(), times(30, refused('it answered 403')))).toBe(30);
  });

  test.each([
    [1, 10],
    [5, 10],
    [6, 12],
    [20, 40],
  ])('with %d at once, after %d failures of a server in a row', (concurrency, row) => {
    const down = failed('vantage-unavailable');
    expect(beginning(ruleFor(concurrency), times(100, down))).toBe(row);
    const before = times(row - 1, down);
    expect(beginning(ruleFor(concurrency), [...before, undefined, ...before])).toBe(2 * row - 1);
    expect(beginning(ruleFor(concurrency), [...before, failed('github-unavailable'), ...before])).toBe(2 * row - 1);
  });

  test('never because of what only one client can have', () => {
    expect(beginning(ruleFor(), times(100, failed('conflict')))).toBe(100);
  });
});
