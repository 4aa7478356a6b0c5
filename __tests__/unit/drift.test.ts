import { describe, expect, test } from '@jest/globals';
import { compareClient } from '../../src/plan/drift.ts';

const found = (settings: object) => ({ clientId: 'invoices', ...settings });

test('only what is declared is compared', () => {
  const client = found({ clientName: 'Other', requireConsent: true, somethingNew: 7 });
  expect(compareClient({}, client)).toEqual({ drift: {}, untold: [] });
  expect(compareClient({ clientName: 'Invoices' }, client).drift).toEqual({ clientName: ['Invoices', 'Other'] });
});

test('a setting that Vantage does not tell of is no drift, but is named', () => {
  expect(compareClient({ allowRopc: true, requireConsent: false }, found({ requireConsent: false }))).toEqual({
    drift: {},
    untold: ['allowRopc'],
  });
});

test('false is a setting like any other', () => {
  expect(compareClient({ requireClientSecret: false }, found({ requireClientSecret: true })).drift).toEqual({
    requireClientSecret: [false, true],
  });
});

describe('lists are sets', () => {
  const uris = ['https://a.example/', 'https://b.example/', 'https://c.example/'];

  test.each([
    ['the same', uris, true],
    ['another order', uris.toReversed(), true],
    ['an item twice', [...uris, 'https://a.example/'], true],
    ['one less', uris.slice(1), false],
    ['one more', [...uris, 'https://d.example/'], false],
    ['another case', uris.map(uri => uri.toUpperCase()), false],
    ['none', [], false],
    ['null', null, false],
    ['a text', uris.join(' '), false],
  ])('%s', (_, other, same) => {
    const { drift } = compareClient({ redirectUris: uris }, found({ redirectUris: other }));
    expect(drift).toEqual(same ? {} : { redirectUris: [uris, other] });
  });

  test('null is an empty list, as .NET may write it', () => {
    expect(compareClient({ redirectUris: [] }, found({ redirectUris: null })).drift).toEqual({});
  });
});

describe('lifetimes are compared by their length', () => {
  test.each([
    [3600, 3600, true],
    [3600, '01:00:00', true],
    [3600, '1:00:00', true],
    [3600, '3600', true],
    [90_061, '1.01:01:01', true],
    ['1.00:00:00', 86_400, true],
    ['1.00:00:00', '24:00:00', false],
    [3600, 3601, false],
    [3600, '01:00:01', false],
    [3600, 'an hour', false],
    [3600, null, false],
  ])('%j and %j: %s', (wanted, other, same) => {
    const { drift } = compareClient({ accessTokenLifetime: wanted }, found({ accessTokenLifetime: other }));
    expect(Object.keys(drift)).toEqual(same ? [] : ['accessTokenLifetime']);
  });
});
