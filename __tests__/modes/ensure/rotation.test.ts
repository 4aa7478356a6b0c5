import { describe, expect, test } from '@jest/globals';
import {
  Bench,
  type BenchOptions,
  bodiesOf,
  cancel,
  type Outcome,
  SIGNED_IN,
  START,
  VERIFICATION,
} from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const TIER_1: BenchOptions = { vantage: { clients: [CLIENT] } };
const TIER_0: BenchOptions = { vantage: { tier: 0, clients: [CLIENT] } };
const BOTH: BenchOptions = { ...TIER_1, github: {} };
const WHEN_DUE = { rotate: 'when-due', 'secret-expiration': '90d' };
const TO_REPOSITORY = { ...WHEN_DUE, 'write-to': 'repository' };
const TARGET = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';

/** The time some days after the start. */
const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();

const creationsOf = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');
/** The number of requests that verified a secret of the client. */
const verificationsOf = ({ vantage }: Outcome) =>
  vantage.filter(({ route, body }) => route === VERIFICATION.path && VERIFICATION.body.test(body)).length;

describe('a secret', () => {
  test('is due if a target holds none, and not again until its time has come', async () => {
    await using bench = await Bench.open(BOTH);
    const first = await bench.ensure(TO_REPOSITORY);
    expect(first.log).toContain(`A secret is due: the ${TARGET} does not exist yet.`);
    expect(creationsOf(first)).toHaveLength(1);

    bench.moveTo(day(59));
    const second = await bench.ensure(TO_REPOSITORY);
    expect(second.failure).toBeUndefined();
    expect(second.log).toEqual([
      SIGNED_IN,
      'Client "invoices" exists and has the declared settings.',
      `No secret is due before ${day(60)}.`,
    ]);
    expect(second.record).toMatchObject({ changed: false, plan: { secret: 'none', dueAt: day(60) } });
    expect(second.record).not.toHaveProperty('secret');
    expect(second.vantage.map(({ route }) => route)).toEqual(['token', 'readClient', 'readSecrets']);
    expect(second.github.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(second.remembered).toEqual([]);

    bench.moveTo(day(60));
    const third = await bench.ensure(TO_REPOSITORY);
    expect(third.log).toContain(`A secret is due: the ${TARGET} expires at ${day(90)}.`);
    expect(third.log.at(-1)).toBe('Secrets that the client had before: 1.');
    expect(bench.held(OWN)).toBe(bench.secrets()[1]?.value);
  });

  test('is due if the client is new, whatever a target holds', async () => {
    await using bench = await Bench.open({ ...BOTH, vantage: { tier: 0, clients: [CLIENT] } });
    await bench.ensure(TO_REPOSITORY);
    await using other = await Bench.open({ vantage: { tier: 0 } });
    // The GitHub of the first bench, and a Vantage without clients.
    const token = bench.github.issueToken({ kind: 'classic', scopes: ['repo'] });
    const run = await other.ensure({
      ...TO_REPOSITORY,
      'github-token': token,
      'write-to': 'repository octo-org/octo-repo',
      'github-api-url': bench.github.apiUrl,
    });
    expect(run.failure).toBeUndefined();
    expect(run.log.slice(1, 3)).toEqual(['Created client "invoices".', 'A secret is due: the client is new.']);
    expect(bench.held(OWN)).toBe(other.secrets()[0]?.value);
  });

  test('is not due if the token endpoint accepts current-secret', async () => {
    await using bench = await Bench.open(TIER_0);
    const { output = '' } = await bench.ensure();
    const run = await bench.ensure({ ...WHEN_DUE, 'current-secret': output });
    expect(run.failure).toBeUndefined();
    expect(run.log.at(-1)).toBe('No secret is due: current-secret works.');
    expect(creationsOf(run)).toEqual([]);
    expect(verificationsOf(run)).toBe(1);
    expect(run.record.plan).toMatchObject({ secret: 'none' });
    expect(run.record.plan).not.toHaveProperty('dueAt');
  });

  test('is due if the token endpoint refuses current-secret', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({ ...WHEN_DUE, 'current-secret': 'canary-that-ended-long-ago' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain('A secret is due: the token endpoint refuses current-secret.');
    expect(creationsOf(run)).toHaveLength(1);
  });

  test('is due if nothing shows that one is in use', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure(WHEN_DUE);
    expect(run.log).toContain(
      'A secret is due: there is no target and no current-secret, so nothing shows that a secret is in use.',
    );
    expect(creationsOf(run)).toHaveLength(1);
  });

  test('is always created, without a reason, with rotate: always, and current-secret is not verified', async () => {
    await using bench = await Bench.open(TIER_1);
    const run = await bench.ensure({ 'current-secret': 'canary-that-nobody-tries', verify: 'false' });
    expect(run.failure).toBeUndefined();
    expect(run.log.join('\n')).not.toContain('due');
    expect(creationsOf(run)).toHaveLength(1);
    expect(verificationsOf(run)).toBe(0);
  });

  test('whose verification fails without a verdict ends the run', async () => {
    await using bench = await Bench.open(TIER_1);
    bench.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'html' } });
    const run = await bench.ensure({ ...WHEN_DUE, 'current-secret': 'canary-that-is-not-heard-of' });
    expect(run.failure?.message).toMatch(/^verifying current-secret for client "invoices" failed at POST /u);
    expect(creationsOf(run)).toEqual([]);
  });
});

