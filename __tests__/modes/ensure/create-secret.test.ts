import { describe, expect, jest, test } from '@jest/globals';
import type { Mishap } from '../../../emulator/vantage/index.ts';
import {
  Bench,
  type BenchOptions,
  bodiesOf,
  cancel,
  type Outcome,
  SIGNED_IN,
  SIX_MONTHS_LATER,
  START,
  VERIFICATION,
  writesOf,
} from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
/** A client that exists, so that nothing happens except the steps of a secret. */
const TIER_1: BenchOptions = { vantage: { clients: [CLIENT] } };
const TIER_0: BenchOptions = { vantage: { tier: 0, clients: [CLIENT] } };
const SECRETS_AT = `VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/${CLIENT_ID}/secrets/`;
const CANNOT_LIST = `this Vantage does not list secrets (GET ${SECRETS_AT} answered 404 with an empty body)`;

const EXISTS = 'Client "invoices" exists and has the declared settings.';
const CREATING = `Creating a secret for client "invoices", expires ${SIX_MONTHS_LATER}, marked`;
const VERIFIED = 'Verified the new secret at the token endpoint.';
const DELIVERED = `Delivered the new secret. It expires ${SIX_MONTHS_LATER}.`;
const LOST = 'Warning: Vantage did not confirm that it created a secret: it answered 500 with an empty body.';
const MAY_EXIST = (mark: string, why = CANNOT_LIST) =>
  `A secret marked ${mark} may exist until ${SIX_MONTHS_LATER}. Delete it in Vantage, because ${why}.`;
const NOT_LISTED = (mark: string) =>
  `Vantage does not list a secret marked ${mark}. If it appears later, delete it (it would expire at ${SIX_MONTHS_LATER}).`;
const REVOKED = (mark: string) => `The secret marked ${mark} existed and was revoked.`;

/** A response after which a secret may exist. The next request need not wait. */
const lost = (apply: boolean, retryAfter = '0', status = 500): Mishap => ({
  kind: 'answer',
  status,
  headers: { 'retry-after': retryAfter },
  apply,
});

/** The lines after those about the sign-in and the client. */
const linesOf = ({ log }: Outcome) =>
  log.filter(line => !line.startsWith('Signed in ') && !line.startsWith('Client "invoices"'));

/** The run delivered the only secret that Vantage stores. */
function expectDelivered(bench: Bench, run: Outcome, mark: string): void {
  expect(run.failure).toBeUndefined();
  expect(run.output).toBe(bench.secrets().at(-1)?.value);
  expect(run.record.secret).toMatchObject({ mark, fate: 'handed-out' });
  expect(run.record.changed).toBe(true);
}

