import { describe, expect, test } from '@jest/globals';
import { primaryRateLimit, type RouteFault, type Seed } from '../emulator/github/index.ts';
import { cancel } from '../emulator/runner.ts';
import type { Fault, Mishap, SeedClient, SeedSecret, VantageOptions } from '../emulator/vantage/index.ts';
import { EVERYTHING, OWN, SEED, SWEEPER } from './support/github.ts';
import { readSummary } from './support/markdown.ts';
import { DOUBT, deletedClients, errorOf, type Result, type Step, warningsOf, writesOf } from './support/step.ts';
import { World, type WorldOptions } from './support/world.ts';

const PATTERN = 'invoices-pr-{pr}';
const SWEEP = { mode: 'sweep', 'client-id': '', 'client-id-pattern': PATTERN, timeout: '1m' } as const;
const PAGE = 250;

const of = (number: number) => `invoices-pr-${number}`;
/** A secret that a run of a repository created. */
const marked = (repository: string, owner = 'github.com/1001'): SeedSecret => ({
  description: `Preview [vantage-client ${repository} id=${owner} to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]`,
});
/** Clients that a run of this repository created. */
const clients = (...numbers: number[]) =>
  numbers.map(number => ({ clientId: of(number), secrets: [marked('octo-org/octo-repo')] }));

/** Clients without a pull request, although some look as if they had one. Pull request 1 is closed. */
const STRANGERS = [
  'invoices',
  'invoices-pr-',
  'invoices-pr-01',
  'invoices-pr-1-old',
  'invoices-pr-1.0',
  'invoices-pr-1e0',
  'invoices-pr-+1',
  'invoices-pr-{pr}',
  'Invoices-pr-1',
  'INVOICES-PR-1',
  'my-invoices-pr-1',
  'invoices-pr-1/invoices-pr-1',
  'website-pr-1',
];

/** Pull requests 1 and 4 are closed, 2 is open, 3 merged, 5 does not exist. */
const PULL_REQUESTS = [
  { number: 1, state: 'closed' },
  { number: 2, state: 'open' },
  { number: 3, state: 'closed', merged: true },
  { number: 4, state: 'closed' },
] as const;

const seedWith = (pullRequests: NonNullable<Seed['repositories']>[number]['pullRequests']): Seed => ({
  ...SEED,
  repositories: (SEED.repositories ?? []).map(one =>
    one.repo === OWN.repo ? { ...one, pullRequests: pullRequests ?? [] } : one,
  ),
});

interface Given extends Pick<WorldOptions, 'token'> {
  readonly vantage?: VantageOptions;
  readonly github?: Omit<NonNullable<WorldOptions['github']>, 'seed'>;
  readonly clients?: readonly (SeedClient & { secrets?: readonly SeedSecret[] })[];
  readonly pullRequests?: Parameters<typeof seedWith>[0];
}

const open = ({
  vantage,
  github,
  clients: held = clients(1, 2, 3, 4),
  pullRequests = PULL_REQUESTS,
  token = SWEEPER,
}: Given = {}) =>
  World.open({
    vantage: { clients: [...STRANGERS.map(clientId => ({ clientId })), ...held], ...vantage },
    github: { seed: seedWith(pullRequests), ...github },
    token,
  });

/** The result of each selected client, by its number. */
function fates({ results }: Step): Record<number, Result['fate']> {
  return Object.fromEntries(results.map(({ pullRequest, fate }) => [pullRequest, fate]));
}

/** The remaining clients of pull requests. No other client is ever deleted. */
function left(world: World): readonly number[] {
  const ids = world.clientIds();
  expect(ids).toEqual(expect.arrayContaining(STRANGERS));
  const numbers = ids.flatMap(clientId => /^invoices-pr-([1-9]\d*)$/u.exec(clientId)?.[1] ?? []);
  return numbers.map(Number).sort((one, other) => one - other);
}

const offsets = (step: Step) =>
  step.vantage
    .filter(({ route }) => route === 'listClients')
    .map(({ path }) => Number(new URL(path, 'http://vantage').searchParams.get('Offset')));

