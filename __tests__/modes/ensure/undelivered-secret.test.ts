import { describe, expect, test } from '@jest/globals';
import type { Mishap } from '../../../emulator/vantage/index.ts';
import {
  Bench,
  type BenchOptions,
  cancel,
  type Outcome,
  SIX_MONTHS_LATER,
  START,
  VERIFICATION,
  writesOf,
} from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const TIER_1: BenchOptions = { vantage: { clients: [CLIENT] } };
const TIER_0: BenchOptions = { vantage: { tier: 0, clients: [CLIENT] } };
const SECRETS_AT = `VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/${CLIENT_ID}/secrets/`;
const CANNOT_LIST = `this Vantage does not list secrets (GET ${SECRETS_AT} answered 404 with an empty body)`;
const NOT_YET = 'Vantage does not list it yet';
const TAKEN_BACK = 'Revoked the new secret, because it was not delivered: MARK-1';
const EMPTY_LIST: Mishap = { kind: 'answer', status: 200, body: [] };

/** A response to the verification that does not judge the secret, so that it is not delivered. */
const NO_VERDICT = { on: VERIFICATION, mishap: { kind: 'html' } } as const;

/** The warning about a secret that remains. */
const left = (why: string, which = ', id ID-1', end = SIX_MONTHS_LATER) =>
  `Warning: The new secret was not delivered and could not be revoked, because ${why}. Delete it in Vantage: client "invoices"${which}, expires ${end}, marked MARK-1`;

/** The run delivered nothing, and the secret is revoked. */
function expectTakenBack(bench: Bench, run: Outcome): void {
  expect(run.log.at(-1)).toBe(TAKEN_BACK);
  expect(run.record.secret).toMatchObject({ mark: 'MARK-1', fate: 'revoked' });
  expect(run.remembered.at(-1)).toEqual([]);
  expect(run.output).toBeUndefined();
  expect(bench.marks()).toEqual([]);
}