describe('the creation of a secret', () => {
  test('is logged with its mark and expiration, and the secret is verified and delivered', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-1');
    expect(run.log).toEqual([SIGNED_IN, EXISTS, `${CREATING} MARK-1`, VERIFIED, DELIVERED]);
    expect(run.record.secret).toEqual({
      mark: 'MARK-1',
      id: bench.normalize(bench.secrets()[0]?.id ?? ''),
      startTime: START,
      expiration: SIX_MONTHS_LATER,
      verified: 'true',
      fate: 'handed-out',
    });
    expect(bodiesOf(run.vantage, 'createSecret')).toEqual([{ description: bench.named('MARK-1') }]);
    expect(bench.named('MARK-1')).toMatch(
      / id=github\.com\/1001 to=[\da-f]{8} run=1658821493\.1 6b5ef810[\da-f]{8}\]$/u,
    );
    expect(run.remembered).toEqual([['MARK-1'], []]);
    expect(run.vantage.map(({ route }) => route)).toEqual([
      'token',
      'readClient',
      'readSecrets',
      'createSecret',
      'token',
    ]);
  });

  test('uses the life and the description of the workflow', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({
      'secret-description': 'Staging',
      'secret-start-time': '2027-02-01T00:00:00Z',
      'secret-expiration': '90d',
    });
    expectDelivered(bench, run, 'MARK-1');
    expect(bodiesOf(run.vantage, 'createSecret')).toEqual([
      {
        description: `Staging ${bench.named('MARK-1')}`,
        startTime: '2027-02-01T00:00:00.000Z',
        expiration: '2027-05-02T00:00:00.000Z',
      },
    ]);
    expect(linesOf(run)).toEqual([
      'Creating a secret for client "invoices", expires 2027-05-02T00:00:00.000Z, marked MARK-1',
      'The new secret is valid from 2027-02-01T00:00:00.000Z, so it is not verified now.',
      'Delivered the new secret. It expires 2027-05-02T00:00:00.000Z.',
    ]);
    expect(run.record.secret?.verified).toBe('skipped');
  });

  test('delivers the secret if Vantage reports only its value', async () => {
    await using bench = await Bench.open(TIER_1);
    const value = 'canary-of-a-secret-without-anything-else';
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 201, body: { value } } });
    const run = await bench.ensure({ verify: 'false' });
    expect(run.output).toBe(value);
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      'Delivered the new secret. It expires at a time that Vantage did not report.',
    ]);
    expect(run.record.secret).toEqual({ mark: 'MARK-1', verified: 'skipped', fate: 'handed-out' });
  });

  test('reports times in UTC if Vantage omits the time zone', async () => {
    await using bench = await Bench.open({ vantage: { shape: { timestamps: 'zoneless' }, clients: [CLIENT] } });
    const run = await bench.ensure();
    expect(run.record.secret).toMatchObject({
      startTime: '2027-01-31T09:00:00.0000000Z',
      expiration: '2027-07-31T09:00:00.0000000Z',
    });
  });

  test('saves the mark for the post step if the secret is to be revoked there', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({ 'revoke-at-job-end': 'true' });
    expectDelivered(bench, run, 'MARK-1');
    expect(run.remembered).toEqual([['MARK-1'], ['MARK-1']]);
  });

  test('that is refused leaves nothing', async () => {
    await using bench = await Bench.open(TIER_1);
    const body = { title: 'Too many secrets.' };
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 400, body } });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'invalid-input', message: expect.stringContaining('Too many secrets.') });
    expect(linesOf(run)).toEqual([`${CREATING} MARK-1`]);
    expect(run.remembered).toEqual([['MARK-1'], []]);
    expect(run.record).toMatchObject({ changed: false });
    expect(run.record).not.toHaveProperty('secret');
    expect(writesOf(run)).toEqual(['createSecret']);
  });

  test('whose response cannot be masked is saved for the post step, and named', async () => {
    await using bench = await Bench.open(TIER_1);
    // The access token of the sign-in is the first mask.
    const run = await bench.ensure({}, { masks: 1 });
    expect(run.failure).toMatchObject({ code: 'internal-error', message: expect.stringContaining('EPIPE') });
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      `Warning: A secret marked MARK-1 may exist until ${SIX_MONTHS_LATER}. The post step deletes it if Vantage lists it. If it is not deleted, delete it in Vantage.`,
    ]);
    expect(run.remembered).toEqual([['MARK-1']]);
    expect(bench.marks()).toEqual(['MARK-1']);
  });

  test('is retried while a new client is not known everywhere yet', async () => {
    await using bench = await Bench.open();
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(false, '0', 404) });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-1');
    expect(writesOf(run)).toEqual(['createClient', 'createSecret', 'createSecret']);
  });

  test('is not retried if the client is not new', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(false, '0', 404) });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'not-found' });
    expect(writesOf(run)).toEqual(['createSecret']);
  });
});

