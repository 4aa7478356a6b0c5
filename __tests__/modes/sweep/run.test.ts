import { describe, expect, test } from '@jest/globals';
import { primaryRateLimit, type RouteFault, type SeedRepository } from '../../../emulator/github/index.ts';
import type { Mishap, SeedClient, SeedSecret, RouteFault as VantageFault } from '../../../emulator/vantage/index.ts';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/sweep/run.ts';
import {
  Bench,
  type BenchOptions,
  cancel,
  type Inputs,
  type RunOptions,
  SIGNED_IN,
  START,
} from '../../support/bench.ts';
import { OWN, SEED } from '../../support/github.ts';

/** One client at a time, so that the order of events is known. */
const SWEEP: Inputs = { 'client-id-pattern': 'invoices-pr-{pr}', concurrency: '1' };
const DOUBT = 'It may have taken effect.';
const of = (number: number) => `invoices-pr-${number}`;
/** The server asks for no wait, so that the next attempt comes at once. */
const UNAVAILABLE = { kind: 'answer', status: 500, headers: { 'retry-after': '0' } } as const;
const HOUR = 3_600_000;

type PullRequests = NonNullable<SeedRepository['pullRequests']>;
type Seeded = SeedClient & { readonly secrets?: readonly SeedSecret[] };
/** A secret that a run of a repository created, with the name and the ID of the repository at that time. */
const marked = (repository: string, owner: string): SeedSecret => ({
  description: `Preview [vantage-client ${repository} id=${owner} to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]`,
});
const OURS = marked('octo-org/octo-repo', 'github.com/1001');
/** Clients that a run of this repository created. */
const clients = (...numbers: number[]): Seeded[] => numbers.map(number => ({ clientId: of(number), secrets: [OURS] }));

/** Pull requests 1 and 4 are closed, 2 is open, 10 merged. Vantage lists their clients in another order. */
const PULL_REQUESTS: PullRequests = [
  { number: 1, state: 'closed' },
  { number: 2, state: 'open' },
  { number: 4, state: 'closed' },
  { number: 10, state: 'closed', merged: true },
];

interface Given {
  readonly clients?: readonly Seeded[];
  readonly pullRequests?: PullRequests;
  readonly vantage?: BenchOptions['vantage'];
}

function open({ clients: held = clients(10, 4, 2, 1), pullRequests = PULL_REQUESTS, vantage }: Given = {}) {
  const repositories = (SEED.repositories ?? []).map(one => (one.repo === OWN.repo ? { ...one, pullRequests } : one));
  return Bench.open({
    vantage: { clients: [{ clientId: 'invoices' }, ...held], ...vantage },
    github: { seed: { ...SEED, repositories } },
  });
}

const run = (bench: Bench, inputs: Inputs = {}, options?: RunOptions) =>
  bench.run('sweep', { ...SWEEP, ...inputs }, options);
type Run = Awaited<ReturnType<typeof run>>;

/** The result of each selected client, by the number of its pull request. */
const fates = ({ record }: Run) =>
  Object.fromEntries(record.clients.map(({ pullRequest, fate }) => [pullRequest, fate]));
const deletionsOf = ({ vantage }: Run) => vantage.filter(({ method }) => method === 'DELETE');
/** The IDs of the clients that are left, except the one without a pull request. */
const left = ({ vantage }: Bench) =>
  vantage
    .clients()
    .map(({ clientId }) => clientId)
    .slice(1);

const LISTED = 'The tenant has 6 clients; 4 match invoices-pr-{pr}.';
const planned = (number: number) => `Client "${of(number)}": delete, because pull request ${number} is closed.`;
const OPEN = 'Client "invoices-pr-2": keep, because pull request 2 is open.';
/** What is kept is folded. What is deleted is not. */
const folded = (...lines: readonly string[]) => [
  `Group: Kept: ${lines.length} client${lines.length === 1 ? '' : 's'}`,
  ...lines,
  'End of the group.',
];
const PLAN = [LISTED, ...folded(OPEN), planned(1), planned(4), planned(10)];
const deleted = (number: number) => `Deleted client "${of(number)}".`;
const failed = (number: number) => `Deleting client "${of(number)}" failed.`;