describe('a sweep', () => {
  test('deletes the clients of pull requests that are closed or merged, and reports it', async () => {
    await using world = await open();
    const step = await world.step(SWEEP);
    expect(errorOf(step)).toBe('');
    expect(left(world)).toEqual([2]);
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'deleted', 4: 'deleted' });
    expect(step.outputs).toMatchObject({ changed: 'true', 'error-code': '' });
    expect(step.outputs['client-id']).toBeUndefined();
    const { steps: plan, ...head } = JSON.parse(step.outputs.plan ?? '');
    expect(head).toEqual({ schemaVersion: 1, mode: 'sweep' });
    expect(plan).toHaveLength(4);
    expect(plan[1]).toEqual({ clientId: of(2), pullRequest: 2, step: 'keep', why: 'pull request 2 is open' });
    expect(plan[2]).toEqual({ clientId: of(3), pullRequest: 3, step: 'delete', why: 'pull request 3 is closed' });
    const { title, text, tables } = readSummary(step.summary);
    expect(title).toBe('✅ invoices-pr-{pr}: 3 clients deleted, 1 kept');
    expect(text).toEqual([`${STRANGERS.length + 5} clients in the tenant, 4 of them like invoices-pr-{pr}`]);
    expect(tables[0]?.rows.map(([client]) => client)).toEqual([of(1), of(3), of(4)]);
    expect(warningsOf(step)).toEqual([]);
  });

  test('with nothing left to do sends nothing that changes anything', async () => {
    await using world = await open();
    await world.step(SWEEP);
    const again = await world.step(SWEEP);
    expect(fates(again)).toEqual({ 2: 'kept' });
    expect(writesOf(again)).toEqual([]);
    expect(again.outputs.changed).toBe('false');
  });

  test('of a tenant without clients sends no request to GitHub', async () => {
    await using world = await open({ clients: [] });
    const step = await world.step(SWEEP);
    expect(step.outputs).toMatchObject({ 'error-code': '', results: '[]', changed: 'false' });
    expect(JSON.parse(step.outputs.plan ?? '')).toEqual({ schemaVersion: 1, mode: 'sweep', steps: [] });
    expect(step.github).toEqual([]);
  });

  test('that is a dry run reports what it would delete, and sends nothing that changes anything', async () => {
    await using world = await open();
    const step = await world.step({ ...SWEEP, 'dry-run': 'true' });
    expect(fates(step)).toEqual({ 1: 'to be deleted', 2: 'kept', 3: 'to be deleted', 4: 'to be deleted' });
    expect(left(world)).toEqual([1, 2, 3, 4]);
    expect(writesOf(step)).toEqual([]);
    expect(step.outputs).toMatchObject({ changed: 'false', 'error-code': '' });
    const { title, tables, folded } = readSummary(step.summary);
    expect(title).toBe('📝 Plan for invoices-pr-{pr}: delete 3 clients, keep 1');
    expect(tables[0]).toMatchObject({ under: 'To delete: 3' });
    expect(folded[0]).toBe('Kept: 1');
  });

  test.each([
    ['2', 'false', 'too-many-deletes'],
    ['2', 'true', 'too-many-deletes'],
    ['0', 'false', 'too-many-deletes'],
    ['3', 'false', ''],
  ])('of three with max-deletes: %s (dry run: %s) ends with %j', async (most, dryRun, code) => {
    await using world = await open();
    const step = await world.step({ ...SWEEP, 'max-deletes': most, 'dry-run': dryRun });
    expect(step.outputs['error-code']).toBe(code);
    expect(left(world)).toEqual(code === '' ? [2] : [1, 2, 3, 4]);
    if (code !== '') {
      expect(writesOf(step)).toEqual([]);
      expect(errorOf(step)).toContain('the plan deletes 3 clients');
      expect(errorOf(step)).toContain([of(1), of(3), of(4)].join(', '));
      expect(fates(step)).toMatchObject({ 1: 'to be deleted', 2: 'kept' });
    }
  });

  test('with max-deletes: 0 succeeds if there is nothing to delete', async () => {
    await using world = await open({ clients: clients(2) });
    expect((await world.step({ ...SWEEP, 'max-deletes': '0' })).outputs['error-code']).toBe('');
  });

  test("works with the workflow's own token, in a job that can read pull requests", async () => {
    await using world = await open({ token: { kind: 'workflow', permissions: { pull_requests: 'read' } } });
    expect(fates(await world.step(SWEEP))).toMatchObject({ 1: 'deleted', 2: 'kept' });
  });

  test('reads no input of another mode', async () => {
    await using world = await open();
    const useless = {
      'client-id': 'two words',
      'write-to': 'nowhere',
      'secret-name': '1',
      'client-id-variable': '1',
      'secret-expiration': 'tomorrow',
      'output-secret': 'maybe',
      'create-environments': 'maybe',
      'fail-on': 'everything',
      'rotate-before': 'soon',
    };
    expect(fates(await world.step({ ...SWEEP, ...useless }))).toMatchObject({ 1: 'deleted', 2: 'kept' });
  });
});

