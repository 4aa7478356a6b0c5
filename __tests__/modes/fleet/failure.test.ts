import { describe, expect, test } from '@jest/globals';
import { type ErrorCode, Failure } from '../../../src/model/failure.ts';
import { newEnsureRecord } from '../../../src/modes/ensure/record.ts';
import { PLANNING_DELIVERY } from '../../../src/modes/ensure/write-turns.ts';
import { endOf } from '../../../src/modes/fleet/ended-client.ts';
import { fleetFailure, StopRule } from '../../../src/modes/fleet/failure.ts';
import { type FleetRecord, newFleetRecord, noteEnd } from '../../../src/modes/fleet/record.ts';
import { ensureRequest } from '../../support/stage.ts';

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

  test.each(['vantage-unavailable', 'github-unavailable', 'internal-error'] as const)(
    'after ten times %s in a row, although others ended well before',
    code => {
      expect(beginning(ruleFor(), [undefined, ...times(30, failed(code))])).toBe(11);
    },
  );

  test('after GitHub rejects the token for one target of several', () => {
    const refused = (reason: string) => failed('github-permission', { request: GITHUB, reason });
    const partly = new Failure('partial-hand-off', {
      operation: 'writing the targets',
      reason: 'two of them failed',
      failures: [refused('it answered 403'), refused('it answered 401 (Bad credentials)')],
    });
    expect(beginning(ruleFor(), [partly, undefined])).toBe(1);
    expect(beginning(ruleFor(), [failed('conflict', { reason: 'it answered 401' }), undefined])).toBe(2);
  });

  test('never because of what only one client can have', () => {
    expect(beginning(ruleFor(), times(100, failed('conflict')))).toBe(100);
  });
});

describe('the failure of a fleet', () => {
  const CLIENTS = ['one', 'two', 'three'].map((clientId, index) => ({
    line: index + 2,
    request: ensureRequest([], { client: { clientId } }),
  }));
  const ADVICE = 'The job summary and the `results` output list all clients. Another run does only what is left.';

  /** The failure of a fleet of three clients that ended like this, undefined if the run did not begin them. */
  function failureOf(ends: readonly (Failure | 'well' | undefined)[], did: Partial<FleetRecord> = {}) {
    const record = newFleetRecord({ clients: CLIENTS });
    ends.forEach((end, index) => {
      const { line, request } = CLIENTS[index] ?? { line: 0, request: ensureRequest() };
      if (end !== undefined) {
        const failure = end === 'well' ? undefined : end;
        noteEnd(
          record,
          endOf(newEnsureRecord(request.client.clientId), line, false, failure, text => text),
        );
      }
    });
    const failure = fleetFailure({ clients: CLIENTS }, Object.assign(record, did));
    return (
      failure && {
        code: failure.code,
        operation: failure.parts.operation,
        reason: failure.parts.reason,
        advice: failure.parts.advice,
        cause: failure.cause,
      }
    );
  }

  test('is none if every client ended well', () => {
    expect(failureOf(['well', 'well', 'well'])).toBeUndefined();
  });

  test('names the one client that failed', () => {
    const taken = failed('conflict', { reason: 'it is taken' });
    expect(failureOf(['well', taken, 'well'])).toEqual({
      code: 'conflict',
      operation: 'ensuring the clients of the manifest',
      reason: `1 of 3 clients failed. It is client "two" in line 3: ${taken.message}`,
      advice: ADVICE,
      cause: taken,
    });
  });

  test('names the first client that failed, and has the code of the one that most needs a person', () => {
    const taken = failed('conflict', { reason: 'it is taken' });
    const reason = `3 of 3 clients failed. The first is client "one" in line 2: ${taken.message}`;
    const ends = [taken, failed('partial-hand-off'), failed('secret-unaccounted')];
    expect(failureOf(ends)).toMatchObject({ code: 'secret-unaccounted', reason, cause: taken });
    expect(failureOf([taken, failed('partial-hand-off'), taken])).toMatchObject({ code: 'partial-hand-off', reason });
  });

  test('names the client whose failure stopped the run, and counts those that were not begun', () => {
    const taken = failed('conflict', { reason: 'it is taken' });
    const stopped = failed('authentication-failed', { reason: 'it answered 401' });
    expect(failureOf([taken, stopped], { stopped })).toMatchObject({
      code: 'authentication-failed',
      reason: `2 of 3 clients failed, and 1 of 3 were not begun. The first is client "two" in line 3: ${stopped.message}`,
      cause: stopped,
    });
    expect(failureOf([stopped], { stopped })).toMatchObject({
      reason: `1 of 3 clients failed, and 2 of 3 were not begun. The first is client "one" in line 2: ${stopped.message}`,
    });
  });

  test('names the client whose writes got no turn if no client failed', () => {
    const noTurn = new Failure('timeout', { operation: PLANNING_DELIVERY, reason: 'others come first' });
    expect(failureOf(['well', noTurn, 'well'])).toMatchObject({
      code: 'timeout',
      reason: `1 of 3 were not begun. It is client "two" in line 3: ${noTurn.message}`,
      cause: noTurn,
    });
  });

  test.each([
    ['cancelled', 'the workflow was cancelled', 'The workflow was cancelled'],
    ['timeout', "the step's timeout of 60 s ran out", "The step's timeout of 60 s ran out"],
  ] as const)('says in a sentence of its own why the run stopped if no client failed: %s', (code, reason, sentence) => {
    const stopped = new Failure(code, { operation: 'ensuring the clients', reason });
    expect(failureOf(['well'], { stopped })).toMatchObject({
      code,
      reason: `2 of 3 were not begun. ${sentence}`,
      cause: stopped,
    });
  });
});