const pull = (number: number, mishap: RouteFault['mishap']): RouteFault => ({
  on: { path: new RegExp(`/pulls/${number}$`, 'u') },
  mishap,
});
const unreadable = (number: number, status: number) =>
  `reading pull request ${number} of octo-org/octo-repo failed at GET GITHUB/repos/octo-org/octo-repo/pulls/${number}: it answered ${status} with an empty body. The token needs Pull requests: read on octo-org/octo-repo, and access to that repository or organization.${status === 404 ? ' GitHub answers 404 also for what does not exist: check that name.' : ''} Edit the token on GitHub: Settings, Developer settings, Personal access tokens.`;

describe('a sweep', () => {
  test('deletes the clients of pull requests that are closed or merged, in their order', async () => {
    await using bench = await open();
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ...PLAN, deleted(1), deleted(4), deleted(10)]);
    const plan = [1, 2, 4, 10].map(number => ({
      clientId: of(number),
      pullRequest: number,
      step: number === 2 ? 'keep' : 'delete',
      why: `pull request ${number} is ${number === 2 ? 'open' : 'closed'}`,
    }));
    expect(done.record).toEqual({
      mode: 'sweep',
      listed: 6,
      plan: { schemaVersion: 1, mode: 'sweep', steps: plan },
      clients: plan.map(step => ({ ...step, fate: step.step === 'keep' ? 'kept' : 'deleted' })),
      changed: true,
    });
    expect(left(bench)).toEqual([of(2)]);
    // Each pull request is read, and again right before the client is deleted.
    expect(done.github.map(({ path }) => path.split('/').at(-1))).toEqual(['1', '2', '4', '10', '1', '4', '10']);
    // The owner of the secrets does not matter for an open pull request.
    const read = done.vantage.filter(({ route }) => route === 'readSecrets').map(({ path }) => path);
    expect(read.map(path => /invoices-pr-\d+/u.exec(path)?.[0])).toEqual([1, 4, 10, 1, 4, 10].map(of));
  });

  test('with nothing to delete changes nothing', async () => {
    await using bench = await open({ clients: clients(2) });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, 'The tenant has 3 clients; 1 match invoices-pr-{pr}.', ...folded(OPEN)]);
    expect(done.record).toMatchObject({ listed: 3, changed: false });
    expect(deletionsOf(done)).toEqual([]);
  });

  test('of a tenant without clients sends no request to GitHub', async () => {
    await using bench = await open({ clients: [] });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    const plan = { schemaVersion: 1, mode: 'sweep', steps: [] };
    expect(done.record).toEqual({ mode: 'sweep', listed: 2, plan, clients: [], changed: false });
    expect(done.github).toEqual([]);
  });

  test('that is a dry run reports what it would delete', async () => {
    await using bench = await open();
    const done = await run(bench, { 'dry-run': 'true' });
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ...PLAN, 'A dry run changes nothing.']);
    expect(fates(done)).toEqual({ 1: 'to be deleted', 2: 'kept', 4: 'to be deleted', 10: 'to be deleted' });
    expect(done.record.changed).toBe(false);
    expect(deletionsOf(done)).toEqual([]);
    expect(done.github).toHaveLength(4);
  });

  test('that would delete more than it may deletes nothing', async () => {
    await using bench = await open();
    const done = await run(bench, { 'max-deletes': '2' });
    expect(done.failure).toEqual({
      code: 'too-many-deletes',
      message:
        'sweeping invoices-pr-{pr} failed: the plan deletes 3 clients, and `max-deletes` is 2: invoices-pr-1, invoices-pr-4, invoices-pr-10. Nothing was deleted. To delete all of them, increase `max-deletes` for one run.',
      outcomeUnknown: false,
    });
    expect(done.log).toEqual([SIGNED_IN, ...PLAN]);
    expect(done.record.plan?.steps).toHaveLength(4);
    expect(fates(done)).toMatchObject({ 1: 'to be deleted' });
    expect(deletionsOf(done)).toEqual([]);
  });

  test('without a list of the clients ends there', async () => {
    await using bench = await open({ vantage: { tier: 0 } });
    const done = await run(bench);
    expect(done.failure?.code).toBe('unsupported');
    expect(done.failure?.message).toMatch(/^listing the clients of the tenant failed: GET VANTAGE.* answered 404/u);
    expect(done.failure?.message).toContain('Do it by hand, in Vantage under Configuration → Public API Client.');
    expect(done.record).toEqual({ mode: 'sweep', listed: 0, clients: [], changed: false });
    expect(done.github).toEqual([]);
  });
});

