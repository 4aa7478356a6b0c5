import { describe, expect, test } from '@jest/globals';
import type { SecretScope } from '../../../emulator/github/index.ts';
import type { WorkflowContext } from '../../../src/model/request.ts';
import { Bench, type BenchOptions, bodiesOf, type Outcome, START, writesOf } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const BOTH: BenchOptions = { vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} };
const TIER_0: BenchOptions = { vantage: { tier: 0, clients: [{ clientId: CLIENT_ID }] }, github: {} };
const ORGANIZATION: SecretScope = { org: 'octo-org' };
const SHARED = { 'write-to': 'organization octo-org', rotate: 'when-due', 'secret-expiration': '90d' };
/** Another repository of the organization. */
const WEBSITE: Partial<WorkflowContext> = {
  repository: 'octo-org/website',
  repositoryId: 1002,
  workflowRef: 'octo-org/website/.github/workflows/deploy.yml@refs/heads/main',
};
const WARNING =
  'Warning: These repositories write secret VANTAGE_CLIENT_SECRET in organization octo-org: octo-org/website (github.com/1002), octo-org/octo-repo (github.com/1001). They use one secret. When it is due, the first of them to run renews it. Each deletes only the secrets that it created.';

const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const createdBy = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');
const githubWrites = ({ github }: Outcome) => github.filter(({ method }) => method !== 'GET');

describe('a target that two repositories write', () => {
  test('has one secret: nothing is due for the second one, which logs a warning with both names', async () => {
    await using bench = await Bench.open(BOTH);
    const first = await bench.ensure(SHARED);
    expect(first.failure).toBeUndefined();
    expect(first.log.filter(line => line.includes('These repositories write'))).toEqual([]);
    bench.moveTo(day(1));
    const second = await bench.ensure(SHARED, { runner: WEBSITE });
    expect(second.failure).toBeUndefined();
    expect(second.log).toContain(WARNING);
    expect(second.log.at(-1)).toBe(`No secret is due before ${day(60)}.`);
    expect(writesOf(second)).toEqual([]);
    expect(githubWrites(second)).toEqual([]);
    expect(second.record.changed).toBe(false);
    expect(bench.held(ORGANIZATION)).toBe(bench.secrets()[0]?.value);
  });

  test('gets no more secrets in a quarter of weekly runs of both than of one of them', async () => {
    await using bench = await Bench.open(BOTH);
    const created: string[] = [];
    for (let week = 0; week < 13; week += 1) {
      for (const [name, runner] of Object.entries({ own: {}, website: WEBSITE })) {
        bench.moveTo(day(week * 7));
        const run = await bench.ensure(SHARED, { runner });
        expect(run.failure).toBeUndefined();
        created.push(...createdBy(run).map(() => `${name} in week ${week}`));
        expect(bench.held(ORGANIZATION)).toBe(bench.secrets().at(-1)?.value);
      }
    }
    expect(created).toEqual(['own in week 0', 'own in week 9']);
  });

  test('loses no secret to either: each deletes only what it created', async () => {
    await using bench = await Bench.open(BOTH);
    const rotating = { ...SHARED, rotate: 'always' };
    const runners = [{}, WEBSITE, {}, WEBSITE];
    for (const [index, runner] of runners.entries()) {
      bench.moveTo(day(index * 10));
      await bench.ensure(rotating, { runner });
    }
    const [first, second, third, fourth] = bench.secrets().map(({ value }) => value);
    bench.moveTo(day(45));
    const pruning = { ...SHARED, 'prune-after': '7d' };
    const theirs = await bench.ensure(pruning, { runner: WEBSITE });
    expect(theirs.failure).toBeUndefined();
    expect(bench.secrets().map(({ value }) => value)).toEqual([first, third, fourth]);
    const own = await bench.ensure(pruning);
    expect(own.failure).toBeUndefined();
    expect(bench.secrets().map(({ value }) => value)).toEqual([fourth]);
    expect(bench.held(ORGANIZATION)).toBe(fourth);
    expect(second).not.toBe(fourth);
  });

  test('is judged by its age if Vantage lists no secrets: nothing is due for the second one either', async () => {
    await using bench = await Bench.open(TIER_0);
    await bench.ensure(SHARED);
    bench.moveTo(day(1));
    const second = await bench.ensure(SHARED, { runner: WEBSITE });
    expect(second.failure).toBeUndefined();
    expect(createdBy(second)).toEqual([]);
    expect(githubWrites(second)).toEqual([]);
  });
});

