import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Vantage, VantageOptions } from '../../../emulator/vantage/index.ts';
import { Bench, bodiesOf, type Inputs, type Outcome } from '../../support/bench.ts';

const HOUR = 3_600_000;
const CLIENTS = Array.from({ length: 12 }, (_, index) => ({ clientId: `client-${index}`, secrets: [{}] }));
/** A token that lives for an hour, and enough clients that one is still unread when it expires. */
const AN_HOUR: VantageOptions = { tokenLifetime: 3600, clients: CLIENTS };
const AS_LONG_AS_IT_TAKES = { timeout: '24h' };
/** The read of the fifth client's secrets. */
const MIDWAY = /^GET .*\/client-5\/secrets/u;

/** The sign-ins of the administrator, without verifications. */
const signInsOf = ({ vantage }: Outcome | Outcome<'audit'>) =>
  vantage.filter(({ route, body }) => route === 'token' && body.includes('client_id=administrator-'));

/** The access token of the last request to the admin API. */
const tokenInUse = ({ requests }: Vantage): string =>
  String(requests.findLast(({ headers }) => headers.authorization)?.headers.authorization).replace('Bearer ', '');

/** Returns a function that does something on every call except the first. */
function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) {
      done = true;
      act();
    }
  };
}

/** Advances the clocks of the process and of Vantage by two hours. */
function twoHoursLater({ clock }: Vantage): () => void {
  return once(() => {
    const { now } = performance;
    jest.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 2 * HOUR);
    clock.advance(2 * HOUR);
  });
}

/** The credentials of a user who has only a token. */
async function byToken(vantage: Vantage): Promise<Inputs> {
  return { 'access-token': await vantage.issueAccessToken(), 'auth-client-id': '', 'auth-client-secret': '' };
}

/** Every client was read, with its secret. */
function expectWhole({ failure, record }: Outcome<'audit'>): void {
  expect(failure).toBeUndefined();
  const read = record.clients.map(({ clientId, secrets }) => [clientId, secrets?.length]);
  expect(read).toEqual(expect.arrayContaining(CLIENTS.map(({ clientId }) => [clientId, 1])));
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('an access token', () => {
  test('is renewed once before it expires, in an audit that takes longer than its life', async () => {
    await using bench = await Bench.open({ vantage: AN_HOUR });
    const run = await bench.run('audit', AS_LONG_AS_IT_TAKES, { when: [MIDWAY, twoHoursLater(bench.vantage)] });
    expectWhole(run);
    expect(signInsOf(run)).toHaveLength(2);
    expect(run.log.filter(line => line.startsWith('Signed in again, because the access token '))).toHaveLength(1);
  });

  test('is renewed once if it is refused earlier', async () => {
    await using bench = await Bench.open({ vantage: AN_HOUR });
    const revoke = once(() => bench.vantage.revokeAccessToken(tokenInUse(bench.vantage)));
    const run = await bench.run('audit', {}, { when: [MIDWAY, revoke] });
    expectWhole(run);
    expect(signInsOf(run)).toHaveLength(2);
    expect(run.log).toContain('Signed in again, because the access token was refused.');
  });

  test('that is refused for the creation of a secret: one is created, with another token', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ clientId: 'invoices' }] } });
    const revoke = once(() => bench.vantage.revokeAccessToken(tokenInUse(bench.vantage)));
    const run = await bench.ensure({}, { when: [/^POST .*\/secrets\//u, revoke] });
    expect(run.failure).toBeUndefined();
    expect(bench.secrets().map(({ value }) => value)).toEqual([run.output]);
    const bodies = bodiesOf(run.vantage, 'createSecret');
    expect(bodies).toEqual([bodies[0], bodies[0]]);
  });

  test('that is refused again and again ends the step', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ clientId: 'invoices' }] } });
    bench.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status: 401 } });
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 401 } });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'authentication-failed', outcomeUnknown: false });
    expect(run.vantage.filter(({ route }) => route === 'createSecret')).toHaveLength(2);
    expect(bench.secrets()).toEqual([]);
  });

  test('that is refused after a deletion with a lost response does not hide that the deletion took effect', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ clientId: 'invoices' }] } });
    const revoke = once(() => bench.vantage.revokeAccessToken(tokenInUse(bench.vantage)));
    const lost = { kind: 'answer', status: 503, headers: { 'retry-after': '0' }, apply: true } as const;
    bench.vantage.faults.add({ on: 'deleteClient', times: 1, mishap: lost });
    const run = await bench.run('delete', {}, { when: [/answered 503/u, revoke] });
    expect(run.failure).toBeUndefined();
    expect(run.vantage.flatMap(({ route, status }) => (route === 'deleteClient' ? [status] : []))).toEqual([
      503, 401, 404,
    ]);
    expect(run.record.client).toBe('deleted');
  });

  test('that cannot be renewed because the credentials are refused by then: the log says so', async () => {
    await using bench = await Bench.open({ vantage: AN_HOUR });
    const { vantage } = bench;
    const lock = once(() => {
      vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 400, body: { error: 'invalid_client' } } });
      vantage.revokeAccessToken(tokenInUse(vantage));
    });
    const run = await bench.run('audit', { concurrency: '1' }, { when: [MIDWAY, lock] });
    expect(run.failure).toMatchObject({ code: 'authentication-failed' });
    expect(run.log.find(line => line.startsWith('The access token was refused and could not be renewed: '))).toContain(
      'answered 400 (invalid_client)',
    );
  });

  test('from the workflow cannot be renewed: the error says so, with advice', async () => {
    await using bench = await Bench.open({ vantage: AN_HOUR });
    const inputs = { ...AS_LONG_AS_IT_TAKES, ...(await byToken(bench.vantage)), concurrency: '1' };
    const run = await bench.run('audit', inputs, { when: [MIDWAY, twoHoursLater(bench.vantage)] });
    expect(run.failure?.code).toBe('authentication-failed');
    expect(run.failure?.message).toContain(
      'The step cannot renew it: to do so, sign in with `auth-client-id` and `auth-client-secret`.',
    );
    expect(signInsOf(run)).toEqual([]);
  });
});
