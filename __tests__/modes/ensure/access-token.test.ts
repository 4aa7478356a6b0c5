import { describe, expect, test } from '@jest/globals';
import { Bench, START, VERIFICATION } from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const WANTED = { 'output-access-token': 'true' };
const WHEN_DUE = { rotate: 'when-due', 'secret-expiration': '90d' };
const GETTING = 'getting an access token for client "invoices"';
const GRANT_ADVICE =
  'Allow the client that grant (`allowed-grant-types`, or in Vantage **Allow Client Credentials Flow**), or remove `output-access-token`.';

/** The time some seconds after the start. */
const seconds = (count: number) => new Date(Date.parse(START) + count * 1000).toISOString();

/** The scopes of the requests that verified a secret of the client. */
const scopesOf = (requests: readonly { readonly route: string; readonly body: string }[]) =>
  requests
    .filter(({ route, body }) => route === VERIFICATION.path && VERIFICATION.body.test(body))
    .map(({ body }) => new URLSearchParams(body).get('scope'));

/** Answers each verification with this. */
const answering = (bench: Bench, status: number, body: unknown, times = Infinity) =>
  bench.vantage.faults.add({ on: VERIFICATION, times, mishap: { kind: 'answer', status, body } });

describe('an access token of the client', () => {
  test('is the one that verified the new secret, for the scopes of the client, until it expires', async () => {
    await using bench = await Bench.open({ vantage: { shape: { proofScope: 'invalid_scope' } } });
    const { failure, accessToken, vantage, record } = await bench.ensure({ ...WANTED, 'access-token-lifetime': '1h' });
    expect(failure).toBeUndefined();
    expect(accessToken).toEqual({ token: bench.vantage.issued.at(-1), expiration: seconds(3600) });
    expect(scopesOf(vantage)).toEqual(['openid permissions publicapi.all']);
    expect(record.secret).toMatchObject({ verified: 'true', fate: 'handed-out' });
  });

  test('is not an output unless the workflow wants it', async () => {
    await using bench = await Bench.open();
    const { accessToken, vantage } = await bench.ensure();
    expect(accessToken).toBeUndefined();
    expect(scopesOf(vantage)).toEqual(['openid permissions global.wildcard']);
  });

  test('has the documented scope if Vantage rejects the scopes of the client', async () => {
    await using bench = await Bench.open();
    answering(bench, 400, { error: 'invalid_scope' }, 1);
    const { failure, accessToken, vantage } = await bench.ensure(WANTED);
    expect(failure).toBeUndefined();
    expect(accessToken?.token).toBe(bench.vantage.issued.at(-1));
    expect(scopesOf(vantage)).toEqual(['openid permissions publicapi.all', 'openid permissions global.wildcard']);
  });

  test('has the scopes that an existing client has', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ ...CLIENT, allowedScopes: ['publicapi.all'] }] } });
    expect(scopesOf((await bench.ensure(WANTED)).vantage)).toEqual(['publicapi.all']);
  });

  test.each([
    ['no lifetime', { expires_in: undefined }, undefined],
    ['a lifetime as text', { expires_in: '60' }, seconds(60)],
    ['a lifetime that is no number', { expires_in: 'soon' }, undefined],
    ['a lifetime of 0', { expires_in: 0 }, undefined],
    ['a negative lifetime', { expires_in: -60 }, undefined],
    ['a lifetime beyond every date', { expires_in: 1e300 }, undefined],
    ['a lifetime beyond the year 9999', { expires_in: 1e12 }, undefined],
  ])('with %s has this expiration', async (_, lifetime, expiration) => {
    await using bench = await Bench.open();
    answering(bench, 200, { access_token: 'canary-of-the-issued-token', token_type: 'Bearer', ...lifetime });
    const { accessToken, masked } = await bench.ensure(WANTED);
    expect(accessToken).toEqual({ token: 'canary-of-the-issued-token', expiration });
    expect(masked).toContain('canary-of-the-issued-token');
  });

  test('expires by the clock of the runner, although that of Vantage is an hour ahead', async () => {
    await using bench = await Bench.open({ vantage: { clock: Date.parse(START) + 3_600_000 } });
    expect((await bench.ensure({ ...WANTED, 'access-token-lifetime': '1h' })).accessToken?.expiration).toBe(
      seconds(3600),
    );
  });

  test('is also an output if the client needs no secret, which verifies nothing', async () => {
    await using bench = await Bench.open();
    const { accessToken, record } = await bench.ensure({ ...WANTED, 'require-client-secret': 'false' });
    expect(accessToken?.token).toBe(bench.vantage.issued.at(-1));
    expect(record.secret?.verified).toBe('skipped');
  });

  test('is an output next to targets, also if one of them is refused', async () => {
    await using bench = await Bench.open({ github: {} });
    const on = { method: 'PUT', path: /octo-repo\/actions\/secrets/u };
    bench.github.faults.add({ on, mishap: { kind: 'answer', status: 403 } });
    const { failure, accessToken, output } = await bench.ensure({
      ...WANTED,
      'write-to': 'repository\nrepository octo-org/website',
    });
    expect(failure?.code).toBe('partial-hand-off');
    expect(accessToken?.token).toBe(bench.vantage.issued.at(-1));
    expect(output).toBeUndefined();
  });
});