/** The pull request of the third of four clients, as GitHub returns it. */
const third = (mishap: RouteFault['mishap']): RouteFault => ({ on: { path: /\/pulls\/3$/u }, mishap });
const an = (status: number) => third({ kind: 'answer', status, body: { message: 'No.' } });

const UNREADABLE: readonly [string, RouteFault][] = [
  ['does not exist', an(404)],
  ['may not be read', an(403)],
  ['is refused for the token', an(401)],
  ['was moved', third({ kind: 'redirect', location: 'https://elsewhere.example/', status: 301 })],
  ['is another one', third({ kind: 'wrong-shape', body: { number: 1, state: 'closed' } })],
  ['has no number', third({ kind: 'wrong-shape', body: { state: 'closed' } })],
  ['has a string as its number', third({ kind: 'wrong-shape', body: { number: '3', state: 'closed' } })],
  ['has another state', third({ kind: 'wrong-shape', body: { number: 3, state: 'merged' } })],
  ['is a web page', third({ kind: 'html' })],
  ['is nothing', third({ kind: 'empty' })],
];

describe('a pull request', () => {
  test.each(UNREADABLE)('that %s keeps its client, and no other', async (_, fault) => {
    await using world = await open();
    world.github.faults.add(fault);
    const step = await world.step(SWEEP);
    expect(errorOf(step)).toBe('');
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'kept', 4: 'deleted' });
    expect(left(world)).toEqual([2, 3]);
    expect(warningsOf(step)).toEqual([
      expect.stringMatching(/^Clients kept because their pull requests cannot be read: 1\. .*pull request 3 /u),
    ]);
    expect(step.results[2]?.why).toMatch(/^pull request 3 cannot be read: /u);
  });

  test('that cannot be read because GitHub is unavailable keeps its client', async () => {
    await using world = await open();
    world.github.faults.add(an(502));
    const step = await world.step({ ...SWEEP, timeout: '60s' });
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'kept', 4: 'deleted' });
  });

  test('that fails to be read once is read again', async () => {
    await using world = await open();
    world.github.faults.add({ ...an(500), times: 1 });
    expect(left(world)).toEqual([1, 2, 3, 4]);
    expect(fates(await world.step(SWEEP))).toEqual({ 1: 'deleted', 2: 'kept', 3: 'deleted', 4: 'deleted' });
  });

  test('after which GitHub asks to wait is the last one that is read', async () => {
    await using world = await open();
    world.github.faults.add({ ...third(primaryRateLimit(Date.now() + 3_600_000)), times: 1 });
    const step = await world.step({ ...SWEEP, concurrency: '1' });
    // Whether the first one is still closed cannot be checked either, so nothing is deleted.
    expect(step.outputs['error-code']).toBe('rate-limited');
    expect(fates(step)).toEqual({ 1: 'failed', 2: 'kept', 3: 'kept', 4: 'kept' });
    expect(left(world)).toEqual([1, 2, 3, 4]);
    expect(step.github.map(({ path }) => path.split('/').at(-1))).toEqual(['1', '2', '3']);
  });

  test('that is reopened between the plan and the deletion keeps its client', async () => {
    const world: World = await open({
      github: {
        watch: async (moment, { path }) => {
          // The response with `closed` exists by now.
          if (moment === 'head' && path.endsWith('/pulls/4') && !reopened) {
            reopened = true;
            world.pullRequests.reopen(4);
          }
        },
      },
    });
    let reopened = false;
    await using _ = world;
    const step = await world.step(SWEEP);
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'deleted', 4: 'kept' });
    expect(step.results[3]).toMatchObject({ step: 'delete', why: 'pull request 4 was reopened' });
    expect(left(world)).toEqual([2, 4]);
    expect(step.outputs['error-code']).toBe('');
  });

  test('of another repository is never read, and an issue does not count as a closed one', async () => {
    await using world = await open({ clients: clients(1, 5), pullRequests: [{ number: 1, state: 'closed' }] });
    const step = await world.step(SWEEP);
    expect(fates(step)).toEqual({ 1: 'deleted', 5: 'kept' });
    expect(new Set(step.github.map(({ path }) => path))).toEqual(
      new Set(['/repos/octo-org/octo-repo/pulls/1', '/repos/octo-org/octo-repo/pulls/5']),
    );
  });
});

