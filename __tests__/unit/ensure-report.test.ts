import { describe, expect, test } from '@jest/globals';
import { type EnsureLedger, openEnsureLedger } from '../../src/apply/ledger.ts';
import { outputsOf } from '../../src/report/outputs.ts';

/** The outputs of a run that has done this. */
const outputs = (done: Partial<EnsureLedger>) => outputsOf({ ...openEnsureLedger('invoices'), ...done }, text => text);
const resultOf = (done: Partial<EnsureLedger>) => JSON.parse(outputs(done).results ?? '')[0];

describe('client-drifted', () => {
  test.each([
    [{ clientName: ['New', 'Old'] as const }, 'true'],
    [{}, 'false'],
  ])('says whether client-drift %j names a setting', (drift, said) => {
    expect(outputs({ drift })['client-drifted']).toBe(said);
  });

  test('is empty where the settings could not be compared', () => {
    expect(outputs({})).toMatchObject({ 'client-drift': '', 'client-drifted': '' });
  });
});

describe('rotation-due', () => {
  test('is when the secret becomes due, or empty', () => {
    expect(outputs({ rotationDue: '2027-07-01T09:00:00.000Z' })['rotation-due']).toBe('2027-07-01T09:00:00.000Z');
    expect(outputs({})['rotation-due']).toBe('');
  });
});

describe('what became of the client', () => {
  test.each([
    [{ clientCreated: true }, 'created', 'true'],
    [{ clientUpdated: true }, 'updated', 'false'],
    [{ clientUnknown: true }, 'unknown', 'false'],
    [{ clientUnknown: true, clientUpdated: true }, 'unknown', 'false'],
    [{ clientUnknown: false }, 'kept', 'false'],
    [{}, 'kept', 'false'],
  ])('%j is %s', (done, fate, created) => {
    expect(resultOf(done).client).toBe(fate);
    expect(outputs(done)['client-created']).toBe(created);
  });
});
