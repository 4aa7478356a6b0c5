import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assertNoCredentials, settingsToWrite } from '../../src/plan/client-step.ts';

const client = (fields: object) => ({ clientId: 'invoices', ...fields });
/** The fields that the failure names, or none if there is no failure. */
const refused = (fields: object, isSecret?: (text: string) => boolean): string | undefined => {
  try {
    assertNoCredentials(client(fields), isSecret);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('The update was not sent.') });
    return / \((.*?)\), and an update /u.exec(String(error))?.[1];
  }
};

describe('what is written', () => {
  test.each([
    ['the id', { id: 7 }],
    ['times', { created: 'x', updated: 'x', lastAccessed: null, createdAt: 'x', creationTime: 'x', last_used_at: 'x' }],
    ['who it was', { createdBy: 'ann', modifiedBy: 'ann', lastModifiedBy: 'ann' }],
    ['times, with the words in another order', { dateCreated: 'x', DateModified: 'x', UpdatedOnUtc: 'x' }],
    ['what may be edited', { nonEditable: false, NonEditable: true }],
  ])('leaves out fields that the server maintains: %s', (_, noted) => {
    expect(settingsToWrite(client({ requireConsent: true, ...noted }), { clientName: 'New' })).toEqual(
      client({ requireConsent: true, clientName: 'New' }),
    );
  });

  test.each([
    { updateAccessTokenClaimsOnRefresh: true },
    { enabled: true, protocolType: 'oidc', claims: [], properties: {}, identityProviderRestrictions: null },
    { creationRule: 'x', idleTimeout: 7, lastName: 'x', tenantId: 'x', clientUri: null, id2: 1 },
  ])('keeps undocumented settings: %j', settings => {
    expect(settingsToWrite(client(settings), {})).toEqual(client(settings));
    expect(refused(settings)).toBeUndefined();
  });
});

describe('an update is refused because of', () => {
  test.each<readonly [object, string]>([
    [{ clientSecrets: [{ id: 1, value: 'x' }] }, 'clientSecrets'],
    [{ clientSecrets: [] }, 'clientSecrets'],
    [{ ClientSecrets: null }, 'ClientSecrets'],
    [{ secrets: {} }, 'secrets'],
    [{ clientSecret: '' }, 'clientSecret'],
    [{ apiKey: 'x', passwordHash: 'x' }, 'apiKey, passwordHash'],
    [{ properties: { db_password: 'x', color: 'blue' } }, 'properties.db_password'],
    [{ more: [{ of: { accessToken: null } }, { of: { accessToken: null } }] }, 'more.of.accessToken'],
    [{ items: [{ type: 'SharedSecret', value: 'x' }] }, 'items.type'],
    [{ accessTokenType: 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln' }, 'accessTokenType'],
    [{ accessTokenType: [['Jwt']] }, 'accessTokenType'],
    [
      { allowedIdentityTokenSigningAlgorithms: ['RS256', `eyJ${'a'.repeat(22)}`] },
      'allowedIdentityTokenSigningAlgorithms',
    ],
    [{ refreshTokenUsage: { value: 'x' } }, 'refreshTokenUsage'],
    [{ jwks: { keys: ['x'] } }, 'jwks.keys'],
  ])('%j', (fields, names) => {
    expect(refused(fields)).toBe(names);
  });

  test('a known secret, under any name', () => {
    const isSecret = (text: string) => text.includes('canary');
    expect(refused({ memo: 'a canary', clientName: 'canary' }, isSecret)).toBe('memo');
    expect(refused({ memo: [['of a canary', 7]] }, isSecret)).toBe('memo');
    expect(refused({ memo: 'a bird', clientName: 'canary' }, isSecret)).toBeUndefined();
    // If the client ID contains a password by choice, it must still be named.
    expect(refused({ memo: 'a bird' }, text => text === 'invoices')).toBeUndefined();
  });

  test('but not because of these', () => {
    expect(
      refused({
        requireClientSecret: true,
        hasSecret: true,
        secretCount: 2,
        allowAccessTokensViaBrowser: false,
        identityTokenLifetime: '00:05:00',
        absoluteRefreshTokenLifetime: 2_592_000,
        accessTokenType: 'Jwt',
        refreshTokenUsage: 'OneTimeOnly',
        refreshTokenExpiration: null,
        allowedIdentityTokenSigningAlgorithms: ['RS256', 'ES256'],
        redirectUris: ['https://a.example/token'],
        accessTokenLifetime: '01:00:00',
        type: 'Web',
        subtype: 'SharedSecret',
        typeOfSupport: 'Token desk',
      }),
    ).toBeUndefined();
  });
});

test('credentials are found everywhere, and nothing else is refused', () => {
  const harmless = fc.constantFrom('color', 'claims', 'properties', 'items');
  const plain = fc.oneof(fc.boolean(), fc.integer(), fc.constantFrom('blue', null));
  const tree = fc.letrec<{ node: unknown }>(tie => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      plain,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(harmless, tie('node'), { maxKeys: 3 }),
    ),
  })).node;
  const wrapped = fc
    .tuple(
      fc.constantFrom('clientSecrets', 'db_password', 'ApiKey', 'value_hash', 'credentials', 'refresh_token'),
      fc.constantFrom('', null, 'x', [], [{}], {}),
      fc.array(fc.constantFrom('list', 'object'), { maxLength: 4 }),
    )
    .map(([name, value, wrappers]) =>
      wrappers.reduce<unknown>((inner, kind) => (kind === 'list' ? [inner] : { items: inner }), { [name]: value }),
    );
  fc.assert(
    fc.property(fc.dictionary(harmless, tree), wrapped, (fields, credentials) => {
      expect(refused(fields)).toBeUndefined();
      expect(settingsToWrite(client(fields), {})).toEqual(client(fields));
      expect(refused({ ...fields, more: credentials })).toMatch(/^more\./u);
    }),
  );
});