describe('a pull request', () => {
  test('that cannot be read keeps its client, and the step warns of it', async () => {
    await using bench = await open();
    bench.github.faults.add(pull(4, { kind: 'answer', status: 404 }));
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    const why = `pull request 4 cannot be read: ${unreadable(4, 404).slice(0, -1)}`;
    expect(done.log).toEqual([
      SIGNED_IN,
      LISTED,
      ...folded(OPEN, `Client "invoices-pr-4": keep, because ${why}.`),
      planned(1),
      planned(10),
      `Warning: Clients kept because their pull requests cannot be read: 1. The first: ${unreadable(4, 404)}`,
      deleted(1),
      deleted(10),
    ]);
    expect(fates(done)).toEqual({ 1: 'deleted', 2: 'kept', 4: 'kept', 10: 'deleted' });
    expect(done.record.clients[2]).toMatchObject({ step: 'keep', why });
  });

  test('of another repository that has taken over the name keeps its client', async () => {
    await using bench = await open();
    const repo = { id: 1002 };
    bench.github.faults.add(
      pull(4, { kind: 'answer', status: 200, body: { number: 4, state: 'closed', base: { repo } } }),
    );
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ 1: 'deleted', 2: 'kept', 4: 'kept', 10: 'deleted' });
    expect(done.record.clients[2]).toMatchObject({
      why: 'pull request 4 cannot be read: reading pull request 4 of octo-org/octo-repo failed at GET GITHUB/repos/octo-org/octo-repo/pulls/4: it belongs to another repository that has this name now (ID 1002 instead of 1001). Start a new run of the workflow. It uses the current name of its repository',
    });
  });

  test('that can be read, among many that cannot, is enough for the step to succeed', async () => {
    await using bench = await open();
    for (const number of [1, 2, 4]) {
      bench.github.faults.add(pull(number, { kind: 'answer', status: 403 }));
    }
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ 1: 'kept', 2: 'kept', 4: 'kept', 10: 'deleted' });
    expect(done.log).toContain(
      `Warning: Clients kept because their pull requests cannot be read: 3. The first: ${unreadable(1, 403)}`,
    );
  });

  test('cannot be read, like all others: the step fails, because it could never delete anything', async () => {
    await using bench = await open();
    bench.github.faults.add({ mishap: { kind: 'answer', status: 403 } });
    const done = await run(bench);
    expect(done.failure).toEqual({ code: 'github-permission', message: unreadable(1, 403), outcomeUnknown: false });
    expect(fates(done)).toEqual({ 1: 'kept', 2: 'kept', 4: 'kept', 10: 'kept' });
    expect(done.record.changed).toBe(false);
    expect(deletionsOf(done)).toEqual([]);
    expect(done.github).toHaveLength(4);
  });

  test('after which GitHub asks to wait is the last one that is read', async () => {
    await using bench = await open();
    bench.github.faults.add({ ...pull(2, primaryRateLimit(Date.parse(START) + HOUR)), times: 1 });
    const done = await run(bench);
    // Whether the first one is still closed cannot be checked either.
    expect(done.failure).toMatchObject({
      code: 'rate-limited',
      message: expect.stringMatching(/pulls\/1: it was not sent, because GITHUB asks to wait another 360[01] s/u),
    });
    expect(fates(done)).toEqual({ 1: 'failed', 2: 'kept', 4: 'kept', 10: 'kept' });
    expect(deletionsOf(done)).toEqual([]);
    expect(done.record.clients[3]?.why).toMatch(
      /^pull request 10 cannot be read: reading pull request 2 of octo-org\/octo-repo failed at .* answered 403/u,
    );
    expect(done.github.map(({ path }) => path.split('/').at(-1))).toEqual(['1', '2']);
  });

  test('that stalls while the run is cancelled ends the sweep, and nothing is deleted', async () => {
    await using bench = await open();
    bench.github.faults.add(pull(4, { kind: 'stall' }));
    const done = await run(bench, {}, { when: [/^GET .*\/pulls\/4 /u, cancel] });
    expect(done.failure).toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('reading pull request 4 of octo-org/octo-repo failed at GET'),
    });
    expect(done.record).toMatchObject({ listed: 6, clients: [], changed: false });
    expect(done.log).toEqual([SIGNED_IN, LISTED]);
    expect(deletionsOf(done)).toEqual([]);
  });

  test('that is reopened between the plan and the deletion keeps its client', async () => {
    await using bench = await open();
    const pullRequests = bench.github.pullRequests(OWN.owner, OWN.repo);
    const done = await run(bench, {}, { when: [/^Client "invoices-pr-4": delete,/u, () => pullRequests.reopen(4)] });
    expect(done.failure).toBeUndefined();
    expect(done.log.slice(-3)).toEqual([
      deleted(1),
      `Kept client "${of(4)}", because pull request 4 was reopened.`,
      deleted(10),
    ]);
    expect(done.record.clients[2]).toEqual({
      clientId: of(4),
      pullRequest: 4,
      step: 'delete',
      why: 'pull request 4 was reopened',
      fate: 'kept',
    });
    expect(left(bench)).toEqual([of(4), of(2)]);
  });

  test('that is reopened and the only one leaves everything unchanged', async () => {
    await using bench = await open({ clients: clients(4) });
    const pullRequests = bench.github.pullRequests(OWN.owner, OWN.repo);
    const done = await run(bench, {}, { when: [/: delete,/u, () => pullRequests.reopen(4)] });
    expect(done.failure).toBeUndefined();
    expect(done.record.changed).toBe(false);
  });

  test('that can no longer be read before the deletion keeps its client, and the step fails', async () => {
    await using bench = await open();
    bench.github.faults.add({ ...pull(4, { kind: 'answer', status: 404 }), skip: 1 });
    const done = await run(bench);
    expect(done.failure).toEqual({ code: 'github-permission', message: unreadable(4, 404), outcomeUnknown: false });
    expect(fates(done)).toEqual({ 1: 'deleted', 2: 'kept', 4: 'failed', 10: 'deleted' });
  });
});

