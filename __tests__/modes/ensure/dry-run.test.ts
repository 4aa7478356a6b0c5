import { describe, expect, test } from '@jest/globals';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/ensure/run.ts';
import {
  Bench,
  type BenchOptions,
  bodiesOf,
  type Inputs,
  type Outcome,
  SIX_MONTHS_LATER,
  START,
  writesOf,
} from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const WRITE = { rotate: 'when-due', 'write-to': 'repository' };
const DRY = { 'dry-run': 'true' };
const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const warningsOf = ({ log }: Outcome) => log.filter(line => line.startsWith('Warning: '));
const creationsOf = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');

describe('a dry run predicts what the next run does', () => {
  /** A GitHub whose target was written before, by a client of another Vantage. */
  async function openWith(options: BenchOptions, isThere: boolean): Promise<Bench> {
    const bench = await Bench.open({ github: {}, ...options, vantage: { ...options.vantage, clients: [CLIENT] } });
    await bench.ensure(WRITE);
    if (!isThere) {
      bench.vantage.removeClient(CLIENT_ID);
    }
    return bench;
  }

  test('for a client that does not exist: both create the client and a secret', async () => {
    await using bench = await openWith({ vantage: { tier: 1 } }, false);
    const dry = await bench.ensure({ ...WRITE, ...DRY, 'client-id-variable': 'CLIENT_ID' });
    expect(dry.record.plan).toMatchObject({
      client: 'create',
      secret: 'mint',
      why: 'the client is new',
      variables: [{ value: CLIENT_ID }],
    });
    expect(writesOf(dry)).toEqual([]);
    expect(dry.record).not.toHaveProperty('rotationDue');
    const run = await bench.ensure({ ...WRITE, 'client-id-variable': 'CLIENT_ID' });
    expect(run.record.plan).toEqual(dry.record.plan);
    expect(writesOf(run)).toEqual(['createClient', 'createSecret']);
    expect(run.log).toContain('A secret is due: the client is new.');
  });

  test('for a client that exists but cannot be read: neither does anything', async () => {
    await using bench = await openWith({}, true);
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 403 } });
    const dry = await bench.ensure({ ...WRITE, ...DRY });
    expect(dry.record.plan).toMatchObject({ client: 'keep', secret: 'none' });
    expect(dry.record.plan).not.toHaveProperty('settings');
    const run = await bench.ensure(WRITE);
    expect(run.record).toMatchObject({ changed: false, clientCreated: false });
    expect(creationsOf(run)).toEqual([]);
  });

  test('for a client of which nothing is known: a secret only if it does not exist', async () => {
    for (const isThere of [true, false]) {
      await using bench = await openWith({ vantage: { tier: 0 } }, isThere);
      const dry = await bench.ensure({ ...WRITE, ...DRY });
      expect(dry.record.plan).toMatchObject({ client: 'create', secret: 'none unless the client is missing' });
      const run = await bench.ensure(WRITE);
      expect(creationsOf(run)).toHaveLength(isThere ? 0 : 1);
      expect(run.record.plan).toMatchObject(
        isThere ? { secret: 'none', dueAt: expect.any(String) } : { secret: 'mint', why: 'the client is new' },
      );
      expect('dueAt' in (run.record.plan ?? {})).toBe(isThere);
    }
  });

  test('for a client of which nothing is known, with rotate: never: no secret', async () => {
    await using bench = await openWith({ vantage: { tier: 0 } }, false);
    const dry = await bench.ensure({ rotate: 'never', ...DRY });
    expect(dry.failure).toBeUndefined();
    expect(dry.record.plan).toMatchObject({ client: 'create', secret: 'none' });
    expect((await bench.ensure({ rotate: 'never' })).record.plan).toEqual(dry.record.plan);
  });

  test('for the expiration variable: the expiration that was requested', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLIENT] }, github: {} });
    const inputs = { ...WRITE, 'secret-expiration': '90d', 'expiration-variable': 'ENDS' };
    const dry = await bench.ensure({ ...inputs, ...DRY });
    const variable = 'variable ENDS of actions repository octo-org/octo-repo';
    expect(dry.record.plan).toMatchObject({ secret: 'mint', variables: [{ variable, value: day(90) }] });
    const run = await bench.ensure(inputs);
    expect(run.record.plan).toEqual(dry.record.plan);
    expect(bench.github.variable(OWN, 'ENDS')?.value).toBe(day(90));
  });

  test('for a long drift: the log has its start, once, and the plan has all of it', async () => {
    const found = `https://invoices.example/${'x'.repeat(400)}`;
    await using bench = await Bench.open({ vantage: { clients: [{ ...CLIENT, redirectUris: [found] }] } });
    const wanted = { 'redirect-uris': 'https://invoices.example/', 'allowed-grant-types': 'client_credentials' };
    const dry = await bench.ensure({ rotate: 'never', ...wanted, ...DRY });
    expect(dry.record.plan).toMatchObject({ drift: { redirectUris: [['https://invoices.example/'], [found]] } });
    const lines = dry.log.filter(line => line.includes('https://invoices.example/xxx'));
    expect(lines).toEqual([expect.stringMatching(/^Warning: Client "invoices" has a different redirectUris: .*…\.$/u)]);
    expect(dry.log.join()).not.toContain(found);
  });

  test('for a client that may be new because a response was lost: the run says that it creates a secret', async () => {
    await using bench = await openWith({ vantage: { tier: 0 } }, false);
    bench.vantage.faults.add({ on: 'createClient', times: 1, mishap: { kind: 'reset', apply: true } });
    const run = await bench.ensure(WRITE);
    expect(run.failure).toBeUndefined();
    expect(creationsOf(run)).toHaveLength(1);
    expect(run.log).toContain('A secret is due: the client may be new.');
    expect(run.record.plan).toMatchObject({ secret: 'mint', why: 'the client may be new' });
    expect(run.record.plan).not.toHaveProperty('dueAt');
  });

  test('for a client that is new: no later due date for its targets, even if the delivery fails', async () => {
    await using bench = await openWith({ vantage: { tier: 1 } }, false);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(WRITE);
    expect(run.failure?.code).toBe('github-permission');
    expect(run.record.plan).toMatchObject({ secret: 'mint', why: 'the client is new' });
    expect(run.record).not.toHaveProperty('rotationDue');
  });

  test('for an existing client with if-exists: fail: both are a conflict', async () => {
    await using bench = await openWith({}, true);
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 403 } });
    for (const rotate of ['when-due', 'always']) {
      const inputs = { ...WRITE, rotate, 'if-exists': 'fail' };
      expect((await bench.ensure({ ...inputs, ...DRY })).failure?.code).toBe('conflict');
      expect((await bench.ensure(inputs)).failure?.code).toBe('conflict');
    }
  });

  test('for a missing client with if-exists: fail: both create it', async () => {
    await using bench = await openWith({}, false);
    const inputs = { ...WRITE, 'if-exists': 'fail' };
    const dry = await bench.ensure({ ...inputs, ...DRY });
    expect(dry.failure).toBeUndefined();
    const run = await bench.ensure(inputs);
    expect(run.record.plan).toEqual(dry.record.plan);
    expect(writesOf(run)).toEqual(['createClient', 'createSecret']);
  });
});

