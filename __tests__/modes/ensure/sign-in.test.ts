import { describe, expect, test } from '@jest/globals';
import type { Mishap } from '../../../emulator/vantage/index.ts';
import { Bench, SIGNED_IN } from '../../support/bench.ts';

/** The token request that signs in, and none that verifies a secret. */
const SIGN_IN = { path: 'token', body: /client_id=administrator-/u } as const;

/** A token response with a valid token and other members. */
async function answerWith(bench: Bench, others: object, type = 'application/json'): Promise<Mishap> {
  const body = { access_token: await bench.vantage.issueAccessToken(), token_type: 'Bearer', ...others };
  return { kind: 'answer', status: 200, headers: { 'content-type': type }, body: JSON.stringify(body) };
}

const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A well-formed ID token of somebody else. */
const FOREIGN_ID_TOKEN = [
  segment({ alg: 'RS256', typ: 'JWT' }),
  segment({ iss: 'https://id.example', aud: 'somebody', sub: 'a', iat: 1, exp: 2 }),
  'c2lnbmF0dXJl',
].join('.');

describe('a sign-in accepts an access token, whatever else the response contains', () => {
  test.each([
    ['an ID token of another issuer', { id_token: FOREIGN_ID_TOKEN }],
    ['an invalid ID token', { id_token: 'garbage' }],
    ['an ID token of null', { id_token: null }],
    ['a refresh token and a scope of null', { refresh_token: null, scope: null }],
    ['a lifetime in digits', { expires_in: '3600' }],
    ['a lifetime of null', { expires_in: null }],
    ['an invalid lifetime', { expires_in: 'a while' }],
    ['a type in capitals', { token_type: 'BEARER' }],
  ])('%s', async (_, others) => {
    await using bench = await Bench.open();
    bench.vantage.faults.add({ on: SIGN_IN, mishap: await answerWith(bench, others) });
    const run = await bench.ensure({ rotate: 'never' });
    expect(run.failure).toBeUndefined();
    expect(run.log[0]).toBe(SIGNED_IN);
    expect(bench.vantage.client('invoices')).toBeDefined();
  });

  test('also if the media type of the response does not match its content', async () => {
    await using bench = await Bench.open();
    bench.vantage.faults.add({ on: SIGN_IN, mishap: await answerWith(bench, {}, 'text/plain') });
    expect((await bench.ensure({ rotate: 'never' })).failure).toBeUndefined();
  });
});

describe('a sign-in fails if the response has no bearer token', () => {
  test.each([
    ['no type', { token_type: undefined }, 'token_type'],
    ['another type', { token_type: 'mac' }, 'token_type'],
    ['no token', { access_token: undefined }, 'access_token'],
    ['an empty token', { access_token: '' }, 'access_token'],
    ['a token that is not text', { access_token: 5 }, 'access_token'],
    ['a token that no header can contain', { access_token: 'one\ntwo' }, 'access_token'],
  ])('%s', async (_, others, names) => {
    await using bench = await Bench.open();
    bench.vantage.faults.add({ on: SIGN_IN, mishap: await answerWith(bench, others) });
    const { failure } = await bench.ensure({ rotate: 'never' });
    expect(failure?.code).toBe('unexpected-response');
    expect(failure?.message).toContain(names);
    expect(failure?.message).toContain('POST VANTAGE/auth2/connect/token');
  });
});