describe('a client', () => {
  test('whose secrets have the mark of another repository is kept', async () => {
    await using bench = await open({
      clients: [
        { clientId: of(1), secrets: [{ description: 'made by hand' }, marked('acme/invoices', 'github.com/2001')] },
        { clientId: of(4), secrets: [OURS, { description: 'made by hand' }] },
      ],
    });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ 1: 'kept', 4: 'deleted' });
    expect(done.log).toContain(
      'Client "invoices-pr-1": keep, because its secrets were created for acme/invoices (github.com/2001).',
    );
    expect(left(bench)).toEqual([of(1)]);
  });

  test('of the repository is deleted, whatever the name of the repository was, but no client of another repository of that name', async () => {
    await using bench = await open({
      clients: [
        { clientId: of(1), secrets: [marked('octo-org/former', 'github.com/1001')] },
        { clientId: of(4), secrets: [marked('octo-org/octo-repo', 'github.com/4711')] },
        { clientId: of(10), secrets: [marked('octo-org/octo-repo', 'github.acme.example/1001')] },
      ],
    });
    const done = await run(bench);
    expect(fates(done)).toEqual({ 1: 'deleted', 4: 'kept', 10: 'kept' });
    expect(done.log.at(-1)).toMatch(
      /^Warning: 2 clients are kept although the pull request is closed, .* created for octo-org\/octo-repo \(github\.com\/4711\)/u,
    );
  });

  test('is kept if the runner does not report the ID of the repository', async () => {
    await using bench = await open({ clients: clients(1) });
    const done = await run(bench, {}, { runner: { repositoryId: undefined } });
    expect(fates(done)).toEqual({ 1: 'kept' });
    expect(done.log.at(-1)).toContain('the runner does not report the ID of this repository (GITHUB_REPOSITORY_ID)');
  });

  const others = { 1: 'deleted', 2: 'kept', 10: 'deleted' };
  const ofFour = /pr-4\/secrets/u;
  const seeded = (secrets: readonly SeedSecret[]): Seeded[] => [...clients(10, 2, 1), { clientId: of(4), secrets }];
  const item = { id: 'one', description: OURS.description };
  const list = (...items: unknown[]): Mishap => ({
    kind: 'wrong-shape',
    body: { items, totalItemCount: items.length },
  });
  const UNPROVEN: readonly [string, Mishap | readonly SeedSecret[], RegExp][] = [
    ['have no mark', [{ description: 'made by hand' }, {}], /^none of its secrets has an ownership mark$/u],
    ['are none', [], /^none of its secrets has an ownership mark$/u],
    [
      'have the mark of another repository',
      [OURS, marked('acme/x', 'github.com/2002')],
      /^its secrets were created for acme\/x \(github\.com\/2002\)$/u,
    ],
    ['are forbidden', { kind: 'answer', status: 403 }, /^its secrets cannot be listed, .* answered 403 /u],
    ['are not found', { kind: 'answer', status: 404 }, /^its secrets cannot be listed, .* answered 404 /u],
    ['are a bad request', { kind: 'answer', status: 400 }, /^its secrets cannot be listed, .* answered 400 /u],
    ['cannot be read because Vantage is unavailable', UNAVAILABLE, /^its secrets cannot be listed, .* answered 500 /u],
    ['are a web page', { kind: 'html' }, /^its secrets cannot be listed, .* did not answer with a list of secrets$/u],
    [
      'are none, with an empty response',
      { kind: 'empty' },
      /^its secrets cannot be listed, .* did not answer with a list/u,
    ],
    ['contain a malformed one', list(item, { description: null }), /^its secrets cannot be listed, .* with a list/u],
    ['have no description', list(item, { id: 'two' }), /^Vantage does not report the descriptions of its secrets/u],
    [
      'have a description that is not text',
      list(item, { id: 'two', description: 7 }),
      /^Vantage does not report the descriptions/u,
    ],
  ];
  test.each(UNPROVEN)('whose secrets %s is kept, and the step says why', async (_, listing, why) => {
    await using bench = await open(Array.isArray(listing) ? { clients: seeded(listing) } : {});
    if (!Array.isArray(listing)) {
      bench.vantage.faults.add({ on: { path: ofFour }, mishap: listing as Mishap });
    }
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ ...others, 4: 'kept' });
    expect(done.record.clients[2]).toEqual({
      clientId: of(4),
      pullRequest: 4,
      step: 'keep',
      why: expect.stringMatching(why),
      unproven: true,
      fate: 'kept',
    });
    const reason = done.record.clients[2]?.why;
    expect(done.log).toContain(`Client "invoices-pr-4": keep, because ${reason}.`);
    expect(done.log.filter(line => line.startsWith('Warning: '))).toEqual([
      `Warning: 1 client is kept although the pull request is closed, because nothing proves that this repository created them. The first: client "invoices-pr-4", because ${reason}. Delete what is no longer needed manually, in Vantage.`,
    ]);
    expect(left(bench)).toContain(of(4));
  });

  test('is kept with all others if Vantage lists no secrets, and one warning counts them', async () => {
    await using bench = await open();
    bench.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'answer', status: 404 } });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ 1: 'kept', 2: 'kept', 4: 'kept', 10: 'kept' });
    expect(done.log.at(-1)).toMatch(
      /^Warning: 3 clients are kept .* The first: client "invoices-pr-1", because its secrets/u,
    );
    expect(deletionsOf(done)).toEqual([]);
  });

  test('whose list of secrets may be incomplete is kept', async () => {
    await using bench = await open({ vantage: { shape: { list: 'array', paging: 'ignored', pageSize: 100 } } });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ 1: 'kept', 2: 'kept', 4: 'kept', 10: 'kept' });
    expect(done.record.clients[0]?.why).toBe('its list of secrets may be incomplete, so nothing proves who owns it');
  });

  test('for which somebody creates a secret between the plan and the deletion is kept', async () => {
    await using bench = await open();
    const body = list(item, { id: 'two', description: marked('acme/invoices', 'github.com/2001').description });
    const done = await run(
      bench,
      {},
      {
        when: [
          /^Client "invoices-pr-4": delete,/u,
          () => bench.vantage.faults.add({ on: { path: ofFour }, mishap: body }),
        ],
      },
    );
    expect(done.failure).toBeUndefined();
    expect(fates(done)).toEqual({ ...others, 4: 'kept' });
    expect(done.log).toContain(
      `Kept client "${of(4)}", because its secrets were created for acme/invoices (github.com/2001).`,
    );
    expect(done.log.at(-1)).toMatch(
      /^Warning: 1 client is kept .* client "invoices-pr-4", because its secrets were created/u,
    );
  });

  test('that the access token belongs to is kept', async () => {
    await using bench = await open();
    const claims = Buffer.from(JSON.stringify({ client_id: of(4) })).toString('base64url');
    // The signature is invalid, but the action does not check it.
    bench.vantage.faults.add({
      on: 'listClients',
      mishap: { kind: 'wrong-shape', body: { items: [{ clientId: of(4) }], totalItemCount: 1 } },
    });
    bench.vantage.faults.add({ on: { path: ofFour }, mishap: list(item) });
    bench.vantage.faults.add({ on: 'deleteClient', mishap: { kind: 'empty', status: 204 } });
    const done = await run(bench, {
      'auth-client-id': '',
      'auth-client-secret': '',
      'access-token': `e30.${claims}.c2lnbmF0dXJl`,
    });
    expect(done.record.clients).toMatchObject([{ clientId: of(4), fate: 'kept', why: 'the step signs in with it' }]);
    expect(deletionsOf(done)).toEqual([]);
  });

  test.each([
    ['bare', 'array'],
    ['in an envelope without a count', 'envelope-without-count'],
  ] as const)('that is missing from an incomplete list, %s, causes a warning', async (_, shape) => {
    await using bench = await open({ vantage: { shape: { list: shape, paging: 'ignored', pageSize: 3 } } });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(done.log).toContain(
      'Warning: The list of clients may be incomplete: this Vantage returns the same 3 clients for every page and does not report a total. Look for further clients in Vantage.',
    );
    expect(done.record).toMatchObject({ listed: 3, cut: true });
  });

  test.each([
    ['after the plan', /: delete,/u],
    ['right before the deletion', /^DELETE /u],
  ])('that somebody else deletes %s is absent, which is not a change', async (_, moment) => {
    await using bench = await open({ clients: clients(1) });
    const done = await run(bench, {}, { when: [moment, () => bench.vantage.removeClient(of(1))] });
    expect(done.failure).toBeUndefined();
    expect(done.log.at(-1)).toBe(`Client "${of(1)}" does not exist any more.`);
    expect(fates(done)).toEqual({ 1: 'gone' });
    expect(done.record.changed).toBe(false);
  });
});

