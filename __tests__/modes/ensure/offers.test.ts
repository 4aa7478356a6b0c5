import { describe, expect, test } from '@jest/globals';
import type { ListedSecret } from '../../../src/model/vantage.ts';
import type { Observed } from '../../../src/modes/ensure/observe.ts';
import { findOffers } from '../../../src/modes/ensure/preview.ts';
import { type Answers, ensureRun, listOf, observedOf, Stage, UNREADABLE } from '../../support/stage.ts';

const CLIENT = { clientId: 'invoices' };
const SECRET: ListedSecret = { id: '1', description: 'by hand' };

async function offers(answers: Answers, observed: Partial<Observed> = {}) {
  using stage = new Stage(answers);
  const rows = await findOffers(
    ensureRun(stage, { observed: observedOf(stage, { secrets: UNREADABLE, ...observed }) }),
  );
  return {
    all: rows,
    rows: rows.map(({ offered }) => offered),
    whys: rows.map(({ why }) => why),
    requests: stage.requests,
  };
}

const YES = ['yes', 'not tried', 'yes', 'not tried', 'not tried', 'yes'];
const READ: Partial<Observed> = { client: { kind: 'found', found: CLIENT }, secrets: listOf([SECRET]) };

describe('a dry run finds out what the tenant offers', () => {
  test('from what it read of the client anyway', async () => {
    const { all, rows, requests } = await offers({ 'clients.list': () => listOf([CLIENT]) }, READ);
    expect(rows).toEqual(YES);
    expect(requests).toEqual(['clients.list']);
    const why = 'a dry run changes nothing';
    expect(all).toEqual([
      { what: 'Report how an existing client differs', offered: 'yes' },
      { what: 'Update a client', offered: 'not tried', why },
      { what: 'Rotate by the expiration that Vantage reports', offered: 'yes' },
      { what: 'Delete replaced secrets, revoke a secret', offered: 'not tried', why },
      { what: 'Delete a client, or those of closed pull requests', offered: 'not tried', why },
      { what: 'Audit the tenant', offered: 'yes' },
    ]);
  });

  test('from another client if its own does not exist', async () => {
    const other = { clientId: 'other' };
    const answers: Answers = {
      'clients.list': () => listOf([other]),
      'clients.read': () => ({ kind: 'found', found: other }),
      'secrets.list': () => listOf([SECRET]),
    };
    const { rows, requests } = await offers(answers);
    expect(rows).toEqual(YES);
    expect(requests).toEqual(['clients.list', 'clients.read other', 'secrets.list other']);
  });

  test('and cannot tell it of a tenant without clients', async () => {
    const { rows, whys } = await offers({ 'clients.list': () => listOf([]) });
    expect(rows).toEqual(['not known', 'not known', 'not known', 'not known', 'not tried', 'yes']);
    expect(new Set(whys.slice(0, 4))).toEqual(new Set(['there is no client to read']));
  });

  test('and says why if it offers nothing', async () => {
    const { rows, whys } = await offers({ 'clients.list': () => UNREADABLE });
    expect(new Set(rows)).toEqual(new Set(['no']));
    expect(new Set(whys)).toEqual(new Set(['it answered 404']));
  });

  test('and does not trust a list of secrets without descriptions', async () => {
    const secrets = listOf([{ id: '1' }]);
    const { rows } = await offers({ 'clients.list': () => listOf([CLIENT]) }, { ...READ, secrets });
    expect(rows.slice(2, 4)).toEqual(['no', 'no']);
  });

  test('also of a step that reads no secrets', async () => {
    const clients = listOf([{ clientId: 'another' }, CLIENT]);
    const answers: Answers = { 'clients.list': () => clients, 'secrets.list': () => listOf([SECRET]) };
    const { rows, requests } = await offers(answers, { ...READ, secrets: undefined });
    expect(rows).toEqual(YES);
    expect(requests).toEqual(['clients.list', 'secrets.list invoices']);
  });
});