describe('a secret that is not delivered', () => {
  test('is revoked, and then nothing has changed', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add(NO_VERDICT);
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'unexpected-response' });
    expectTakenBack(bench, run);
    expect(run.record.secret).toEqual({
      mark: 'MARK-1',
      id: 'ID-1',
      startTime: START,
      expiration: SIX_MONTHS_LATER,
      verified: 'skipped',
      fate: 'revoked',
    });
    expect(run.record.changed).toBe(false);
    expect(run.remembered).toEqual([['MARK-1'], []]);
    expect(writesOf(run)).toEqual(['createSecret', 'deleteSecret']);
  });

  test('is revoked, and the client that was created for it is kept', async () => {
    await using bench = await Bench.open();
    bench.vantage.faults.add(NO_VERDICT);
    const run = await bench.ensure();
    expectTakenBack(bench, run);
    expect(run.record).toMatchObject({ clientCreated: true, changed: true });
  });

  test('is the only one that is revoked', async () => {
    const foreign =
      '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=1658821493.1 0000000000000000]';
    const secrets = [{ description: null }, { description: 'by hand' }, { description: foreign }];
    await using bench = await Bench.open({ vantage: { clients: [{ ...CLIENT, secrets }] } });
    bench.vantage.faults.add(NO_VERDICT);
    const run = await bench.ensure({ 'secret-description': 'Staging' });
    expect(run.record.secret).toMatchObject({ fate: 'revoked' });
    expect(bench.secrets().map(({ description }) => description)).toEqual([null, 'by hand', foreign]);
  });

  test('is revoked when it is listed', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add(NO_VERDICT);
    bench.vantage.faults.add({ on: 'readSecrets', skip: 1, times: 2, mishap: EMPTY_LIST });
    const begun = performance.now();
    expectTakenBack(bench, await bench.ensure());
    expect(performance.now() - begun).toBeGreaterThan(740);
  });

  test('and is not listed in time is named', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add(NO_VERDICT);
    bench.vantage.faults.add({ on: 'readSecrets', mishap: EMPTY_LIST });
    const run = await bench.ensure({ timeout: '1s' });
    expect(run.log.at(-1)).toBe(left(NOT_YET));
    expect(run.record.secret).toMatchObject({ fate: 'minted' });
    expect(run.remembered).toEqual([['MARK-1'], ['MARK-1']]);
  });

  test('and is never listed is named', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add(NO_VERDICT);
    bench.vantage.faults.add({ on: 'readSecrets', mishap: EMPTY_LIST });
    const run = await bench.ensure();
    expect(run.log.at(-1)).toBe(left(NOT_YET));
    expect(run.vantage.filter(({ route }) => route === 'readSecrets')).toHaveLength(6);
  });

  test.each<readonly [string, BenchOptions, string]>([
    ['with its ID if Vantage reports one', TIER_0, ', id ID-1'],
    ['without', { vantage: { ...TIER_0.vantage, shape: { secretBody: 'documented-only' } } }, ''],
  ])('and cannot be revoked is named, %s', async (_, options, id) => {
    await using bench = await Bench.open(options);
    bench.vantage.faults.add(NO_VERDICT);
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'unexpected-response' });
    expect(run.log.at(-1)).toBe(left(CANNOT_LIST, id));
    expect(run.record.secret).toMatchObject({ verified: 'skipped', fate: 'minted' });
    expect(run.record.changed).toBe(true);
    expect(run.remembered).toEqual([['MARK-1'], ['MARK-1']]);
    expect(bench.marks()).toEqual(['MARK-1']);
  });

  test('and cannot be revoked is named without an expiration that Vantage did not report', async () => {
    await using bench = await Bench.open(TIER_0);
    const value = 'canary-of-a-secret-without-an-end';
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 201, body: { value } } });
    bench.vantage.faults.add(NO_VERDICT);
    const run = await bench.ensure();
    expect(run.log.at(-1)).toBe(left(CANNOT_LIST, '', 'at a time that Vantage did not report'));
  });

  test.each<readonly [string, 'readSecrets' | 'deleteSecret', Mishap, string]>([
    ['its deletion', 'deleteSecret', { kind: 'answer', status: 403 }, `DELETE ${SECRETS_AT}ID-1/ answered 403`],
    [
      'the list of secrets',
      'readSecrets',
      { kind: 'answer', status: 401 },
      `listing the secrets of client "invoices" failed at GET ${SECRETS_AT}: it answered 401 with an empty body. The sign-in succeeded, but Vantage refuses its access token: check that TENANT (\`tenant-id\`) is the tenant of the account, and that no proxy removes the Authorization header`,
    ],
  ])('and cannot be revoked, because Vantage refuses %s, is named', async (_, on, mishap, why) => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add(NO_VERDICT);
    bench.vantage.faults.add({ on, skip: on === 'readSecrets' ? 1 : 0, mishap });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'unexpected-response' });
    expect(run.log.at(-1)).toBe(left(why));
    expect(run.record.secret).toMatchObject({ fate: 'minted' });
  });

  test('and cannot be revoked, because the connection breaks, is named in a whole sentence', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add(NO_VERDICT);
    bench.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'reset' } });
    const run = await bench.ensure();
    expect(run.log.at(-1)).toContain(`could not be revoked, because DELETE ${SECRETS_AT}ID-1/ failed: `);
  });

  test('because the run is cancelled during its verification is revoked', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'stall' } });
    const run = await bench.ensure({}, { when: [/^POST .*client_id=invoices/u, cancel] });
    expect(run.failure).toMatchObject({ code: 'cancelled', outcomeUnknown: false });
    expectTakenBack(bench, run);
  });

  test('because the run is cancelled after its verification is revoked', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({}, { when: [/Verified the new secret/u, cancel] });
    expect(run.failure).toEqual({
      code: 'cancelled',
      message: 'delivering the new secret of client "invoices" failed: the workflow was cancelled.',
      outcomeUnknown: false,
    });
    expectTakenBack(bench, run);
    expect(run.record.secret).toMatchObject({ verified: 'true' });
    expect(run.record.changed).toBe(false);
  });

  test('because the output cannot be written is revoked', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({ 'revoke-at-job-end': 'true' }, { outputFails: true });
    expect(run.failure).toMatchObject({ code: 'internal-error', message: expect.stringContaining('ENOSPC') });
    expectTakenBack(bench, run);
    expect(run.remembered).toEqual([['MARK-1'], ['MARK-1'], []]);
    expect(run.record.secret).toMatchObject({ verified: 'true' });
  });

  test.each<readonly [string, BenchOptions, string, string]>([
    ['revoked', TIER_1, TAKEN_BACK, 'revoked'],
    ['named', TIER_0, left(CANNOT_LIST), 'minted'],
  ])('because its mark cannot be saved is %s', async (_, options, line, fate) => {
    await using bench = await Bench.open(options);
    const run = await bench.ensure({}, { notes: 1 });
    expect(run.failure).toMatchObject({ code: 'internal-error', message: expect.stringContaining('ENOSPC') });
    expect(run.log.at(-1)).toBe(line);
    expect(run.record.secret).toMatchObject({ verified: 'true', fate });
    expect(run.remembered).toEqual([['MARK-1']]);
    expect(run.output).toBeUndefined();
  });

  test('but was written to a target by then is kept', async () => {
    await using bench = await Bench.open({ ...TIER_1, github: {} });
    const run = await bench.ensure({ 'write-to': 'repository', 'output-secret': 'true' }, { outputFails: true });
    expect(run.failure).toMatchObject({ code: 'internal-error', message: expect.stringContaining('ENOSPC') });
    expect(run.record).toMatchObject({
      secret: { verified: 'true', fate: 'handed-out' },
      written: ['actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET'],
      changed: true,
    });
    expect(run.remembered).toEqual([['MARK-1'], []]);
    expect(bench.marks()).toEqual(['MARK-1']);
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
    expect(writesOf(run)).toEqual(['createSecret']);
  });

  describe('after another creation whose response was lost', () => {
    const LOST: Mishap = { kind: 'answer', status: 500, headers: { 'retry-after': '0' } };

    test('is revoked, and the post step still looks for the other one', async () => {
      await using bench = await Bench.open(TIER_1);
      bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: LOST });
      const run = await bench.ensure({}, { outputFails: true });
      expect(run.log.at(-1)).toBe(TAKEN_BACK.replace('MARK-1', 'MARK-2'));
      expect(run.remembered.slice(-2)).toEqual([['MARK-1'], ['MARK-1']]);
    });

    test('is left, and the post step looks for both', async () => {
      await using bench = await Bench.open(TIER_0);
      bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: LOST });
      const run = await bench.ensure({}, { outputFails: true });
      expect(run.log.at(-1)).toContain('could not be revoked');
      expect(run.remembered.slice(-2)).toEqual([['MARK-1'], ['MARK-1', 'MARK-2']]);
    });
  });
});