test('a sweep is rejected on another GitHub than the workflow’s, whose pull requests belong to somebody else', async () => {
  await using world = await open();
  const step = await world.step(SWEEP, { env: { GITHUB_API_URL: 'https://api.github.com' } });
  expect(step.outputs['error-code']).toBe('invalid-input');
  expect(errorOf(step)).toContain('a sweep reads the pull requests of the workflow’s own repository');
  expect([...step.vantage, ...step.github]).toEqual([]);
});

describe('if no pull request can be read, the step fails and every client is kept:', () => {
  const cases: readonly [string, Given, RouteFault | undefined, string[], string][] = [
    [
      "the workflow's token lacks the permission",
      { token: { kind: 'workflow', permissions: {} } },
      undefined,
      ['github-permission'],
      'permissions: pull-requests: read',
    ],
    [
      'another token lacks the permission',
      { token: { kind: 'fine-grained', permissions: EVERYTHING } },
      undefined,
      ['github-permission'],
      'Pull requests: read on octo-org/octo-repo',
    ],
    ['none exists', { pullRequests: [] }, undefined, ['github-permission'], 'pull request 1 of octo-org/octo-repo'],
    [
      'GitHub asks to wait',
      {},
      { mishap: primaryRateLimit(Date.now() + 3_600_000) },
      ['rate-limited'],
      'Run the step later',
    ],
    [
      'GitHub is unavailable',
      {},
      { mishap: { kind: 'answer', status: 502 } },
      ['github-unavailable', 'timeout'],
      'GET',
    ],
    ['something answers in its place', {}, { mishap: { kind: 'html' } }, ['unexpected-response'], 'github-api-url'],
    ['GitHub does not respond', {}, { mishap: { kind: 'stall' } }, ['timeout'], 'timeout of 3 s'],
  ];
  test.each(cases)('%s', async (_name, given, fault, codes, says) => {
    await using world = await open(given);
    if (fault) {
      world.github.faults.add(fault);
    }
    const step = await world.step({ ...SWEEP, timeout: '3s' });
    expect(codes).toContain(step.outputs['error-code']);
    expect(errorOf(step)).toContain(says);
    expect(writesOf(step)).toEqual([]);
    expect(left(world)).toEqual([1, 2, 3, 4]);
  });
});

