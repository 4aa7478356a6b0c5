import { describe, expect, test } from '@jest/globals';
import {
  type EnsureRecord,
  newEnsureRecord,
  reportEnsure,
  type SecretRecord,
} from '../../../../src/modes/ensure/record.ts';

const recordOf = (done: Partial<EnsureRecord>): EnsureRecord => ({ ...newEnsureRecord('invoices'), ...done });
const same = (text: string) => text;
const outputsOf = (done: Partial<EnsureRecord>, hide = same) => reportEnsure(recordOf(done)).outputs(hide);
const resultsOf = (done: Partial<EnsureRecord>) => reportEnsure(recordOf(done)).results(undefined);
const cutOf = (done: Partial<EnsureRecord>) => reportEnsure(recordOf(done)).cutOutputs?.(same);

const NOTHING = {
  'client-id': 'invoices',
  'client-created': 'false',
  'client-drift': '',
  'client-drifted': '',
  'secret-created': 'false',
  'secret-id': '',
  'secret-start-time': '',
  'secret-expiration': '',
  'rotation-due': '',
  verified: 'skipped',
  written: '[]',
  pruned: '[]',
};
const SECRET: SecretRecord = {
  mark: 'a mark',
  id: '7',
  startTime: '2027-01-31T09:00:00Z',
  expiration: '2027-07-31T09:00:00Z',
  verified: 'true',
  fate: 'handed-out',
};
const OF_SECRET = {
  'secret-id': '7',
  'secret-start-time': SECRET.startTime,
  'secret-expiration': SECRET.expiration,
  verified: 'true',
};

test('a run that has done nothing yet', () => {
  expect(newEnsureRecord('invoices')).toEqual({
    mode: 'ensure',
    clientId: 'invoices',
    clientCreated: false,
    clientUpdated: false,
    lost: [],
    unwritten: [],
    written: [],
    otherWrites: [],
    pruned: [],
    changed: false,
  });
});

