import { describe, expect, test } from '@jest/globals';
import { Bench, type BenchOptions, bodiesOf, type Inputs, type Outcome, START } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const BOTH: BenchOptions = { vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} };
const TARGET: Inputs = { 'write-to': 'repository', 'secret-expiration': '90d', rotate: 'when-due' };
const AND_OUTPUT: Inputs = { ...TARGET, 'output-secret': 'true' };

const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const createdBy = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');
const idsOf = (bench: Bench) => bench.secrets().map(({ id }) => id);

describe('a secret that is an output next to its targets', () => {
  test('is renewed before it expires, even if another step renewed the secret of the target', async () => {
    await using bench = await Bench.open(BOTH);
    const first = await bench.ensure(AND_OUTPUT);
    bench.moveTo(day(50));
    await bench.ensure({ ...TARGET, rotate: 'always' }, { runner: { job: 'another' } });
    bench.moveTo(day(65));
    const run = await bench.ensure(AND_OUTPUT);
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain(`A secret is due: the secret that was an output of this step expires at ${day(90)}.`);
    expect(run.output).toBeDefined();
    expect(run.output).not.toBe(first.output);
    expect(bench.held(OWN)).toBe(run.output);
  });

  test('is kept while it may be in use, even if the target got later ones', async () => {
    await using bench = await Bench.open(BOTH);
    const { output = '' } = await bench.ensure(AND_OUTPUT);
    const [inVault] = idsOf(bench);
    for (const time of [10, 20]) {
      bench.moveTo(day(time));
      await bench.ensure({ ...TARGET, rotate: 'always' }, { runner: { job: 'another' } });
    }
    bench.moveTo(day(40));
    const run = await bench.ensure({ ...AND_OUTPUT, 'prune-after': '3d', 'current-secret': output });
    expect(run.failure).toBeUndefined();
    expect(idsOf(bench)).toContain(inVault);
  });
});

describe('nothing is pruned of a target', () => {
  test('that somebody wrote when no run created a secret, because it can hold any secret', async () => {
    await using bench = await Bench.open(BOTH);
    for (const time of [0, 3]) {
      bench.moveTo(day(time));
      await bench.ensure({ ...TARGET, rotate: 'always' });
    }
    const all = idsOf(bench);
    bench.moveTo(day(10));
    bench.github.put(OWN, 'secret', 'VANTAGE_CLIENT_SECRET', bench.held(OWN) ?? '');
    bench.moveTo(day(20));
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ ...TARGET, 'prune-after': '3d' });
    expect(run.failure?.code).toBe('github-permission');
    expect(run.record.pruned).toEqual([]);
    expect(idsOf(bench)).toEqual(all);
  });

  test('without the ID of the repository, which causes a warning', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ ...TARGET, 'prune-after': '3d' }, { runner: { repositoryId: undefined } });
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain(
      'Warning: prune-after deletes no secret: the runner does not report the id of this repository (GITHUB_REPOSITORY_ID), so no secret is known to belong to it. Delete superseded secrets in Vantage by hand.',
    );
  });
});

test('if Vantage truncates marks, the age of the target decides, and no run after the first creates a secret', async () => {
  await using bench = await Bench.open(BOTH);
  await bench.ensure(TARGET);
  const [{ id, description } = { id: '', description: '' }] = bench.secrets();
  const body = { items: [{ id, description: description?.slice(0, 60) }], totalItemCount: 1 };
  bench.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'wrong-shape', body } });
  bench.moveTo(day(1));
  const run = await bench.ensure({ ...TARGET, 'prune-after': '3d' });
  expect(run.failure).toBeUndefined();
  expect(createdBy(run)).toEqual([]);
  expect(run.log).toContain(`No secret is due before ${day(60)}.`);
  expect(run.log).toContain(
    'Warning: prune-after deletes no secret: Vantage does not show the whole descriptions of secrets, which end with their marks. Remove the input, and delete superseded secrets in Vantage by hand.',
  );
});

test('a fixed start whose secret would be due at once is rejected, because each run would create one', async () => {
  await using bench = await Bench.open(BOTH);
  const early = new Date(Date.now() - 70 * 24 * 60 * 60_000).toISOString();
  const run = bench.ensure({ ...TARGET, 'secret-start-time': early });
  await expect(run).rejects.toThrow('`rotate-before`');
});
