import { describe, expect, test } from '@jest/globals';
import type { Mishap, SeedClient, SeedSecret, VantageOptions } from '../../../emulator/vantage/index.ts';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/audit/run.ts';
import { shortId } from '../../../src/plan/findings.ts';
import { Bench, cancel, type Inputs, type RunOptions, SIGNED_IN, START } from '../../support/bench.ts';

const DAY = 86_400_000;
const at = (days: number) => new Date(Date.parse(START) + days * DAY).toISOString();

type Seeded = SeedClient & { readonly secrets?: readonly SeedSecret[] };
/** A client with a valid secret that expires in months, unless the test sets other times. */
const seed = (clientId: string, given: Partial<Seeded> = {}): Seeded => ({
  clientId,
  secrets: [{ startTime: at(-60), expiration: at(120) }],
  ...given,
});
const CLEAN = seed('clean');
/** One client without a secret, one with a risk, and one that cannot be read if `BROKEN` is set. */
const NONE = seed('none', { secrets: [] });
const RISKY = seed('risky', { allowRopc: true });
const NO_SECRET = 'Warning: Client "none" has no working secret: it has no secret.';
const PASSWORDS = 'users can give it their passwords (resource owner password credentials)';
/** The server asks for no wait, so that the next attempt comes at once. */
const UNAVAILABLE: Mishap = { kind: 'answer', status: 500, headers: { 'retry-after': '0' } };

interface Tenant {
  readonly bench: Bench;
  readonly audit: (inputs?: Inputs, options?: RunOptions) => ReturnType<typeof run>;
  [Symbol.asyncDispose](): Promise<void>;
}

const run = (bench: Bench, inputs: Inputs, options?: RunOptions) => bench.run('audit', inputs, options);
type Run = Awaited<ReturnType<typeof run>>;