describe('a client', () => {
  test('whose secrets have the mark of another repository is kept', async () => {
    await using world = await open({
      clients: [
        { clientId: of(1), secrets: [marked('octo-org/octo-repo'), marked('acme/invoices', 'github.com/2001')] },
        { clientId: of(3), secrets: [marked('Octo-Org/OCTO-REPO'), { description: 'made by hand' }] },
        { clientId: of(4), secrets: [marked('octo-org/octo-repo', 'github.com/2002')] },
      ],
    });
    const step = await world.step(SWEEP);
    expect(fates(step)).toEqual({ 1: 'kept', 3: 'deleted', 4: 'kept' });
    expect(step.results[0]?.why).toBe('its secrets were created for acme/invoices (github.com/2001)');
  });

  test.each([404, 405, 403, 500])(
    'whose secrets are not reported (%i) is kept, and the step says why',
    async status => {
      await using world = await open();
      const mishap = { kind: 'answer', status, headers: { 'retry-after': '0' } } as const;
      world.vantage.faults.add({ on: { path: /pr-3\/secrets/u }, mishap });
      const step = await world.step(SWEEP);
      expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'kept', 4: 'deleted' });
      const why = String(step.results[2]?.why);
      expect(why).toMatch(/^its secrets cannot be listed, so nothing proves who owns it: /u);
      expect(step.log).toContain(`Client "${of(3)}": keep, because ${why}.`);
      const { tables, title } = readSummary(step.summary);
      expect(title).toBe('⚠️ invoices-pr-{pr}: 2 clients deleted, 2 kept');
      expect(tables[1]).toMatchObject({ under: 'Kept, and needs a look: 1' });
      const [shown = ''] = tables[1]?.rows.map(row => row[2]) ?? [];
      expect(why.replaceAll('`', '').startsWith(shown.replace(/…$/u, ''))).toBe(true);
      expect(warningsOf(step)).toEqual([
        expect.stringMatching(/^1 client is kept although the pull request is closed/u),
      ]);
      expect(step.outputs['error-code']).toBe('');
    },
  );

  test('that the step signs in with is kept, although its pull request is closed', async () => {
    const secret = 'canary-of-the-preview-secret';
    await using world = await open({
      clients: [
        ...clients(1, 2),
        {
          clientId: of(3),
          allowRopc: true,
          allowedGrantTypes: ['password'],
          secrets: [{ value: secret, ...marked('octo-org/octo-repo') }],
        },
      ],
    });
    const { username, password } = world.vantage.administrator;
    const signIn = { 'auth-client-id': of(3), 'auth-client-secret': secret, username, password };
    const step = await world.step({ ...SWEEP, ...signIn });
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'kept' });
    expect(step.results[2]?.why).toBe('the step signs in with it');
  });

  test('that somebody else deletes in the meantime is absent, which is no reason to fail', async () => {
    const world: World = await open({
      vantage: {
        watch: async (moment, { route, path }) => {
          if (moment === 'head' && route === 'readSecrets' && path.includes(of(3))) {
            world.vantage.removeClient(of(3));
          }
        },
      },
    });
    await using _ = world;
    const step = await world.step(SWEEP);
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'gone', 4: 'deleted' });
    expect(step.outputs['error-code']).toBe('');
  });
});

describe('a deletion that fails for one of three', () => {
  const one = (mishap: Mishap, times?: number): Fault => ({
    on: { method: 'DELETE', path: /pr-3\/$/u },
    mishap,
    ...(times === undefined ? {} : { times }),
  });
  const cases: readonly [string, Fault, string, Result['fate'], boolean][] = [
    ['forbidden', one({ kind: 'answer', status: 403 }), 'forbidden', 'failed', false],
    ['not offered', one({ kind: 'answer', status: 405 }), 'unsupported', 'failed', false],
    ['not found, although it exists', one({ kind: 'answer', status: 404 }), 'unsupported', 'failed', false],
    ['a conflict', one({ kind: 'answer', status: 409 }), 'conflict', 'failed', false],
    ['a failure, always', one({ kind: 'answer', status: 500 }), 'vantage-unavailable', 'failed', true],
    ['a failure once', one({ kind: 'answer', status: 500 }, 1), '', 'deleted', false],
    ['a response that is lost once', one({ kind: 'reset', apply: true }, 1), '', 'deleted', false],
    ['responses that are always lost', one({ kind: 'reset', apply: true }), 'vantage-unavailable', 'failed', true],
    ['a web page', one({ kind: 'html' }), 'unexpected-response', 'failed', true],
  ];
  test.each(cases)('%s', async (_, fault, code, fate, isDoubtful) => {
    await using world = await open();
    world.vantage.faults.add(fault);
    const step = await world.step({ ...SWEEP, timeout: '4s' });
    expect(step.outputs).toMatchObject({ 'error-code': code, changed: 'true' });
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: fate, 4: 'deleted' });
    expect(errorOf(step).includes(DOUBT)).toBe(isDoubtful);
    expect(errorOf(step)).toContain(code === '' ? '' : `deleting client "${of(3)}"`);
  });

  test.each([
    ['forbidden', 403],
    ['unsupported', 405],
  ])('and would fail for each, because it is %s, stops the others', async (code, status) => {
    await using world = await open();
    world.vantage.faults.add({ on: 'deleteClient', mishap: { kind: 'answer', status } });
    const step = await world.step({ ...SWEEP, concurrency: '1' });
    expect(step.outputs).toMatchObject({ 'error-code': code, changed: 'false' });
    expect(fates(step)).toEqual({ 1: 'failed', 2: 'kept', 3: 'to be deleted', 4: 'to be deleted' });
    expect(writesOf(step)).toHaveLength(1);
  });

  test.each(['SIGTERM', 'cancel'] as const)('that is cancelled (%s) midway is completed by the next run', async how => {
    await using world = await open();
    world.vantage.faults.add({ on: 'deleteClient', skip: 1, mishap: { kind: 'stall', apply: true } });
    const step = await world.step(
      { ...SWEEP, concurrency: '1' },
      {
        onStart: child =>
          void world
            .arrival('deleteClient', undefined, 2)
            .then(() => (how === 'cancel' ? cancel(child) : void child.kill(how))),
      },
    );
    expect(step.outputs).toMatchObject({ 'error-code': 'cancelled', changed: 'true' });
    expect(fates(step)).toEqual({ 1: 'deleted', 2: 'kept', 3: 'failed', 4: 'to be deleted' });
    expect(errorOf(step)).toContain(`deleting client "${of(3)}"`);
    expect(errorOf(step)).toContain(DOUBT);
    world.vantage.faults.clear();
    const next = await world.step(SWEEP);
    expect(fates(next)).toEqual({ 2: 'kept', 4: 'deleted' });
    expect(left(world)).toEqual([2]);
  });
});

