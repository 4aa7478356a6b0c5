import { describe, expect, test } from '@jest/globals';
import { readMark } from '../../../src/model/mark.ts';
import { Bench, bodiesOf, type Inputs, START } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TARGET: Inputs = { rotate: 'when-due', 'secret-expiration': '90d', 'write-to': 'repository' };

interface Clocks {
  /** How far each clock is ahead of the runner's, in milliseconds. */
  readonly vantage: number;
  readonly github: number;
}

/** A bench whose clocks disagree. */
function openWith({ vantage, github }: Clocks, tier: 0 | 1 = 1): Promise<Bench> {
  const start = Date.parse(START);
  return Bench.open({
    vantage: { tier, clock: start + vantage, clients: [{ clientId: CLIENT_ID }] },
    github: { clock: start + github },
  });
}

/** Continues on another runner, whose clock is ahead of the previous one by some milliseconds. */
function changeRunner({ vantage, github, moveTo }: BenchAt, by: number, at: number): void {
  moveTo(new Date(at + by).toISOString());
  vantage.clock.advance(-by);
  github.clock.advance(-by);
}
type BenchAt = Pick<Bench, 'vantage' | 'github' | 'moveTo'>;

const APART: readonly Clocks[] = [10 * MINUTE, HOUR].flatMap(far => [
  { vantage: far, github: 0 },
  { vantage: -far, github: 0 },
  { vantage: 0, github: far },
  { vantage: 0, github: -far },
  { vantage: far, github: far },
  { vantage: -far, github: -far },
  { vantage: far, github: -far },
  { vantage: -far, github: far },
]);
const WORLDS = ([0, 1] as const).flatMap(tier => APART.map(clocks => ({ tier, ...clocks })));

describe('if clocks disagree', () => {
  test.each(WORLDS)('three runs create one secret: %j', async ({ tier, ...clocks }) => {
    await using bench = await openWith(clocks, tier);
    for (let run = 0; run < 3; run += 1) {
      expect((await bench.ensure(TARGET)).failure).toBeUndefined();
      expect(bench.secrets()).toHaveLength(1);
    }
    expect(bench.held(OWN)).toBe(bench.secrets()[0]?.value);
  });

  test.each(WORLDS)('and another one when it is due, by any clock: %j', async ({ tier, ...clocks }) => {
    await using bench = await openWith(clocks, tier);
    await bench.ensure(TARGET);
    bench.moveTo(new Date(Date.parse(START) + 60 * DAY - MINUTE).toISOString());
    const before = await bench.ensure(TARGET);
    expect({ failure: before.failure, secrets: bench.secrets().length }).toEqual({ failure: undefined, secrets: 1 });
    bench.moveTo(new Date(Date.parse(START) + 60 * DAY + MINUTE).toISOString());
    await bench.ensure(TARGET);
    await bench.ensure(TARGET);
    expect(bench.secrets()).toHaveLength(2);
  });

  test.each([
    [HOUR, -2 * HOUR],
    [-HOUR, 2 * HOUR],
    [10 * MINUTE, -20 * MINUTE],
  ])('runners that take turns create one secret (%d, then %d ms)', async (first, second) => {
    await using bench = await openWith({ vantage: 0, github: 0 });
    const start = Date.parse(START);
    changeRunner(bench, first, start);
    await bench.ensure(TARGET);
    changeRunner(bench, second, start + first);
    await bench.ensure(TARGET);
    await bench.ensure(TARGET);
    expect(bench.secrets()).toHaveLength(1);
  });

  test('no secret is pruned before its time', async () => {
    await using bench = await openWith({ vantage: 0, github: 0 });
    const start = Date.parse(START);
    const at = (time: number) => bench.moveTo(new Date(start - HOUR + time).toISOString());
    // Three secrets, a day or more apart, created by a runner that is an hour behind. The first is superseded after a
    // day.
    changeRunner(bench, -HOUR, start);
    for (const days of [0, 1, 3]) {
      at(days * DAY);
      await bench.ensure({ ...TARGET, rotate: 'always' });
    }
    const inputs = { ...TARGET, 'prune-after': '7d' };
    // Then a runner that is an hour ahead.
    changeRunner(bench, 2 * HOUR, start - HOUR + 8 * DAY - 90 * MINUTE);
    expect((await bench.ensure(inputs)).record.pruned).toEqual([]);
    bench.moveTo(new Date(start + HOUR + 8 * DAY + 10 * MINUTE).toISOString());
    expect((await bench.ensure(inputs)).record.pruned).toEqual(['ID-1']);
  });
});