/** A tenant with these clients only: the client of its first administrator is deleted, and the token still works. */
async function tenantOf(clients: readonly Seeded[], options: VantageOptions = {}): Promise<Tenant> {
  const bench = await Bench.open({ vantage: { ...options, clients } });
  const { vantage } = bench;
  const signIn = { 'access-token': await vantage.issueAccessToken(), 'auth-client-id': '', 'auth-client-secret': '' };
  vantage.removeClient(vantage.administrator.clientId);
  return {
    bench,
    audit: async (inputs = {}, runOptions = {}) => {
      const done = await run(bench, { concurrency: '1', ...signIn, ...inputs }, runOptions);
      expect(done.vantage.filter(({ method }) => method !== 'GET')).toEqual([]);
      expect(done.record.changed).toBe(false);
      return done;
    },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

const foundIn = ({ record }: Run) =>
  record.clients.map(({ clientId, findings }) => [clientId, findings.map(({ kind }) => kind)]);
const routesOf = ({ vantage }: Run, route: string) => vantage.filter(one => one.route === route);
const secretsOf = (clientId: string) => new RegExp(`/clients/${clientId}/secrets/`, 'u');

describe('an audit', () => {
  test('reports every client, most severe findings first, and warns of those with findings', async () => {
    const ending = seed('ending', { secrets: [{ startTime: at(-60), expiration: at(3) }] });
    await using tenant = await tenantOf([CLEAN, RISKY, NONE, ending]);
    const done = await tenant.audit();
    const [{ id } = { id: '' }] = tenant.bench.vantage.client('ending')?.secrets ?? [];
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([
      'The tenant has 4 clients. Checked 4, with 3 secrets.',
      `Warning: Client "ending": secret ${shortId(id)} expires 2027-02-03 (in 3 days).`,
      NO_SECRET,
      `Warning: Client "risky": ${PASSWORDS}.`,
    ]);
    expect(done.record).toMatchObject({
      mode: 'audit',
      listed: 4,
      plan: { clients: 4 },
      auditedAt: START,
      changed: false,
    });
    expect(foundIn(done)).toEqual([
      ['ending', ['expiring']],
      ['none', ['no-valid-secret']],
      ['risky', ['ropc']],
      ['clean', []],
    ]);
    expect(done.record.clients[3]?.secrets).toEqual([
      { id: expect.any(String), state: 'valid', startTime: at(-60), expiration: at(120), superseded: false },
    ]);
  });

  test('of a tenant without clients has nothing to report', async () => {
    await using tenant = await tenantOf([]);
    const done = await tenant.audit({ 'fail-on': 'any' });
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual(['The tenant has 0 clients. Checked 0, with 0 secrets.']);
    expect(done.record).toMatchObject({ listed: 0, clients: [] });
  });

  test('finds what expires within rotate-before', async () => {
    await using tenant = await tenantOf([seed('a', { secrets: [{ startTime: at(-60), expiration: at(10) }] })]);
    expect(foundIn(await tenant.audit({ 'rotate-before': '9d' }))).toEqual([['a', []]]);
    expect(foundIn(await tenant.audit({ 'rotate-before': '11d' }))).toEqual([['a', ['expiring']]]);
  });

  test('checks one client at a time with concurrency 1', async () => {
    let now = 0;
    let most = 0;
    const watch: VantageOptions['watch'] = async (moment, { route }) => {
      if (route === 'readSecrets') {
        now += moment === 'arrived' ? 1 : moment === 'over' ? -1 : 0;
        most = Math.max(most, now);
      }
    };
    const clients = ['a', 'b', 'c', 'd'].map(id => seed(id));
    await using tenant = await tenantOf(clients, { watch, latencyMs: 20 });
    await tenant.audit({ concurrency: '1' });
    expect(most).toBe(1);
    await tenant.audit({ concurrency: '4' });
    expect(most).toBeGreaterThan(1);
  });
});

describe('the warnings', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => seed(`c-${index}`, { secrets: [] }));
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `Client "c-${index}" has no working secret: it has no secret.`);
  const folded = (...more: readonly string[]) => [
    `Group: No working secret: ${more.length} more`,
    ...more,
    'End of the group.',
  ];
  const shown = (count: number) => lines(count).map(line => `Warning: ${line}`);

  test.each([
    [8, []],
    [9, [...folded(...lines(9).slice(8)), 'Warning: 1 more finding: see the job summary and the log.']],
    [10, [...folded(...lines(10).slice(8)), 'Warning: 2 more findings: see the job summary and the log.']],
  ])('of %i clients with findings are eight, and one that counts the rest', async (count, rest) => {
    await using tenant = await tenantOf([...many(count), CLEAN]);
    expect((await tenant.audit()).log.slice(1)).toEqual([...shown(8), ...rest]);
  });

  test('are half about what expires next, and half about what expired last', async () => {
    const dead = Array.from({ length: 30 }, (_, index) =>
      seed(`dead-${index}`, { secrets: [{ startTime: at(-90), expiration: at(-1 - index) }] }),
    );
    const soon = Array.from({ length: 12 }, (_, index) =>
      seed(`soon-${index}`, { secrets: [{ startTime: at(-90), expiration: at(12 - index) }] }),
    );
    await using tenant = await tenantOf([...dead, ...soon, RISKY]);
    const { log } = await tenant.audit();
    const warned = log.flatMap(line => /^Warning: Client "([^"]+)"/u.exec(line)?.[1] ?? []);
    expect(warned).toEqual(['soon-11', 'soon-10', 'soon-9', 'soon-8', 'dead-0', 'dead-1', 'dead-2', 'dead-3']);
    expect(log.filter(line => line.startsWith('Group: '))).toEqual([
      'Group: Expire within 30 days: 8 more',
      'Group: No working secret: 26 more',
      'Group: Dangerous settings: 1',
    ]);
    expect(log.at(-1)).toBe('Warning: 35 more findings: see the job summary and the log.');
    for (const { clientId } of [...dead, ...soon]) {
      expect(log.filter(line => line.includes(`Client "${clientId}"`))).toHaveLength(1);
    }
  });
});

describe('`fail-on`', () => {
  const BROKEN = seed('broken');
  const ALL = [CLEAN, NONE, seed('none-2', { secrets: [] }), RISKY, BROKEN];

  test.each([
    ['none', ALL, undefined],
    ['expiring', ALL, '2 clients have no working secret'],
    ['risky', ALL, '1 dangerous setting'],
    ['any', ALL, '2 clients have no working secret, 1 dangerous setting, 1 check not possible'],
    ['any', [CLEAN], undefined],
    ['expiring', [RISKY, BROKEN], undefined],
    ['risky', [NONE, BROKEN], undefined],
    ['any', [BROKEN], '1 check not possible'],
  ] as const)('%s', async (failOn, clients, found) => {
    await using tenant = await tenantOf(clients);
    tenant.bench.vantage.faults.add({ on: { path: secretsOf('broken') }, mishap: { kind: 'answer', status: 403 } });
    const done = await tenant.audit({ 'fail-on': failOn });
    expect(done.failure).toEqual(
      found && {
        code: 'audit-findings',
        message: `the audit with fail-on: ${failOn} failed: it found: ${found}. The job summary and the \`results\` output list them.`,
        outcomeUnknown: false,
      },
    );
    // The step fails, and its results are complete.
    expect(done.record.clients).toHaveLength(clients.length);
    expect(done.log[0]).toMatch(`The tenant has ${clients.length} clients. Checked ${clients.length},`);
  });
});