describe('the creation of a secret whose response is lost', () => {
  test('and that took effect is revoked, and another secret is created', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.addClient(CLIENT, [{ description: 'by hand' }]);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(true) });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-2');
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      `${LOST} ${REVOKED('MARK-1')}`,
      'Creating another secret.',
      `${CREATING} MARK-2`,
      VERIFIED,
      DELIVERED,
      'Secrets that the client had before: 1.',
    ]);
    expect(bench.marks()).toEqual(['by hand', 'MARK-2']);
    expect(run.remembered).toEqual([['MARK-1'], [], ['MARK-2'], []]);
    expect(writesOf(run)).toEqual(['createSecret', 'deleteSecret', 'createSecret']);
  });

  test('and that did not take effect is remembered, because it may still appear', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(false) });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-2');
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      `${LOST} ${NOT_LISTED('MARK-1')}`,
      'Creating another secret.',
      `${CREATING} MARK-2`,
      VERIFIED,
      DELIVERED,
    ]);
    expect(run.remembered).toEqual([['MARK-1'], ['MARK-1'], ['MARK-1', 'MARK-2'], ['MARK-1']]);
    expect(writesOf(run)).toEqual(['createSecret', 'createSecret']);
  });

  test('and that is listed late is revoked in the end', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(true) });
    bench.vantage.faults.add({
      on: 'readSecrets',
      skip: 1,
      times: 1,
      mishap: { kind: 'answer', status: 200, body: [] },
    });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-2');
    expect(linesOf(run).slice(-2)).toEqual([
      DELIVERED,
      'Vantage now lists the secret that it did not confirm. Revoked it: MARK-1',
    ]);
    expect(bench.marks()).toEqual(['MARK-2']);
  });

  test('is named if secrets cannot be listed, and another secret is created', async () => {
    await using bench = await Bench.open(TIER_0);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(true) });
    const run = await bench.ensure({ 'secret-expiration': '90d' });
    expectDelivered(bench, run, 'MARK-2');
    const end = '2027-05-01T09:00:00.000Z';
    expect(linesOf(run)).toEqual([
      `Creating a secret for client "invoices", expires ${end}, marked MARK-1`,
      `${LOST} ${MAY_EXIST('MARK-1').replace(SIX_MONTHS_LATER, end)}`,
      'Creating another secret.',
      `Creating a secret for client "invoices", expires ${end}, marked MARK-2`,
      VERIFIED,
      `Delivered the new secret. It expires ${end}.`,
    ]);
    expect(bench.marks()).toEqual(['MARK-1', 'MARK-2']);
    expect(run.remembered).toEqual([['MARK-1'], ['MARK-1'], ['MARK-1', 'MARK-2'], ['MARK-1']]);
  });

  test.each<readonly [string, 'readSecrets' | 'deleteSecret', Mishap, string]>([
    [
      'the list has no descriptions',
      'readSecrets',
      { kind: 'answer', status: 200, body: [{ id: '1', description: 'by hand' }, { id: '2' }] },
      'the list of secrets does not include their descriptions',
    ],
    [
      'the list is refused',
      'readSecrets',
      { kind: 'answer', status: 401 },
      `listing the secrets of client "invoices" failed at GET ${SECRETS_AT}: it answered 401 with an empty body. The sign-in succeeded, but Vantage refuses its access token: check that TENANT (\`tenant-id\`) is the tenant of the account, and that no proxy removes the Authorization header`,
    ],
    [
      'its deletion is refused',
      'deleteSecret',
      { kind: 'answer', status: 403 },
      `DELETE ${SECRETS_AT}ID-1/ answered 403`,
    ],
  ])('is named if %s, and another secret is created', async (_, on, mishap, why) => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: lost(true) });
    bench.vantage.faults.add({ on, skip: on === 'readSecrets' ? 1 : 0, mishap });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-2');
    expect(linesOf(run).filter(line => line.startsWith('Warning: '))).toEqual([`${LOST} ${MAY_EXIST('MARK-1', why)}`]);
    expect(run.remembered.at(-1)).toEqual(['MARK-1']);
    expect(linesOf(run).at(-1)).toBe(DELIVERED);
  });

  test('is repeated within a second if the response names no wait', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset' } });
    const chance = jest.spyOn(Math, 'random').mockReturnValue(0.3);
    const begun = performance.now();
    const run = await bench.ensure();
    chance.mockRestore();
    expectDelivered(bench, run, 'MARK-2');
    expect(performance.now() - begun).toBeGreaterThan(290);
  });

  test.each<readonly [string, BenchOptions, readonly string[]]>([
    ['both secrets exist and are revoked', TIER_1, [REVOKED('MARK-1'), REVOKED('MARK-2')]],
    ['neither secret can be looked up', TIER_0, [MAY_EXIST('MARK-1'), MAY_EXIST('MARK-2')]],
  ])('twice ends the run: %s', async (_, options, traces) => {
    await using bench = await Bench.open(options);
    bench.vantage.faults.add({ on: 'createSecret', mishap: lost(true) });
    const run = await bench.ensure();
    const outcomeUnknown = options === TIER_0;
    const doubt = outcomeUnknown ? ' It may have taken effect.' : '';
    expect(run.failure).toEqual({
      code: 'secret-unaccounted',
      message: `creating a secret for client "invoices" failed at POST ${SECRETS_AT}: it answered 500 with an empty body.${doubt} ${traces.join(' ')}${outcomeUnknown ? '' : ' Run the step again when Vantage is available.'}`,
      outcomeUnknown,
    });
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      `${LOST} ${traces[0]}`,
      'Creating another secret.',
      `${CREATING} MARK-2`,
      `${LOST} ${traces[1]}`,
    ]);
    expect(bench.marks()).toEqual(outcomeUnknown ? ['MARK-1', 'MARK-2'] : []);
    expect(run.remembered.at(-1)).toEqual(outcomeUnknown ? ['MARK-1', 'MARK-2'] : ['MARK-2']);
    expect(run.record).not.toHaveProperty('secret');
  });

  test('twice, with one secret that cannot be revoked, ends the run without certainty', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', mishap: lost(true) });
    bench.vantage.faults.add({ on: 'deleteSecret', times: 1, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'secret-unaccounted', outcomeUnknown: true });
    expect(run.failure?.message).toContain(
      `${MAY_EXIST('MARK-1', `DELETE ${SECRETS_AT}ID-1/ answered 403`)} ${REVOKED('MARK-2')}`,
    );
    expect(bench.marks()).toEqual(['MARK-1']);
  });

  test('and the second request refused does not hide the first secret', async () => {
    await using bench = await Bench.open(TIER_0);
    const { faults } = bench.vantage;
    faults.add({ on: 'createSecret', times: 1, mishap: lost(true) });
    faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 400, body: { title: 'Too many.' } } });
    const run = await bench.ensure();
    expect(run.failure).toEqual({
      code: 'secret-unaccounted',
      message: `creating another secret failed: creating a secret for client "invoices" failed at POST ${SECRETS_AT}: it answered 400 (Too many.). Change the inputs that it names. It may have taken effect. ${MAY_EXIST('MARK-1')}`,
      outcomeUnknown: true,
    });
    expect(run.cause).toMatch(/^creating a secret for client "invoices" failed at .*Too many/u);
    expect(run.remembered.at(-1)).toEqual(['MARK-1']);
  });

  test('and the second request refused reports only the refusal if the first secret is revoked', async () => {
    await using bench = await Bench.open(TIER_1);
    const { faults } = bench.vantage;
    faults.add({ on: 'createSecret', times: 1, mishap: lost(true) });
    faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 400, body: { title: 'Too many.' } } });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'invalid-input', outcomeUnknown: false });
    expect(run.remembered.at(-1)).toEqual([]);
    expect(bench.marks()).toEqual([]);
  });
});

