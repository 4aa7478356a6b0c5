import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { cancel } from '../emulator/runner.ts';
import type { Mishap, Moment, SeedClient, SeedSecret, Shapes, VantageOptions } from '../emulator/vantage/index.ts';
import { markNonce, ownershipMark } from '../src/model/mark.ts';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../src/modes/audit/run.ts';
import type { AuditedClient } from '../src/plan/audit.ts';
import { shortId } from '../src/plan/findings.ts';
import { readSummary } from './support/markdown.ts';
import { errorOf, requestsOf, type Step, warningsOf, writesOf } from './support/step.ts';
import { digests, WORKFLOW } from './support/workflow.ts';
import { type StepOptions, World } from './support/world.ts';

const DAY = 86_400_000;
const NOW = Date.now();
const at = (days: number) => new Date(NOW + days * DAY).toISOString();

type Seed = SeedClient & { readonly secrets?: readonly SeedSecret[] };

/** A valid secret that expires in months, unless the test sets other times. */
const secret = (given: SeedSecret = {}): SeedSecret => ({ startTime: at(-60), expiration: at(120), ...given });
const marked = (days: number, words = '') => {
  return `${words}${ownershipMark(WORKFLOW, digests([]), markNonce(new Date(NOW + days * DAY), 'c0ffee00'))}`;
};
const seed = (clientId: string, given: Partial<SeedClient> = {}, secrets: readonly SeedSecret[] = [secret()]): Seed => {
  return { clientId, ...given, secrets };
};

/** Clients without a problem, although some come close to one. */
const CLEAN: readonly Seed[] = [
  seed('clean', { clientName: 'Clean' }),
  seed('clean-web', {
    allowedGrantTypes: ['authorization_code'],
    redirectUris: ['https://web.example/', 'https://web.example?x', 'com.example.web:/callback'],
    allowOfflineAccess: true,
    accessTokenLifetime: 86_400,
    refreshTokenLifetime: 30 * 86_400,
  }),
  seed('clean-public', { requireClientSecret: false }, []),
  seed('clean-rotated', {}, [
    secret({ description: marked(-200), expiration: at(-20) }),
    secret({ description: marked(-100), expiration: at(2) }),
    secret({ description: marked(-1, 'Staging ') }),
  ]),
  seed('clean-unused-refresh', { refreshTokenLifetime: 90 * 86_400 }),
  seed('clean-longest', {}, [secret({ expiration: at(3 * 365) })]),
  seed('clean-next', {}, [secret(), secret({ startTime: at(2), expiration: at(20) })]),
];

/** Clients with one problem each, by the kind of their finding. */
const PLANTED: Readonly<Record<string, Seed>> = {
  expired: seed('p-expired', {}, [secret(), secret({ expiration: at(-3) })]),
  expiring: seed('p-expiring', {}, [secret(), secret({ expiration: at(3) })]),
  'no-valid-secret': seed('p-no-valid-secret', {}, []),
  'no-end': seed('p-no-end', {}, [secret({ expiration: at(4 * 365) })]),
  'foreign-hosts': seed('p-foreign-hosts', { redirectUris: ['https://fine.example/', 'https://web.example'] }),
  'no-pkce': seed('p-no-pkce', { allowNoPkce: true }),
  ropc: seed('p-ropc', { allowRopc: true }),
  'long-lifetime': seed('p-long-lifetime', { accessTokenLifetime: 172_800 }),
};