describe('a list of the clients', () => {
  const refusal = (status: number, todo: string) =>
    new RegExp(
      `^listing the clients of the tenant failed: GET VANTAGE\\S+ answered ${status} with an empty body\\. ${todo}$`,
      'u',
    );

  test.each([
    [404, 'unsupported', 'Without that list, there is nothing to audit\\.'],
    [403, 'forbidden', 'Give client "ADMIN" the role Tenant Administrator in the tenant TENANT .*'],
  ])('that is refused with %i leaves nothing to audit', async (status, code, todo) => {
    await using tenant = await tenantOf([CLEAN]);
    tenant.bench.vantage.faults.add({ on: 'listClients', mishap: { kind: 'answer', status } });
    const done = await tenant.audit();
    expect(done.failure).toMatchObject({ code, message: expect.stringMatching(refusal(status, todo)) });
    expect(done.record).toEqual({ mode: 'audit', clients: [], auditedAt: START, changed: false });
    expect(done.log).toEqual([]);
  });

  test('with all settings needs no read of each client', async () => {
    await using tenant = await tenantOf([CLEAN, RISKY]);
    const done = await tenant.audit();
    expect(routesOf(done, 'readClient')).toEqual([]);
    expect(routesOf(done, 'readSecrets')).toHaveLength(2);
  });

  test.each(['redirectUris', 'allowNoPkce', 'allowedGrantTypes', 'allowOfflineAccess', 'requireClientSecret'])(
    'without %s needs a read of each client',
    async field => {
      await using tenant = await tenantOf([RISKY]);
      const {
        secrets,
        [field]: unreported,
        ...reported
      } = { ...tenant.bench.vantage.client('risky') } as Record<string, unknown>;
      expect(unreported).toBeDefined();
      expect(secrets).toHaveLength(1);
      const body = { items: [{ ...reported, allowRopc: false }], totalItemCount: 1 };
      tenant.bench.vantage.faults.add({ on: 'listClients', mishap: { kind: 'answer', status: 200, body } });
      const done = await tenant.audit();
      expect(routesOf(done, 'readClient')).toHaveLength(1);
      // The read of the client counts, not the list.
      expect(foundIn(done)).toEqual([['risky', ['ropc']]]);
    },
  );

  test('with names only needs a read of each client, and is used if that read fails', async () => {
    await using tenant = await tenantOf([RISKY, seed('named', { clientName: 'A name', allowRopc: true })], {
      shape: { listedClients: 'summary' },
    });
    tenant.bench.vantage.faults.add({ on: { path: /\/named\/$/u }, mishap: { kind: 'answer', status: 403 } });
    const done = await tenant.audit();
    expect(done.failure).toBeUndefined();
    expect(foundIn(done)).toEqual([
      ['risky', ['ropc']],
      ['named', ['unreadable']],
    ]);
    expect(done.record.clients[1]).toMatchObject({
      clientName: 'A name',
      findings: [{ text: expect.stringMatching(/^its settings cannot be read: GET VANTAGE\S+ answered 403/u) }],
    });
  });
});

describe('an incomplete list', () => {
  test.each(['array', 'envelope-without-count'] as const)(
    '(%s) of clients is reported, with the number of clients',
    async list => {
      await using tenant = await tenantOf([RISKY, CLEAN, NONE], { shape: { list, paging: 'ignored', pageSize: 2 } });
      const done = await tenant.audit();
      expect(done.failure).toBeUndefined();
      expect(done.log[0]).toBe(
        'Warning: The list of clients may be incomplete: this Vantage returns the same 2 clients for every page and does not report a total. Look for further clients in Vantage.',
      );
      expect(done.record).toMatchObject({ listed: 2, cut: true, plan: { clients: 2 } });
    },
  );

  test('of secrets does not prove that no secret is valid', async () => {
    const over = seed('over', { secrets: [{ startTime: at(-9), expiration: at(-1) }] });
    await using tenant = await tenantOf([over], { shape: { list: 'array', paging: 'ignored', pageSize: 1 } });
    const done = await tenant.audit();
    expect(done.record.clients[0]?.findings[0]).toMatchObject({
      kind: 'no-valid-secret',
      text: 'no secret that Vantage lists is valid, and its list of 1 may be incomplete',
    });
  });

  test('leaves room for its warning among those that GitHub shows', async () => {
    const many = Array.from({ length: 12 }, (_, index) => seed(`c-${index}`, { allowRopc: true }));
    await using tenant = await tenantOf(many, { shape: { list: 'array', paging: 'ignored' } });
    const done = await tenant.audit();
    const warnings = done.log.filter(line => line.startsWith('Warning: '));
    expect(warnings).toHaveLength(9);
    expect(warnings.at(-1)).toBe('Warning: 5 more findings: see the job summary and the log.');
  });
});

