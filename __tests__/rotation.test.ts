import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { SecretScope } from '../emulator/github/index.ts';
import type { SeedSecret } from '../emulator/vantage/index.ts';
import { setDate } from './support/fast-time.ts';
import { expectAllHold } from './support/fate.ts';
import { OWN, SEED } from './support/github.ts';
import { creationsOf, errorOf, githubWrites, type Step, warningsOf, writesOf } from './support/step.ts';
import { CLIENT_ID, type StepOptions, World, type WorldOptions } from './support/world.ts';

type Inputs = Readonly<Record<string, string>>;

const NAME = 'VANTAGE_CLIENT_SECRET';
const REPOSITORY = 'repository';
const BOTH = 'repository\nenvironment production';
const REPOSITORY_LINE = `actions repository octo-org/octo-repo as ${NAME}`;
const IN_REPOSITORY = `the secret ${NAME} in repository octo-org/octo-repo`;
const IN_ENVIRONMENT = `the secret ${NAME} in environment "production" of octo-org/octo-repo`;
const ENVIRONMENT: SecretScope = { ...OWN, environment: 'production' };
/** Delivered only to the job, for a client that exists. */
const OUTPUT: Inputs = { 'github-token': '', 'output-secret': 'true' };
const DAY = 24 * 60 * 60_000;
const START = '2027-01-31T09:00:00.000Z';
const TIER_0: WorldOptions = { vantage: { tier: 0 } };
const TIERS: readonly [string, WorldOptions][] = [
  ['tier 0', TIER_0],
  ['tier 1', {}],
];

/** The time some days after the start. */
const day = (days: number) => new Date(Date.parse(START) + days * DAY).toISOString();

afterEach(() => setDate(undefined));

/** Runs a step while all clocks show this time: those of Vantage, GitHub, and the step. */
function stepAt(
  world: World,
  time: string,
  writeTo: string,
  inputs: Inputs = {},
  options: StepOptions = {},
): Promise<Step> {
  const now = Date.parse(time);
  setDate(now);
  world.vantage.clock.set(now);
  world.github.clock.set(now);
  const given = { rotate: 'when-due', 'secret-expiration': '90d', ...inputs };
  return world.step({ 'write-to': writeTo, ...given }, options);
}

function expectSuccess(step: Step): void {
  expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({ code: '', error: '' });
}

/** The step succeeded, changed nothing, and reports when a secret is due. */
function expectNotDue(step: Step): string {
  expectSuccess(step);
  expectUntouched(step);
  expect(step.outputs).toMatchObject({
    changed: 'false',
    'secret-created': 'false',
    'secret-id': '',
    verified: 'skipped',
    written: '[]',
    pruned: '[]',
  });
  const { secret, dueAt } = planOf(step);
  expect(secret).toBe('none');
  expect(step.log).toContain(`No secret is due before ${dueAt}.`);
  return String(dueAt);
}

/**
 * No request changed anything, or could have. On tier 0, only the response of a creation shows that a client exists.
 */
function expectUntouched(step: Step): void {
  expect(step.vantage.filter(({ applied }) => applied)).toEqual([]);
  expect(writesOf(step).filter(({ route }) => route !== 'createClient')).toEqual([]);
}

/** The step created one secret, for this reason, and every target holds it. */
function expectRotated(world: World, step: Step, scopes: readonly SecretScope[], why: string): string {
  const value = expectAllHold(
    world,
    step,
    scopes.map(scope => [scope]),
  );
  expect(step.log).toContain(`A secret is due: ${why}`);
  return value;
}

function planOf(step: Step): Record<string, unknown> {
  return JSON.parse(step.outputs.plan ?? '{}');
}

function prunedBy(step: Step): readonly string[] {
  return JSON.parse(step.outputs.pruned ?? 'null');
}

/** The IDs of the client's secrets in Vantage, oldest first. */
function secretIds(world: World, clientId = CLIENT_ID): readonly string[] {
  return world.secrets(clientId).map(({ id }) => id);
}

/** Changes the secrets of the client, and gives them new IDs, to simulate their age. */
function changeSecrets(world: World, change: (secret: SeedSecret) => SeedSecret | undefined): void {
  const { secrets = [], ...client } = world.vantage.client(CLIENT_ID) ?? {};
  const changed = secrets.flatMap(({ value, description, startTime, expiration }) => {
    return change({ value, description, startTime, expiration }) ?? [];
  });
  world.vantage.addClient({ ...client, clientId: CLIENT_ID }, changed);
}

