import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../../src/model/secret.ts';
import type { CreatedSecret } from '../../../../src/modes/ensure/create-secret.ts';
import { expirationOf, type PendingSecret, withPendingSecret } from '../../../../src/modes/ensure/pending-secret.ts';
import type { EnsureRecord } from '../../../../src/modes/ensure/record.ts';
import {
  type Answers,
  ensureRun,
  failureOf,
  listOf,
  Stage,
  type StageOptions,
  UNREADABLE,
} from '../../../support/stage.ts';

const [FIRST, OWN] = ['[vantage-client of the lost one]', '[vantage-client of the secret]'];
const CREATED: CreatedSecret = {
  value: new Secret('canary-of-the-secret'),
  mark: OWN,
  id: '7',
  startTime: '2027-01-31T09:00:00Z',
  expiration: '2027-07-31T09:00:00Z',
  unconfirmedMarks: [],
};
const RECORD = { mark: OWN, id: '7', startTime: '2027-01-31T09:00:00Z', expiration: '2027-07-31T09:00:00Z' };
const listing: Answers = {
  'secrets.list': () => listOf([{ id: '7', description: OWN }]),
  'secrets.delete': () => undefined,
};
const NO_LIST: Answers = { 'secrets.list': () => UNREADABLE };
const left = (which: string, why = 'this Vantage does not list secrets (it answered 404)') =>
  `Warning: The new secret was not delivered and could not be revoked, because ${why}. Delete it in Vantage: ${which}, marked MARK-1`;

async function run(
  use: (pending: PendingSecret, stage: Stage) => unknown,
  answers: Answers = listing,
  created: Partial<CreatedSecret> = {},
  options: StageOptions = {},
) {
  using stage = new Stage(answers, options);
  const work = withPendingSecret(ensureRun(stage), { ...CREATED, ...created }, async pending => {
    await use(pending, stage);
  });
  const error = (await failureOf(work))?.message;
  const { secret, changed } = stage.record;
  return { error, secret, changed, log: stage.log, topics: stage.topics, saved: stage.saved, requests: stage.requests };
}

describe('a secret that nothing holds', () => {
  test('is in the record from the start', async () => {
    let atStart: EnsureRecord | undefined;
    await run((_, { record }) => {
      atStart = { ...record };
    });
    expect(atStart?.secret).toEqual({ ...RECORD, verified: 'skipped', fate: 'minted' });
    expect(atStart?.changed).toBe(false);
  });

  test('is revoked at the end', async () => {
    expect(await run(() => undefined)).toEqual({
      error: undefined,
      secret: { ...RECORD, verified: 'skipped', fate: 'revoked' },
      changed: false,
      log: ['Revoked the new secret, because it was not delivered: MARK-1'],
      topics: [],
      saved: [[]],
      requests: ['secrets.list invoices', 'secrets.delete invoices 7'],
    });
  });

  test('is revoked after an error, which is passed on', async () => {
    const { error, secret } = await run(pending => {
      pending.setVerified('false');
      throw new Error('it was not accepted');
    });
    expect(error).toBe('it was not accepted');
    expect(secret).toEqual({ ...RECORD, verified: 'false', fate: 'revoked' });
  });

  test('and cannot be revoked is named, and left to the post step', async () => {
    expect(await run(() => undefined, NO_LIST)).toEqual({
      error: undefined,
      secret: { ...RECORD, verified: 'skipped', fate: 'minted' },
      changed: true,
      log: [left('client "invoices", id 7, expires 2027-07-31T09:00:00Z')],
      topics: ['secret to delete'],
      saved: [['MARK-1']],
      requests: ['secrets.list invoices'],
    });
  });

  test('and cannot be revoked is named without what Vantage did not report', async () => {
    const { log } = await run(() => undefined, NO_LIST, { id: undefined, expiration: undefined });
    expect(log).toEqual([left('client "invoices", expires at a time that Vantage did not report')]);
  });

  test('and is not listed yet is named', async () => {
    const empty: Answers = { 'secrets.list': () => listOf([]) };
    // The time for cleaning up ends before the second search.
    const { log, saved } = await run(() => undefined, empty, {}, { timeout: 50 });
    expect(log).toEqual([
      left('client "invoices", id 7, expires 2027-07-31T09:00:00Z', 'Vantage does not list it yet'),
    ]);
    expect(saved).toEqual([['MARK-1']]);
  });

  test('is revoked, or named, although its mark cannot be saved', async () => {
    const revoked = await run(() => undefined, listing, {}, { saves: 0 });
    expect(revoked).toMatchObject({
      error: 'ENOSPC: no space left on device',
      secret: { fate: 'revoked' },
      changed: false,
    });
    const named = await run(() => undefined, NO_LIST, {}, { saves: 0 });
    expect(named).toMatchObject({
      error: 'ENOSPC: no space left on device',
      secret: { fate: 'minted' },
      changed: true,
    });
    expect(named.log).toHaveLength(1);
  });
});

describe('a secret that something holds', () => {
  test.each([
    [false, []],
    [true, ['MARK-1']],
  ])('is kept, and the post step revokes it if asked to (%s)', async (revokeAtJobEnd, marks) => {
    const run1 = await run(pending => {
      pending.setVerified('true');
      pending.beginDelivery(revokeAtJobEnd);
      pending.keep();
    });
    expect(run1).toEqual({
      error: undefined,
      secret: { ...RECORD, verified: 'true', fate: 'handed-out' },
      changed: true,
      log: [],
      topics: [],
      saved: [marks],
      requests: [],
    });
  });

  test('is kept after an error', async () => {
    const { error, secret, requests } = await run(pending => {
      pending.keep();
      throw new Error('one of two targets');
    });
    expect(error).toBe('one of two targets');
    expect(secret?.fate).toBe('handed-out');
    expect(requests).toEqual([]);
  });
});

test('the marks of secrets that may exist stay saved in each case', async () => {
  const lost = { unconfirmedMarks: [FIRST] };
  const begin = (pending: PendingSecret) => {
    pending.beginDelivery(true);
    pending.beginDelivery(false);
  };
  expect((await run(begin, listing, lost)).saved).toEqual([['MARK-2', 'MARK-1'], ['MARK-2'], ['MARK-2']]);
  expect((await run(() => undefined, NO_LIST, lost)).saved).toEqual([['MARK-2', 'MARK-1']]);
});

test('an expiration is a text in any case', () => {
  expect(expirationOf(CREATED)).toBe('2027-07-31T09:00:00Z');
  expect(expirationOf({ ...CREATED, expiration: undefined })).toBe('at a time that Vantage did not report');
});
