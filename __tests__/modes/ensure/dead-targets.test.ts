import { describe, expect, test } from '@jest/globals';
import type { SecretScope } from '../../../emulator/github/index.ts';
import { Bench, type BenchOptions, bodiesOf, cancel, type Outcome, START } from '../../support/bench.ts';
import { OWN, OWN_ID, SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const TIER_0: BenchOptions = { vantage: { tier: 0, clients: [CLIENT] }, github: {} };
const ENVIRONMENT: SecretScope = { ...OWN, environment: 'production' };
const REPOSITORY_NAME = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const ENVIRONMENT_NAME = 'secret VANTAGE_CLIENT_SECRET in environment "production" of octo-org/octo-repo';
const TWO = { rotate: 'when-due', 'write-to': 'repository\nenvironment production' };
const REFUSED = { kind: 'answer', status: 403 } as const;
const TO_REPOSITORY = { method: 'PUT', path: /octo-repo\/actions\/secrets/u };
const TO_ENVIRONMENT = { method: 'PUT', path: /environments\/production\/secrets/u };

const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const repair = (...lines: string[]) =>
  `These targets may hold a secret that no longer works, and no later run can detect it: ${lines.join(', ')}. Run this step once with \`rotate: always\`.`;
const undelivered = (number: number, end: string) =>
  `If no target stores the new secret, delete it in Vantage: client "invoices", id ID-${number}, expires ${end}, marked MARK-${number}`;
/** What the saved state said about targets with a secret that no longer works. */
const deadIn = ({ unfinished }: Outcome) => unfinished.filter(sentence => sentence.includes('no longer works'));
const creationsOf = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');

/** Two targets that were written ten days ago, and whose client somebody has deleted since. */
async function openOrphaned(): Promise<Bench> {
  const bench = await Bench.open(TIER_0);
  expect((await bench.ensure(TWO)).failure).toBeUndefined();
  bench.vantage.removeClient(CLIENT_ID);
  bench.moveTo(day(10));
  return bench;
}

/** The advice of the failed run is right: all targets then hold the one valid secret. */
async function expectRepaired(bench: Bench): Promise<void> {
  bench.vantage.faults.clear();
  bench.github.faults.clear();
  const run = await bench.ensure({ ...TWO, rotate: 'always' });
  expect(run.failure).toBeUndefined();
  const value = bench.secrets().at(-1)?.value;
  expect([bench.held(OWN), bench.held(ENVIRONMENT)]).toEqual([value, value]);
  const idle = await bench.ensure(TWO);
  expect(creationsOf(idle)).toEqual([]);
}

describe('a client that was deleted manually, and that a failing run creates again', () => {
  const lostCreation = { kind: 'answer', status: 503, headers: { 'retry-after': '3600' }, apply: true } as const;

  test.each([
    [
      'because Vantage refuses to create a secret',
      (bench: Bench) => bench.vantage.faults.add({ on: 'createSecret', mishap: REFUSED }),
    ],
    [
      'because GitHub refuses the secret',
      (bench: Bench) => bench.github.faults.add({ on: 'writeSecret', mishap: REFUSED }),
    ],
    [
      'because its creation got no response',
      (bench: Bench) => bench.vantage.faults.add({ on: 'createClient', mishap: lostCreation }),
    ],
  ])('%s: its error says how to repair the targets', async (_, spoil) => {
    await using bench = await openOrphaned();
    spoil(bench);
    const run = await bench.ensure(TWO);
    expect(run.failure?.message).toMatch(/Run this step once with `rotate: always`\.$/u);
    expect(run.failure?.message).toContain(repair(REPOSITORY_NAME, ENVIRONMENT_NAME));
    // The error of the step says it, so the post step has nothing to add.
    expect(run.unfinished.at(-1)).toBe('');
    await expectRepaired(bench);
  });

  test('says how to run the step with if-exists: fail', async () => {
    await using bench = await openOrphaned();
    bench.vantage.faults.add({ on: 'createSecret', mishap: REFUSED });
    const run = await bench.ensure({ ...TWO, 'if-exists': 'fail' });
    // By then, the client exists.
    expect(run.failure?.message).toMatch(/Run this step once with `rotate: always` and `if-exists: adopt`\.$/u);
    bench.vantage.faults.clear();
    const repaired = await bench.ensure({ ...TWO, rotate: 'always', 'if-exists': 'adopt' });
    expect(repaired.failure).toBeUndefined();
    expect(bench.held(OWN)).toBe(bench.secrets().at(-1)?.value);
  });

  test('says so also if the runner’s file can no longer be written', async () => {
    await using bench = await openOrphaned();
    bench.vantage.faults.add({ on: 'createSecret', mishap: REFUSED });
    const run = await bench.ensure(TWO, { sentences: 1 });
    expect(run.failure?.code).toBe('forbidden');
    expect(run.failure?.message).toContain(repair(REPOSITORY_NAME, ENVIRONMENT_NAME));
    expect(run.log.at(-1)).toBe(
      'Warning: Could not write the state file of the runner: ENOSPC: no space left on device',
    );
  });

  test('with a write that GitHub refuses: names the target that was not written, and no other', async () => {
    await using bench = await openOrphaned();
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: REFUSED });
    const run = await bench.ensure(TWO);
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toContain(repair(ENVIRONMENT_NAME));
    await expectRepaired(bench);
  });

  test.each([
    ['while it creates the client', /^POST \S+\/clients\/ /u],
    ['while it creates the secret', /^POST \S+\/secrets\/ /u],
    ['before the first write', /^Verified the new secret/u],
    ['before the second write', /^Wrote secret \S+ in repository/u, undelivered(2, '2027-08-10T09:00:00.000Z')],
  ])('killed %s: the saved state says so to the post step', async (_, at, more = '') => {
    await using bench = await openOrphaned();
    let left: string | undefined;
    // A post step would get what the runner had at that moment.
    const run = await bench.ensure(TWO, { when: [at, () => (left ??= bench.unfinished())] });
    expect(run.failure).toBeUndefined();
    const repairBoth = repair(REPOSITORY_NAME, ENVIRONMENT_NAME);
    expect(left).toBe(`The step was stopped before it finished. ${repairBoth} ${more}`.trim());
    expect(run.unfinished.at(-1)).toBe('');
  });

  test('cancelled: its error says how to repair the targets', async () => {
    await using bench = await openOrphaned();
    const run = await bench.ensure(TWO, { when: [/^Created client/u, cancel] });
    expect(run.failure?.code).toBe('cancelled');
    expect(run.failure?.message).toContain(repair(REPOSITORY_NAME, ENVIRONMENT_NAME));
    await expectRepaired(bench);
  });
});

