import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import { type EnsureRecord, newEnsureRecord, reportEnsure } from '../../../src/modes/ensure/record.ts';
import { renderOutputs } from '../../../src/report/outputs.ts';
import { expectToFollowSchema } from '../../support/schema.ts';

/** The outputs of a run with this record. */
const outputs = (done: Partial<EnsureRecord>, failure?: Failure) => {
  const record = { ...newEnsureRecord('invoices'), ...done };
  const rendered = renderOutputs(reportEnsure(record), { tenant: 'acme', failure }, text => text).outputs;
  expectToFollowSchema(rendered);
  return rendered;
};
const resultOf = (done: Partial<EnsureRecord>, failure?: Failure) =>
  JSON.parse(outputs(done, failure).results ?? '')[0];

describe('client-drifted', () => {
  test.each([
    [{ clientName: ['New', 'Old'] as const }, 'true'],
    [{}, 'false'],
  ])('says whether client-drift %j names a setting', (drift, said) => {
    expect(outputs({ drift })['client-drifted']).toBe(said);
  });

  test('is empty if the settings could not be compared', () => {
    expect(outputs({})).toMatchObject({ 'client-drift': '', 'client-drifted': '' });
  });
});

describe('rotation-due', () => {
  test('is when the secret becomes due, or empty', () => {
    expect(outputs({ rotationDue: '2027-07-01T09:00:00.000Z' })['rotation-due']).toBe('2027-07-01T09:00:00.000Z');
    expect(outputs({})['rotation-due']).toBe('');
  });
});

describe('the outcome of the client', () => {
  test.each([
    [{ clientCreated: true }, 'created', 'true'],
    [{ clientUpdated: true }, 'updated', 'false'],
    [{ clientUnknown: true }, 'unknown', 'false'],
    [{ clientUnknown: true, clientUpdated: true }, 'unknown', 'false'],
    [{ clientFound: 'kept' }, 'kept', 'false'],
    [{ clientFound: 'kept', clientUnknown: false }, 'kept', 'false'],
    [{ clientFound: 'kept', clientUpdated: true }, 'updated', 'false'],
    [{ clientFound: 'absent' }, 'absent', 'false'],
    [{ clientUnknown: false }, 'unknown', 'false'],
    [{}, 'unknown', 'false'],
  ] as const)('%j is %s', (done, outcome, created) => {
    expect(resultOf(done).outcome).toBe(outcome);
    expect(outputs(done)['client-created']).toBe(created);
  });
});

describe('the other members of a result', () => {
  test('of a run that learned nothing', () => {
    const failure = new Failure('authentication-failed', { operation: 'signing in', reason: 'it answered 401' });
    expect(resultOf({}, failure)).toEqual({
      schemaVersion: 1,
      mode: 'ensure',
      tenant: 'acme',
      clientId: 'invoices',
      outcome: 'unknown',
      errorCode: 'authentication-failed',
      reason: null,
      expiration: null,
      rotationDue: null,
      liveSecrets: null,
      written: [],
      pruned: [],
    });
  });

  const secret = { mark: 'm', id: '1', expiration: '2027-07-31T09:00:00Z', verified: 'true' } as const;

  test.each([
    ['handed-out', '2027-07-31T09:00:00Z', 3],
    ['minted', null, 3],
    ['revoked', null, 2],
  ] as const)('of a secret that is %s: its expiration, and the number of live secrets', (fate, end, live) => {
    const done = { secret: { ...secret, fate }, liveBefore: ['a', 'b', 'c'], pruned: ['b'] };
    expect(resultOf(done)).toMatchObject({ expiration: end, liveSecrets: live, errorCode: '' });
  });

  test('of a secret whose expiration is not reported', () => {
    const unreported = { ...secret, expiration: undefined, fate: 'handed-out' } as const;
    expect(resultOf({ secret: unreported })).toMatchObject({ expiration: null, liveSecrets: null });
  });

  test('of another secret that may exist: the number of live secrets is not known', () => {
    expect(resultOf({ liveBefore: [], secretLost: true }).liveSecrets).toBeNull();
    expect(resultOf({ liveBefore: [], secretLost: false }).liveSecrets).toBe(0);
  });
});
