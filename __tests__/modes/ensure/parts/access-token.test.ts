import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../../../src/model/secret.ts';
import {
  assertMayGetToken,
  outputCurrentToken,
  probeForToken,
  tokenOf,
} from '../../../../src/modes/ensure/access-token.ts';
import type { Probe } from '../../../../src/vantage/token-answers.ts';
import { CLIENT_CREDENTIALS_SCOPE } from '../../../../src/vantage/token-endpoint.ts';
import { type Answers, ensureRequest, ensureRun, failureOf, observedOf, Stage } from '../../../support/stage.ts';

const TOKEN = { token: new Secret('canary-of-the-issued-token') };
const KNOWN = { request: 'POST /token', reason: 'answered 400 (unauthorized_client)' };
const ISSUED: Probe = { kind: 'accepted', token: TOKEN, ...KNOWN };
const REJECTED: Probe = { kind: 'accepted', error: 'unauthorized_client', ...KNOWN };
const REFUSED: Probe = { kind: 'refused', request: 'POST /token', reason: 'answered 400 (invalid_client)' };
const CURRENT = new Secret('canary-of-current-secret');
const GETTING = 'getting an access token for client "invoices" failed';
const GRANT_ADVICE =
  'Allow the client that grant (`allowed-grant-types`, or in Vantage **Allow Client Credentials Flow**), or remove `output-access-token`.';

/** A request for an access token of the client, with the secret that is in use if the workflow passes one. */
function tokenRequest(currentSecret?: Secret) {
  const request = ensureRequest([], { secret: currentSecret ? { currentSecret } : {} });
  return { ...request, delivery: { ...request.delivery, outputAccessToken: true } };
}

describe('the grants of a client', () => {
  test.each([
    ['that Vantage does not report', {}],
    ['of which Vantage reports none', { allowedGrantTypes: [] }],
    ['that are no texts', { allowedGrantTypes: [7] }],
    ['that allow a token', { allowedGrantTypes: ['authorization_code', 'client_credentials'] }],
  ])('%s do not stop the step', (_, settings) => {
    expect(() => assertMayGetToken(tokenRequest(), settings as object)).not.toThrow();
  });

  test('that allow no token stop the step if the workflow wants one', () => {
    const settings = { allowedGrantTypes: ['authorization_code'] };
    expect(() => assertMayGetToken(ensureRequest(), settings)).not.toThrow();
    expect(() => assertMayGetToken(tokenRequest(), settings)).toThrow(
      `${GETTING}: the client may not use the client credentials grant. ${GRANT_ADVICE} Nothing was changed.`,
    );
  });
});

describe('the scopes of a token', () => {
  const scopesFor = async (allowedScopes: unknown, ...answers: readonly Probe[]) => {
    const scopes: unknown[] = [];
    const probe = ({ scope }: { readonly scope: string }) => answers[scopes.push(scope) - 1];
    using stage = new Stage({ 'tokens.probe': probe });
    const asked = { operation: 'asking', clientId: 'invoices', secret: CURRENT };
    const answer = await probeForToken(stage.context, asked, { allowedScopes } as object);
    return { scopes, answer };
  };
  const INVALID: Probe = { kind: 'accepted', error: 'invalid_scope', ...KNOWN };

  test.each([
    ['those of the client', ['a', 'b'], 'a b'],
    ['the documented ones if Vantage reports none', undefined, 'openid permissions publicapi.all'],
    ['the documented ones if Vantage reports an empty list', [], 'openid permissions publicapi.all'],
  ])('are %s', async (_, allowed, scope) => {
    expect(await scopesFor(allowed, ISSUED)).toEqual({ scopes: [scope], answer: ISSUED });
  });

  test('are those that ABBYY documents for the grant if Vantage rejects the others', async () => {
    expect(await scopesFor(['a'], INVALID, ISSUED)).toEqual({
      scopes: ['a', CLIENT_CREDENTIALS_SCOPE],
      answer: ISSUED,
    });
  });

  test('are requested once if there are no others to try', async () => {
    expect(await scopesFor(CLIENT_CREDENTIALS_SCOPE.split(' '), INVALID)).toEqual({
      scopes: [CLIENT_CREDENTIALS_SCOPE],
      answer: INVALID,
    });
  });

  test('are requested once if Vantage rejects something else', async () => {
    expect((await scopesFor(['a'], REJECTED)).scopes).toEqual(['a']);
    expect((await scopesFor(['a'], REFUSED)).scopes).toEqual(['a']);
  });
});

describe('a step without a new secret', () => {
  const output = async (request: ReturnType<typeof tokenRequest>, answers: Answers = {}, currentToken = {}) => {
    using stage = new Stage(answers);
    const observed = observedOf(stage, currentToken);
    const failure = await failureOf(outputCurrentToken(ensureRun(stage, { request, observed }), { settings: {} }));
    return { failure, outputs: stage.outputs, requests: stage.requests, log: stage.log, topics: stage.topics };
  };
  const answering = (answer: Probe): Answers => ({ 'tokens.probe': () => answer });

  test('outputs the token that it got when it tried the secret in use', async () => {
    const { outputs, requests } = await output(tokenRequest(CURRENT), {}, { currentToken: TOKEN });
    expect({ outputs, requests }).toEqual({ outputs: ['canary-of-the-issued-token'], requests: [] });
  });

  test('asks again if it got none, because the client may have got the grant since then', async () => {
    const { outputs, requests } = await output(tokenRequest(CURRENT), answering(ISSUED));
    expect({ outputs, requests }).toEqual({ outputs: ['canary-of-the-issued-token'], requests: ['tokens.probe'] });
  });

  test('warns about its outputs that it knows no secret to get a token with', async () => {
    const { failure, log, topics } = await output(tokenRequest());
    expect(failure).toBeUndefined();
    expect(log).toEqual([
      'Warning: The `client-access-token` output is empty: this run created no secret. To get a token in every run, pass the stored secret as `current-secret`.',
    ]);
    expect(topics).toEqual(['outputs']);
  });

  test('fails if the secret in use has stopped working in the meantime, and says that the next run helps', async () => {
    const { failure, outputs } = await output(tokenRequest(CURRENT), answering(REFUSED));
    expect(failure).toMatchObject({
      code: 'secret-unverified',
      message: `${GETTING} at POST /token: it accepted current-secret before, but now it answered 400 (invalid_client). Run the step again: it creates a secret if current-secret no longer works.`,
    });
    expect(outputs).toEqual([]);
  });

  test('fails if the client gets no token, and says that no secret was due', async () => {
    const { failure } = await output(tokenRequest(CURRENT), answering(REJECTED));
    expect(failure).toMatchObject({
      code: 'invalid-input',
      message: `${GETTING} at POST /token: it accepts the secret, but gives the client no token: it answered 400 (unauthorized_client). ${GRANT_ADVICE} No secret was due.`,
    });
  });
});

test.each([
  ['invalid_scope', 'Set `allowed-scopes` and `if-exists: update`, or remove `output-access-token`.'],
  ['unauthorized_client', GRANT_ADVICE],
])('a client that gets no token because of %s is told what to change', (error, advice) => {
  const answer = { kind: 'accepted', error, request: 'POST /token', reason: `answered 400 (${error})` } as const;
  expect(() => tokenOf(answer, 'invoices', 'Nothing else happened.')).toThrow(
    `${GETTING} at POST /token: it accepts the secret, but gives the client no token: it answered 400 (${error}). ${advice} Nothing else happened.`,
  );
});