describe('when-due', () => {
  test.each(TIERS)(
    'creates a secret if a target is missing, then no more until shortly before it expires (%s)',
    async (_, options) => {
      await using world = await World.open({ github: {}, ...options });
      const first = await stepAt(world, START, REPOSITORY);
      const value = expectRotated(world, first, [OWN], `${IN_REPOSITORY} does not exist yet.`);
      expect(Math.abs(Date.parse(first.outputs['secret-expiration'] ?? '') - Date.parse(day(90)))).toBeLessThan(60_000);

      for (const time of [day(0.01), day(1), day(59.9)]) {
        const dueAt = expectNotDue(await stepAt(world, time, REPOSITORY));
        expect(Math.abs(Date.parse(dueAt) - Date.parse(day(60)))).toBeLessThan(60_000);
      }

      const again = await stepAt(world, day(60.1), REPOSITORY);
      const why = options.vantage?.tier === 0 ? `${IN_REPOSITORY} was written at` : `${IN_REPOSITORY} expires`;
      expect(expectRotated(world, again, [OWN], why)).not.toBe(value);
      expectNotDue(await stepAt(world, day(60.2), REPOSITORY));
      // Nothing asks for pruning: the old one stays valid until it expires.
      expect(await world.accepts(value)).toBe(true);
    },
  );

  test.each(TIERS)('creates a secret if one of two targets is missing, for that one only (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    await stepAt(world, START, REPOSITORY);
    const before = world.held(REPOSITORY);
    const step = await stepAt(world, day(1), BOTH);
    expectRotated(world, step, [ENVIRONMENT], `${IN_ENVIRONMENT} does not exist yet.`);
    expect(world.held(REPOSITORY)).toEqual(before);
    // The first of the two to be due is the older one.
    expect(step.outputs['rotation-due']?.slice(0, 10)).toBe(day(60).slice(0, 10));
    expectNotDue(await stepAt(world, day(2), BOTH));
  });

  test.each(TIERS)('uses the default of six months that Vantage grants, by the calendar (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    const inputs = { 'secret-expiration': '', 'rotate-before': '1d' };
    await stepAt(world, '2027-08-31T10:00:00Z', REPOSITORY, inputs);
    const dueAt = expectNotDue(await stepAt(world, '2028-02-28T09:00:00Z', REPOSITORY, inputs));
    // The known clock of GitHub, which dates the target, and the clock of Vantage can differ by some milliseconds.
    expect(dueAt).toMatch(/^2028-02-28T(?:09:59:59\.9|10:00:0)/u);
    const step = await stepAt(world, '2028-02-28T10:01:00Z', REPOSITORY, inputs);
    expectRotated(world, step, [OWN], '');
    // Six months after the last day of February in a leap year.
    expect(step.outputs['secret-expiration']).toMatch(/^2028-08-28T10:01:0/u);
  });

  test.each(TIERS)('counts years from a leap day (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    const inputs = { 'secret-expiration': 'P1Y', 'rotate-before': 'P1M' };
    await stepAt(world, '2028-02-29T10:00:00Z', REPOSITORY, inputs);
    expect(expectNotDue(await stepAt(world, '2029-01-28T09:00:00Z', REPOSITORY, inputs))).toMatch(
      /^2029-01-28T(?:09:59:59\.9|10:00:0)/u,
    );
  });

  test('on tier 1 uses the expiration that Vantage reports, whatever life is requested now', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, REPOSITORY, { 'secret-expiration': 'P1Y' });
    const dueAt = expectNotDue(await stepAt(world, day(200), REPOSITORY, { 'secret-expiration': '90d' }));
    expect(dueAt.slice(0, 10)).toBe('2028-01-01');
  });

  test('on tier 0 also uses the age of a secret that somebody else wrote', async () => {
    const repositories = (SEED.repositories ?? []).map(repository =>
      repository.repo === OWN.repo
        ? { ...repository, secrets: [{ name: NAME, value: 'by hand', updatedAt: day(-50) }] }
        : repository,
    );
    await using world = await World.open({
      vantage: { tier: 0, clients: [{ clientId: CLIENT_ID }] },
      github: { seed: { ...SEED, repositories } },
    });
    const dueAt = expectNotDue(await stepAt(world, START, REPOSITORY));
    // The clocks of GitHub and Vantage can differ by some milliseconds.
    expect(Math.abs(Date.parse(dueAt) - Date.parse(day(10)))).toBeLessThan(1000);
    expectRotated(
      world,
      await stepAt(world, day(11), REPOSITORY),
      [OWN],
      `${IN_REPOSITORY} was written at ${day(-50)}`,
    );
  });

  test.each(TIERS)('creates a secret for a client that is new, whatever the target holds (%s)', async (_, options) => {
    const repositories = (SEED.repositories ?? []).map(repository =>
      repository.repo === OWN.repo
        ? { ...repository, secrets: [{ name: NAME, value: 'of another client' }] }
        : repository,
    );
    const github = { clock: Date.parse(START), seed: { ...SEED, repositories } };
    await using world = await World.open({ ...options, github });
    const step = await stepAt(world, START, REPOSITORY);
    expectAllHold(world, step, [[OWN]]);
    expect(step.log).toContain('A secret is due: the client is new.');
    expectNotDue(await stepAt(world, day(1), REPOSITORY));
  });

  test('on tier 1 creates a secret if the one in use was deleted in Vantage', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, REPOSITORY);
    const second = await stepAt(world, day(10), REPOSITORY, { rotate: 'always' });
    const held = world.held(REPOSITORY)[REPOSITORY_LINE];
    changeSecrets(world, secret => (secret.value === held ? undefined : secret));
    expectSuccess(second);
    const now = Date.parse(day(11));
    world.vantage.clock.set(now);
    world.github.clock.set(now);
    expect(await world.accepts(String(held))).toBe(false);
    expectRotated(world, await stepAt(world, day(11), REPOSITORY), [OWN], '');
  });

  test.each([
    ['once', 100],
    ['to half of it, which is less than rotate-before', 20],
    ['to the shortest there is', 1],
  ])('does not create secrets without end if Vantage shortens the life that it grants: %s', async (_, granted) => {
    await using world = await World.open({ github: {} });
    const inputs = { 'secret-expiration': '180d' };
    await stepAt(world, START, REPOSITORY, inputs);
    changeSecrets(world, secret => ({ ...secret, expiration: day(granted) }));
    const dueAt = expectNotDue(await stepAt(world, day(0.01), REPOSITORY, inputs));
    const expected = granted > 30 ? granted - 30 : granted / 2;
    expect(Math.abs(Date.parse(dueAt) - Date.parse(day(expected)))).toBeLessThan(60_000);
    expectRotated(
      world,
      await stepAt(world, day(expected + 0.1), REPOSITORY, inputs),
      [OWN],
      `${IN_REPOSITORY} expires at`,
    );
  });

  test('does not create secrets without end if Vantage lists secrets without descriptions', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, REPOSITORY);
    const listed = world.secrets().map(({ id, startTime, expiration }) => ({ id, startTime, expiration }));
    world.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'wrong-shape', body: listed, apply: false } });
    expectNotDue(await stepAt(world, day(1), REPOSITORY));
  });

  test.each(TIERS)('completes a delivery that was partial (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    await stepAt(world, START, BOTH);
    const refusing = {
      on: { method: 'PUT', path: /\/environments\// },
      mishap: { kind: 'answer', status: 403 },
    } as const;
    world.github.faults.add(refusing);
    const partial = await stepAt(world, day(70), BOTH);
    expect(partial.outputs['error-code']).toBe('partial-hand-off');
    expect(partial.written).toEqual([REPOSITORY_LINE]);
    world.github.faults.clear();
    const whole = await stepAt(world, day(70.5), BOTH);
    expectRotated(world, whole, [ENVIRONMENT], '');
    expectNotDue(await stepAt(world, day(71), BOTH));
  });

  test.each(TIERS)('previews in a dry run, and changes nothing (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    const dry = { 'dry-run': 'true', 'prune-after': '1d' };
    const missing = await stepAt(world, START, REPOSITORY, dry);
    expect(planOf(missing)).toMatchObject({ client: 'create', secret: 'mint', writeTo: [{ target: REPOSITORY_LINE }] });
    await stepAt(world, START, REPOSITORY);
    const resting = await stepAt(world, day(1), REPOSITORY, dry);
    const secret = options.vantage?.tier === 0 ? 'none unless the client is missing' : 'none';
    expect(planOf(resting)).toMatchObject({
      secret,
      dueAt: expect.stringMatching(/^2027-04-01T(?:08:59:59\.9|09:00:0)/u),
    });
    await stepAt(world, day(61), REPOSITORY);
    const due = await stepAt(world, day(125), REPOSITORY, dry);
    expect(planOf(due)).toMatchObject({ secret: 'mint', why: expect.stringContaining(IN_REPOSITORY) });
    expect(planOf(due).prune ?? []).toHaveLength(options.vantage?.tier === 0 ? 0 : 1);
    for (const step of [missing, resting, due]) {
      expectSuccess(step);
      expect(step.outputs).toMatchObject({ changed: 'false', 'secret-created': 'false', pruned: '[]' });
      expect(writesOf(step)).toEqual([]);
    }
  });
});