describe('superseded secrets', () => {
  const PRUNE = { ...TO_REPOSITORY, 'prune-after': '30d' };
  const which = (id: number, days: number) => `superseded secret ID-${id} of client "invoices", created ${day(days)}`;

  /** A bench with three secrets of the action, ten days apart. The last one is in use. */
  async function openWithThree(): Promise<Bench> {
    const bench = await Bench.open(BOTH);
    for (const days of [0, 10, 20]) {
      bench.moveTo(day(days));
      await bench.ensure({ ...TO_REPOSITORY, rotate: 'always' });
    }
    // By age, whatever comes first in a line.
    for (const { id } of bench.secrets()) bench.normalize(id);
    return bench;
  }

  test('are deleted when their time has come, even if no secret is due', async () => {
    await using bench = await openWithThree();
    bench.moveTo(day(45));
    const run = await bench.ensure(PRUNE);
    expect(run.failure).toBeUndefined();
    expect(run.log.slice(-2)).toEqual([`No secret is due before ${day(80)}.`, `Deleted ${which(1, 0)}.`]);
    expect(run.record).toMatchObject({ pruned: ['ID-1'], changed: true, plan: { prune: ['ID-1'] } });
    expect(bench.marks()).toEqual(['MARK-2', 'MARK-3']);
  });

  test('are deleted after a new one is delivered', async () => {
    await using bench = await openWithThree();
    bench.moveTo(day(55));
    const run = await bench.ensure({ ...PRUNE, rotate: 'always' });
    expect(run.failure).toBeUndefined();
    expect(run.log.slice(-3)).toEqual([
      'Secrets that the client had before: 3.',
      `Deleted ${which(2, 10)}.`,
      `Deleted ${which(1, 0)}.`,
    ]);
    expect(run.record.pruned).toEqual(['ID-2', 'ID-1']);
    expect(bench.marks()).toEqual(['MARK-3', 'MARK-4']);
  });

  test('that cannot be deleted cause warnings, and the others are deleted', async () => {
    await using bench = await openWithThree();
    bench.moveTo(day(55));
    bench.vantage.faults.add({ on: 'deleteSecret', times: 1, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(PRUNE);
    expect(run.failure).toBeUndefined();
    const at = 'VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/invoices/secrets/ID-2/';
    expect(run.log.slice(-2)).toEqual([
      `Warning: Could not delete ${which(2, 10)}: DELETE ${at} answered 403.`,
      `Deleted ${which(1, 0)}.`,
    ]);
    expect(run.record).toMatchObject({ pruned: ['ID-1'], changed: true });
  });

  test('that cannot be deleted are not a change', async () => {
    await using bench = await openWithThree();
    bench.moveTo(day(45));
    bench.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(PRUNE);
    expect(run.record).toMatchObject({ pruned: [], changed: false });
  });

  test('are kept if the run is stopped before, and are named', async () => {
    await using bench = await openWithThree();
    bench.moveTo(day(55));
    const run = await bench.ensure(PRUNE, { when: [/^No secret is due/u, cancel] });
    expect(run.failure).toBeUndefined();
    expect(run.log.slice(-2)).toEqual([
      `Warning: Did not delete ${which(2, 10)}: the step was stopped.`,
      `Warning: Did not delete ${which(1, 0)}: the step was stopped.`,
    ]);
    expect(run.record).toMatchObject({ pruned: [], changed: false });
    expect(bench.marks()).toEqual(['MARK-1', 'MARK-2', 'MARK-3']);
  });

  test('are kept in a dry run, which only plans to delete them', async () => {
    await using bench = await openWithThree();
    bench.moveTo(day(45));
    const run = await bench.ensure({ ...PRUNE, 'dry-run': 'true' });
    expect(run.record).toMatchObject({ pruned: [], changed: false, plan: { prune: ['ID-1'] } });
    expect(bench.marks()).toEqual(['MARK-1', 'MARK-2', 'MARK-3']);
  });
});
