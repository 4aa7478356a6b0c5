import { describe, expect, test } from '@jest/globals';
import type { VantageOptions } from '../../../emulator/vantage/index.ts';
import { Bench, type Inputs, type Outcome } from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

const DAY = 24 * 60 * 60_000;
const EXISTS = { vantage: { clients: [{ clientId: CLIENT_ID, clientName: 'Invoices' }] } } as const;
const resultOf = ({ results }: Outcome) => results[0];
const day = (days: number) => new Date(Date.parse('2027-01-31T09:00:00Z') + days * DAY).toISOString();
/** The warnings about the number of secrets. */
const growthIn = ({ log }: Outcome) => log.filter(line => line.includes('live secrets'));

describe('the outcome of a run', () => {
  test.each<readonly [string, Inputs, string]>([
    ['adopts', {}, 'kept'],
    ['only looks, and finds another name', { 'client-name': 'New', 'dry-run': 'true' }, 'kept'],
    ['updates', { 'client-name': 'New', 'if-exists': 'update' }, 'updated'],
    ['rejects an existing client', { 'if-exists': 'fail' }, 'kept'],
  ])('that %s a client that exists: %j', async (_, inputs, outcome) => {
    await using bench = await Bench.open(EXISTS);
    expect(resultOf(await bench.ensure(inputs))).toMatchObject({ outcome });
  });

  test.each<readonly [string, number, Inputs, string]>([
    ['creates it', 1, {}, 'created'],
    ['only looks, and cannot know', 0, { 'dry-run': 'true' }, 'unknown'],
    ['only looks for it', 1, { 'dry-run': 'true', 'if-exists': 'fail' }, 'absent'],
  ])('that finds no client, and %s (tier %i)', async (_, tier, inputs, outcome) => {
    await using bench = await Bench.open({ vantage: { tier: tier as 0 | 1 } });
    expect(resultOf(await bench.ensure(inputs))).toMatchObject({ outcome, errorCode: '' });
  });

  test('of an update whose response is lost is unknown; of a refused one, kept', async () => {
    const update = { 'client-name': 'New', 'if-exists': 'update', rotate: 'never' };
    await using bench = await Bench.open(EXISTS);
    bench.vantage.faults.add({ on: 'updateClient', times: 1, mishap: { kind: 'answer', status: 403 } });
    expect(resultOf(await bench.ensure(update))).toMatchObject({ outcome: 'kept', errorCode: 'forbidden' });
    bench.vantage.faults.add({ on: 'updateClient', mishap: { kind: 'reset', apply: true } });
    const lost = await bench.ensure({ ...update, timeout: '3s' });
    expect(resultOf(lost)).toMatchObject({ outcome: 'unknown', errorCode: lost.failure?.code });
  });

  test('of a client whose ID is taken but not listed by the tenant is absent', async () => {
    await using bench = await Bench.open();
    const current = { rotate: 'never' };
    bench.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status: 409 } });
    expect(resultOf(await bench.ensure(current))).toMatchObject({ outcome: 'absent', errorCode: 'conflict' });
  });
});

describe('the live secrets of this repository', () => {
  /** A client with two secrets of somebody else. */
  const openForeign = async (vantage: VantageOptions = {}) => {
    const bench = await Bench.open({ vantage });
    bench.vantage.addClient({ clientId: CLIENT_ID }, [{ description: 'made by hand' }, { description: null }]);
    return bench;
  };

  test('are counted, without other secrets of the client, and without expired ones', async () => {
    await using bench = await openForeign();
    const live: unknown[] = [];
    for (const days of [0, 1, 181, 182]) {
      bench.moveTo(day(days));
      live.push(resultOf(await bench.ensure())?.liveSecrets);
    }
    // The first two have expired by the last run.
    expect(live).toEqual([1, 2, 2, 2]);
    expect(bench.secrets()).toHaveLength(6);
  });

  test('do not include those that were pruned, or the one that was revoked', async () => {
    await using bench = await Bench.open({ ...EXISTS, github: {} });
    const inputs = { 'write-to': 'repository', 'prune-after': '1d' };
    const live: unknown[] = [];
    for (const days of [0, 3, 6, 9]) {
      bench.moveTo(day(days));
      live.push(resultOf(await bench.ensure(inputs))?.liveSecrets);
    }
    expect(live).toEqual([1, 2, 2, 2]);

    const refused = await bench.ensure({}, { outputFails: true });
    expect(refused.record.secret?.fate).toBe('revoked');
    expect(resultOf(refused)).toMatchObject({ expiration: null, liveSecrets: 2, errorCode: 'internal-error' });
    expect(resultOf(refused)).not.toHaveProperty('secret');
  });

  test.each<readonly [string, VantageOptions]>([
    ['is not offered', { tier: 0 }],
    ['may be incomplete', { shape: { paging: 'ignored', list: 'array', pageSize: 2 } }],
    ['has no descriptions', { shape: { descriptions: 'hidden' } }],
    ['has null for each description', { shape: { descriptions: 'null' } }],
  ])('are not known if the list %s', async (_, vantage) => {
    await using bench = await openForeign(vantage);
    await bench.ensure();
    expect(resultOf(await bench.ensure())).toMatchObject({ outcome: 'kept', liveSecrets: null });
  });

  test('are not known if a secret may exist whose value nobody has', async () => {
    await using bench = await Bench.open(EXISTS);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: false } });
    expect(resultOf(await bench.ensure())).toMatchObject({ errorCode: '', liveSecrets: null });
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    expect(resultOf(await bench.ensure())).toMatchObject({ errorCode: '', liveSecrets: 2 });
  });
});

describe('the warning about a growing number of secrets', () => {
  const ten = async (inputs: Inputs) => {
    const bench = await Bench.open({ ...EXISTS, github: {} });
    for (let count = 0; count < 9; count += 1) {
      await bench.ensure();
    }
    return { bench, run: await bench.ensure(inputs) };
  };

  test.each<readonly [string, Inputs, RegExp | undefined]>([
    [
      'is logged if nothing deletes them',
      {},
      /10 live secrets .*`prune-after` .*, or .*`rotate: when-due` to create fewer secrets\.$/u,
    ],
    [
      'does not recommend an input that is set',
      { rotate: 'when-due' },
      /10 live secrets .*`prune-after` to delete them\.$/u,
    ],
    ['is not logged if they are pruned', { 'write-to': 'repository', 'prune-after': '7d' }, undefined],
    ['is not logged if the new one is revoked at the end of the job', { 'revoke-at-job-end': 'true' }, undefined],
    ['is not logged if no secret is created', { rotate: 'never' }, undefined],
    ['is not logged in a dry run', { 'dry-run': 'true' }, undefined],
  ])('%s: %j', async (_, inputs, warning) => {
    const { bench, run } = await ten(inputs);
    await using _bench = bench;
    expect(run.failure).toBeUndefined();
    expect(growthIn(run)).toEqual(warning ? [expect.stringMatching(warning)] : []);
  });
});
