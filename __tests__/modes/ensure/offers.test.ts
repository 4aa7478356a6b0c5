import { describe, expect, test } from '@jest/globals';
import { type ListedSecret, unreadable } from '../../../src/model/vantage.ts';
import type { Observed } from '../../../src/modes/ensure/observe.ts';
import { findOffers } from '../../../src/modes/ensure/preview.ts';
import { type Answers, Stage } from '../../support/stage.ts';

const NO = unreadable('it answered 404');
const CLIENT = { clientId: 'invoices' };
const SECRET: ListedSecret = { id: '1', description: 'by hand' };
const found = (...items: readonly unknown[]) => ({ kind: 'found', found: items, whole: true });

async function offers(answers: Answers, observed: Partial<Observed> = {}) {
  using stage = new Stage(answers);
  const seen: Observed = {
    client: NO,
    secrets: NO,
    targets: [],
    currentSecretAccepted: undefined,
    targetsFailure: undefined,
    tenant: stage.tenant,
    ...observed,
  };
  const rows = await findOffers('invoices', seen, stage.context);
  return { rows: rows.map(({ offered }) => offered), whys: rows.map(({ why }) => why), requests: stage.requests };
}

const YES = ['yes', 'not tried', 'yes', 'not tried', 'not tried', 'yes'];
const READ = { client: { kind: 'found', found: CLIENT }, secrets: found(SECRET) } as unknown as Partial<Observed>;

describe('a dry run finds out what the tenant offers', () => {
  test('from what it read of the client anyway', async () => {
    const { rows, requests, whys } = await offers({ 'clients.list': () => found(CLIENT) }, READ);
    expect(rows).toEqual(YES);
    expect(requests).toEqual(['clients.list']);
    expect(whys[1]).toBe('a dry run changes nothing');
  });

  test('from another client if its own does not exist', async () => {
    const other = { clientId: 'other' };
    const answers: Answers = {
      'clients.list': () => found(other),
      'clients.read': () => ({ kind: 'found', found: other }),
      'secrets.list': () => found(SECRET),
    };
    const { rows, requests } = await offers(answers);
    expect(rows).toEqual(YES);
    expect(requests).toEqual(['clients.list', 'clients.read other', 'secrets.list other']);
  });

  test('and cannot tell it of a tenant without clients', async () => {
    const { rows } = await offers({ 'clients.list': () => found() });
    expect(rows).toEqual(['not known', 'not known', 'not known', 'not known', 'not tried', 'yes']);
  });

  test('and says why if it offers nothing', async () => {
    const { rows, whys } = await offers({ 'clients.list': () => NO });
    expect(new Set(rows)).toEqual(new Set(['no']));
    expect(new Set(whys)).toEqual(new Set(['it answered 404']));
  });

  test('and does not trust a list of secrets without descriptions', async () => {
    const secrets = found({ id: '1' });
    const { rows } = await offers({ 'clients.list': () => found(CLIENT) }, { ...READ, secrets } as Partial<Observed>);
    expect(rows.slice(2, 4)).toEqual(['no', 'no']);
  });

  test('also of a step that reads no secrets', async () => {
    const answers: Answers = { 'clients.list': () => found(CLIENT), 'secrets.list': () => found(SECRET) };
    const { secrets: _, ...read } = READ;
    const { rows, requests } = await offers(answers, { ...read, secrets: undefined });
    expect(rows).toEqual(YES);
    expect(requests).toEqual(['clients.list', 'secrets.list invoices']);
  });
});