describe('a client', () => {
  test.each<readonly [string, Mishap, string]>([
    ['is forbidden', { kind: 'answer', status: 403 }, 'answered 403 with an empty body'],
    [
      'makes Vantage fail',
      UNAVAILABLE,
      'failed at GET VANTAGE\\S+: it answered 500 with an empty body, 5 times\\. Run .*',
    ],
    [
      'gets an unusual status',
      { kind: 'answer', status: 418 },
      'failed at .* it answered 418 with an empty body\\. Check .*',
    ],
  ])('whose list of secrets %s is a finding, and the others are checked', async (_, mishap, why) => {
    await using tenant = await tenantOf([seed('broken', { allowRopc: true }), NONE]);
    tenant.bench.vantage.faults.add({ on: { path: secretsOf('broken') }, mishap });
    const done = await tenant.audit();
    expect(done.failure).toBeUndefined();
    expect(foundIn(done)).toEqual([
      ['none', ['no-valid-secret']],
      ['broken', ['unreadable', 'ropc']],
    ]);
    expect(done.record.clients[1]).not.toHaveProperty('secrets');
    expect(done.log.at(-1)).toMatch(
      new RegExp(`^Warning: Client "broken": its secrets cannot be listed: .*${why}\\.$`, 'u'),
    );
    expect(done.log).toContain('The tenant has 2 clients. Checked 2, with 0 secrets.');
  });

  test('that cannot be read because the token has expired ends the audit, which keeps its findings', async () => {
    await using tenant = await tenantOf(['a', 'b', 'c', 'd', 'e'].map(id => seed(id, { allowRopc: true })));
    tenant.bench.vantage.faults.add({ on: 'readSecrets', skip: 2, mishap: { kind: 'answer', status: 401 } });
    const done = await tenant.audit({ 'fail-on': 'any' });
    expect(done.failure).toMatchObject({
      code: 'authentication-failed',
      message: expect.stringContaining('listing the secrets of client "c" failed'),
    });
    expect(foundIn(done)).toEqual([
      ['a', ['ropc']],
      ['b', ['ropc']],
    ]);
    expect(done.log).toEqual([
      'The tenant has 5 clients. Checked 2, with 2 secrets.',
      `Warning: Client "a": ${PASSWORDS}.`,
      `Warning: Client "b": ${PASSWORDS}.`,
    ]);
    expect(routesOf(done, 'readSecrets')).toHaveLength(3);
  });

  test('that is read while the run is cancelled ends the audit', async () => {
    await using tenant = await tenantOf([RISKY, CLEAN, NONE]);
    tenant.bench.vantage.faults.add({ on: { path: secretsOf('clean') }, mishap: { kind: 'stall' } });
    const done = await tenant.audit({}, { when: [secretsOf('clean'), cancel] });
    expect(done.failure).toMatchObject({ code: 'cancelled' });
    expect(foundIn(done)).toEqual([['risky', ['ropc']]]);
    expect(routesOf(done, 'readSecrets')).toHaveLength(2);
  });

  test('whose secret has the access token as its ID shows no part of it', async () => {
    await using bench = await Bench.open({ vantage: { clients: [CLEAN] } });
    let token = '';
    const echo = () => {
      token = String(bench.vantage.requests.at(-1)?.headers.authorization).replace('Bearer ', '');
      const body = [{ id: token, startTime: at(-3), expiration: at(1) }];
      bench.vantage.faults.add({ on: { path: secretsOf('clean') }, mishap: { kind: 'answer', status: 200, body } });
    };
    const done = await run(bench, { concurrency: '1' }, { when: [/^GET \S+\/clients\/\?/u, echo] });
    expect(done.failure).toBeUndefined();
    expect(done.log[0]).toBe(SIGNED_IN);
    expect(done.log).toContain('Warning: Client "clean": secret *** expires 2027-02-01 (in 24 hours).');
    expect(token.length).toBeGreaterThan(8);
    expect(JSON.stringify(done.record)).not.toContain(token.slice(0, 8));
  });
});