/** The parts of examples/rotate.yml that are tested. */
interface RotationWorkflow {
  readonly on: object;
  readonly concurrency: object;
  readonly jobs: { readonly rotate: { readonly steps: readonly { readonly with?: Inputs }[] } };
}

describe('examples/rotate.yml', () => {
  test('previews in a pull request, and rotates on its schedule', async () => {
    const file = path.resolve(import.meta.dirname, '..', 'examples', 'rotate.yml');
    const workflow = parse(await readFile(file, 'utf8')) as RotationWorkflow;
    const given = workflow.jobs.rotate.steps.at(-1)?.with ?? {};
    expect(workflow.on).toMatchObject({ schedule: [{ cron: expect.stringMatching(/ \* \* 1$/u) }], pull_request: {} });
    expect(given['dry-run']).toContain("github.event_name == 'pull_request'");
    expect(workflow.concurrency).toEqual({ group: expect.any(String) });

    await using world = await World.open({ github: {} });
    // The values of the workflow that depend on its run are those of this world.
    const plain = Object.entries(given).filter(([, value]) => !/\$\{\{/u.test(value));
    const inputs = Object.fromEntries(plain);
    const writeTo = String(inputs['write-to']);
    const preview = await stepAt(world, START, writeTo, { ...inputs, 'dry-run': 'true' });
    expect(planOf(preview)).toMatchObject({ secret: 'mint' });
    expect(world.vantage.clients()).toEqual([]);
    const step = await stepAt(world, START, writeTo, { ...inputs, 'dry-run': 'false' });
    expectRotated(world, step, [ENVIRONMENT], `${IN_ENVIRONMENT} does not exist yet.`);
    expectNotDue(await stepAt(world, day(7), writeTo, { ...inputs, 'dry-run': 'false' }));
  });
});

describe('current-secret', () => {
  test.each(TIERS)('that is accepted is not due; one that is refused is due at once (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    await stepAt(world, START, REPOSITORY);
    const current = { 'current-secret': String(world.held(REPOSITORY)[REPOSITORY_LINE]) };
    expectNotDue(await stepAt(world, day(1), REPOSITORY, current));
    changeSecrets(world, () => undefined);
    const canaries = { current: current['current-secret'] };
    const step = await stepAt(world, day(2), REPOSITORY, current, { canaries });
    expectRotated(world, step, [OWN], 'the token endpoint refuses current-secret.');
  });

  test.each(TIERS)('is what decides for a step output (%s)', async (_, options) => {
    await using world = await World.open({ github: {}, ...options });
    const first = await stepAt(world, START, '', OUTPUT);
    expect(first.log).toContain(
      'A secret is due: there is no target and no current-secret, so nothing shows that a secret is in use.',
    );
    const second = await stepAt(world, day(1), '', OUTPUT);
    expect(creationsOf(second)).toHaveLength(1);

    const current = { ...OUTPUT, 'current-secret': String(second.outputs['client-secret']) };
    const resting = await stepAt(world, day(2), '', current);
    expectSuccess(resting);
    expectUntouched(resting);
    expect(resting.outputs).not.toHaveProperty('client-secret');
    expect(resting.log).toContain(
      options.vantage?.tier === 0 ? 'No secret is due: current-secret works.' : 'No secret is due before 2027-04-02T',
    );

    const third = await stepAt(world, day(options.vantage?.tier === 0 ? 91.1 : 61.1), '', current);
    expectSuccess(third);
    expect(creationsOf(third)).toHaveLength(1);
    expect(third.log).toMatch(
      /A secret is due: (?:the token endpoint refuses current-secret|current-secret expires at)/u,
    );
  });

  test('is verified only if it decides', async () => {
    await using world = await World.open({ github: {} });
    const step = await stepAt(world, START, '', { ...OUTPUT, rotate: 'always', 'current-secret': 'stored-before' });
    expect(step.vantage.filter(({ route, body }) => route === 'token' && body.includes('stored-before'))).toEqual([]);
  });

  test('that cannot be verified fails the step before a secret is created', async () => {
    await using world = await World.open({ github: {} });
    world.vantage.faults.add({
      on: { path: 'token', body: /client_id=invoices/u },
      mishap: { kind: 'answer', status: 503 },
    });
    const step = await stepAt(world, START, REPOSITORY, { 'current-secret': 'stored-before', timeout: '3s' });
    expect(['vantage-unavailable', 'timeout']).toContain(step.outputs['error-code']);
    expect(errorOf(step)).toContain('verifying current-secret');
    expectUntouched(step);
  });
});

describe('prune-after', () => {
  const pruning = { 'prune-after': '3d' };

  test('keeps a client clean through months of weekly runs, and GitHub always holds a valid secret', async () => {
    const foreign = { value: 'made-by-hand/for+another=use', description: 'Made by hand', expiration: day(1000) };
    await using world = await World.open({
      github: {},
      vantage: { clock: Date.parse(START), clients: [{ clientId: CLIENT_ID, secrets: [foreign] }] },
    });
    const weeks: number[] = [];
    const pruned: string[] = [];
    for (let week = 0; week <= 28; week += 1) {
      const before = secretIds(world);
      const step = await stepAt(world, day(week * 7), BOTH, pruning);
      expectSuccess(step);
      if (creationsOf(step).length > 0) {
        weeks.push(week);
      }
      const prunedNow = prunedBy(step);
      expect(secretIds(world)).toEqual([
        ...before.filter(id => !prunedNow.includes(id)),
        ...secretIds(world).filter(id => !before.includes(id)),
      ]);
      expect(before).toEqual(expect.arrayContaining([...prunedNow]));
      pruned.push(...prunedNow);
      const held = new Set(Object.values(world.held(BOTH)));
      expect(held.size).toBe(1);
      const live = world.secrets().map(({ value }) => value);
      expect(live).toEqual(expect.arrayContaining([...held, foreign.value]));
      expect(live.length).toBeLessThanOrEqual(3);
    }
    expect(weeks).toEqual([0, 9, 18, 27]);
    expect(pruned).toHaveLength(3);
  }, 120_000);

  test('deletes what was superseded long enough ago, and reports it', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, REPOSITORY);
    await stepAt(world, day(61), REPOSITORY, pruning);
    const [old = '', fresh = ''] = secretIds(world);
    expect(prunedBy(await stepAt(world, day(63), REPOSITORY, pruning))).toEqual([]);
    const step = await stepAt(world, day(65), REPOSITORY, pruning);
    expectSuccess(step);
    expect(prunedBy(step)).toEqual([old]);
    expect(secretIds(world)).toEqual([fresh]);
    expect(step.outputs).toMatchObject({ changed: 'true', 'secret-created': 'false' });
    expect(planOf(step)).toMatchObject({ secret: 'none', prune: [old] });
    expect(step.log).toContain(`Deleted superseded secret ${old} of client "${CLIENT_ID}"`);
    expect(step.vantage.filter(({ applied }) => applied).map(({ route }) => route)).toEqual(['deleteSecret']);
    expect(githubWrites(step)).toEqual([]);
    expectNotDue(await stepAt(world, day(66), REPOSITORY, pruning));
  });

  test('deletes only what this repository created for exactly these targets', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, 'repository as OTHER');
    const elsewhere = { GITHUB_REPOSITORY: 'octo-org/website', GITHUB_REPOSITORY_ID: '1002' };
    await stepAt(world, START, 'repository octo-org/octo-repo', {}, { env: elsewhere });
    await stepAt(world, START, '', OUTPUT);
    const others = secretIds(world);
    expect(others).toHaveLength(3);
    await stepAt(world, day(1), REPOSITORY, { rotate: 'always' });
    await stepAt(world, day(5), REPOSITORY, { rotate: 'always' });
    const [own] = secretIds(world).filter(id => !others.includes(id));
    expect(prunedBy(await stepAt(world, day(10), REPOSITORY, pruning))).toEqual([own]);
    expect(secretIds(world)).toEqual(expect.arrayContaining([...others]));
  });

  test('keeps what a target still holds, until the target gets the new one', async () => {
    await using world = await World.open({ github: {} });
    const inputs = { ...pruning, 'rotate-before': '7d' };
    await stepAt(world, START, BOTH, inputs);
    const refusing = {
      on: { method: 'PUT', path: /\/environments\// },
      mishap: { kind: 'answer', status: 403 },
    } as const;
    world.github.faults.add(refusing);
    await stepAt(world, day(40), BOTH, { ...inputs, rotate: 'always' });
    world.github.faults.clear();
    const [held] = secretIds(world);
    expect(expectNotDue(await stepAt(world, day(50), BOTH, inputs)).slice(0, 10)).toBe(day(83).slice(0, 10));
    expectRotated(world, await stepAt(world, day(84), BOTH, inputs), [ENVIRONMENT], '');
    expect(prunedBy(await stepAt(world, day(90), BOTH, inputs))).toEqual([held]);
  });

  test('keeps all of them while a target is missing', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, REPOSITORY);
    await stepAt(world, day(1), REPOSITORY, { rotate: 'always' });
    const inputs = { ...pruning, 'dry-run': 'true', 'secret-name': 'MOVED' };
    expect(planOf(await stepAt(world, day(30), REPOSITORY, inputs))).not.toHaveProperty('prune');
  });

  test('keeps the last valid one', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, '', { ...OUTPUT, 'secret-expiration': 'P1Y' });
    await stepAt(world, day(1), '', { ...OUTPUT, 'secret-expiration': '1d' });
    const [lasting] = secretIds(world);
    const value = world.secrets()[0]?.value ?? '';
    const resting = { ...OUTPUT, ...pruning, 'current-secret': value };
    expect(prunedBy(await stepAt(world, day(30), '', resting))).toEqual([]);
    expect(secretIds(world)).toContain(lasting);
  });

  test('keeps the one that the step signs in with', async () => {
    await using world = await World.open({ github: {} });
    const { clientId } = world.vantage.administrator;
    const itself = { 'client-id': clientId, rotate: 'always', ...pruning };
    await stepAt(world, START, REPOSITORY, itself);
    const value = String(world.held(REPOSITORY)[REPOSITORY_LINE]);
    const [, first = ''] = secretIds(world, clientId);
    await stepAt(world, day(1), REPOSITORY, itself);
    const stale = { ...itself, 'auth-client-secret': value };
    expect(prunedBy(await stepAt(world, day(20), REPOSITORY, stale))).toEqual([]);
    expect(secretIds(world, clientId)).toContain(first);
    const fresh = { ...itself, 'auth-client-secret': String(world.held(REPOSITORY)[REPOSITORY_LINE]) };
    const step = await stepAt(world, day(21), REPOSITORY, fresh);
    expect(prunedBy(step)).toContain(first);
    // The tenant's first secret has no mark.
    expect(await world.accepts(world.vantage.administrator.clientSecret, clientId)).toBe(true);
  });

  test('keeps current-secret', async () => {
    await using world = await World.open({ github: {} });
    const first = await stepAt(world, START, '', OUTPUT);
    const second = await stepAt(world, day(1), '', OUTPUT);
    const holding = ({ outputs }: Step) => ({
      ...OUTPUT,
      ...pruning,
      'current-secret': String(outputs['client-secret']),
    });
    const current = holding(first);
    expect(prunedBy(await stepAt(world, day(30), '', current))).toEqual([]);
    const [old] = secretIds(world);
    expect(prunedBy(await stepAt(world, day(31), '', holding(second)))).toEqual([old]);
  });

  test('does nothing on tier 0, or if it is not set', async () => {
    for (const [options, inputs] of [
      [TIER_0, pruning],
      [{}, {}],
    ] as const) {
      await using world = await World.open({ github: {}, ...options });
      for (const time of [0, 61, 122, 140]) {
        const step = await stepAt(world, day(time), REPOSITORY, inputs);
        expectSuccess(step);
        expect(prunedBy(step)).toEqual([]);
        expect(step.vantage.filter(({ method }) => method === 'DELETE')).toEqual([]);
      }
      expect(world.secrets()).toHaveLength(3);
    }
  });

  test.each([
    ['refused', { kind: 'answer', status: 403 }, 'answered 403'],
    ['not offered', { kind: 'answer', status: 405 }, 'answered 405'],
    ['deleted by somebody else in the meantime', { kind: 'answer', status: 404 }, 'answered 404'],
  ] as const)('only warns of a deletion that is %s, and continues', async (_, mishap, says) => {
    await using world = await World.open({ github: {} });
    for (const time of [0, 5, 10]) {
      await stepAt(world, day(time), REPOSITORY, { rotate: 'always' });
    }
    const [one, other] = secretIds(world);
    world.vantage.faults.add({ on: 'deleteSecret', mishap, times: 1 });
    const step = await stepAt(world, day(20), REPOSITORY, pruning);
    expectSuccess(step);
    expect(warningsOf(step)).toEqual([
      expect.stringMatching(new RegExp(`^Could not delete superseded secret ${other}.*${says}`, 'u')),
    ]);
    expect(prunedBy(step)).toEqual([one]);
  });

  test('happens also in a run whose delivery failed, to make room for the next one', async () => {
    await using world = await World.open({ github: {} });
    for (const time of [0, 2]) {
      await stepAt(world, day(time), REPOSITORY, { rotate: 'always' });
    }
    const [superseded, held] = secretIds(world);
    world.github.faults.add({ on: { method: 'PUT' }, mishap: { kind: 'answer', status: 403 } });
    const step = await stepAt(world, day(20), REPOSITORY, { ...pruning, rotate: 'always' });
    expect(step.outputs).toMatchObject({ 'error-code': 'github-permission', pruned: JSON.stringify([superseded]) });
    expect(secretIds(world)).toEqual([held]);
  });
});