test('a cancellation during a read from GitHub deletes nothing', async () => {
  await using world = await open();
  world.github.faults.add(third({ kind: 'stall' }));
  const step = await world.step(SWEEP, {
    onStart: child => void world.arrival('readPullRequest', undefined, 4).then(() => child.kill('SIGTERM')),
  });
  expect(step.outputs).toMatchObject({ 'error-code': 'cancelled', changed: 'false' });
  expect(left(world)).toEqual([1, 2, 3, 4]);
});

/** 3,000 clients. 40 belong to pull requests, of which 16 are closed. The others belong to somebody else. */
const NUMBERS = Array.from({ length: 40 }, (_, index) => index + 1);
const CLOSED = NUMBERS.filter(number => number % 5 < 2);
const OPEN = NUMBERS.filter(number => number % 5 >= 2);
const MANY = {
  clients: Array.from({ length: 3000 - NUMBERS.length - STRANGERS.length - 1 }, (_, index) => `acme-${index}`)
    .map(clientId => ({ clientId }))
    // Those of pull requests are between the others, on every page.
    .flatMap((other, index) => (index % 73 === 0 && index / 73 < 40 ? [...clients(index / 73 + 1), other] : [other])),
  pullRequests: NUMBERS.map(number => ({
    number,
    state: CLOSED.includes(number) ? ('closed' as const) : ('open' as const),
  })),
};
const openMany = (shape: VantageOptions['shape'] = {}, vantage: VantageOptions = {}) =>
  open({ ...MANY, vantage: { shape: { listedClients: 'summary', pageSize: PAGE, ...shape }, ...vantage } });

