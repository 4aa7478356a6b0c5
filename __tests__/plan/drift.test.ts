import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ClientSettings } from '../../src/model/client.ts';
import { compareClient, longSettings, SETTINGS, shortDrift } from '../../src/plan/drift.ts';

const found = (settings: object) => ({ clientId: 'invoices', ...settings });

test('only declared settings are compared', () => {
  const client = found({ clientName: 'Other', requireConsent: true, somethingNew: 7 });
  expect(compareClient({}, client)).toEqual({ drift: {}, unreported: [] });
  expect(compareClient({ clientName: 'Invoices' }, client).drift).toEqual({ clientName: ['Invoices', 'Other'] });
});

test('a setting that Vantage does not report is not a drift, but is listed as unreported', () => {
  expect(compareClient({ allowRopc: true, requireConsent: false }, found({ requireConsent: false }))).toEqual({
    drift: {},
    unreported: ['allowRopc'],
  });
});

test('each setting can differ', () => {
  const [text, flag, list, seconds] = [
    ['Invoices', 'Other'],
    [true, false],
    [['https://a.example/x'], ['https://b.example/x']],
    [60, 61],
  ] as const;
  const values = {
    clientName: text,
    allowOfflineAccess: flag,
    allowRememberConsent: flag,
    backChannelLogoutSessionRequired: flag,
    requireClientSecret: flag,
    requireConsent: flag,
    allowNoPkce: flag,
    allowedGrantTypes: list,
    allowedCorsOrigins: list,
    allowedScopes: list,
    postLogoutRedirectUris: list,
    redirectUris: list,
    accessTokenLifetime: seconds,
    refreshTokenLifetime: seconds,
    allowRopc: flag,
  } as const satisfies Record<keyof ClientSettings, unknown>;
  expect(SETTINGS).toEqual(Object.keys(values));
  for (const [field, [one, other]] of Object.entries(values)) {
    expect(compareClient({ [field]: one }, found({ [field]: one }))).toEqual({ drift: {}, unreported: [] });
    expect(compareClient({ [field]: one }, found({ [field]: other })).drift).toEqual({ [field]: [one, other] });
  }
});