describe('what Vantage shows late', () => {
  test('a secret that is not listed yet: the next run creates another one, and prunes nothing that is in use', async () => {
    await using world = await World.open({ github: {} });
    await stepAt(world, START, REPOSITORY);
    const stale = world.secrets().map(({ value, ...listed }) => ({ ...listed, valueDisplay: value.slice(0, 3) }));
    await stepAt(world, day(61), REPOSITORY);
    const body = { items: stale, totalItemCount: stale.length };
    world.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'wrong-shape', body, apply: false } });
    const step = await stepAt(world, day(61), REPOSITORY, { 'prune-after': '1d' });
    expectRotated(world, step, [OWN], '');
    expect(prunedBy(step)).toEqual([]);
    expectNotDue(await stepAt(world, day(61.5), REPOSITORY));
    expect(world.secrets()).toHaveLength(3);
  });

  test('a client that was created a moment ago: the creation of its secret is retried', async () => {
    await using world = await World.open({ github: {} });
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 404 }, times: 2 });
    const step = await stepAt(world, START, REPOSITORY);
    expectSuccess(step);
    expect(creationsOf(step).map(({ status }) => status)).toEqual([404, 404, 201]);
    expect(world.secrets()).toHaveLength(1);
  });

  test('a client that the step did not create: the request is not retried', async () => {
    await using world = await World.open({ github: {}, vantage: { clients: [{ clientId: CLIENT_ID }] } });
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'answer', status: 404 }, times: 1 });
    const step = await stepAt(world, START, REPOSITORY);
    expect(step.outputs['error-code']).toBe('not-found');
    expect(creationsOf(step)).toHaveLength(1);
  });

  test('the new secret at the token endpoint: the verification is retried until the secret is known', async () => {
    await using world = await World.open({ github: {} });
    world.vantage.faults.add({ kind: 'late-token-store', requests: 2 });
    const step = await stepAt(world, START, REPOSITORY);
    expectRotated(world, step, [OWN], `${IN_REPOSITORY} does not exist yet.`);
    expect(step.outputs.verified).toBe('true');
  });
});