describe('a deletion that fails', () => {
  const one = (number: number, mishap: Mishap): VantageFault => ({
    on: { method: 'DELETE', path: new RegExp(`pr-${number}/$`, 'u') },
    mishap,
  });
  const refused = (number: number, status: number) =>
    `deleting client "${of(number)}" failed at DELETE VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/${of(number)}/: it answered ${status} with an empty body`;

  test('for one client does not stop the others', async () => {
    await using bench = await open();
    bench.vantage.faults.add(one(4, { kind: 'answer', status: 409 }));
    const done = await run(bench);
    expect(done.failure).toEqual({
      code: 'conflict',
      message: `${refused(4, 409)}. Look at the client in Vantage, then run the step again.`,
      outcomeUnknown: false,
    });
    expect(done.log.slice(-3)).toEqual([deleted(1), failed(4), deleted(10)]);
    expect(fates(done)).toEqual({ 1: 'deleted', 2: 'kept', 4: 'failed', 10: 'deleted' });
    expect(left(bench)).toEqual([of(4), of(2)]);
  });

  test('for each client is reported for each', async () => {
    await using bench = await open();
    bench.vantage.faults.add({ on: 'deleteClient', mishap: { kind: 'answer', status: 409 } });
    const done = await run(bench);
    const all = [1, 4, 10].map(number => `${refused(number, 409)}.`);
    expect(done.failure?.message).toBe(
      `deleting the clients of closed pull requests failed: ${all.join(' · ')} Look at the client in Vantage, then run the step again.`,
    );
    expect(done.record.changed).toBe(false);
  });

  test('with a lost response may be a change', async () => {
    await using bench = await open({ clients: clients(1) });
    bench.vantage.faults.add({ on: 'deleteClient', mishap: UNAVAILABLE });
    const done = await run(bench);
    expect(done.failure).toMatchObject({ code: 'vantage-unavailable', outcomeUnknown: true });
    expect(fates(done)).toEqual({ 1: 'failed' });
    expect(done.record.changed).toBe(true);
  });

  test.each<readonly [string, Mishap]>([
    ['authentication-failed', { kind: 'answer', status: 401 }],
    ['forbidden', { kind: 'answer', status: 403 }],
    ['unsupported', { kind: 'answer', status: 405 }],
    ['rate-limited', { kind: 'throttle', retryAfter: 3600 }],
  ])('and would fail for each, because it is %s, stops the others', async (code, mishap) => {
    await using bench = await open();
    bench.vantage.faults.add({ on: 'deleteClient', mishap });
    const done = await run(bench);
    expect(done.failure?.code).toBe(code);
    expect(fates(done)).toEqual({ 1: 'failed', 2: 'kept', 4: 'to be deleted', 10: 'to be deleted' });
    expect(done.log.at(-1)).toBe(failed(1));
    expect(done.record.changed).toBe(false);
    expect(new Set(deletionsOf(done).map(({ path }) => path)).size).toBe(1);
  });

  test('because the run is cancelled is reported, like those that remain', async () => {
    await using bench = await open();
    bench.vantage.faults.add(one(4, { kind: 'stall' }));
    const done = await run(bench, {}, { when: [/^DELETE .*pr-4/u, cancel] });
    expect(done.failure?.code).toBe('cancelled');
    expect(done.failure?.message).toContain(
      'deleting the clients of closed pull requests failed: the workflow was cancelled.',
    );
    expect(done.failure?.message).toContain(`deleting client "invoices-pr-4" failed at DELETE`);
    expect(done.failure?.message).toContain(DOUBT);
    expect(fates(done)).toEqual({ 1: 'deleted', 2: 'kept', 4: 'failed', 10: 'to be deleted' });
    expect(deletionsOf(done)).toHaveLength(2);
  });
});

test('a cancellation between two deletions leaves the rest to the next run', async () => {
  await using bench = await open();
  const done = await run(bench, {}, { when: [/^Deleted client "invoices-pr-1"/u, cancel] });
  expect(done.failure).toEqual({
    code: 'cancelled',
    message: 'deleting the clients of closed pull requests failed: the workflow was cancelled.',
    outcomeUnknown: false,
  });
  expect(fates(done)).toEqual({ 1: 'deleted', 2: 'kept', 4: 'to be deleted', 10: 'to be deleted' });
  expect(left(bench)).toEqual([of(10), of(4), of(2)]);
  expect(fates(await run(bench))).toEqual({ 2: 'kept', 4: 'deleted', 10: 'deleted' });
});