describe('two steps whose targets overlap', () => {
  const ONE = { ...SHARED, 'write-to': 'organization octo-org\nrepository' };
  const OTHER = { ...SHARED, 'write-to': 'organization octo-org\ndependabot repository' };

  test('create one secret for the first, one for the targets of the second only, and then no more', async () => {
    await using bench = await Bench.open(BOTH);
    await bench.ensure(ONE);
    const second = await bench.ensure(OTHER);
    expect(second.failure).toBeUndefined();
    expect(second.record.written).toEqual(['dependabot repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET']);
    const [one, other] = bench.secrets().map(({ value }) => value);
    expect([ORGANIZATION, OWN].map(scope => bench.held(scope))).toEqual([one, one]);
    expect(bench.held({ ...OWN, app: 'dependabot' })).toBe(other);
    bench.moveTo(day(30));
    for (const inputs of [ONE, OTHER]) {
      const run = await bench.ensure({ ...inputs, 'prune-after': '1d' });
      expect(run.failure).toBeUndefined();
      expect(writesOf(run)).toEqual([]);
      expect(githubWrites(run)).toEqual([]);
    }
  });

  test('delete no secret that a target of the other one can hold', async () => {
    await using bench = await Bench.open(BOTH);
    await bench.ensure({ ...ONE, rotate: 'always' });
    bench.moveTo(day(1));
    await bench.ensure({ ...OTHER, rotate: 'always' });
    bench.moveTo(day(30));
    for (const inputs of [ONE, OTHER]) {
      const run = await bench.ensure({ ...inputs, 'prune-after': '7d' });
      expect(run.record.pruned).toEqual([]);
    }
    // The repository still holds the first one.
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
  });
});

describe('a repository', () => {
  const RENAMED: Partial<WorkflowContext> = { ...WEBSITE, repository: 'octo-org/renamed', repositoryId: 1001 };
  const RECREATED: Partial<WorkflowContext> = { repositoryId: 4711 };
  const pruning = { ...SHARED, 'prune-after': '7d' };

  /** A bench with two secrets of octo-org/octo-repo. The organization holds the second. */
  async function openWithTwo(): Promise<Bench> {
    const bench = await Bench.open(BOTH);
    for (const days of [0, 10]) {
      bench.moveTo(day(days));
      await bench.ensure({ ...SHARED, rotate: 'always' });
    }
    bench.moveTo(day(30));
    return bench;
  }

  test('that was renamed continues as before: nothing is due, and what is superseded is deleted', async () => {
    await using bench = await openWithTwo();
    const run = await bench.ensure(pruning, { runner: RENAMED });
    expect(run.failure).toBeUndefined();
    expect(run.record.pruned).toHaveLength(1);
    expect(createdBy(run)).toEqual([]);
    expect(run.log.filter(line => line.startsWith('Warning: '))).toEqual([]);
    expect(bench.secrets().map(({ value }) => value)).toEqual([bench.held(ORGANIZATION)]);
  });

  test('that was recreated under the name of a deleted one deletes no secret of that one', async () => {
    await using bench = await openWithTwo();
    const run = await bench.ensure(pruning, { runner: RECREATED });
    expect(run.failure).toBeUndefined();
    expect(run.record.pruned).toEqual([]);
    expect(run.log).toContainEqual(
      expect.stringContaining(
        'octo-org/octo-repo (github.com/4711), octo-org/octo-repo (github.com/1001). They use one secret',
      ),
    );
    expect(bench.secrets()).toHaveLength(2);
  });

  test('of the same name and ID on another GitHub deletes no secret of this one', async () => {
    await using bench = await openWithTwo();
    const run = await bench.ensure(pruning, { runner: { serverUrl: 'https://github.acme.example' } });
    expect(run.failure).toBeUndefined();
    expect(run.record.pruned).toEqual([]);
  });
});
