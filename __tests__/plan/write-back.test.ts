import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import {
  assertNoCredentials,
  clientExists,
  clientMayBeFromThisRun,
  settingsToWrite,
} from '../../src/plan/client-step.ts';

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
    [{ myAccessTokenType: 'Jwt' }, 'myAccessTokenType'],
    [{ accessTokenTypeHint: 'Jwt' }, 'accessTokenTypeHint'],
    [
      { allowedIdentityTokenSigningAlgorithms: ['RS256', `eyJ${'a'.repeat(22)}`] },
      'allowedIdentityTokenSigningAlgorithms',
    ],
    [{ allowedIdentityTokenSigningAlgorithms: ['RS256', 7] }, 'allowedIdentityTokenSigningAlgorithms'],
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
        AllowedIdentityTokenSigningAlgorithms: [],
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

describe('the error', () => {
  const partsOf = (failure: Failure) => ({ code: failure.code, ...failure.parts });

  test('of a refused update names the fields, but not their values', () => {
    const update = () => assertNoCredentials(client({ apiKey: 'canary', memo: { password: 'canary' } }));
    expect(update).toThrow(
      new Failure('unsupported', {
        operation: 'updating client "invoices"',
        reason:
          'Vantage’s response contains possible credentials (apiKey, memo.password), and an update writes the whole client back, which could remove or clear them',
        advice: 'The update was not sent. Change the settings in Vantage, or set `if-exists` to adopt.',
      }),
    );
  });

  test('of a client that exists says how to use it', () => {
    expect(partsOf(clientExists('invoices'))).toEqual({
      code: 'conflict',
      operation: 'creating client "invoices"',
      reason: 'it already exists',
      advice: 'Choose another `client-id`, or set `if-exists` to `adopt` or `update`.',
    });
  });

  test('of a client that this run may have created says what to check', () => {
    const unknown = {
      code: 'conflict',
      operation: 'creating client "invoices"',
      reason:
        'it exists, and its creator is not known: the response to an earlier attempt of this request was lost, and that attempt may have created it',
      outcomeUnknown: true,
      advice:
        'No secret was created for it. Check the client in Vantage: if nobody else created it, run the step again with `if-exists: adopt`. Otherwise choose another `client-id`.',
    };
    expect(partsOf(clientMayBeFromThisRun('invoices', undefined))).toStrictEqual({ ...unknown, request: undefined });
    expect(partsOf(clientMayBeFromThisRun('invoices', 'POST https://a.example/x'))).toEqual({
      ...unknown,
      request: 'POST https://a.example/x',
    });
  });
});