describe('a secret that is not due', () => {
  const open = () =>
    Bench.open({ vantage: { clients: [{ ...CLIENT, secrets: [{ value: 'canary-of-current-secret' }] }] } });
  const CURRENT = { ...WANTED, ...WHEN_DUE, 'current-secret': 'canary-of-current-secret' };

  test('gives a token if it is current-secret, with no request more', async () => {
    await using bench = await open();
    const { accessToken, vantage, record } = await bench.ensure(CURRENT);
    expect(record.changed).toBe(false);
    expect(accessToken).toEqual({
      token: bench.vantage.issued.find(token => token === accessToken?.token),
      expiration: seconds(86_400),
    });
    expect(scopesOf(vantage)).toEqual(['openid permissions publicapi.all']);
  });

  test('gives no token in a dry run', async () => {
    await using bench = await open();
    expect((await bench.ensure({ ...CURRENT, 'dry-run': 'true' })).accessToken).toBeUndefined();
  });

  test('gives no token if the step does not know it, and the step says so', async () => {
    await using bench = await Bench.open({ github: {} });
    const inputs = { ...WANTED, ...WHEN_DUE, 'write-to': 'repository' };
    expect((await bench.ensure(inputs)).accessToken).toBeDefined();
    const { failure, accessToken, log } = await bench.ensure(inputs);
    expect({ failure, accessToken }).toEqual({ failure: undefined, accessToken: undefined });
    expect(log.at(-1)).toBe(
      'Warning: The `client-access-token` output is empty: this run created no secret. To get a token in every run, pass the stored secret as `current-secret`.',
    );
  });

  test('gives a token with a grant that the client gets in this run', async () => {
    await using bench = await Bench.open({
      vantage: {
        clients: [
          {
            ...CLIENT,
            allowedGrantTypes: ['authorization_code'],
            redirectUris: ['https://app.example/'],
            secrets: [{ value: 'canary-of-current-secret' }],
          },
        ],
      },
    });
    const inputs = { ...CURRENT, 'allowed-grant-types': 'client_credentials', 'if-exists': 'update' };
    const { failure, accessToken, record } = await bench.ensure(inputs);
    expect({ failure, updated: record.clientUpdated }).toEqual({ failure: undefined, updated: true });
    expect(accessToken?.token).toBe(bench.vantage.issued.at(-1));
  });
});

describe('a client that gets no token', () => {
  const CODE = { ...CLIENT, allowedGrantTypes: ['authorization_code'], redirectUris: ['https://app.example/'] };

  test.each(['true', 'false'])('by its grant types stops the step before it has a secret (dry-run: %s)', async dry => {
    await using bench = await Bench.open({ vantage: { clients: [CODE] } });
    const { failure, record } = await bench.ensure({ ...WANTED, 'dry-run': dry });
    expect(failure).toMatchObject({
      code: 'invalid-input',
      message: `${GETTING} failed: the client may not use the client credentials grant. ${GRANT_ADVICE} Nothing was changed.`,
    });
    expect(record.changed).toBe(false);
    expect(bench.secrets()).toEqual([]);
  });

  test('by the words of the token endpoint gets no secret either: it is revoked', async () => {
    await using bench = await Bench.open();
    answering(bench, 400, { error: 'unauthorized_client' });
    const { failure, record, output, accessToken } = await bench.ensure(WANTED);
    expect(failure).toMatchObject({
      code: 'invalid-input',
      message: `${GETTING} failed at POST VANTAGE/auth2/connect/token: it accepts the secret, but gives the client no token: it answered 400 (unauthorized_client). ${GRANT_ADVICE} The new secret was not delivered.`,
    });
    expect(record.secret).toMatchObject({ verified: 'true', fate: 'revoked' });
    expect({ output, accessToken }).toEqual({ output: undefined, accessToken: undefined });
    expect(bench.secrets()).toEqual([]);
  });

  test('because Vantage rejects every scope says which setting to change', async () => {
    await using bench = await Bench.open();
    answering(bench, 400, { error: 'invalid_scope' });
    const { failure } = await bench.ensure(WANTED);
    expect(failure?.message).toContain(
      'Set `allowed-scopes` and `if-exists: update`, or remove `output-access-token`.',
    );
  });

  test.each([
    ['of another type', { access_token: 'canary-of-the-issued-token', token_type: 'mac' }],
    ['that no header can contain', { access_token: 'canary of the\nissued-token', token_type: 'Bearer' }],
  ])('but one %s gets no output', async (_, body) => {
    await using bench = await Bench.open();
    answering(bench, 200, body);
    const { failure, accessToken } = await bench.ensure(WANTED);
    expect(failure).toMatchObject({
      code: 'unexpected-response',
      message: `${GETTING} failed at POST VANTAGE/auth2/connect/token: it accepts the secret, but answered 200 with an unexpected body, which holds no bearer token. Check that \`base-url\` is Vantage itself, or remove \`output-access-token\`. The new secret was not delivered.`,
    });
    expect(accessToken).toBeUndefined();
  });
});