describe('a response that contains a secret although its status is not a success', () => {
  const VALUE = 'canary-Ab3+de/Gh=ij~kl';
  const failing = (status: number): Mishap => ({
    kind: 'answer',
    status,
    headers: { 'retry-after': '0' },
    apply: true,
    body: { id: 1, value: VALUE, title: `the audit failed after secret ${VALUE} was created` },
  });
  /** Nothing quotes the response, and its value is masked. */
  const expectUnquoted = (run: Outcome) => {
    expect(run.masked).toContain(VALUE);
    expect([...run.log, run.failure?.message].join('\n')).not.toMatch(/canary-|audit/u);
  };

  test.each([302, 400, 401, 404, 409, 415, 422, 429])('%s: the secret is looked up and revoked', async status => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', mishap: failing(status) });
    const run = await bench.ensure();
    const why = `it answered ${status} with a secret`;
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      `Warning: Vantage did not confirm that it created a secret: ${why}. ${REVOKED('MARK-1')}`,
    ]);
    expect(run.failure).toMatchObject({ code: 'unexpected-response', message: expect.stringContaining(why) });
    expectUnquoted(run);
    expect(run.remembered).toEqual([['MARK-1'], []]);
    expect(writesOf(run)).toEqual(['createSecret', 'deleteSecret']);
    expect(bench.marks()).toEqual([]);
  });

  test.each([500, 502])('%s: the secret is revoked, and another one is created', async status => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: failing(status) });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-2');
    expectUnquoted(run);
    expect(bench.marks()).toEqual(['MARK-2']);
  });

  test('the secret is named if it cannot be looked up', async () => {
    await using bench = await Bench.open(TIER_0);
    bench.vantage.faults.add({ on: 'createSecret', mishap: failing(400) });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'secret-unaccounted', outcomeUnknown: true });
    expect(run.failure?.message).toContain('A secret marked MARK-1 may exist until');
    expectUnquoted(run);
    expect(run.remembered.at(-1)).toEqual(['MARK-1']);
  });

  test('the secret is looked up also if the client is new', async () => {
    await using bench = await Bench.open();
    bench.vantage.faults.add({ on: 'createSecret', mishap: failing(404) });
    const run = await bench.ensure();
    expectUnquoted(run);
    expect(writesOf(run)).toEqual(['createClient', 'createSecret', 'deleteSecret']);
  });
});

