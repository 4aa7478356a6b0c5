import { describe, expect, test } from '@jest/globals';
import type { RecordedRequest, SecretScope, SeedItem } from '../../../emulator/github/index.ts';
import { Bench, type BenchOptions, bodiesOf, type Outcome, START, writesOf } from '../../support/bench.ts';
import { OWN, SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const NAME = 'VANTAGE_CLIENT_ID';
const ENDS = 'VANTAGE_SECRET_ENDS';
const ENVIRONMENT: SecretScope = { ...OWN, environment: 'production' };
const LINE = 'actions repository octo-org/octo-repo';
const IN_REPOSITORY = 'repository octo-org/octo-repo';
const WRITE = { rotate: 'when-due', 'secret-expiration': '90d', 'write-to': 'repository' };
const NAMING = { ...WRITE, 'client-id-variable': NAME };
const ENDING = { ...WRITE, 'expiration-variable': ENDS };

const day = (days: number) => new Date(Date.parse(START) + days * 24 * 60 * 60_000).toISOString();

const TIERS = [0, 1] as const;
const both = (tier: 0 | 1, variables?: readonly SeedItem[]): BenchOptions => ({
  vantage: { tier, clients: [CLIENT] },
  github: {
    seed: {
      ...SEED,
      repositories: (SEED.repositories ?? []).map(one =>
        one.repo === OWN.repo && variables ? { ...one, variables: [...variables] } : one,
      ),
    },
  },
});

const changesOf = ({ github }: Outcome) => github.filter(({ method }) => method !== 'GET').map(({ route }) => route);
const creationsOf = ({ vantage }: Outcome) => bodiesOf(vantage, 'createSecret');
const variableOf = (bench: Bench, name: string, scope: SecretScope = OWN) => bench.github.variable(scope, name)?.value;
const isRead = ({ route }: RecordedRequest) => route === 'readVariable';

describe.each(TIERS)('client-id-variable (tier %i)', tier => {
  test('that is missing is written by a run that creates no secret', async () => {
    await using bench = await Bench.open(both(tier));
    await bench.ensure({ ...WRITE, 'write-to': 'repository\nenvironment production' });
    const run = await bench.ensure({ ...NAMING, 'write-to': 'repository\nenvironment production' });
    expect(run.failure).toBeUndefined();
    expect(creationsOf(run)).toEqual([]);
    expect(variableOf(bench, NAME)).toBe(CLIENT_ID);
    expect(variableOf(bench, NAME, ENVIRONMENT)).toBe(CLIENT_ID);
    expect(run.record).toMatchObject({
      changed: true,
      otherWrites: [
        `variable ${NAME} in ${IN_REPOSITORY}`,
        `variable ${NAME} in environment "production" of octo-org/octo-repo`,
      ],
      plan: { secret: 'none', variables: [{ variable: `variable ${NAME} of ${LINE}`, value: CLIENT_ID }, {}] },
    });
    expect(run.log).toContain(`Wrote the client id to variable ${NAME} in ${IN_REPOSITORY}.`);
  });

  test('that is correct is not written, with or without a new secret', async () => {
    await using bench = await Bench.open(both(tier));
    await bench.ensure(NAMING);
    const idle = await bench.ensure(NAMING);
    expect(idle.failure).toBeUndefined();
    expect(changesOf(idle)).toEqual([]);
    expect(idle.record).toMatchObject({ changed: false, otherWrites: [] });
    const rotated = await bench.ensure({ ...NAMING, rotate: 'always' });
    expect(creationsOf(rotated)).toHaveLength(1);
    expect(changesOf(rotated)).toEqual(['writeSecret']);
  });

  test('that names another client makes a secret due, and is written after it', async () => {
    await using bench = await Bench.open(both(tier, [{ name: NAME, value: 'orders' }]));
    await bench.ensure(WRITE);
    const run = await bench.ensure(NAMING);
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain(
      `A secret is due: the variable ${NAME} in ${IN_REPOSITORY} names another client: "orders".`,
    );
    expect(creationsOf(run)).toHaveLength(1);
    expect(changesOf(run)).toEqual(['writeSecret', 'updateVariable']);
    expect(variableOf(bench, NAME)).toBe(CLIENT_ID);
  });

  test('that cannot be written fails a run that has nothing else to do', async () => {
    await using bench = await Bench.open(both(tier));
    await bench.ensure(WRITE);
    bench.github.faults.add({ on: 'createVariable', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(NAMING);
    expect(run.failure?.code).toBe('github-permission');
    expect(run.failure?.message).toContain(`writing variable ${NAME} in ${IN_REPOSITORY} failed at POST`);
    expect(run.record).toMatchObject({ changed: false, otherWrites: [] });
  });

  test('is only planned in a dry run, and not read with rotate: never', async () => {
    await using bench = await Bench.open(both(tier));
    await bench.ensure(WRITE);
    const dry = await bench.ensure({ ...NAMING, 'dry-run': 'true' });
    expect(dry.record.plan).toMatchObject({
      variables: [{ variable: `variable ${NAME} of ${LINE}`, value: CLIENT_ID }],
    });
    expect(changesOf(dry)).toEqual([]);
    const never = await bench.ensure({ ...NAMING, rotate: 'never' });
    expect(never.github).toEqual([]);
  });
});

describe.each(TIERS)('expiration-variable (tier %i)', tier => {
  test('is written with the secret, as Vantage reports its expiration, and then left unchanged', async () => {
    await using bench = await Bench.open(both(tier));
    const run = await bench.ensure(ENDING);
    expect(run.failure).toBeUndefined();
    expect(variableOf(bench, ENDS)).toBe(day(90));
    expect(run.log).toContain(`Wrote the expiration to variable ${ENDS} in ${IN_REPOSITORY}.`);
    const idle = await bench.ensure(ENDING);
    expect(changesOf(idle)).toEqual([]);
    expect(idle.record.changed).toBe(false);
  });

  test('that is missing is written: if the expiration is not known, with a new secret', async () => {
    await using bench = await Bench.open(both(tier));
    await bench.ensure(WRITE);
    bench.moveTo(day(1));
    const run = await bench.ensure(ENDING);
    expect(run.failure).toBeUndefined();
    expect(creationsOf(run)).toHaveLength(tier === 1 ? 0 : 1);
    expect(variableOf(bench, ENDS)).toBe(day(tier === 1 ? 90 : 91));
    if (tier === 0) {
      expect(run.log).toContain(
        `A secret is due: the variable ${ENDS} in ${IN_REPOSITORY} does not exist, so it is not known when the secret VANTAGE_CLIENT_SECRET in ${IN_REPOSITORY} expires.`,
      );
      expect(run.record.plan).toMatchObject({ reason: 'expiration-unknown' });
    }
    expect(changesOf(await bench.ensure(ENDING))).toEqual([]);
  });

  test('that a killed run did not write is written by the next run', async () => {
    await using bench = await Bench.open(both(tier));
    await bench.ensure(ENDING);
    bench.moveTo(day(10));
    // As if killed between the two writes.
    bench.github.faults.add({ on: 'updateVariable', mishap: { kind: 'answer', status: 403 } });
    expect((await bench.ensure({ ...ENDING, rotate: 'always' })).failure?.code).toBe('partial-hand-off');
    expect(variableOf(bench, ENDS)).toBe(day(90));
    bench.github.faults.clear();
    bench.moveTo(day(11));
    const run = await bench.ensure(ENDING);
    expect(run.failure).toBeUndefined();
    expect(creationsOf(run)).toHaveLength(tier === 1 ? 0 : 1);
    expect(variableOf(bench, ENDS)).toBe(day(tier === 1 ? 100 : 101));
    expect(changesOf(await bench.ensure(ENDING))).toEqual([]);
  });
});

describe('when-due on tier 0 uses expiration-variable', () => {
  test('so that a longer requested life does not hide the real expiration', async () => {
    await using bench = await Bench.open(both(0));
    await bench.ensure({ ...ENDING, 'secret-expiration': '31d' });
    bench.moveTo(day(2));
    const run = await bench.ensure({ ...ENDING, 'secret-expiration': 'P1Y' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain(
      `A secret is due: the variable ${ENDS} in ${IN_REPOSITORY} says that the secret expires at ${day(31)}.`,
    );
    expect(variableOf(bench, ENDS)).toBe('2028-02-02T09:00:00.000Z');
  });

  test('but not if it belongs to the previous secret: a secret is due', async () => {
    await using bench = await Bench.open(both(0));
    await bench.ensure({ ...ENDING, 'secret-expiration': 'P1Y' });
    bench.moveTo(day(1));
    // As if killed between the two writes: the secret of 40 days was written, its variable was not.
    bench.github.faults.add({ on: 'updateVariable', mishap: { kind: 'answer', status: 403 } });
    const half = await bench.ensure({ ...ENDING, 'secret-expiration': '40d', rotate: 'always' });
    expect(half.failure?.code).toBe('partial-hand-off');
    bench.github.faults.clear();
    bench.moveTo(day(3));
    // Neither the variable nor the life that the workflow requests now shows the 40 days.
    const run = await bench.ensure({ ...ENDING, 'secret-expiration': 'P1Y' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain(
      `A secret is due: the variable ${ENDS} in ${IN_REPOSITORY} is older than the secret, so it is not known when the secret VANTAGE_CLIENT_SECRET in ${IN_REPOSITORY} expires.`,
    );
    expect(creationsOf(run)).toHaveLength(1);
    expect(variableOf(bench, ENDS)).toBe('2028-02-03T09:00:00.000Z');
  });

  test('so it is also written if the secret before expires at the same time', async () => {
    // Six months after 30 and 31 August is the end of February.
    await using bench = await Bench.open(both(0));
    const sixMonths = { ...ENDING, 'secret-expiration': 'P6M' };
    for (const date of ['2027-08-30T09:00:00.000Z', '2027-08-31T09:00:00.000Z']) {
      bench.moveTo(date);
      await bench.ensure({ ...sixMonths, rotate: 'always' });
      expect(variableOf(bench, ENDS)).toBe('2028-02-29T09:00:00.000Z');
    }
    const idle = await bench.ensure(sixMonths);
    expect(changesOf(idle)).toEqual([]);
    expect(creationsOf(idle)).toEqual([]);
  });

  test('but never beyond what the age allows, because another step may have written it just after', async () => {
    await using bench = await Bench.open(both(0));
    await bench.ensure({ ...ENDING, 'write-to': 'repository as ONE' });
    await bench.ensure({ ...ENDING, 'write-to': 'repository as TWO', 'secret-expiration': 'P2Y' });
    bench.moveTo(day(60));
    const run = await bench.ensure({ ...ENDING, 'write-to': 'repository as ONE' });
    expect(run.failure).toBeUndefined();
    expect(creationsOf(run)).toHaveLength(1);
  });

  test('but not if it was written long after the secret, for a later one', async () => {
    await using bench = await Bench.open(both(0));
    const two = { ...ENDING, 'write-to': 'repository as ONE\nrepository as TWO' };
    await bench.ensure(two);
    bench.moveTo(day(61));
    bench.github.faults.add({ on: { method: 'PUT', path: /secrets\/TWO$/u }, mishap: { kind: 'answer', status: 403 } });
    expect((await bench.ensure(two)).failure?.code).toBe('partial-hand-off');
    expect(variableOf(bench, ENDS)).toBe(day(151));
    bench.github.faults.clear();
    const repaired = await bench.ensure(two);
    expect(repaired.failure).toBeUndefined();
    expect(bench.held(OWN, 'TWO')).toBe(bench.secrets().at(-1)?.value);
  });

  test('also if it is older than the secret, because each secret expires at the same fixed time', async () => {
    await using bench = await Bench.open(both(0));
    const fixed = { ...ENDING, 'secret-expiration': day(90) };
    await bench.ensure(fixed);
    bench.moveTo(day(1));
    await bench.ensure({ ...fixed, rotate: 'always' });
    const idle = await bench.ensure(fixed);
    expect(idle.failure).toBeUndefined();
    expect(creationsOf(idle)).toEqual([]);
    expect(changesOf(idle)).toEqual([]);
  });

  test('but not if it contains no time, which causes a warning: the age decides', async () => {
    await using bench = await Bench.open(both(0));
    await bench.ensure(ENDING);
    bench.github.put(OWN, 'variable', ENDS, 'soon');
    const run = await bench.ensure(ENDING);
    expect(run.log).toContain(
      `Warning: The variable ${ENDS} in ${IN_REPOSITORY} holds "soon", which is not an RFC 3339 time, so it does not show when the secret expires. Delete the variable, or let the next rotation write it.`,
    );
    expect(run.log).toContain(`No secret is due before ${day(60)}.`);
    expect(creationsOf(run)).toEqual([]);
  });
});

test('mode: delete deletes both variables', async () => {
  await using bench = await Bench.open(both(1));
  const named = { 'client-id-variable': NAME, 'expiration-variable': ENDS };
  await bench.ensure({ ...WRITE, ...named });
  expect([variableOf(bench, NAME), variableOf(bench, ENDS)]).toEqual([CLIENT_ID, day(90)]);
  const run = await bench.run('delete', { 'write-to': 'repository', ...named });
  expect(run.failure).toBeUndefined();
  expect([variableOf(bench, NAME), variableOf(bench, ENDS)]).toEqual([undefined, undefined]);
  expect(run.record.deletedFromGitHub).toContain(`variable ${ENDS} of ${LINE}`);
});

describe('a GitHub without variables', () => {
  test.each([{ 'client-id-variable': NAME }, { 'expiration-variable': ENDS }])(
    'is detected before anything is done: %j',
    async input => {
      await using bench = await Bench.open({ vantage: {}, github: { variables: 'absent' } });
      const run = await bench.ensure({ 'write-to': 'repository', ...input });
      expect(run.failure?.code).toBe('unsupported');
      expect(run.failure?.message).toContain('this GitHub has no variables there');
      expect(run.failure?.message).toContain('Leave out `client-id-variable` and `expiration-variable`.');
      expect(writesOf(run)).toEqual([]);
      expect(changesOf(run)).toEqual([]);
    },
  );

  test('does not matter if no variable is requested', async () => {
    await using bench = await Bench.open({ vantage: {}, github: { variables: 'absent' } });
    expect((await bench.ensure({ 'write-to': 'repository' })).failure).toBeUndefined();
  });

  test('is distinguished from a place that the token cannot see', async () => {
    await using bench = await Bench.open({ vantage: {}, github: {} });
    const run = await bench.ensure({ 'write-to': 'repository octo-org/nowhere', 'client-id-variable': NAME });
    expect(run.failure?.code).toBe('github-permission');
    expect(run.failure?.message).not.toContain('has no variables');
    expect(run.github.some(isRead)).toBe(true);
  });
});

describe('an environment that somebody creates after it was found missing', () => {
  test('keeps its protection rules', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLIENT] }, github: {} });
    const api = `${bench.github.apiUrl}/repos/octo-org/octo-repo/environments/staging`;
    const token = bench.github.issueToken({ kind: 'classic', scopes: ['repo'] });
    const headers = { authorization: `Bearer ${token}`, 'user-agent': 'somebody', 'content-type': 'application/json' };
    const body = JSON.stringify({ wait_timer: 30 });
    // Created while requests to Vantage are in progress, after the preflight found it missing.
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'delay', ms: 1000, when: 'before' } });
    const [run] = await Promise.all([
      bench.ensure({ 'write-to': 'environment staging', 'create-environments': 'true' }),
      (async () => {
        while (
          !bench.github.requests.some(({ path, status }) => path.endsWith('/environments/staging') && status === 404)
        ) {
          await new Promise(resolve => setTimeout(resolve, 5));
        }
        expect((await fetch(api, { method: 'PUT', headers, body })).status).toBe(200);
      })(),
    ]);
    expect(run.failure).toBeUndefined();
    expect(bench.github.environment('octo-org', 'octo-repo', 'staging')?.protectionRules.waitTimer).toBe(30);
    expect(bench.held({ ...OWN, environment: 'staging' })).toBe(bench.secrets()[0]?.value);
    expect(run.record.otherWrites).toEqual([]);
    expect(run.log).toContain('Environment "staging" of octo-org/octo-repo exists by now, and is left unchanged.');
  });
});