describe('current-secret that is refused', () => {
  const REVOKED = { ...TWO, 'current-secret': 'canary-that-was-revoked' };

  test('and a target that then cannot be written: the error names it, and says how to repair it', async () => {
    await using bench = await Bench.open(TIER_0);
    await bench.ensure(TWO);
    bench.moveTo(day(10));
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: REFUSED });
    const run = await bench.ensure(REVOKED);
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toContain(repair(ENVIRONMENT_NAME));
    expect(bench.held(OWN)).toBe(bench.secrets().at(-1)?.value);
    await expectRepaired(bench);
  });
});

describe('no advice is given for targets', () => {
  test('if the client is as old as they are', async () => {
    await using bench = await Bench.open(TIER_0);
    await bench.ensure(TWO);
    bench.moveTo(day(170));
    bench.github.faults.add({ on: TO_REPOSITORY, mishap: REFUSED });
    const run = await bench.ensure(TWO);
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).not.toContain('no longer works');
    expect(run.unfinished.at(-1)).toBe('');
  });

  test('if there were none', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0 }, github: {} });
    bench.vantage.faults.add({ on: 'createSecret', mishap: REFUSED });
    const run = await bench.ensure(TWO);
    expect(run.failure?.message).not.toContain('no longer works');
    expect(run.unfinished).toEqual([]);
  });

  test('if Vantage shows which secrets they hold', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLIENT] }, github: {} });
    await bench.ensure(TWO);
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: REFUSED });
    const run = await bench.ensure({ ...TWO, 'current-secret': 'canary-that-was-revoked' });
    expect(run.failure?.message).not.toContain('no longer works');
    expect(deadIn(run)).toEqual([]);
  });

  test('if a refusal proves that the client was not created', async () => {
    await using bench = await openOrphaned();
    bench.vantage.faults.add({ on: 'createClient', mishap: REFUSED });
    const run = await bench.ensure(TWO);
    expect(run.failure?.message).not.toContain('no longer works');
    expect(run.unfinished.at(-1)).toBe('');
  });

  test.each([
    [
      'whose environment does not exist',
      'environment staging',
      'looking for environment "staging" of octo-org/octo-repo failed: the repository has no such environment. Check its name, create it on GitHub (Settings of the repository, Environments), or set `create-environments` to true.',
    ],
    [
      'whose place has no room for their secret',
      'environment full',
      'counting the actions secrets in environment "full" of octo-org/octo-repo failed: it holds 100 of 100 secrets, which is GitHub\'s limit, and not yet VANTAGE_CLIENT_SECRET. Delete secrets there that nobody uses, or name another place in `write-to`.',
    ],
  ])('%s: they hold no secret', async (_, line, message) => {
    const secrets = Array.from({ length: 100 }, (__, index) => ({ name: `SECRET_${index}` }));
    const repositories = [{ ...OWN, id: OWN_ID, environments: [{ name: 'full', secrets }] }];
    await using bench = await Bench.open({ vantage: { tier: 0 }, github: { seed: { ...SEED, repositories } } });
    const inputs = { rotate: 'when-due', 'write-to': `repository\n${line}` };
    const run = await bench.ensure(inputs);
    expect(run.failure).toMatchObject({ message });
    expect(bench.held(OWN)).toBe(bench.secrets().at(-1)?.value);
    expect(deadIn(run)).toEqual([]);
  });

  test('whose environment does not exist, next to one that may hold a secret', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0 }, github: {} });
    bench.github.faults.add({ on: { method: 'GET', path: /website\/actions\/secrets\/public-key/u }, mishap: REFUSED });
    const run = await bench.ensure({
      rotate: 'when-due',
      'write-to': 'repository\nrepository octo-org/website\nenvironment staging',
    });
    expect(run.failure?.message).toContain('the repository has no such environment');
    expect(run.failure?.message).toContain(repair('secret VANTAGE_CLIENT_SECRET in repository octo-org/website'));
  });

  test('whose environment is then created: the next run writes their first secret', async () => {
    await using bench = await Bench.open({ vantage: { tier: 0 }, github: {} });
    const inputs = { rotate: 'when-due', 'write-to': 'repository\nenvironment staging' };
    expect((await bench.ensure(inputs)).failure?.code).toBe('not-found');
    const repaired = await bench.ensure({ ...inputs, 'create-environments': 'true' });
    expect(repaired.failure).toBeUndefined();
    expect(bench.held({ ...OWN, environment: 'staging' })).toBe(bench.secrets().at(-1)?.value);
  });
});