describe('the creation of a secret that is in progress when the step is stopped', () => {
  const late = (ms: number): Mishap => ({ kind: 'delay', ms });
  const untilCreation = /^POST .*\/secrets\//u;

  test.each<readonly [string, string]>([
    ['verified', 'true'],
    ['not verified', 'false'],
  ])('by a cancellation is waited for, and the secret is revoked (to be %s)', async (_, verify) => {
    await using bench = await Bench.open(TIER_0);
    // If Vantage does not list secrets, only the response shows that there is one, and its ID.
    bench.vantage.faults.add({ on: 'createSecret', mishap: late(1200) });
    const run = await bench.ensure({ verify }, { when: [untilCreation, cancel] });
    expect(run.failure).toMatchObject({ code: 'cancelled' });
    expect(run.log.at(-1)).toContain('client "invoices", id ID-1, expires');
    expect(run.masked).toContain(bench.secrets()[0]?.value);
    expect(run.record.secret).toMatchObject({ fate: 'minted' });
    expect(run.output).toBeUndefined();
  });

  test('by a cancellation, and that then completes, is revoked', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', mishap: late(1200) });
    const run = await bench.ensure({}, { when: [untilCreation, cancel] });
    expect(run.failure).toMatchObject({ code: 'cancelled', outcomeUnknown: false });
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      'Revoked the new secret, because it was not delivered: MARK-1',
    ]);
    expect(run.record.secret).toMatchObject({ fate: 'revoked' });
    expect(bench.marks()).toEqual([]);
  });

  test('by the timeout is waited for, for half of the remaining time', async () => {
    await using bench = await Bench.open(TIER_0);
    // The work ends after 3.6 s, and the wait for a response 0.2 s later.
    bench.vantage.faults.add({ on: 'createSecret', mishap: late(3600) });
    const begun = performance.now();
    const run = await bench.ensure({ timeout: '4s' });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(run.failure).toMatchObject({ code: 'timeout' });
    expect(run.log.at(-1)).toContain('client "invoices", id ID-1, expires');
    expect(run.masked).toContain(bench.secrets()[0]?.value);
  });

  test('by a cancellation is not waited for forever', async () => {
    await using bench = await Bench.open(TIER_0);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'stall', apply: true } });
    let cancelled = 0;
    const stop = (deadline: Parameters<typeof cancel>[0]) => {
      cancelled = performance.now();
      cancel(deadline);
    };
    const run = await bench.ensure({}, { when: [untilCreation, stop] });
    const took = performance.now() - cancelled;
    expect(took).toBeGreaterThan(2400);
    expect(took).toBeLessThan(7000);
    expect(run.failure).toMatchObject({ code: 'secret-unaccounted' });
  });

  test.each<readonly [string, Mishap]>([
    ['429', { kind: 'throttle', retryAfter: 0 }],
    ['401', { kind: 'answer', status: 401 }],
    ['415', { kind: 'answer', status: 415 }],
  ])('is not retried after it was answered %s', async (_, mishap) => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap });
    const run = await bench.ensure({}, { when: [untilCreation, cancel] });
    expect(run.failure).toMatchObject({ code: 'cancelled', outcomeUnknown: false });
    expect(writesOf(run)).toEqual(['createSecret']);
    expect(run.remembered.at(-1)).toEqual([]);
  });

  test('in the pause before the next attempt is not retried', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'throttle', retryAfter: 1 } });
    const run = await bench.ensure({}, { when: [/Retrying in 1\.0 s/u, cancel] });
    expect(run.failure).toMatchObject({ code: 'cancelled', outcomeUnknown: false });
    expect(writesOf(run)).toEqual(['createSecret']);
  });
});