test('false is a value like any other', () => {
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
    ['another case of the path', ['https://a.example/A', ...uris.slice(1)], false],
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

describe('lifetimes are compared by their duration', () => {
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

describe('the same value in another spelling', () => {
  test.each<readonly [string, ClientSettings, unknown, boolean]>([
    ['a lifetime of ISO 8601', { accessTokenLifetime: 3600 }, 'PT1H', true],
    ['a day of ISO 8601', { accessTokenLifetime: '1.00:00:00' }, 'P1D', true],
    ['another one of ISO 8601', { accessTokenLifetime: 3600 }, 'PT1H1S', false],
    ['a lifetime with a fraction of nothing', { accessTokenLifetime: 3600 }, '01:00:00.0000000', true],
    ['days with a fraction of nothing', { accessTokenLifetime: 90_000 }, '1.01:00:00.000', true],
    ['seconds with a fraction of nothing', { accessTokenLifetime: 3600 }, '3600.0', true],
    ['a lifetime with a fraction', { accessTokenLifetime: 3600 }, '01:00:00.5000000', false],
    ['no access lifetime, for the usual one', { accessTokenLifetime: 86_400 }, null, true],
    ['no refresh lifetime, for the usual one', { refreshTokenLifetime: 86_400 * 30 }, null, true],
    ['no refresh lifetime, for another one', { refreshTokenLifetime: 86_400 }, null, false],
    ['a flag as a text', { requireConsent: true }, 'True', true],
    ['the other flag as a text', { requireConsent: true }, 'false', false],
    ['nothing for false', { allowOfflineAccess: false }, null, true],
    ['nothing for true', { allowOfflineAccess: true }, null, false],
    ['an invalid flag', { allowOfflineAccess: false }, 0, false],
    ['grants in one text', { allowedGrantTypes: ['password', 'hybrid'] }, 'hybrid password', true],
    ['grants in one text, with commas', { allowedGrantTypes: ['password', 'hybrid'] }, 'hybrid, password', true],
    [
      'grants in one text, with blanks around them',
      { allowedGrantTypes: ['password', 'hybrid'] },
      ' hybrid,  password\n',
      true,
    ],
    ['a grant that is not text', { allowedGrantTypes: ['password'] }, ['password', 7], false],
    ['one grant more in one text', { allowedGrantTypes: ['password'] }, 'hybrid password', false],
    ['a grant as .NET names it', { allowedGrantTypes: ['client_credentials'] }, ['ClientCredentials'], true],
    ['an extension grant', { allowedGrantTypes: ['urn:a:b_c'] }, ['urn:a:bc'], false],
    ['scopes in one text', { allowedScopes: ['openid', 'permissions'] }, 'permissions openid', true],
    ['a scope in another case', { allowedScopes: ['openid'] }, ['OpenId'], false],
    ['an origin', { allowedCorsOrigins: ['https://App.Example'] }, ['https://app.example'], true],
    ['an origin with a slash', { allowedCorsOrigins: ['https://app.example'] }, ['https://app.example/'], true],
    ['an origin with its port', { allowedCorsOrigins: ['https://app.example'] }, ['https://app.example:443'], true],
    [
      'an origin with another port',
      { allowedCorsOrigins: ['https://app.example'] },
      ['https://app.example:8443'],
      false,
    ],
    ['an origin without TLS', { allowedCorsOrigins: ['http://App.example:80'] }, ['http://app.example'], true],
    ['an origin of another scheme', { allowedCorsOrigins: ['xhttps://a.example'] }, ['xhttps://b.example'], false],
    ['an origin with a path', { allowedCorsOrigins: ['https://app.example'] }, ['https://app.example/x'], false],
    ['the host of a URI', { redirectUris: ['https://App.example:443/Cb?x'] }, ['https://app.example/Cb?x'], true],
    ['the host of a URI without TLS', { redirectUris: ['http://App.example:80/Cb'] }, ['http://app.example/Cb'], true],
    ['a URI of another scheme', { redirectUris: ['xhttps://a.example/cb'] }, ['xhttps://b.example/cb'], false],
    ['the path of a URI', { redirectUris: ['https://app.example/Cb'] }, ['https://app.example/cb'], false],
    // As prefixes, they match other hosts.
    ['a URI that ends in its host', { redirectUris: ['https://a.example/'] }, ['https://a.example'], false],
    ['a URI that ends in its port', { redirectUris: ['https://a.example:443'] }, ['https://a.example'], false],
    ['an item that is not text', { redirectUris: ['7'] }, [7], false],
    ['an invalid list', { redirectUris: ['https://a.example/'] }, 7, false],
  ])('%s', (_, declared, reported, same) => {
    const [[field = '', value] = []] = Object.entries(declared);
    const { drift, unreported } = compareClient(declared, found({ [field]: reported }));
    expect({ drift, unreported }).toEqual({ drift: same ? {} : { [field]: [value, reported] }, unreported: [] });
  });

  test.each(['allowRememberConsent', 'backChannelLogoutSessionRequired', 'requireClientSecret'] as const)(
    'null for %s can be its default or false, so it counts as unreported',
    field => {
      for (const value of [true, false]) {
        expect(compareClient({ [field]: value }, found({ [field]: null }))).toEqual({ drift: {}, unreported: [field] });
      }
    },
  );
});

describe('a drift with long values from a server', () => {
  /** A text with a number of characters in JSON. */
  const text = (length: number) => 'x'.repeat(length - 2);
  const redact = (value: string) => value.replaceAll('canary', '***');
  const drift = {
    clientName: [text(300), text(301)],
    redirectUris: [[text(500)], ['https://a.example/']],
    allowedScopes: [['openid'], ['canary']],
    requireConsent: [true, false],
  } as const;

  test('contains the start of each value of more than 300 characters, and the names of the truncated settings', () => {
    expect(shortDrift(drift, redact)).toEqual({
      ...drift,
      clientName: [text(300), `"${'x'.repeat(298)}…`],
      redirectUris: [`["${'x'.repeat(297)}…`, ['https://a.example/']],
    });
    expect(longSettings(drift)).toEqual(['clientName', 'redirectUris']);
  });

  test('can contain what JSON cannot', () => {
    const nothing = { clientName: ['Invoices', undefined] } as const;
    expect(shortDrift(nothing, redact)).toEqual(nothing);
    expect(longSettings(nothing)).toEqual([]);
  });

  test('hides secrets before values are truncated', () => {
    const found = `canary${text(400)}`;
    expect(shortDrift({ clientName: ['Invoices', found] }, redact)).toEqual({
      clientName: ['Invoices', `"***${'x'.repeat(295)}…`],
    });
  });
});

/** A setting with spellings of one value, and other values. */
interface Spelled {
  readonly field: keyof ClientSettings;
  readonly value: unknown;
  readonly same: readonly unknown[];
  readonly others: readonly unknown[];
}

const pad = (count: number) => String(count).padStart(2, '0');

function spelledLifetime(field: 'accessTokenLifetime' | 'refreshTokenLifetime', seconds: number): Spelled {
  const write = (total: number) => {
    const [days, hours, minutes, rest] = [
      Math.floor(total / 86_400),
      Math.floor(total / 3600) % 24,
      Math.floor(total / 60) % 60,
      total % 60,
    ];
    const clock = `${pad(hours)}:${pad(minutes)}:${pad(rest)}`;
    const span = days > 0 ? `${days}.${clock}` : clock;
    return [
      total,
      String(total),
      span,
      `${span}.0000000`,
      `${days}.${clock}`,
      `PT${total}S`,
      `P${days}DT${hours}H${minutes}M${rest}S`,
    ];
  };
  return {
    field,
    value: seconds,
    same: write(seconds),
    others: [...write(seconds + 1), ...write(seconds * 2), 'long'],
  };
}

function spelledFlag(field: keyof ClientSettings, value: boolean, unreported: readonly unknown[]): Spelled {
  const write = (flag: boolean) => [flag, String(flag), flag ? 'True' : 'False', ...(flag ? [] : unreported)];
  return { field, value, same: write(value), others: write(!value) };
}

function spelledOrigins(names: readonly string[]): Spelled {
  const value = names.map(name => `https://${name}.example`);
  const write = (origins: readonly string[]) => [
    origins,
    origins.toReversed(),
    origins.map(origin => origin.toLowerCase()),
    origins.map(origin => `${origin.toLowerCase()}/`),
    origins.map(origin => `${origin}:443`),
  ];
  return {
    field: 'allowedCorsOrigins',
    value,
    same: write(value),
    others: write([...value, 'https://one.more.example']),
  };
}

function spelledGrants(grants: readonly string[]): Spelled {
  const asDotNet = (grant: string) => grant.replace(/(?:^|_)(.)/gu, (_, letter: string) => letter.toUpperCase());
  const write = (types: readonly string[]) => [
    types,
    types.toReversed(),
    types.join(' '),
    types.join(','),
    types.map(asDotNet),
    types.map(asDotNet).join(', '),
  ];
  return { field: 'allowedGrantTypes', value: grants, same: write(grants), others: write([...grants, 'implicit']) };
}

const spelled: fc.Arbitrary<Spelled> = fc.oneof(
  fc
    .tuple(fc.constantFrom('accessTokenLifetime', 'refreshTokenLifetime'), fc.integer({ min: 1, max: 2 ** 30 }))
    .map(([field, seconds]) => spelledLifetime(field, seconds)),
  fc
    .tuple(fc.constantFrom('allowOfflineAccess', 'requireConsent', 'allowNoPkce', 'allowRopc'), fc.boolean())
    .map(([field, value]) => spelledFlag(field, value, [null])),
  fc.boolean().map(value => spelledFlag('requireClientSecret', value, [])),
  fc.uniqueArray(fc.stringMatching(/^[a-zA-Z]{1,8}$/), { minLength: 1, maxLength: 4 }).map(spelledOrigins),
  fc.subarray(['authorization_code', 'client_credentials', 'password', 'hybrid'], { minLength: 1 }).map(spelledGrants),
);

test('no spelling of a value is a drift, and no other value in any spelling equals it', () => {
  fc.assert(
    fc.property(spelled, fc.nat(), fc.nat(), ({ field, value, same, others }, one, other) => {
      const declared = { [field]: value };
      const alike = found({ [field]: same[one % same.length] });
      expect(compareClient(declared, alike)).toEqual({ drift: {}, unreported: [] });
      const unlike = found({ [field]: others[other % others.length] });
      expect(Object.keys(compareClient(declared, unlike).drift)).toEqual([field]);
    }),
    { numRuns: 1000 },
  );
});