describe('the end of the job', () => {
  /** A bench whose client has two secrets of the action and a manually created one, and the marks of the two. */
  async function openWithSecrets(
    options: BenchOptions,
  ): Promise<readonly [bench: Bench, first: string, second: string]> {
    const bench = await Bench.open(options);
    bench.vantage.addClient(CLIENT, [{ description: 'by hand' }]);
    await bench.ensure({ verify: 'false' });
    await bench.ensure({ verify: 'false' });
    return [bench, bench.named('MARK-1'), bench.named('MARK-2')];
  }

  test('deletes the secrets that have the marks, and no other', async () => {
    const [bench, first, second] = await openWithSecrets({});
    await using _ = bench;
    const run = await bench.revokePending([first, second]);
    expect(run.failure).toBeUndefined();
    expect(run.log.slice(1)).toEqual([
      'Deleted the secret of client "invoices" marked MARK-1',
      'Deleted the secret of client "invoices" marked MARK-2',
    ]);
    expect(bench.marks()).toEqual(['by hand']);
  });

  test('reports which ones it did not find', async () => {
    const [bench, first] = await openWithSecrets({});
    await using _ = bench;
    await bench.revokePending([first]);
    const run = await bench.revokePending([first], { timeout: '1s' });
    expect(run.log.slice(1)).toEqual([
      'Vantage does not list a secret of client "invoices" with this mark. It was deleted or never created: MARK-1',
    ]);
    expect(run.failure).toBeUndefined();
    expect(bench.marks()).toEqual(['by hand', 'MARK-2']);
  });

  test('reports that one may still exist if the list may be incomplete', async () => {
    const [bench, , second] = await openWithSecrets({
      vantage: { shape: { list: 'array', paging: 'ignored', pageSize: 2 } },
    });
    await using _ = bench;
    const run = await bench.revokePending([second], { timeout: '1s' });
    expect(run.log.slice(1)).toEqual([
      'Warning: A secret of client "invoices" may still exist, because it is not among the 2 secrets that this Vantage lists, and the list may be incomplete. Delete it in Vantage: MARK-2',
    ]);
    // The list may show a secret late, so it is read again all the same.
    expect(run.vantage.filter(({ route }) => route === 'readSecrets').length).toBeGreaterThan(3);
    expect(bench.marks()).toEqual(['by hand', 'MARK-1', 'MARK-2']);
  });

  test('reports which one it could not delete, and continues', async () => {
    const [bench, first, second] = await openWithSecrets({});
    await using _ = bench;
    bench.vantage.faults.add({ on: 'deleteSecret', times: 1, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.revokePending([first, second]);
    expect(run.log.slice(1)).toEqual([
      `Warning: A secret of client "invoices" may still exist, because DELETE ${SECRETS_AT}ID-1/ answered 403. Delete it in Vantage: MARK-1`,
      'Deleted the secret of client "invoices" marked MARK-2',
    ]);
    expect(bench.marks()).toEqual(['by hand', 'MARK-1']);
  });

  test('reports why it could not sign in', async () => {
    const [bench, first] = await openWithSecrets({});
    await using _ = bench;
    const run = await bench.revokePending([first], { 'auth-client-secret': 'canary-that-is-wrong' });
    expect(run.failure).toMatchObject({ code: 'authentication-failed' });
    expect(run.log).toEqual([]);
    expect(bench.marks()).toEqual(['by hand', 'MARK-1', 'MARK-2']);
  });
});