describe('the creation of a secret that is not retried', () => {
  test.each<readonly [string, BenchOptions, boolean, string]>([
    ['it exists and is revoked', TIER_1, true, REVOKED('MARK-1')],
    ['it is not listed', TIER_1, false, NOT_LISTED('MARK-1')],
  ])('because its response has no secret: %s', async (_, options, apply, trace) => {
    await using bench = await Bench.open(options);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'html', status: 201, apply } });
    const run = await bench.ensure();
    expect(run.failure).toEqual({
      code: 'unexpected-response',
      message: `creating a secret for client "invoices" failed at POST ${SECRETS_AT}: it answered 201 with an HTML page, without a secret. Check that no proxy answers in place of Vantage.`,
      outcomeUnknown: false,
    });
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      `Warning: Vantage did not confirm that it created a secret: it answered 201 with an HTML page, without a secret. ${trace}`,
    ]);
    expect(run.remembered).toEqual([['MARK-1'], apply ? [] : ['MARK-1']]);
    expect(bench.marks()).toEqual([]);
  });

  test('because its response has no secret, and the secret cannot be looked up', async () => {
    await using bench = await Bench.open(TIER_0);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'html', status: 201, apply: true } });
    const run = await bench.ensure();
    expect(run.failure).toMatchObject({ code: 'secret-unaccounted', outcomeUnknown: true });
    expect(run.failure?.message).toContain(MAY_EXIST('MARK-1'));
    expect(writesOf(run)).toEqual(['createClient', 'createSecret']);
  });

  test('because the response asks for a longer wait than there is time', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', mishap: lost(true, '3600', 503) });
    const run = await bench.ensure();
    expect(run.failure).toEqual({
      code: 'vantage-unavailable',
      message: `creating a secret for client "invoices" failed at POST ${SECRETS_AT}: it answered 503 with an empty body. Run the step again when Vantage is available.`,
      outcomeUnknown: false,
    });
    expect(writesOf(run)).toEqual(['createSecret', 'deleteSecret']);
  });

  test.each([true, false])('because the run is cancelled meanwhile (took effect: %s)', async apply => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'stall', apply } });
    const run = await bench.ensure({}, { when: [/^POST .*\/secrets\//u, cancel] });
    expect(run.failure).toEqual({
      code: 'cancelled',
      message: `creating a secret for client "invoices" failed at POST ${SECRETS_AT}: the workflow was cancelled.`,
      outcomeUnknown: false,
    });
    expect(writesOf(run).filter(route => route === 'createSecret')).toHaveLength(1);
    expect(bench.marks()).toEqual([]);
  });

  test('because the run is cancelled is named if it may exist', async () => {
    await using bench = await Bench.open(TIER_0);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'stall', apply: true } });
    const run = await bench.ensure({}, { when: [/^POST .*\/secrets\//u, cancel] });
    expect(run.failure).toMatchObject({ code: 'secret-unaccounted', outcomeUnknown: true });
    expect(run.failure?.message).toContain('A secret marked MARK-1 may exist until');
    expect(run.remembered.at(-1)).toEqual(['MARK-1']);
  });

  test('because the run is cancelled in the pause before', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'createSecret', mishap: lost(true, '5', 503) });
    const run = await bench.ensure(
      {},
      { when: [/did not confirm that it created a secret/u, deadline => setTimeout(cancel, 20, deadline)] },
    );
    expect(run.failure).toMatchObject({ code: 'cancelled' });
    expect(writesOf(run)).toEqual(['createSecret', 'deleteSecret']);
  });
});

