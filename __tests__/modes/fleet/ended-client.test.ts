import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import { type EnsureRecord, newEnsureRecord } from '../../../src/modes/ensure/record.ts';
import { endOf, verdictOf } from '../../../src/modes/fleet/ended-client.ts';

interface Scenario {
  readonly dryRun?: boolean;
  readonly failure?: Failure;
}

/** How a client ended whose run did this. */
function ended(did: Partial<EnsureRecord>, { dryRun = false, failure }: Scenario = {}) {
  const end = endOf({ ...newEnsureRecord('invoices'), ...did }, 2, dryRun, failure, text => text);
  return { ...end, verdict: verdictOf(end) };
}

const secret = (fate: 'minted' | 'handed-out' | 'revoked') => ({ mark: 'MARK-1', verified: 'true', fate }) as const;
const places = (count: number) => Array.from({ length: count }, (_, index) => `repository as SECRET_${index}`);
const timeout = (operation: string) => new Failure('timeout', { operation, reason: 'the time ran out' });
const DRIFT = { allowNoPkce: [false, true] } as const;

describe('the title of the lines of a client', () => {
  test.each<readonly [string, Partial<EnsureRecord>]>([
    ['client created', { clientCreated: true }],
    ['client updated', { clientUpdated: true }],
    ['new secret in 1 place', { secret: secret('handed-out'), written: places(1) }],
    ['new secret in 2 places', { secret: secret('handed-out'), written: places(2) }],
    ['1 superseded secret deleted', { pruned: ['7'] }],
    ['2 superseded secrets deleted', { pruned: ['7', '8'] }],
    [
      'client created, new secret in 1 place, variable ID in repository acme/web, 1 superseded secret deleted',
      {
        clientCreated: true,
        secret: secret('handed-out'),
        written: places(1),
        otherWrites: ['variable ID in repository acme/web'],
        pruned: ['7'],
      },
    ],
    ['changed', {}],
  ])('says what changed: %s', (verdict, did) => {
    expect(ended({ ...did, changed: true })).toMatchObject({ state: 'changed', verdict });
  });

  test.each<readonly [string, Partial<EnsureRecord>]>([
    ['failed (conflict)', {}],
    ['failed (conflict)', { secret: secret('revoked'), changed: true }],
    [
      'failed (conflict, client updated, new secret that was not delivered)',
      { clientUpdated: true, secret: secret('minted'), changed: true },
    ],
  ])('says why it failed, and what changed nevertheless: %s', (verdict, did) => {
    const failure = new Failure('conflict', { operation: 'creating a secret', reason: 'it answered 409' });
    expect(ended(did, { failure })).toMatchObject({ state: 'failed', verdict, failure });
  });

  test('says that nothing changed, or what a run would do', () => {
    const plan = { client: 'create', secret: 'mint' };
    expect(ended({}).verdict).toBe('unchanged');
    expect(ended({ plan }, { dryRun: true }).verdict).toBe('a run would change it');
    expect(ended({ plan: { client: 'keep', secret: 'none' } }, { dryRun: true }).verdict).toBe('unchanged');
  });

  test.each<readonly [string, object]>([
    ['a client that differs', { client: 'update' }],
    ['a client that does not exist', { client: 'create', settings: {} }],
    ['a secret', { secret: 'mint' }],
    ['a variable', { variables: [{ variable: 'repository acme/web as ID', value: 'invoices' }] }],
    ['an old secret', { prune: ['7'] }],
  ])('says what a run would do if it is only about %s', (_, does) => {
    const plan = { client: 'keep', secret: 'none', ...does };
    expect(ended({ plan }, { dryRun: true })).toMatchObject({ state: 'planned', step: plan });
  });

  test('says that a client was not begun only if its writes got no turn', () => {
    expect(ended({}, { failure: timeout('planning the delivery to GitHub') }).verdict).toBe('not begun');
    expect(ended({}, { failure: timeout('listing the secrets') }).verdict).toBe('failed (timeout)');
    expect(
      ended({ changed: true, clientCreated: true }, { failure: timeout('planning the delivery to GitHub') }).verdict,
    ).toBe('failed (timeout, client created)');
  });
});

describe('a client whose settings differ', () => {
  test('is reported with their names', () => {
    expect(ended({ drift: DRIFT }).differs).toEqual(['allowNoPkce']);
  });

  test('is not reported if an update wrote them, or if none differs', () => {
    expect(ended({ drift: DRIFT, clientUpdated: true, driftLeft: false })).not.toHaveProperty('differs');
    expect(ended({ drift: {} })).not.toHaveProperty('differs');
    expect(ended({})).not.toHaveProperty('differs');
  });
});

test('a secret that may exist is reported, unless the failure of the client says so', () => {
  expect(ended({ secretLost: true }).secretLost).toBe(true);
  expect(ended({})).not.toHaveProperty('secretLost');
  expect(ended({ secretLost: true }, { failure: timeout('creating a secret') })).not.toHaveProperty('secretLost');
  expect(ended({}, { failure: timeout('creating a secret') })).not.toHaveProperty('secretLost');
});