describe('the outputs', () => {
  test('of a run that has done nothing', () => {
    expect(outputsOf({})).toEqual(NOTHING);
  });

  test('of a run that has done everything', () => {
    const done = {
      clientCreated: true,
      drift: { clientName: ['New', 'Old'] },
      rotationDue: '2027-07-01T09:00:00Z',
      secret: SECRET,
      written: ['actions repository octo-org/octo-repo as S'],
      pruned: ['3', '4'],
    } as const;
    expect(outputsOf(done)).toEqual({
      ...NOTHING,
      ...OF_SECRET,
      'client-created': 'true',
      'client-drift': '{"clientName":["New","Old"]}',
      'client-drifted': 'true',
      'secret-created': 'true',
      'rotation-due': '2027-07-01T09:00:00Z',
      written: '["actions repository octo-org/octo-repo as S"]',
      pruned: '["3","4"]',
    });
  });

  test('hide what is secret in values of a server', () => {
    const done = { secret: SECRET, pruned: ['3'], drift: { clientName: ['New', 'Old'] } } as const;
    expect(outputsOf(done, text => `hidden ${text}`)).toEqual({
      ...NOTHING,
      'client-drift': '{"hidden clientName":["hidden New","hidden Old"]}',
      'client-drifted': 'true',
      'secret-created': 'true',
      'secret-id': 'hidden 7',
      'secret-start-time': `hidden ${SECRET.startTime}`,
      'secret-expiration': `hidden ${SECRET.expiration}`,
      verified: 'true',
      pruned: '["hidden 3"]',
    });
  });

  test.each([
    ['minted', OF_SECRET],
    ['revoked', { verified: 'true' }],
  ] as const)('of a secret that is %s', (fate, shown) => {
    expect(outputsOf({ secret: { ...SECRET, fate } })).toEqual({ ...NOTHING, ...shown });
  });

  test('of a secret of which Vantage reports nothing', () => {
    const secret = { mark: 'a mark', verified: 'skipped', fate: 'handed-out' } as const;
    expect(outputsOf({ secret })).toEqual({ ...NOTHING, 'secret-created': 'true' });
  });

  test.each([
    [{ drift: { clientName: ['New', 'Old'] } }, 'true'],
    [{ drift: {} }, 'false'],
    [{ drift: { clientName: ['New', 'Old'] }, clientUpdated: true, driftLeft: false }, 'false'],
    [{ drift: { clientName: ['New', 'Old'] }, clientUpdated: true, driftLeft: true }, 'true'],
    [{ drift: { clientName: ['New', 'Old'] }, clientUpdated: true }, ''],
    [{}, ''],
  ] as const)('say whether settings differ: %j', (done, drifted) => {
    expect(outputsOf(done)['client-drifted']).toBe(drifted);
  });

  test('are cut if a server has chosen long settings, and say so', () => {
    const drift = { clientName: ['New', 'x'.repeat(600_000)], requireConsent: [true, false] } as const;
    const cut = outputsOf({ drift })['client-drift'] ?? '';
    expect(cut.length).toBeLessThan(10_000);
    expect(JSON.parse(cut)).toMatchObject({
      clientName: ['New', expect.stringMatching(/^"x+…$/u)],
      requireConsent: [true, false],
    });
    expect(cutOf({ drift })).toBe(
      'The `client-drift` and `plan` outputs are too small for all of clientName. A value that is cut ends with "…".',
    );
    const two = { ...drift, redirectUris: [[], ['y'.repeat(600_000)]] } as const;
    expect(cutOf({ drift: two })).toContain('all of clientName, redirectUris.');
    expect(cutOf({ drift: { clientName: ['New', 'Old'] } })).toBeUndefined();
    expect(cutOf({})).toBeUndefined();
  });
});

describe('the result', () => {
  const RESULT = {
    clientId: 'invoices',
    outcome: 'unknown',
    errorCode: '',
    reason: null,
    expiration: null,
    rotationDue: null,
    liveSecrets: null,
    written: [],
    pruned: [],
  };
  const { mark: _, ...shown } = SECRET;

  test('of a run that has done nothing', () => {
    expect(resultsOf({})).toEqual([RESULT]);
  });

  test('of a run that has done everything', () => {
    const done = {
      clientUpdated: true,
      plan: { reason: 'always' },
      rotationDue: '2027-07-01T09:00:00Z',
      liveBefore: ['3', '4'],
      secret: SECRET,
      written: ['actions repository octo-org/octo-repo as S'],
      pruned: ['3'],
    } as const;
    expect(resultsOf(done)).toEqual([
      {
        ...RESULT,
        outcome: 'updated',
        reason: 'always',
        expiration: SECRET.expiration,
        rotationDue: '2027-07-01T09:00:00Z',
        liveSecrets: 2,
        secret: shown,
        written: ['actions repository octo-org/octo-repo as S'],
        pruned: ['3'],
      },
    ]);
  });

  test('names a secret that was not delivered, without an expiration to rely on, and not one that was revoked', () => {
    expect(resultsOf({ secret: { ...SECRET, fate: 'minted' } })).toEqual([
      { ...RESULT, secret: { ...shown, fate: 'minted' } },
    ]);
    expect(resultsOf({ secret: { ...SECRET, fate: 'revoked' } })).toEqual([RESULT]);
  });

  test.each([
    [{ clientCreated: true, clientUnknown: true }, 'created'],
    [{ clientUnknown: true, clientUpdated: true, clientFound: 'kept' }, 'unknown'],
    [{ clientUpdated: true, clientFound: 'kept' }, 'updated'],
    [{ clientFound: 'kept' }, 'kept'],
    [{ clientFound: 'absent' }, 'absent'],
    [{}, 'unknown'],
  ] as const)('says what became of the client: %j', (done, outcome) => {
    expect(resultsOf(done)).toMatchObject([{ outcome }]);
  });
});