describe('the verification', () => {
  /** The request of a run that verifies its secret, if there is one. */
  const verificationOf = ({ vantage }: Outcome) => {
    const bodies = vantage.filter(({ route, body }) => route === VERIFICATION.path && VERIFICATION.body.test(body));
    return bodies.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))[0];
  };

  test('is omitted with verify: false', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({ verify: 'false' });
    expectDelivered(bench, run, 'MARK-1');
    expect(run.record.secret?.verified).toBe('skipped');
    expect(linesOf(run)).toEqual([`${CREATING} MARK-1`, DELIVERED]);
    expect(verificationOf(run)).toBeUndefined();
  });

  test('is omitted if the client needs no secret', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ ...CLIENT, requireClientSecret: false }] } });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-1');
    expect(run.record.secret?.verified).toBe('skipped');
    expect(linesOf(run)).toContain(
      'The client does not require a secret, so the token endpoint cannot verify the new one.',
    );
    expect(verificationOf(run)).toBeUndefined();
  });

  test('is sent if the secret starts at this moment', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({ 'secret-start-time': START });
    expect(run.record.secret?.verified).toBe('true');
    expect(verificationOf(run)).toMatchObject({ grant_type: 'client_credentials' });
  });

  test.each<readonly [string, Record<string, unknown>, Record<string, string>]>([
    ['client credentials', { allowedGrantTypes: ['client_credentials'] }, { grant_type: 'client_credentials' }],
    [
      'an invalid code, without the client credentials grant',
      { allowedGrantTypes: ['authorization_code'], redirectUris: ['https://one.example/', 'https://two.example/'] },
      { grant_type: 'authorization_code', redirect_uri: 'https://one.example/' },
    ],
    [
      'an invalid code, if the grants are not reported',
      { allowedGrantTypes: 'client_credentials', redirectUris: null },
      { grant_type: 'authorization_code', redirect_uri: 'https://localhost/' },
    ],
    [
      'an invalid code, with the first valid redirect URI',
      { allowedGrantTypes: null, redirectUris: [1, 'https://two.example/'] },
      { grant_type: 'authorization_code', redirect_uri: 'https://two.example/' },
    ],
  ])('uses %s', async (_, settings, form) => {
    await using bench = await Bench.open(TIER_1);
    const body = { clientId: CLIENT_ID, ...settings };
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-1');
    expect(run.record.secret?.verified).toBe('true');
    expect(verificationOf(run)).toMatchObject(form);
  });

  test('uses the settings of a new client', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0 } });
    const run = await bench.ensure({ 'redirect-uris': 'https://app.example/' });
    expectDelivered(bench, run, 'MARK-1');
    expect(verificationOf(run)).toMatchObject({
      grant_type: 'authorization_code',
      redirect_uri: 'https://app.example/',
    });
  });

  test('is retried, with growing pauses, while the token endpoint does not know the secret', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ kind: 'late-token-store', requests: 2 });
    const run = await bench.ensure();
    expectDelivered(bench, run, 'MARK-1');
    expect(run.record.secret?.verified).toBe('true');
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      'The token endpoint does not accept the new secret yet. Retrying in 0.5 s.',
      'The token endpoint does not accept the new secret yet. Retrying in 1 s.',
      VERIFIED,
      DELIVERED,
    ]);
  });

  const REFUSED = {
    code: 'secret-unverified',
    message:
      'verifying the new secret of client "invoices" failed at POST VANTAGE/auth2/connect/token: it answered 400 (invalid_client) until the time ran out. Check the grant types and redirect URIs of the client: the token endpoint does not know a client with invalid settings. If Vantage is only slow, raise `timeout` or run the step again.',
    outcomeUnknown: false,
  };

  test('that is refused until the time runs out revokes the secret', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ kind: 'late-token-store', ms: 3_600_000 });
    const run = await bench.ensure({ timeout: '1s' });
    expect(run.failure).toEqual(REFUSED);
    expect(linesOf(run)).toEqual([
      `${CREATING} MARK-1`,
      'The token endpoint does not accept the new secret yet. Retrying in 0.5 s.',
      'Revoked the new secret, because it was not delivered: MARK-1',
    ]);
    expect(run.record.secret).toMatchObject({ verified: 'false', fate: 'revoked' });
    expect(bench.marks()).toEqual([]);
    expect(run.output).toBeUndefined();
  });

  test('that is forbidden does not blame the role of the administrator', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: 'token', skip: 1, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure();
    expect(run.failure?.code).toBe('forbidden');
    expect(run.failure?.message).toContain(
      'verifying the new secret of client "invoices" failed at POST VANTAGE/auth2',
    );
    expect(run.failure?.message).toContain('something in front of Vantage does, such as a firewall');
    expect(run.failure?.message).not.toContain('Tenant Administrator');
  });

  test('is retried for as long as the step has time, even for minutes', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ kind: 'late-token-store', requests: 2 });
    const { now } = performance;
    const clock = jest.spyOn(performance, 'now');
    const run = await bench.ensure(
      { timeout: '5m' },
      { when: [/Retrying in 0\.5/u, () => clock.mockImplementation(() => now.call(performance) + 180_000)] },
    );
    clock.mockRestore();
    expectDelivered(bench, run, 'MARK-1');
    expect(run.record.secret?.verified).toBe('true');
  });

  test('is not retried if the remaining time is shorter than the next pause', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ kind: 'late-token-store', ms: 3_600_000 });
    const { now } = performance;
    const clock = jest.spyOn(performance, 'now');
    const run = await bench.ensure(
      { timeout: '5m' },
      { when: [/Retrying in 0\.5/u, () => clock.mockImplementation(() => now.call(performance) + 294_100)] },
    );
    clock.mockRestore();
    expect(run.failure).toEqual(REFUSED);
    expect(linesOf(run).filter(line => line.includes('Retrying in'))).toHaveLength(1);
  });

  test('ends when the run is cancelled in between', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ kind: 'late-token-store', ms: 3_600_000 });
    const run = await bench.ensure({}, { when: [/Retrying in/u, deadline => setTimeout(cancel, 20, deadline)] });
    expect(run.failure).toEqual({
      code: 'cancelled',
      message: 'verifying the new secret of client "invoices" failed: the workflow was cancelled.',
      outcomeUnknown: false,
    });
    expect(run.record.secret).toMatchObject({ verified: 'skipped', fate: 'revoked' });
    expect(bench.marks()).toEqual([]);
  });

  describe('with the response', () => {
    const answer = (status: number, body: unknown): Mishap => ({ kind: 'answer', status, body });

    test.each(['invalid_scope', 'unauthorized_client', 'invalid_grant', 'unsupported_grant_type'])(
      '400 %s accepts the secret',
      async error => {
        await using bench = await Bench.open(TIER_1);
        bench.vantage.faults.add({ on: VERIFICATION, mishap: answer(400, { error }) });
        const run = await bench.ensure();
        expectDelivered(bench, run, 'MARK-1');
        expect(run.record.secret?.verified).toBe('true');
      },
    );

    const SAYS_NOTHING: readonly (readonly [number, unknown])[] = [
      [400, { statusCode: 400, error: 'Bad Request' }],
      [400, { error: '' }],
      [400, { error: 'Invalid_Scope' }],
      [400, { error: ' invalid_scope' }],
      [400, { error: 'invalid_request' }],
      [400, { error: 'access_denied' }],
      [401, { error: 'Unauthorized' }],
      [401, { error: 'invalid_scope' }],
      [403, { error: 'unauthorized_client' }],
      [200, { error: 'invalid_scope', access_token: 'canary-of-a-token' }],
      [200, { error: '', access_token: 'canary-of-a-token' }],
    ];

    test.each(SAYS_NOTHING)('%d %j does not judge the secret', async (status, body) => {
      await using bench = await Bench.open(TIER_1);
      bench.vantage.faults.add({ on: VERIFICATION, mishap: answer(status, body) });
      const run = await bench.ensure();
      expect(run.failure?.code).toBe(
        status === 401 ? 'authentication-failed' : status === 403 ? 'forbidden' : 'unexpected-response',
      );
      expect(run.record.secret).toMatchObject({ verified: 'skipped', fate: 'revoked' });
      expect(bench.marks()).toEqual([]);
    });

    test.each(SAYS_NOTHING)('%d %j does not judge current-secret', async (status, body) => {
      await using bench = await Bench.open(TIER_1);
      bench.vantage.faults.add({ on: VERIFICATION, mishap: answer(status, body) });
      const run = await bench.ensure({ rotate: 'when-due', 'current-secret': 'canary-of-the-stored-one' });
      expect(run.failure?.message).toContain('verifying current-secret for client "invoices" failed');
      expect(writesOf(run)).toEqual([]);
    });

    test.each([
      [400, 'INVALID_CLIENT'],
      [401, 'invalid_client'],
      [401, ' Invalid_Client\n'],
    ])('%d %j refuses the secret, and current-secret', async (status, error) => {
      await using bench = await Bench.open(TIER_1);
      bench.vantage.faults.add({ on: VERIFICATION, times: 2, mishap: answer(status, { error }) });
      const run = await bench.ensure({ rotate: 'when-due', 'current-secret': 'canary-of-the-stored-one' });
      expect(run.log).toContain('The token endpoint does not accept the new secret yet. Retrying in 0.5 s.');
      expectDelivered(bench, run, 'MARK-1');
    });

    test.each([{}, { error: 'invalid_scope' }])('with an access token masks it (next to %j)', async members => {
      await using bench = await Bench.open(TIER_1);
      const token = 'canary-of-an-access-token';
      bench.vantage.faults.add({ on: VERIFICATION, mishap: answer(200, { access_token: token, ...members }) });
      expect((await bench.ensure()).masked).toContain(token);
    });
  });
});
