import { describe, expect, test } from '@jest/globals';
import { Bench, type BenchOptions, bodiesOf, type Inputs, type Outcome, START } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const BOTH: BenchOptions = { vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} };
const ALONE: BenchOptions = { vantage: { clients: [{ clientId: CLIENT_ID }] } };
const TARGET: Inputs = { 'write-to': 'repository', 'secret-expiration': '90d' };
const PRUNE: Inputs = { 'prune-after': '3d' };
const ADVICE = (count: number) =>
  `The client had ${count} secrets, and this Vantage may limit their number. Set \`prune-after\`, or delete unused secrets in Vantage and run the step again.`;

const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();
const createdBy = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');
const values = (bench: Bench) => bench.secrets().map(({ value }) => value);

/** A bench whose target got a number of secrets, two days apart, a month ago. */
async function openWith(count: number): Promise<Bench> {
  const bench = await Bench.open(BOTH);
  for (let secrets = 0; secrets < count; secrets += 1) {
    bench.moveTo(day(secrets * 2));
    expect((await bench.ensure(TARGET)).failure).toBeUndefined();
  }
  bench.moveTo(day(30));
  return bench;
}

describe('superseded secrets are deleted', () => {
  test('even if Vantage refuses the creation: the next run succeeds', async () => {
    await using bench = await openWith(3);
    const held = bench.held(OWN);
    bench.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'answer', status: 409 } });
    const refused = await bench.ensure({ ...TARGET, ...PRUNE });
    expect(refused.failure?.code).toBe('conflict');
    expect(refused.record).toMatchObject({ changed: true });
    expect(refused.record.pruned).toHaveLength(2);
    expect(values(bench)).toEqual([held]);
    const next = await bench.ensure({ ...TARGET, ...PRUNE });
    expect(next.failure).toBeUndefined();
    expect(createdBy(next)).toHaveLength(1);
  });

  test('even if nothing is due', async () => {
    await using bench = await openWith(3);
    const held = bench.held(OWN);
    const run = await bench.ensure({ ...TARGET, ...PRUNE, rotate: 'when-due' });
    expect(run.failure).toBeUndefined();
    expect(createdBy(run)).toEqual([]);
    expect(values(bench)).toEqual([held]);
  });

  test('even if a target fails, which keeps its secret', async () => {
    await using bench = await openWith(3);
    const held = bench.held(OWN);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ ...TARGET, ...PRUNE });
    expect(run.failure?.code).toBe('github-permission');
    expect(run.record.pruned).toHaveLength(2);
    expect(values(bench)).toEqual([held]);
    expect(bench.held(OWN)).toBe(held);
  });

  test('but not those that this run supersedes, because others may be reading them', async () => {
    await using bench = await openWith(1);
    const held = bench.held(OWN);
    const run = await bench.ensure({ ...TARGET, ...PRUNE });
    expect(run.failure).toBeUndefined();
    expect(run.record.pruned).toEqual([]);
    expect(values(bench)).toEqual([held, bench.held(OWN)]);
  });
});

describe('a creation that Vantage refuses', () => {
  test.each([
    ['conflict', 409],
    ['bad request', 400],
    ['forbidden', 403],
  ])('for a client with 5 secrets may be due to a limit, which the error mentions (%s)', async (_, status) => {
    await using bench = await openWith(5);
    bench.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status } });
    const run = await bench.ensure(TARGET);
    expect(run.failure?.message).toContain(ADVICE(5));
  });

  test.each([
    ['the client has 4 secrets', 4, { kind: 'answer', status: 409 }],
    ['Vantage is unavailable', 5, { kind: 'answer', status: 500, headers: { 'retry-after': '0' } }],
  ] as const)('does not mention a limit if %s', async (_, count, mishap) => {
    await using bench = await openWith(count);
    bench.vantage.faults.add({ on: 'createSecret', mishap });
    const run = await bench.ensure(TARGET);
    expect(run.failure).toBeDefined();
    expect(run.failure?.message).not.toContain('limit');
  });
});

describe('prune-after for a secret that is only an output', () => {
  const LEG = (matrix: number): Inputs => ({ matrix: JSON.stringify({ leg: matrix }) });

  test.each([{}, { rotate: 'when-due' }, { 'output-secret': 'true' }])(
    'is rejected without current-secret, with an alternative: %j',
    async inputs => {
      await using bench = await Bench.open(ALONE);
      await expect(bench.ensure({ ...inputs, ...PRUNE })).rejects.toThrow(
        /`prune-after` .*pass the stored secret as current-secret.* set secret-expiration or revoke-at-job-end/u,
      );
      expect(bench.vantage.requests).toEqual([]);
    },
  );

  test('deletes what came before the one in use, and nothing while that is refused', async () => {
    await using bench = await Bench.open(ALONE);
    const outputs: string[] = [];
    for (const days of [0, 1, 2]) {
      bench.moveTo(day(days));
      outputs.push((await bench.ensure()).output ?? '');
    }
    bench.moveTo(day(30));
    const when = { ...PRUNE, rotate: 'when-due' };
    const refused = await bench.ensure({ ...when, 'current-secret': 'canary-that-is-not-known' });
    expect(refused.failure).toBeUndefined();
    expect(refused.record.pruned).toEqual([]);
    expect(values(bench)).toEqual([...outputs, refused.output]);
    const accepted = await bench.ensure({ ...when, 'current-secret': outputs[1] ?? '' });
    expect(accepted.failure).toBeUndefined();
    expect(values(bench)).toEqual([outputs[1], outputs[2], refused.output]);
  });

  test('in one job of a matrix does not delete secrets of the others', async () => {
    await using bench = await Bench.open(ALONE);
    const stored: Record<string, string> = {};
    for (const days of [0, 1, 2]) {
      bench.moveTo(day(days));
      for (const leg of [1, 2, 3]) {
        stored[`${leg} on day ${days}`] = (await bench.ensure(LEG(leg))).output ?? '';
      }
    }
    bench.moveTo(day(30));
    const run = await bench.ensure({
      ...LEG(1),
      ...PRUNE,
      rotate: 'when-due',
      'current-secret': stored['1 on day 2'] ?? '',
    });
    expect(run.failure).toBeUndefined();
    const deleted = Object.entries(stored).filter(([, value]) => !values(bench).includes(value));
    expect(deleted.map(([name]) => name)).toEqual(['1 on day 0', '1 on day 1']);
  });

  test('in one step, job, workflow file or repository does not delete secrets of another one', async () => {
    const others = [
      { action: '__octo-org_vantage-client-action_2' },
      { job: 'test' },
      { workflowRef: 'octo-org/octo-repo/.github/workflows/test.yml@refs/heads/main' },
      { repository: 'octo-org/website', repositoryId: 1002 },
    ];
    await using bench = await Bench.open(ALONE);
    for (const days of [0, 1]) {
      bench.moveTo(day(days));
      for (const runner of others) {
        await bench.ensure({}, { runner });
      }
    }
    const current = (await bench.ensure()).output ?? '';
    bench.moveTo(day(30));
    const run = await bench.ensure({ ...PRUNE, rotate: 'when-due', 'current-secret': current });
    expect(run.failure).toBeUndefined();
    expect(run.record.pruned).toEqual([]);
    expect(bench.secrets()).toHaveLength(9);
  });
});