interface Tenant {
  readonly world: World;
  readonly token: string;
  /** The token of a user who may not administer the tenant. */
  readonly supervisor: string;
  readonly audit: (inputs?: Readonly<Record<string, string>>, options?: StepOptions) => Promise<Step>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A tenant with these clients only: the client of its first administrator is deleted, and the token still works. */
async function tenantOf(clients: readonly Seed[], options: VantageOptions = {}): Promise<Tenant> {
  const world = await World.open({ vantage: { ...options, clients } });
  const { vantage } = world;
  const token = await vantage.issueAccessToken();
  const supervisor = await vantage.issueAccessToken('processing-supervisor');
  vantage.removeClient(vantage.administrator.clientId);
  return {
    world,
    token,
    supervisor,
    audit: async (inputs = {}, stepOptions = {}) => {
      const signIn = { 'access-token': token, 'auth-client-id': '', 'auth-client-secret': '' };
      const step = await world.step({ mode: 'audit', ...signIn, ...inputs }, stepOptions);
      expectReadOnly(step);
      expect(warningsOf(step).length).toBeLessThanOrEqual(10);
      return step;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** The step sends nothing but reads and the sign-in. */
function expectReadOnly(step: Step): void {
  expect(writesOf(step)).toEqual([]);
  expect(
    step.vantage.filter(({ method, body, route }) => method === 'GET' && (body !== '' || route === 'unknown')),
  ).toEqual([]);
  expect(step.outputs.changed).toBe('false');
}

const resultsOf = (step: Step) => JSON.parse(step.outputs.results ?? '') as AuditedClient[];
/** The kinds of findings by client. A client without findings has an empty list. */
const foundIn = (step: Step) =>
  Object.fromEntries(resultsOf(step).map(({ clientId, findings }) => [clientId, findings.map(({ kind }) => kind)]));
const nothing = (clients: readonly Seed[]) => Object.fromEntries(clients.map(({ clientId }) => [clientId, []]));
const planted = Object.fromEntries(Object.entries(PLANTED).map(([kind, { clientId }]) => [clientId, [kind]]));
const ALL = [...CLEAN, ...Object.values(PLANTED)];

describe('a seeded tenant', () => {
  test('each planted problem is found once, at its client, and nothing else is found', async () => {
    await using tenant = await tenantOf(ALL);
    const step = await tenant.audit();
    expect({ exitCode: step.exitCode, code: step.outputs['error-code'] }).toEqual({ exitCode: 0, code: '' });
    expect(foundIn(step)).toEqual({ ...nothing(CLEAN), ...planted });

    const { secrets } = tenant.world.client('p-expired');
    expect(resultsOf(step).find(({ clientId }) => clientId === 'p-expired')).toEqual({
      schemaVersion: 1,
      mode: 'audit',
      tenant: tenant.world.vantage.tenantId,
      clientId: 'p-expired',
      outcome: 'kept',
      errorCode: '',
      secrets: secrets.map(({ id, startTime, expiration }, index) => ({
        id,
        state: index === 0 ? 'valid' : 'expired',
        startTime,
        expiration,
        superseded: false,
      })),
      findings: [
        {
          kind: 'expired',
          class: 'expiring',
          secretId: secrets[1]?.id,
          text: `secret ${shortId(secrets[1]?.id ?? '')} expired ${at(-3).slice(0, 10)} (3 days ago)`,
        },
      ],
    });
    expect(resultsOf(step).find(({ clientId }) => clientId === 'clean-rotated')?.secrets).toMatchObject(
      [true, true, false].map(superseded => ({
        superseded,
        createdFor: { repository: 'octo-org/octo-repo', owner: 'github.com/1001', digests: digests([]) },
      })),
    );
    expect(step.outputs.plan).toBe(JSON.stringify({ schemaVersion: 1, mode: 'audit', clients: ALL.length }));
  });

  test('the summary has each problem in its tables, and the secrets in its chart', async () => {
    await using tenant = await tenantOf(ALL);
    const step = await tenant.audit();
    const { tables, chart, text } = readSummary(step.summary);
    const secrets = ALL.flatMap(client => client.secrets ?? []);
    expect(text[0]).toContain(`${ALL.length} clients, ${secrets.length} secrets · 3 created by this action · `);
    const all = tables.find(({ head }) => head.length === 7);
    const shown = tables.filter(table => table !== all).flatMap(({ rows }) => rows.flat());
    for (const { clientId } of Object.values(PLANTED)) {
      expect(shown.filter(cell => cell === clientId)).toEqual([clientId]);
    }
    expect(shown.join()).not.toContain('clean');
    expect(
      all?.rows
        .map(([name]) => name?.split(' ')[0])
        .filter(Boolean)
        .sort(),
    ).toEqual(ALL.map(({ clientId }) => clientId).sort());
    expect(
      all?.rows.some(row => row[5]?.startsWith('octo-org/octo-repo to ') && row[4] === 'expiring, superseded'),
    ).toBe(true);
    expect(chart.filter(line => line.includes(' :'))).toHaveLength(secrets.length - 2);
    expect(chart).toContain('    section p-expiring');
  });

  test('a warning names each client with findings, and no other client', async () => {
    await using tenant = await tenantOf(ALL);
    const step = await tenant.audit();
    const named = warningsOf(step).map(line => /^Client "([^"]+)"(?:: | has ).+\.$/u.exec(line)?.[1]);
    expect(named.sort()).toEqual(
      Object.values(PLANTED)
        .map(({ clientId }) => clientId)
        .sort(),
    );
    expect(step.log).not.toMatch(/Client "clean/u);
  });

  test('with many findings, ten warnings are shown: eight, one that counts the rest, and room for one more', async () => {
    const many = Array.from({ length: 12 }, (_, index) => seed(`c-${String(index).padStart(2, '0')}`, {}, []));
    await using tenant = await tenantOf(many);
    const step = await tenant.audit();
    expect(warningsOf(step)).toHaveLength(9);
    expect(warningsOf(step).at(-1)).toContain('4 more findings');
    for (const { clientId } of many) {
      expect(step.log.split('\n').filter(line => line.includes(`Client "${clientId}"`))).toHaveLength(1);
    }
  });

  test('`rotate-before` decides which secrets are expiring', async () => {
    await using tenant = await tenantOf([seed('soon', {}, [secret({ expiration: at(10) })])]);
    expect(foundIn(await tenant.audit({ 'rotate-before': '9d' }))).toEqual({ soon: [] });
    expect(foundIn(await tenant.audit({ 'rotate-before': '11d' }))).toEqual({ soon: ['expiring'] });
  });

  test('a dry run does the same', async () => {
    await using tenant = await tenantOf(ALL);
    expect(foundIn(await tenant.audit({ 'dry-run': 'true' }))).toEqual({ ...nothing(CLEAN), ...planted });
  });

  test('a tenant without clients is audited as well', async () => {
    await using tenant = await tenantOf([]);
    const step = await tenant.audit({ 'fail-on': 'any' });
    expect(step.exitCode).toBe(0);
    expect(resultsOf(step)).toEqual([]);
    readSummary(step.summary);
  });

  test('the client that the step signs in with is included', async () => {
    await using world = await World.open({ vantage: { clients: CLEAN } });
    const step = await world.step({ mode: 'audit' });
    expectReadOnly(step);
    expect(requestsOf(step, 'token')).toHaveLength(1);
    expect(foundIn(step)).toEqual({ ...nothing(CLEAN), [world.vantage.administrator.clientId]: ['no-end', 'ropc'] });
  });
});

describe('`fail-on`', () => {
  const only = (kind: string) => [...CLEAN, ...[PLANTED[kind] ?? seed('none')]];
  test.each([
    ['none', 'a clean tenant', CLEAN, undefined],
    ['none', 'a tenant with every problem', ALL, undefined],
    ['expiring', 'a clean tenant', CLEAN, undefined],
    ['expiring', 'a tenant with a risk', only('ropc'), undefined],
    ['expiring', 'a tenant where a secret expires', only('expiring'), 'it found: 1 secret expires within 30 days.'],
    [
      'expiring',
      'a tenant where a client has no secret',
      only('no-valid-secret'),
      'it found: 1 client has no working secret.',
    ],
    ['expiring', 'a tenant with every problem', ALL, '1 other secret has expired'],
    ['risky', 'a clean tenant', CLEAN, undefined],
    ['risky', 'a tenant where a secret expires', only('expiring'), undefined],
    ['risky', 'a tenant with a risk', only('no-pkce'), 'it found: 1 dangerous setting.'],
    ['any', 'a clean tenant', CLEAN, undefined],
    ['any', 'a tenant with a risk', only('foreign-hosts'), 'it found: 1 dangerous setting.'],
    ['any', 'a tenant where a secret has expired', only('expired'), 'it found: 1 other secret has expired.'],
  ] as const)('%s, on %s', async (failOn, _, clients, why) => {
    await using tenant = await tenantOf(clients);
    const step = await tenant.audit({ 'fail-on': failOn });
    expect({ exitCode: step.exitCode, code: step.outputs['error-code'] }).toEqual(
      why === undefined ? { exitCode: 0, code: '' } : { exitCode: 1, code: 'audit-findings' },
    );
    expect(errorOf(step)).toContain(why ?? '');
    // The step fails, and its results and summary are complete.
    expect(resultsOf(step)).toHaveLength(clients.length);
    readSummary(step.summary);
  });

  test.each([
    ['any', 1],
    ['expiring', 0],
    ['risky', 0],
  ])('%s, on a tenant whose secrets cannot be listed', async (failOn, exitCode) => {
    await using tenant = await tenantOf([seed('closed')]);
    tenant.world.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'answer', status: 403 } });
    expect(await tenant.audit({ 'fail-on': failOn })).toMatchObject({ exitCode });
  });
});

describe('a Vantage that does not list clients', () => {
  test.each([404, 405, 501, 'spa'] as const)('because it offers no reads (%s)', async absent => {
    await using tenant = await tenantOf([seed('a')], { tier: 0, absent });
    const step = await tenant.audit();
    expect(step.outputs).toMatchObject({ 'error-code': 'unsupported', results: '[]' });
    expect(errorOf(step)).toContain('nothing to audit');
    expect(requestsOf(step, 'readSecrets')).toEqual([]);
    expect(readSummary(step.summary).text[1]).toMatch(/^0 of an unknown number of clients checked/u);
  });

  test('to this account', async () => {
    await using tenant = await tenantOf([seed('a')]);
    const step = await tenant.audit({ 'access-token': tenant.supervisor });
    expect(step.outputs['error-code']).toBe('forbidden');
    expect(errorOf(step)).toContain('Tenant Administrator');
  });

  test.each<readonly [string, Mishap, string]>([
    ['but a page of a proxy', { kind: 'html' }, 'unsupported'],
    ['but something else', { kind: 'wrong-shape' }, 'unsupported'],
    ['because the token has expired', { kind: 'answer', status: 401 }, 'authentication-failed'],
    ['because it is unavailable', { kind: 'throttle', status: 503, retryAfter: 0 }, 'vantage-unavailable'],
    ['within the size limit', { kind: 'oversize', bytes: 16 * 1024 * 1024 + 1 }, 'unexpected-response'],
  ])('%s', async (_, mishap, code) => {
    await using tenant = await tenantOf([seed('a')]);
    tenant.world.vantage.faults.add({ on: 'listClients', mishap });
    expect((await tenant.audit()).outputs).toMatchObject({ 'error-code': code, results: '[]' });
  });
});

describe('however Vantage lists them', () => {
  test.each<readonly [string, Partial<Shapes>]>([
    ['in a bare array', { list: 'array' }],
    ['seven per page', { pageSize: 7 }],
    ['seven per page, in a bare array', { list: 'array', pageSize: 7 }],
    ['and ignores pages', { list: 'array', paging: 'ignored' }],
    ['with ID and name only', { listedClients: 'summary' }],
    ['with ID and name only, seven per page', { listedClients: 'summary', pageSize: 7 }],
    ['with lifetimes as .NET writes them', { listedLifetimes: 'timespan' }],
    ['with times in ticks', { timestamps: 'ticks' }],
    ['with times that have an offset', { timestamps: 'offset' }],
  ])('%s', async (_, shape) => {
    await using tenant = await tenantOf(ALL, { shape });
    const step = await tenant.audit();
    expect(foundIn(step)).toEqual({ ...nothing(CLEAN), ...planted });
    const whole = requestsOf(step, 'readSecrets').filter(({ path }) => path.includes('Offset=0'));
    expect(new Set(whole.map(({ path }) => path)).size).toBe(ALL.length);
    expect(whole).toHaveLength(ALL.length);
    expect(requestsOf(step, 'readClient')).toHaveLength(shape.listedClients === 'summary' ? ALL.length : 0);
  });

  test('by the first version of its API, which has no lifetimes', async () => {
    await using tenant = await tenantOf(ALL);
    const step = await tenant.audit({ 'api-version': 'v1' });
    expect(foundIn(step)).toEqual({ ...nothing(CLEAN), ...planted, 'p-long-lifetime': [] });
    expect(requestsOf(step, 'readClient')).toEqual([]);
  });
});

describe('a client that cannot be read', () => {
  const OFTEN = { headers: { 'retry-after': '0' } };
  test.each<readonly [string, Mishap]>([
    ['is forbidden', { kind: 'answer', status: 403 }],
    ['does not exist', { kind: 'answer', status: 404 }],
    ['makes Vantage fail', { kind: 'answer', status: 500, ...OFTEN }],
    ['makes a gateway time out', { kind: 'answer', status: 504, ...OFTEN }],
    ['is a page of a proxy', { kind: 'html' }],
    ['is something else', { kind: 'wrong-shape' }],
    ['exceeds the size limit', { kind: 'oversize', bytes: 16 * 1024 * 1024 + 1 }],
    ['gets an unusual status', { kind: 'answer', status: 418 }],
  ])('because its list of secrets %s, is a finding, and the other clients are checked', async (_, mishap) => {
    await using tenant = await tenantOf([...ALL, seed('broken', { allowRopc: true })]);
    tenant.world.vantage.faults.add({ on: { path: /\/clients\/broken\/secrets\// }, mishap });
    const step = await tenant.audit();
    expect(step.exitCode).toBe(0);
    expect(foundIn(step)).toEqual({ ...nothing(CLEAN), ...planted, broken: ['unreadable', 'ropc'] });
    expect(resultsOf(step).find(({ clientId }) => clientId === 'broken')).not.toHaveProperty('secrets');
    readSummary(step.summary);
  });

  test.each<readonly [string, Mishap]>([
    ['are forbidden', { kind: 'answer', status: 403 }],
    ['make Vantage fail', { kind: 'answer', status: 500, ...OFTEN }],
    ['are a page of a proxy', { kind: 'html' }],
    ['are those of another client', { kind: 'answer', status: 200, body: { clientId: 'clean', allowRopc: true } }],
  ])('because its settings %s, is a finding, and its secrets are checked', async (_, mishap) => {
    await using tenant = await tenantOf([...ALL, seed('broken', { allowRopc: true }, [])], {
      shape: { listedClients: 'summary' },
    });
    tenant.world.vantage.faults.add({ on: { path: /\/clients\/broken\/$/ }, mishap });
    const step = await tenant.audit();
    expect(step.exitCode).toBe(0);
    expect(foundIn(step)).toEqual({ ...nothing(CLEAN), ...planted, broken: ['unreadable', 'no-valid-secret'] });
  });

  test('because the token has expired ends the audit, which keeps its findings', async () => {
    const clients = Array.from({ length: 6 }, (_, index) => seed(`c-${index}`, { allowRopc: true }));
    await using tenant = await tenantOf(clients);
    tenant.world.vantage.faults.add({ on: 'readSecrets', skip: 4, mishap: { kind: 'answer', status: 401 } });
    const step = await tenant.audit({ concurrency: '1' });
    expect(step.outputs['error-code']).toBe('authentication-failed');
    expect(foundIn(step)).toEqual(Object.fromEntries(clients.slice(0, 4).map(({ clientId }) => [clientId, ['ropc']])));
  });
});

describe('an audit that is stopped', () => {
  const clients = Array.from({ length: 8 }, (_, index) => seed(`c-${index}`, { allowRopc: index === 1 }));

  function expectPartial(step: Step, code: string): void {
    expect({ exitCode: step.exitCode, code: step.outputs['error-code'] }).toEqual({ exitCode: 1, code });
    expect(foundIn(step)).toEqual({ 'c-0': [], 'c-1': ['ropc'], 'c-2': [] });
    expect(step.outputs.plan).toBe(JSON.stringify({ schemaVersion: 1, mode: 'audit', clients: 8 }));
    expect(readSummary(step.summary).text.slice(1)).toEqual([
      expect.stringMatching(/^Found until then: /u),
      expect.stringMatching(/^3 of 8 clients checked, /u),
    ]);
    expect(warningsOf(step)).toEqual([expect.stringContaining('Client "c-1"')]);
  }

  test('by its timeout reports how far it came and what it found', async () => {
    await using tenant = await tenantOf(clients);
    tenant.world.vantage.faults.add({ on: 'readSecrets', skip: 3, mishap: { kind: 'stall' } });
    const step = await tenant.audit({ concurrency: '1', timeout: '3s', 'fail-on': 'any' });
    expectPartial(step, 'timeout');
    expect(step.workMs).toBeLessThan(6_000 + step.delayMs);
  });

  test('by a cancellation does so at once', async () => {
    await using tenant = await tenantOf(clients);
    const { faults } = tenant.world.vantage;
    faults.add({ on: 'readSecrets', skip: 3, mishap: { kind: 'stall' } });
    let cancelled: Promise<number> | undefined;
    const step = await tenant.audit(
      { concurrency: '1', timeout: '60s', 'fail-on': 'any' },
      {
        onStart: child => {
          cancelled = (async () => {
            await arrival(tenant, /\/clients\/c-3\/secrets\//u);
            const asked = performance.now();
            await cancel(child);
            return performance.now() - asked;
          })();
        },
      },
    );
    expectPartial(step, 'cancelled');
    expect(await cancelled).toBeLessThan(7_500);
  });
});

/** Resolves when a request to a path has arrived. */
async function arrival({ world }: Tenant, path: RegExp): Promise<void> {
  for (
    const deadline = Date.now() + 20_000;
    !world.vantage.requests.some(request => path.test(request.path));
    await sleep(5)
  ) {
    if (Date.now() > deadline) {
      throw new Error(`no request to ${path} came`);
    }
  }
}

describe('what a server returns', () => {
  /** No part of a secret of eight characters appears anywhere, except in the commands that mask it. */
  function expectNoPart(step: Step, canary: string): void {
    const read = [step.stdout.replace(/^::add-mask::.*$/gmu, ''), ...Object.values(step.files)].join('\n');
    const plain = [read, read.replaceAll('\\', '')];
    const parts = Array.from({ length: canary.length - 7 }, (_, from) => canary.slice(from, from + 8));
    expect(parts.filter(part => plain.some(text => text.includes(part)))).toEqual([]);
  }

  test('shows no part of a secret that is in a name, an address, an ID or an error', async () => {
    await using tenant = await tenantOf([seed('echo-in-id'), seed('echo-in-refusal'), seed('clean')]);
    const { vantage } = tenant.world;
    const { clientSecret } = vantage.administrator;
    const canaries = [tenant.token, clientSecret];
    for (const [index, canary] of canaries.entries()) {
      vantage.addClient({ clientId: `echo-${index}-${canary}`, clientName: `A name with ${canary} in it` }, [
        secret({
          description: `Words with ${canary} ${marked(-1).replace('octo-repo', `x${canary}`)}`,
          expiration: at(1),
        }),
      ]);
      vantage.addClient(
        { clientId: `uri-${index}`, clientName: canary, redirectUris: [`https://${encodeURIComponent(canary)}`] },
        [],
      );
    }
    vantage.faults.add({
      on: { path: /\/echo-in-id\/secrets\// },
      mishap: {
        kind: 'answer',
        status: 200,
        body: canaries.map(id => ({ id, expiration: at(1), valueDisplay: 'CANARY-DISPLAY' })),
      },
    });
    vantage.faults.add({
      on: { path: /\/echo-in-refusal\/secrets\// },
      mishap: { kind: 'answer', status: 403, body: { detail: `Not for ${tenant.token} or ${clientSecret}` } },
    });
    // Both ways to sign in are secrets of the step: one is used, the other is masked as an input.
    const step = await tenant.audit({ 'current-secret': clientSecret });
    expect(resultsOf(step)).toHaveLength(7);
    for (const canary of canaries) {
      expectNoPart(step, canary);
    }
    expect(JSON.stringify(step)).not.toContain('CANARY-DISPLAY');
    readSummary(step.files.GITHUB_STEP_SUMMARY ?? '');
  });

  test('is not a command for the runner, a row of a table or a line of the log', async () => {
    const names = [
      '##[warning]injected',
      '##[add-mask]clean',
      'a\n::warning::injected',
      'b|c',
      '<img src=x>',
      '`d`',
      '%0A::error::e',
    ];
    const clients = names.flatMap((name, index) => [
      seed(`${index}-${name}`, { clientName: name }, []),
      // These come after the eight that are warnings, so they are in the log only.
      seed(`z${index}-${name}`, { allowRopc: true }),
    ]);
    await using tenant = await tenantOf(clients);
    const step = await tenant.audit();
    expect(step.exitCode).toBe(0);
    const injected = step.annotations.filter(({ message }) => !/^(?:Client "|\d+ more findings)/u.test(message));
    expect({ injected, masks: step.masks.filter(mask => mask.includes('clean')) }).toEqual({ injected: [], masks: [] });
    expect(
      resultsOf(step)
        .map(({ clientId }) => clientId)
        .sort(),
    ).toEqual(clients.map(({ clientId }) => clientId).sort());
    readSummary(step.summary);
  });
});

describe('`concurrency`', () => {
  /** The maximum number of requests about single clients that were in progress at the same time. */
  async function most(concurrency: number, clients: number, shape: Partial<Shapes>): Promise<number> {
    let now = 0;
    let peak = 0;
    const watch = async (moment: Moment, { route }: { readonly route: string }) => {
      if (route === 'readSecrets' || route === 'readClient') {
        now += moment === 'arrived' ? 1 : moment === 'over' ? -1 : 0;
        peak = Math.max(peak, now);
      }
    };
    const seeds = Array.from({ length: clients }, (_, index) => seed(`c-${index}`));
    await using tenant = await tenantOf(seeds, { watch, latencyMs: 150, shape });
    const step = await tenant.audit({ concurrency: String(concurrency), timeout: '60s' });
    expect(resultsOf(step)).toHaveLength(clients);
    return peak;
  }

  test.each([
    [1, 8, 'whole', 1],
    [1, 8, 'summary', 2],
    [10, 40, 'summary', 20],
    [50, 150, 'whole', 50],
    // The number of connections is the limit.
    [50, 150, 'summary', 50],
  ] as const)(
    '%i: of %i clients, listed %s, at most %i requests are in progress',
    async (concurrency, clients, listedClients, bound) => {
      const peak = await most(concurrency, clients, { listedClients });
      expect(peak).toBeLessThanOrEqual(bound);
      // The limit is reached. Otherwise this test would show nothing.
      expect(peak).toBeGreaterThan(bound / 2);
    },
  );
});

describe('a large tenant', () => {
  const clients = Array.from({ length: 1000 }, (_, index) =>
    seed(
      `service-number-${index}`,
      { clientName: `Service number ${index} of the tenant`, allowRopc: index % 10 === 0 },
      [
        secret({ description: marked(-10 - (index % 5)), expiration: at((index % 400) - 20) }),
        secret({ expiration: at(200) }),
      ],
    ),
  );

  test('of 1,000 clients is reported within the limits of GitHub', async () => {
    await using tenant = await tenantOf(clients, { shape: { pageSize: 250 } });
    const step = await tenant.audit({ timeout: '100s' });
    expect(step.exitCode).toBe(0);
    expect(requestsOf(step, 'readSecrets')).toHaveLength(1000);
    const { text, chart } = readSummary(step.files.GITHUB_STEP_SUMMARY ?? '');
    expect(text[0]).toMatch(/^1000 clients, \d+ secrets · /u);
    expect(chart.filter(line => line.includes(' :'))).toHaveLength(30);
    const { results = '' } = step.outputs;
    expect(results.length * 2).toBeLessThanOrEqual(1024 * 1024);
    const reported = resultsOf(step);
    const left = warningsOf(step).filter(line => line.includes('`results`'));
    expect(left).toEqual(
      reported.length < 1000 ? [expect.stringContaining(`${1000 - reported.length} of the clients`)] : [],
    );
    // What is left out has no findings, or less severe ones than what is included.
    expect(reported.slice(0, 50).every(({ findings }) => findings.some(({ class: of }) => of === 'expiring'))).toBe(
      true,
    );
  });
});