describe('inputs that this Vantage does not support', () => {
  const PRUNE = { 'prune-after': '7d', 'write-to': 'repository' };
  const REVOKE = { 'revoke-at-job-end': 'true' };
  const CASES: readonly (readonly [string, Inputs, string])[] = [
    ['prune-after', PRUNE, 'Warning: prune-after deletes no secret: this Vantage does not list secrets (GET VANTAGE'],
    ['revoke-at-job-end', REVOKE, 'Warning: revoke-at-job-end will not delete the secret: this Vantage does not list'],
  ];

  test.each(CASES)('cause a warning before a secret is created: %s', async (_, inputs, said) => {
    for (const extra of [{}, DRY]) {
      await using bench = await Bench.open({ vantage: { tier: 0, clients: [CLIENT] }, github: {} });
      const run = await bench.ensure({ ...inputs, ...extra });
      expect(run.failure).toBeUndefined();
      const [warning, ...more] = warningsOf(run);
      expect(more).toEqual([]);
      expect(warning).toContain(said);
      expect(warning).toContain('Remove the input');
      const created = run.log.findIndex(line => line.startsWith('Creating a secret'));
      expect(created === -1 || run.log.indexOf(String(warning)) < created).toBe(true);
    }
  });

  test('cause a warning for a new client as well, once it turns out that its secrets are not listed', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0 } });
    expect(warningsOf(await bench.ensure(REVOKE))).toEqual([expect.stringContaining('revoke-at-job-end')]);
  });

  test('cause a warning if the list may be incomplete', async () => {
    const shape = { list: 'array', paging: 'ignored' } as const;
    await using bench = await Bench.open({ vantage: { clients: [CLIENT], shape }, github: {} });
    await bench.ensure(PRUNE);
    expect(warningsOf(await bench.ensure(PRUNE))).toEqual([
      'Warning: prune-after deletes no secret: the list of secrets that Vantage returns may be incomplete. Remove the input, and delete superseded secrets in Vantage by hand.',
    ]);
  });

  test.each(CASES)('cause no warning if Vantage lists secrets: %s', async (_, inputs) => {
    for (const clients of [[CLIENT], []]) {
      await using bench = await Bench.open({ vantage: { clients }, github: {} });
      expect(warningsOf(await bench.ensure({ ...inputs, ...DRY }))).toEqual([]);
      expect(warningsOf(await bench.ensure(inputs))).toEqual([]);
    }
  });

  test('a future start causes a warning if targets get the secret', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLIENT] }, github: {} });
    const later = { 'secret-start-time': '7d', 'write-to': 'repository' };
    for (const extra of [DRY, {}]) {
      expect(warningsOf(await bench.ensure({ ...later, ...extra }))).toEqual([
        `Warning: The targets get a secret that is not valid before ${day(7)}, and it replaces a secret that may be. Remove secret-start-time, unless no job reads the targets before that time.`,
      ]);
    }
    expect(warningsOf(await bench.ensure({ 'secret-start-time': '7d' }))).toEqual([]);
    expect(warningsOf(await bench.ensure({ ...later, 'secret-start-time': START }))).toEqual([]);
  });
});