describe('the life of a secret uses the clock of Vantage', () => {
  test.each([
    ['the shortest, an hour ahead', '1d', HOUR],
    ['the shortest, an hour behind', '1d', -HOUR],
    ['the longest, an hour ahead', 'P3Y', HOUR],
    ['the longest, an hour behind', 'P3Y', -HOUR],
  ])('%s', async (_, life, vantage) => {
    await using bench = await openWith({ vantage, github: 0 });
    const run = await bench.ensure({ 'secret-expiration': life });
    expect(run.failure).toBeUndefined();
    expect(bench.secrets()).toHaveLength(1);
  });

  test('and so does its start', async () => {
    await using bench = await openWith({ vantage: HOUR, github: 0 });
    const run = await bench.ensure({ 'secret-start-time': '2h' });
    expect(bodiesOf(run.vantage, 'createSecret')).toMatchObject([
      { startTime: new Date(Date.parse(START) + 3 * HOUR).toISOString() },
    ]);
  });

  test('and so does the time in the mark of an output; the time in the mark of a target uses the clock of GitHub', async () => {
    /** The time in the mark, in hours from the start by the runner’s clock. */
    const hoursOf = (bench: Bench) =>
      Math.round((Number(readMark(bench.secrets()[0]?.description)?.createdAt) - Date.parse(START)) / HOUR);
    await using alone = await openWith({ vantage: HOUR, github: -HOUR });
    await alone.ensure();
    expect(hoursOf(alone)).toBe(1);
    await using written = await openWith({ vantage: HOUR, github: -HOUR });
    await written.ensure(TARGET);
    expect(hoursOf(written)).toBe(-1);
  });

  test('and a secret that has not started yet is not verified', async () => {
    await using bench = await openWith({ vantage: -HOUR, github: 0 });
    const run = await bench.ensure({ 'secret-start-time': new Date(Date.parse(START) - 30 * MINUTE).toISOString() });
    expect(run.failure).toBeUndefined();
    expect(run.record.secret?.verified).toBe('skipped');
  });

  test('and a secret that has expired is expired in an audit', async () => {
    await using bench = await openWith({ vantage: -HOUR, github: 0 });
    const end = new Date(Date.parse(START) - 30 * MINUTE).toISOString();
    const begin = new Date(Date.parse(START) - 30 * DAY).toISOString();
    bench.vantage.addClient({ clientId: 'audited' }, [{ startTime: begin, expiration: end }]);
    const { record } = await bench.run('audit');
    expect(record.clients.find(({ clientId }) => clientId === 'audited')?.secrets).toMatchObject([
      { state: 'expiring' },
    ]);
  });
});

describe('a time that a server reports', () => {
  test('is ignored in a response from a cache', async () => {
    await using bench = await openWith({ vantage: 0, github: 0 });
    const stale = { age: '3600', date: new Date(Date.parse(START) - HOUR).toUTCString() };
    const { vantage } = bench;
    const client = vantage.client(CLIENT_ID);
    vantage.faults.add({
      on: 'readClient',
      mishap: { kind: 'answer', status: 200, headers: stale, body: { ...client, secrets: undefined } },
    });
    vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'answer', status: 200, headers: stale, body: [] } });
    await bench.ensure({ 'secret-expiration': '90d' });
    expect(bench.secrets()[0]?.expiration).toBe(new Date(Date.parse(START) + 90 * DAY).toISOString());
  });

  test('is ignored if it is not a time', async () => {
    await using bench = await openWith({ vantage: 0, github: 0 });
    bench.vantage.faults.add({
      on: 'readSecrets',
      mishap: { kind: 'answer', status: 200, headers: { date: 'yesterday' }, body: [] },
    });
    await bench.ensure({ 'secret-expiration': '90d' });
    expect(bench.secrets()[0]?.expiration).toBe(new Date(Date.parse(START) + 90 * DAY).toISOString());
  });
});