describe('3,000 clients', () => {
  test.each([
    ['in pages with their count', {}],
    ['in pages without their count', { list: 'array' }],
    ['in pages of 100', { pageSize: 100 }],
    ['in pages of 100, without their count', { list: 'array', pageSize: 100 }],
    ['told whole', { listedClients: 'whole' }],
  ] as const)('%s: each page is read once, and exactly the right ones are deleted', async (_, shape) => {
    await using world = await openMany(shape);
    expect(world.clientIds()).toHaveLength(2999);
    const step = await world.step(SWEEP);
    expect(errorOf(step)).toBe('');
    expect(step.log).toContain('The tenant has 3000 clients; 40 match invoices-pr-{pr}.');
    expect(left(world)).toEqual(OPEN);
    expect(world.clientIds()).toHaveLength(2999 - CLOSED.length);
    const read = offsets(step);
    const pages = Math.ceil((3000 - 1) / (('pageSize' in shape ? shape.pageSize : PAGE) - 1));
    expect(new Set(read).size).toBe(read.length);
    expect(read.length).toBeLessThanOrEqual(pages + 1);
  });

  test.each([
    ['returns all, bare', { list: 'array', pageSize: 1_000_000 }, 3000],
    ['returns the first 250, bare', { list: 'array' }, 250],
    ['returns the first 100, in an envelope', { list: 'envelope-without-count', pageSize: 100 }, 100],
  ] as const)(
    'on a server that ignores pages and %s: the step reports it, and deletes none',
    async (_, shape, most) => {
      await using world = await openMany({ paging: 'ignored', ...shape });
      const step = await world.step(SWEEP);
      expect(errorOf(step)).toBe('');
      expect(warningsOf(step)[0]).toMatch(
        new RegExp(
          `^The list of clients may be incomplete: this Vantage returns the same ${most} clients for every page`,
          'u',
        ),
      );
      expect(step.summary).toContain(`${most} clients in the tenant (the list may be incomplete)`);
      // A list of secrets is not known to be complete either.
      expect(deletedClients(step)).toEqual([]);
      expect(warningsOf(step)[1]).toContain('because its list of secrets may be incomplete');
    },
  );

  test('with more to delete than max-deletes allows: all are kept, and are named', async () => {
    await using world = await openMany();
    const step = await world.step({ ...SWEEP, 'max-deletes': '15' });
    expect(step.outputs['error-code']).toBe('too-many-deletes');
    for (const number of CLOSED) {
      expect(errorOf(step)).toMatch(new RegExp(`\\b${of(number)}\\b`, 'u'));
    }
    expect(world.clientIds()).toHaveLength(2999);
    expect(writesOf(step)).toEqual([]);
  });

  /** The page that starts with item 996, with another content. */
  const page = /[?&]Offset=996&/u;
  const recovered: readonly [string, VantageOptions['shape'], Fault][] = [
    ['fails once', {}, { on: { path: page }, times: 1, mishap: { kind: 'answer', status: 502 } }],
    ['is truncated once', {}, { on: { path: page }, times: 1, mishap: { kind: 'truncate' } }],
    ['is empty once', { list: 'array' }, { on: { path: page }, times: 1, mishap: { kind: 'wrong-shape', body: [] } }],
    [
      'is empty once, with the count',
      {},
      { on: { path: page }, times: 1, mishap: { kind: 'wrong-shape', body: { items: [], totalItemCount: 3000 } } },
    ],
    [
      'has another count once',
      {},
      { on: { path: page }, times: 1, mishap: { kind: 'wrong-shape', body: { items: [], totalItemCount: 996 } } },
    ],
    [
      'is another one once',
      { list: 'array' },
      {
        on: { path: page },
        times: 1,
        mishap: { kind: 'wrong-shape', body: [{ clientId: 'acme-7' }, { clientId: 'acme-8' }] },
      },
    ],
  ];
  test.each(recovered)('with a page that %s: exactly the right ones are deleted', async (_, shape, fault) => {
    await using world = await openMany(shape);
    world.vantage.faults.add(fault);
    const step = await world.step(SWEEP);
    expect(errorOf(step)).toBe('');
    expect(step.log).toContain('The tenant has 3000 clients; 40 match');
    expect(offsets(step).filter(offset => offset === 996)).toHaveLength(2);
    expect(left(world)).toEqual(OPEN);
  });

  const refused: readonly [string, VantageOptions['shape'], Fault, string[]][] = [
    [
      'fails every time',
      {},
      { on: { path: page }, mishap: { kind: 'answer', status: 502 } },
      ['vantage-unavailable', 'timeout'],
    ],
    ['is not found', {}, { on: { path: page }, mishap: { kind: 'answer', status: 404 } }, ['unsupported']],
    ['is forbidden', {}, { on: { path: page }, mishap: { kind: 'answer', status: 403 } }, ['forbidden']],
    ['is refused', {}, { on: { path: page }, mishap: { kind: 'answer', status: 401 } }, ['authentication-failed']],
    ['is a web page', {}, { on: { path: page }, mishap: { kind: 'html' } }, ['unsupported']],
    [
      'is empty',
      { list: 'array' },
      { on: { path: page }, mishap: { kind: 'wrong-shape', body: [] } },
      ['unexpected-response'],
    ],
    [
      'is empty, with the count',
      {},
      { on: { path: page }, mishap: { kind: 'wrong-shape', body: { items: [], totalItemCount: 3000 } } },
      ['unexpected-response'],
    ],
    [
      'is another one',
      { list: 'array' },
      { on: { path: page }, mishap: { kind: 'wrong-shape', body: [{ clientId: 'acme-7' }, { clientId: 'acme-8' }] } },
      ['unexpected-response'],
    ],
    [
      'has a client without an id',
      {},
      {
        on: { path: page },
        mishap: { kind: 'wrong-shape', body: { items: [{ clientName: 'x' }], totalItemCount: 3000 } },
      },
      ['unsupported'],
    ],
  ];
  test.each(refused)('with a page that %s: none is deleted', async (_, shape, fault, codes) => {
    await using world = await openMany(shape);
    world.vantage.faults.add(fault);
    const step = await world.step({ ...SWEEP, timeout: '6s' });
    expect(codes).toContain(step.outputs['error-code']);
    expect(world.clientIds()).toHaveLength(2999);
    expect(writesOf(step)).toEqual([]);
    expect(step.github).toEqual([]);
  });

  test('on a server that always returns page 1, with the count: none is deleted', async () => {
    await using world = await openMany({ paging: 'ignored' });
    const step = await world.step(SWEEP);
    expect(step.outputs['error-code']).toBe('unexpected-response');
    expect(writesOf(step)).toEqual([]);
  });

  test('with a page that is too large are read in smaller pages', async () => {
    await using world = await openMany();
    world.vantage.faults.add({ on: { path: page }, mishap: { kind: 'oversize', bytes: 16 * 1024 * 1024 + 1 } });
    const step = await world.step(SWEEP);
    expect(errorOf(step)).toBe('');
    expect(step.log).toContain('The tenant has 3000 clients; 40 match');
    expect(left(world)).toEqual(OPEN);
  });

  /**
   * Removes a client that was read already, once or with every page, and adds another one if the count is to stay the
   * same.
   */
  const shrinking = async (shape: VantageOptions['shape'], isOver: (pages: number) => boolean, isRefilled: boolean) => {
    let pages = 0;
    const world: World = await openMany(shape, {
      watch: async (moment, { route }) => {
        if (moment !== 'head' || route !== 'listClients') {
          return;
        }
        pages += 1;
        if (pages % 5 === 3 && !isOver(pages)) {
          // Enough to contain several clients of pull requests, which would all be missed.
          for (let index = pages * 100; index < pages * 100 + 200; index += 1) {
            world.vantage.removeClient(`acme-${index}`);
            if (isRefilled) {
              world.vantage.addClient({ clientId: `new-${index}` });
            }
          }
        }
      },
    });
    return world;
  };

  test.each([
    ['with their count', {}, false],
    ['without their count', { list: 'array' }, false],
    ['and grow by the same number, with their count', {}, true],
    ['and grow by the same number, without their count', { list: 'array' }, true],
  ] as const)(
    'that shrink while they are read, %s: they are read again, and exactly the right ones are deleted',
    async (_, shape, isRefilled) => {
      await using world = await shrinking(shape, pages => pages > 3, isRefilled);
      const step = await world.step(SWEEP);
      expect(errorOf(step)).toBe('');
      expect(step.log).toContain(`The tenant has ${isRefilled ? 3000 : 2800} clients; 40 match`);
      expect(left(world)).toEqual(OPEN);
    },
  );

  test.each([
    ['with their count', {}, false],
    ['without their count', { list: 'array' }, false],
    ['and grow by the same number, with their count', {}, true],
  ] as const)('that keep changing, %s: none is deleted', async (_, shape, isRefilled) => {
    await using world = await shrinking(shape, () => false, isRefilled);
    const step = await world.step(SWEEP);
    expect(step.outputs['error-code']).toBe('unexpected-response');
    expect(deletedClients(step)).toEqual([]);
    expect(errorOf(step)).toContain('Run the step again when nobody else changes the clients');
  });
});

describe('a Vantage that lists no clients', () => {
  test.each([
    ...([404, 405, 501, 'spa'] as const).map(absent => [{ tier: 0, absent } as VantageOptions, 'unsupported'] as const),
    [{ shape: { clientAdministrator: 'forbidden' } } as VantageOptions, 'forbidden'] as const,
  ])('%j: %s', async (vantage, code) => {
    await using world = await open({ vantage });
    const step = await world.step(SWEEP);
    expect(step.outputs).toMatchObject({ 'error-code': code, changed: 'false', results: '[]' });
    expect(errorOf(step)).toContain(
      code === 'unsupported' ? 'Configuration → Public API Client' : 'Tenant Administrator',
    );
    expect(left(world)).toEqual([1, 2, 3, 4]);
  });
});