describe('an earlier expiration than requested', () => {
  const HOUR = 1 / 24;
  const granted = (mostDays: number, options: BenchOptions['vantage'] = {}): BenchOptions => ({
    vantage: { clients: [CLIENT], ...options, shape: { mostDays } },
    github: {},
  });
  const YEAR = { ...WRITE, 'secret-expiration': '365d' };
  const said = (asked: string, end: string) =>
    `Warning: Vantage granted an earlier expiration for the new secret: requested ${asked}, granted ${end}.`;
  const UNKNOWN =
    ' This Vantage does not list secrets, so later runs cannot know it. Set `expiration-variable`, or request a `secret-expiration` that Vantage grants.';
  const WITH_VARIABLE = { 'expiration-variable': 'VANTAGE_EXPIRATION' };

  test.each<readonly [string, BenchOptions, Inputs, string]>([
    ['that later runs cannot know', granted(40, { tier: 0 }), YEAR, said(day(365), day(40)) + UNKNOWN],
    ['of a new client', granted(40, { tier: 0, clients: [] }), YEAR, said(day(365), day(40)) + UNKNOWN],
    ['that Vantage lists', granted(40), YEAR, said(day(365), day(40))],
    ['that is kept in a variable', granted(40, { tier: 0 }), { ...YEAR, ...WITH_VARIABLE }, said(day(365), day(40))],
    [
      'next to a target that has no variables',
      granted(40, { tier: 0 }),
      { ...YEAR, ...WITH_VARIABLE, 'write-to': 'repository\ndependabot repository' },
      said(day(365), day(40)) + UNKNOWN,
    ],
    ['if each run creates a secret', granted(40, { tier: 0 }), { ...YEAR, rotate: 'always' }, said(day(365), day(40))],
    [
      'of a secret that is only an output',
      granted(40, { tier: 0 }),
      { 'secret-expiration': '365d' },
      said(day(365), day(40)),
    ],
    ['than the documented six months', granted(40, { tier: 0 }), WRITE, said(SIX_MONTHS_LATER, day(40)) + UNKNOWN],
    [
      'by more than an hour',
      granted(90 - 1.01 * HOUR),
      { ...WRITE, 'secret-expiration': '90d' },
      said(day(90), day(90 - 1.01 * HOUR)),
    ],
  ])('is reported: %s', async (_, options, inputs, warning) => {
    await using bench = await Bench.open(options);
    const run = await bench.ensure(inputs);
    expect(run.failure).toBeUndefined();
    expect(warningsOf(run)).toEqual([warning]);
  });

  test.each<readonly [string, BenchOptions, Inputs]>([
    ['by an hour', granted(90 - HOUR, { tier: 0 }), { ...WRITE, 'secret-expiration': '90d' }],
    ['not at all', granted(365, { tier: 0 }), YEAR],
  ])('is not reported if it is earlier %s', async (_, options, inputs) => {
    await using bench = await Bench.open(options);
    expect(warningsOf(await bench.ensure(inputs))).toEqual([]);
  });

  test('is not reported for a secret that was not delivered', async () => {
    await using bench = await Bench.open(granted(40));
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(YEAR);
    expect(run.record.secret?.fate).toBe('revoked');
    expect(warningsOf(run)).toEqual([]);
  });

  test('is reported if some of the targets hold the secret', async () => {
    await using bench = await Bench.open(granted(40, { tier: 0 }));
    bench.github.faults.add({ on: { method: 'PUT', path: /dependabot/u }, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ ...YEAR, 'write-to': 'repository\ndependabot repository' });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(warningsOf(run)).toEqual([said(day(365), day(40)) + UNKNOWN]);
  });
});

describe('when the secret becomes due', () => {
  const LIFE = { ...WRITE, 'secret-expiration': '90d' };

  test('is reported for a delivered secret, and for the one in use', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLIENT] }, github: {} });
    expect((await bench.ensure(LIFE)).record.rotationDue).toBe(day(60));
    bench.moveTo(day(10));
    expect((await bench.ensure(LIFE)).record.rotationDue).toBe(day(60));
    const dry = await bench.ensure({ ...LIFE, ...DRY });
    expect(dry.record.rotationDue).toBe(day(60));
    expect(dry.vantage.map(({ route }) => route)).toEqual(['token', 'readClient', 'readSecrets', 'listClients']);
  });

  test('is not reported for a secret that was not delivered, or with rotate: never', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLIENT] }, github: {} });
    expect((await bench.ensure({ rotate: 'never' })).record).not.toHaveProperty('rotationDue');
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(LIFE);
    expect(run.failure).toBeDefined();
    expect(run.record).not.toHaveProperty('rotationDue');
  });
});
