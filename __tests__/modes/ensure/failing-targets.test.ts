import { describe, expect, test } from '@jest/globals';
import type { SecretScope } from '../../../emulator/github/index.ts';
import { Bench, type BenchOptions, bodiesOf, type Outcome, START, writesOf } from '../../support/bench.ts';
import { OWN, SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const ENVIRONMENT: SecretScope = { ...OWN, environment: 'production' };
const OWN_LINE = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
const OLD_LINE = 'actions repository octo-org/old as VANTAGE_CLIENT_SECRET';
const ARCHIVED = /looking at repository octo-org\/old failed.*: it is archived, so it is read-only/u;
/** One more repository, which is archived. */
const WITH_ARCHIVE: BenchOptions = {
  vantage: { clients: [{ clientId: CLIENT_ID }] },
  github: {
    seed: {
      ...SEED,
      repositories: [...(SEED.repositories ?? []), { owner: 'octo-org', repo: 'old', archived: true }],
    },
  },
};
const TWO = { 'write-to': 'repository\nrepository octo-org/old', rotate: 'when-due', 'secret-expiration': '90d' };

const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const createdBy = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');
const githubWrites = ({ github }: Outcome) => github.filter(({ method }) => method !== 'GET');

describe('one target that is archived', () => {
  test('does not prevent a secret for another target that is due, and the step fails', async () => {
    await using bench = await Bench.open(WITH_ARCHIVE);
    const run = await bench.ensure(TWO);
    expect(run.failure).toMatchObject({ code: 'github-permission', message: expect.stringMatching(ARCHIVED) });
    expect(run.record.written).toEqual([OWN_LINE]);
    expect(run.record.secret).toMatchObject({ fate: 'handed-out' });
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
    expect(bench.secrets()).toHaveLength(1);
  });

  test('leaves another target that is not due unchanged, and the step fails all the same', async () => {
    await using bench = await Bench.open(WITH_ARCHIVE);
    await bench.ensure(TWO);
    bench.moveTo(day(1));
    const run = await bench.ensure(TWO);
    expect(run.failure).toMatchObject({ code: 'github-permission', message: expect.stringMatching(ARCHIVED) });
    expect(run.log).toContain(`No secret is due before ${day(60)}.`);
    expect(writesOf(run)).toEqual([]);
    expect(githubWrites(run)).toEqual([]);
    expect(run.record.changed).toBe(false);
  });

  test('and a quarter of weekly runs create what the other target needs, and delete what is superseded', async () => {
    await using bench = await Bench.open(WITH_ARCHIVE);
    const weeks: number[] = [];
    let written = 0;
    for (let week = 0; week < 13; week += 1) {
      bench.moveTo(day(week * 7));
      const run = await bench.ensure({ ...TWO, 'prune-after': '8d' });
      expect(run.failure?.code).toBe('github-permission');
      weeks.push(...createdBy(run).map(() => week));
      written += githubWrites(run).length;
      expect(bench.held(OWN)).toBe(bench.secrets().at(-1)?.value);
      expect(bench.secrets().length).toBeLessThanOrEqual(2);
    }
    expect({ weeks, written, left: bench.secrets().length }).toEqual({ weeks: [0, 9], written: 2, left: 1 });
  });

  test('is reported in a dry run as well, whose plan names only the other target', async () => {
    await using bench = await Bench.open(WITH_ARCHIVE);
    const run = await bench.ensure({ ...TWO, 'dry-run': 'true' });
    expect(run.failure?.message).toMatch(ARCHIVED);
    expect(run.record.plan).toMatchObject({ secret: 'mint', writeTo: [{ target: OWN_LINE }] });
    expect(JSON.stringify(run.record.plan)).not.toContain(OLD_LINE);
    expect(writesOf(run)).toEqual([]);
    expect(githubWrites(run)).toEqual([]);
  });

  test.each([
    ['if each run creates a secret', { rotate: 'always' }],
    ['if it is the only target', { 'write-to': 'repository octo-org/old' }],
  ])('prevents a new secret %s', async (_, inputs) => {
    await using bench = await Bench.open(WITH_ARCHIVE);
    const run = await bench.ensure({ ...TWO, ...inputs });
    expect(run.failure?.message).toMatch(ARCHIVED);
    expect(writesOf(run)).toEqual([]);
    expect(githubWrites(run)).toEqual([]);
  });

  test('and a creation that is refused are both reported', async () => {
    await using bench = await Bench.open(WITH_ARCHIVE);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(TWO);
    expect(run.failure).toMatchObject({ code: 'forbidden' });
    expect(run.log.filter(line => line.startsWith('Warning: '))).toEqual([expect.stringMatching(ARCHIVED)]);
    expect(githubWrites(run)).toEqual([]);
  });
});

describe('a target that refuses each write', () => {
  const TWO_PLACES = { ...TWO, 'write-to': 'repository\nenvironment production' };

  test('does not change the secret of the other one, and leaves no secret behind', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} });
    bench.github.faults.add({
      on: { method: 'PUT', path: /environments\/production\/secrets/u },
      mishap: { kind: 'answer', status: 403 },
    });
    const first = await bench.ensure(TWO_PLACES);
    expect(first.failure?.code).toBe('partial-hand-off');
    const held = bench.held(OWN);
    for (const days of [7, 14, 21, 28]) {
      bench.moveTo(day(days));
      const run = await bench.ensure(TWO_PLACES);
      expect(run.failure?.code).toBe('github-permission');
      expect(run.record.written).toEqual([]);
      expect(bench.held(OWN)).toBe(held);
    }
    expect(bench.secrets().map(({ value }) => value)).toEqual([held]);
    bench.github.faults.clear();
    const whole = await bench.ensure(TWO_PLACES);
    expect(whole.failure).toBeUndefined();
    expect([bench.held(OWN), bench.held(ENVIRONMENT)]).toEqual([held, bench.secrets()[1]?.value]);
  });
});
