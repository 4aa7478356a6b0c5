import { describe, expect, test } from '@jest/globals';
import { primaryRateLimit, type SecretScope, type Seed, secondaryRateLimit } from '../emulator/github/index.ts';
import { cancel } from '../emulator/runner.ts';
import type { Fault, Mishap, VantageOptions } from '../emulator/vantage/index.ts';
import { OWN, SEED } from './support/github.ts';
import { readSummary } from './support/markdown.ts';
import { DOUBT, deletedClients, errorOf, type Result, type Step, warningsOf, writesOf } from './support/step.ts';
import { World, type WorldOptions } from './support/world.ts';

const PRODUCTION = 'environment octo-org/octo-repo production';
const SECRET = `${PRODUCTION} as VANTAGE_CLIENT_SECRET`;
const VARIABLE = `variable VANTAGE_CLIENT_ID of ${PRODUCTION}`;
const BOTH = [SECRET, VARIABLE];
/** The plan of a deletion for which everything exists. */
const PLAN = { schemaVersion: 1, mode: 'delete', clientId: 'invoices', client: 'delete', deleteFrom: BOTH };
const NAMES = ['VANTAGE_CLIENT_SECRET', 'VANTAGE_CLIENT_ID', 'INVOICES_SECRET'];
const BY_HAND = 'in Vantage under Configuration → Public API Client';

/** A client with two secrets, and a client of somebody else. */
const CLIENTS = [
  { clientId: 'invoices', secrets: [{ value: 'canary-of-the-first-secret' }, { value: 'canary-of-the-second' }] },
  { clientId: 'invoices-2', secrets: [{ value: 'canary-of-a-stranger' }] },
];

/** What GitHub stores of it: a secret and a variable in the environment. The other items must be kept. */
const HOLDING: Seed = {
  ...SEED,
  repositories: (SEED.repositories ?? []).map(repository =>
    repository.repo === 'octo-repo'
      ? {
          ...repository,
          environments: [
            {
              name: 'production',
              secrets: [{ name: 'VANTAGE_CLIENT_SECRET', value: 'canary-of-the-first-secret' }, { name: 'OTHER' }],
              variables: [
                { name: 'VANTAGE_CLIENT_ID', value: 'invoices' },
                { name: 'OTHER', value: 'stays' },
              ],
            },
          ],
          secrets: [{ name: 'INVOICES_SECRET', app: 'dependabot' as const, value: 'canary-of-dependabot' }],
        }
      : repository,
  ),
};

const DELETE = {
  mode: 'delete',
  'write-to': 'environment production',
  'client-id-variable': 'VANTAGE_CLIENT_ID',
} as const;

const open = ({ vantage, github, ...options }: WorldOptions = {}) =>
  World.open({
    vantage: { clients: CLIENTS, ...vantage },
    github: { seed: HOLDING, ...github },
    ...options,
  });

/** The places with secrets and variables in these tests, by their lines of `write-to`. */
const SCOPES: Readonly<Record<string, SecretScope>> = {
  [PRODUCTION]: { ...OWN, environment: 'production' },
  'actions repository octo-org/octo-repo': { ...OWN },
  'dependabot repository octo-org/octo-repo': { ...OWN, app: 'dependabot' },
  'actions organization octo-org': { org: 'octo-org' },
};

/** Everything in these places, by the line of `write-to` and the name. */
function held({ github }: World, names: readonly string[]): Record<string, string> {
  const items = Object.entries(SCOPES).flatMap(([line, scope]) =>
    names.flatMap(name => [
      [`${line} as ${name}`, github.secret(scope, name)?.value],
      [`variable ${name} of ${line}`, 'app' in scope ? undefined : github.variable(scope, name)?.value],
    ]),
  );
  return Object.fromEntries(items.filter(([, value]) => value !== undefined));
}

/** What a step reports, in short. */
function tale(step: Step): {
  code: string | undefined;
  client: Result['outcome'] | undefined;
  deletedFromGitHub: readonly string[];
} {
  const [result] = step.results;
  return {
    code: step.outputs['error-code'],
    client: result?.outcome,
    deletedFromGitHub: result?.cleared ?? [],
  };
}

describe('a client that exists', () => {
  test('is deleted with its secrets and what GitHub stores of it', async () => {
    await using world = await open();
    const step = await world.step(DELETE);
    expect(tale(step)).toEqual({ code: '', client: 'deleted', deletedFromGitHub: BOTH });
    expect(world.clientIds()).toEqual(['invoices-2']);
    expect(held(world, [...NAMES, 'OTHER'])).toEqual({
      [`${PRODUCTION} as OTHER`]: '',
      [`variable OTHER of ${PRODUCTION}`]: 'stays',
      'dependabot repository octo-org/octo-repo as INVOICES_SECRET': 'canary-of-dependabot',
    });
    expect(step.outputs).toMatchObject({ 'client-id': 'invoices', 'client-deleted': 'true', changed: 'true' });
    expect(JSON.parse(step.outputs.plan ?? '')).toEqual(PLAN);
    const { title, tables } = readSummary(step.summary);
    expect(title).toBe('✅ invoices: client deleted with all its secrets, 2 secrets and variables deleted on GitHub');
    expect(tables[0]?.rows).toEqual([
      ['environment production of octo-org/octo-repo', 'secret VANTAGE_CLIENT_SECRET', 'deleted'],
      ['environment production of octo-org/octo-repo', 'variable VANTAGE_CLIENT_ID', 'deleted'],
    ]);
    expect(warningsOf(step)).toEqual([]);
  });

  test('is deleted last, after GitHub’s items, so that nothing in GitHub stops working', async () => {
    await using world = await open();
    const step = await world.step(DELETE);
    const last = Math.max(...step.github.map(({ receivedAt }) => receivedAt));
    const [deletion] = step.vantage.filter(({ route }) => route === 'deleteClient');
    expect(deletion?.receivedAt).toBeGreaterThanOrEqual(last);
    expect(writesOf(step)).toHaveLength(3);
  });

  test('is deleted alone if the step names no target, and needs no GitHub token', async () => {
    await using world = await open();
    const step = await world.step({ mode: 'delete', 'github-token': '' });
    expect(tale(step)).toEqual({ code: '', client: 'deleted', deletedFromGitHub: [] });
    expect(step.github).toEqual([]);
    expect(Object.keys(held(world, NAMES))).toHaveLength(3);
  });

  test('is deleted once: a second run has nothing to do, and changes nothing', async () => {
    await using world = await open();
    await world.step(DELETE);
    const again = await world.step(DELETE);
    expect(tale(again)).toEqual({ code: '', client: 'absent', deletedFromGitHub: [] });
    expect(writesOf(again)).toEqual([]);
    expect(again.outputs).toMatchObject({
      'client-deleted': 'false',
      changed: 'false',
      plan: '{"schemaVersion":1,"mode":"delete","clientId":"invoices","client":"gone"}',
    });
    expect(again.log).toContain('Client "invoices" does not exist.');
  });

  test('and what GitHub stores of it are kept in a dry run, which reports what it would delete', async () => {
    await using world = await open();
    const step = await world.step({ ...DELETE, 'dry-run': 'true' });
    expect(tale(step)).toEqual({ code: '', client: 'kept', deletedFromGitHub: [] });
    expect(writesOf(step)).toEqual([]);
    expect(JSON.parse(step.outputs.plan ?? '')).toEqual(PLAN);
    const { title, diffs } = readSummary(step.summary);
    expect(title).toBe('📝 Plan for invoices: delete the client, delete 2 secrets and variables on GitHub');
    expect(diffs).toEqual([
      [
        '- secret    VANTAGE_CLIENT_SECRET of environment octo-org/octo-repo production',
        '- variable  VANTAGE_CLIENT_ID of environment octo-org/octo-repo production',
        '- client    invoices · with all its secrets',
      ],
    ]);
    for (const line of diffs.flat()) expect(step.log).toContain(line);
    expect(world.clientIds()).toHaveLength(2);
  });

  test('whose ID is full of special characters is deleted, and no other client', async () => {
    const odd = "!#$&'()*+,-./:;=?@[]_~%2F";
    await using world = await open({ vantage: { clients: [{ clientId: odd }, { clientId: 'a' }] } });
    expect(tale(await world.step({ mode: 'delete', 'client-id': odd })).client).toBe('deleted');
    expect(world.clientIds()).toEqual(['a']);
  });
});

test('the client that the access token belongs to is not deleted, and nothing is sent', async () => {
  await using world = await open();
  const { clientId } = world.vantage.administrator;
  const step = await world.step({
    mode: 'delete',
    'client-id': clientId,
    'access-token': await world.vantage.issueAccessToken(),
    'auth-client-id': '',
    'auth-client-secret': '',
  });
  expect(step.outputs['error-code']).toBe('invalid-input');
  expect(errorOf(step)).toContain('the step signs in with this client, so it cannot delete it');
  expect(step.vantage).toEqual([]);
  expect(world.vantage.client(clientId)).toBeDefined();
});

test('what belongs to another client is kept, and the summary and the results say so', async () => {
  const repositories = (HOLDING.repositories ?? []).map(one =>
    one.repo === 'octo-repo'
      ? {
          ...one,
          environments: [
            {
              name: 'production',
              secrets: [{ name: 'VANTAGE_CLIENT_SECRET', value: 'canary-of-pr-8' }],
              variables: [{ name: 'VANTAGE_CLIENT_ID', value: 'invoices-pr-8' }],
            },
          ],
        }
      : one,
  );
  await using world = await open({ github: { seed: { ...HOLDING, repositories } } });
  const before = held(world, NAMES);
  const step = await world.step(DELETE);
  expect(tale(step)).toEqual({ code: '', client: 'deleted', deletedFromGitHub: [] });
  expect(held(world, NAMES)).toEqual(before);
  const why = 'variable VANTAGE_CLIENT_ID there names client "invoices-pr-8"';
  expect(step.results).toEqual([expect.objectContaining({ kept: BOTH.map(line => ({ line, why })) })]);
  const { title, tables } = readSummary(step.summary);
  expect(title).toBe('⚠️ invoices: client deleted with all its secrets, 2 kept on GitHub');
  expect(tables[0]?.rows[0]).toEqual([
    'environment production of octo-org/octo-repo',
    'secret VANTAGE_CLIENT_SECRET',
    `⚠️ kept: ${why}`,
  ]);
  expect(warningsOf(step)).toEqual([
    expect.stringContaining(`variable VANTAGE_CLIENT_ID in environment "production" of octo-org/octo-repo (${why})`),
  ]);
});

test('inputs that a deletion does not use are not read, and those that it uses are', async () => {
  await using world = await open();
  const useless = {
    'allowed-grant-types': 'nonsense',
    'secret-expiration': 'tomorrow',
    'if-exists': 'perhaps',
    rotate: 'never ever',
    'output-secret': 'maybe',
    'create-environments': 'maybe',
    'revoke-at-job-end': 'maybe',
    'client-id-pattern': 'no number',
    'max-deletes': 'all',
    concurrency: 'none',
    'fail-on': 'everything',
  };
  expect(tale(await world.step({ ...DELETE, ...useless }))).toEqual({
    code: '',
    client: 'deleted',
    deletedFromGitHub: BOTH,
  });
});

/** A state or a fault of Vantage. */
interface VantageCase {
  readonly vantage?: VantageOptions;
  readonly faults?: readonly Fault[];
  readonly inputs?: Readonly<Record<string, string>>;
  /** Default: everything succeeds. */
  readonly code?: string;
  readonly client: Result['outcome'];
  /** Default: everything. */
  readonly deletedFromGitHub?: readonly string[];
  readonly says?: readonly string[];
  /** Whether the client exists afterwards. Default: as `client` says. */
  readonly remains?: boolean;
}

const on = (route: 'readClient' | 'listClients' | 'deleteClient', mishap: Mishap, times?: number): Fault => ({
  on: route,
  mishap,
  ...(times === undefined ? {} : { times }),
});
const absent = (status: number): Fault => on('readClient', { kind: 'answer', status });
const refused = (status: number, times?: number): Fault => on('deleteClient', { kind: 'answer', status }, times);

const VANTAGE_CASES: Readonly<Record<string, VantageCase>> = {
  ...Object.fromEntries(
    ([404, 405, 501, 'spa'] as const).map(how => [
      `that offers neither reads nor deletions, and answers ${how}`,
      { vantage: { tier: 0, absent: how }, code: 'unsupported', client: 'unknown', says: [BY_HAND], remains: true },
    ]),
  ),
  'that has no such client': { vantage: { clients: [] }, client: 'absent' },
  'that lists the client, but has no read of a single client': { faults: [absent(404)], client: 'deleted' },
  'that lists only IDs and names': {
    vantage: { shape: { listedClients: 'summary' } },
    faults: [absent(404)],
    client: 'deleted',
  },
  'that answers a read with a web page': { faults: [on('readClient', { kind: 'html' })], client: 'deleted' },
  'that answers a read with another client': {
    faults: [on('readClient', { kind: 'wrong-shape', body: { clientId: 'invoices-2' } })],
    client: 'deleted',
  },
  'that lists the client, but forbids the read of a single client': { faults: [absent(403)], client: 'deleted' },
  'that forbids both': {
    faults: [absent(403), on('listClients', { kind: 'answer', status: 403 })],
    code: 'forbidden',
    client: 'unknown',
    says: ['the role Tenant Administrator'],
    remains: true,
  },
  'whose list of clients ends before the client': {
    vantage: { shape: { list: 'array', paging: 'ignored', pageSize: 2 }, clients: CLIENTS.toReversed() },
    faults: [{ on: { method: 'GET', path: /\/invoices\/$/u }, mishap: { kind: 'answer', status: 404 } }],
    client: 'deleted',
  },
  'that refuses the token': {
    inputs: { 'auth-client-id': '', 'auth-client-secret': '', 'access-token': 'canary-that-no-Vantage-knows' },
    code: 'authentication-failed',
    client: 'unknown',
    deletedFromGitHub: [],
    remains: true,
  },
  'that refuses the credentials': {
    inputs: { 'auth-client-secret': 'canary-of-a-wrong-secret' },
    code: 'authentication-failed',
    client: 'unknown',
    deletedFromGitHub: [],
    remains: true,
  },
  'whose list keeps changing': {
    faults: [
      absent(404),
      on('listClients', { kind: 'wrong-shape', body: { items: [{ clientId: 'one' }], totalItemCount: 3 } }),
    ],
    code: 'unexpected-response',
    client: 'unknown',
    says: ['Run the step again when nobody else changes the clients'],
    remains: true,
  },
  'whose list contains a malformed item': {
    faults: [absent(404), on('listClients', { kind: 'wrong-shape', body: [{ clientId: 'one' }, null] })],
    code: 'unsupported',
    client: 'unknown',
    remains: true,
  },
  'that is unavailable for the read': {
    faults: [on('readClient', { kind: 'answer', status: 503 })],
    inputs: { timeout: '2s' },
    code: 'vantage-unavailable',
    client: 'unknown',
    deletedFromGitHub: [],
    remains: true,
  },
  ...Object.fromEntries(
    [404, 405, 501].map(status => [
      `that offers no deletion, and answers ${status}`,
      {
        faults: [refused(status)],
        code: 'unsupported',
        client: 'kept',
        says: ['deleting client "invoices"', BY_HAND],
      },
    ]),
  ),
  'that forbids the deletion': { faults: [refused(403)], code: 'forbidden', client: 'kept' },
  'whose token expires before the deletion': { faults: [refused(401)], code: 'authentication-failed', client: 'kept' },
  'that reports a conflict': { faults: [refused(409)], code: 'conflict', client: 'kept' },
  'that fails once': { faults: [refused(500, 1)], client: 'deleted' },
  'that fails every time': {
    faults: [refused(500)],
    inputs: { timeout: '2s' },
    code: 'vantage-unavailable',
    client: 'unknown',
    says: [DOUBT],
    remains: true,
  },
  'that resets the connection before it deletes': {
    faults: [on('deleteClient', { kind: 'reset' }, 1)],
    client: 'deleted',
  },
  'that resets it after the deletion': {
    faults: [on('deleteClient', { kind: 'reset', apply: true }, 1)],
    client: 'deleted',
  },
  'that resets it after the deletion, every time': {
    faults: [on('deleteClient', { kind: 'reset', apply: true })],
    inputs: { timeout: '2s' },
    code: 'vantage-unavailable',
    client: 'unknown',
    says: [DOUBT],
    remains: false,
  },
  'that resets it after the deletion, and is unavailable from then on': {
    faults: [
      on('deleteClient', { kind: 'reset', apply: true }, 1),
      { on: 'readClient', skip: 1, mishap: { kind: 'answer', status: 503 } },
    ],
    inputs: { timeout: '3s' },
    client: 'unknown',
    code: 'unsupported',
    says: [DOUBT],
    remains: false,
  },
  'behind a gateway that fails once, without a deletion': {
    faults: [refused(503, 1), refused(404)],
    code: 'unsupported',
    client: 'unknown',
    says: [DOUBT, BY_HAND],
    remains: true,
  },
  'that stalls once before it deletes': {
    faults: [on('deleteClient', { kind: 'stall' }, 1)],
    inputs: { 'request-timeout': 'PT0.3S' },
    client: 'deleted',
  },
  'that stalls once after the deletion': {
    faults: [on('deleteClient', { kind: 'stall', apply: true }, 1)],
    inputs: { 'request-timeout': 'PT0.3S' },
    client: 'deleted',
  },
  'that stalls until the timeout': {
    faults: [on('deleteClient', { kind: 'stall' })],
    inputs: { timeout: '1s' },
    code: 'timeout',
    client: 'unknown',
    says: [DOUBT],
    remains: true,
  },
  'that asks to wait a second': {
    faults: [on('deleteClient', { kind: 'throttle', retryAfter: 1 }, 1)],
    client: 'deleted',
  },
  'that asks to wait an hour': {
    faults: [on('deleteClient', { kind: 'throttle', retryAfter: 3600 })],
    code: 'rate-limited',
    client: 'kept',
  },
  'that answers a deletion with a web page': {
    faults: [on('deleteClient', { kind: 'html' })],
    code: 'unexpected-response',
    client: 'unknown',
    says: [DOUBT],
    remains: true,
  },
  'that redirects a deletion': {
    faults: [on('deleteClient', { kind: 'redirect', location: 'https://elsewhere.example/' })],
    code: 'unexpected-response',
    client: 'kept',
  },
  'that answers 200': { vantage: { shape: { deleted: 200 } }, client: 'deleted' },
  'that answers 202': { faults: [on('deleteClient', { kind: 'empty', status: 202 })], client: 'deleted' },
};

describe('a Vantage', () => {
  test.each(Object.entries(VANTAGE_CASES))('%s', async (_, { vantage, faults = [], inputs, ...expected }) => {
    await using world = await open(vantage ? { vantage } : {});
    for (const fault of faults) {
      world.vantage.faults.add(fault);
    }
    const step = await world.step({ ...DELETE, ...inputs });
    const { code = '', client, deletedFromGitHub = BOTH, says = [], remains = client === 'kept' } = expected;
    expect(tale(step)).toEqual({ code, client, deletedFromGitHub });
    expect(world.clientIds().includes('invoices')).toBe(remains);
    expect(Object.keys(held(world, NAMES.slice(0, 2)))).toHaveLength(deletedFromGitHub.length === 0 ? 2 : 0);
    for (const text of says) {
      expect(errorOf(step)).toContain(text);
    }
    if (!says.includes(DOUBT)) {
      expect(errorOf(step)).not.toContain(DOUBT);
    }
  });

  test('whose client disappears between the read and the deletion', async () => {
    const world: World = await open({
      vantage: {
        watch: async (moment, { route }) => {
          if (moment === 'head' && route === 'readClient' && world.vantage.client('invoices')) {
            world.vantage.removeClient('invoices');
          }
        },
      },
    });
    await using _ = world;
    const step = await world.step(DELETE);
    expect(tale(step)).toEqual({ code: '', client: 'absent', deletedFromGitHub: BOTH });
    expect(step.vantage.map(({ route }) => route)).toContain('deleteClient');
    expect(deletedClients(step)).toEqual([]);
    expect(step.outputs['client-deleted']).toBe('false');
  });
});

const DEPENDABOT = 'dependabot repository as INVOICES_SECRET';
const CLEARED_DEPENDABOT = 'dependabot repository octo-org/octo-repo as INVOICES_SECRET';
const READ_ONLY = { actions: 'read', environments: 'read', dependabot_secrets: 'write' } as const;

interface GitHubCase {
  readonly world?: Omit<WorldOptions, 'vantage'>;
  readonly faults?: readonly Parameters<World['github']['faults']['add']>[0][];
  readonly inputs?: Readonly<Record<string, string>>;
  readonly code?: string;
  /** Default: `deleted` if everything succeeds, else `kept`. */
  readonly client?: Result['outcome'];
  readonly deletedFromGitHub: readonly string[];
  readonly says?: readonly string[];
}

const without = (kind: 'secrets' | 'variables'): Omit<WorldOptions, 'vantage'> => ({
  github: {
    seed: {
      ...HOLDING,
      repositories: (HOLDING.repositories ?? []).map(repository => ({
        ...repository,
        environments: (repository.environments ?? []).map(environment =>
          typeof environment === 'string' ? environment : { ...environment, [kind]: [] },
        ),
      })),
    },
  },
});

const GITHUB_CASES: Readonly<Record<string, GitHubCase>> = {
  'that stores only the variable': { world: without('secrets'), deletedFromGitHub: [VARIABLE] },
  'that stores only the secret': { world: without('variables'), deletedFromGitHub: [SECRET] },
  'that stores nothing': { world: { github: { seed: SEED } }, deletedFromGitHub: [] },
  'without the environment': {
    inputs: { 'write-to': `environment pr-7\n${DEPENDABOT}` },
    deletedFromGitHub: [CLEARED_DEPENDABOT],
  },
  'with several targets in one place, whose variable is deleted once': {
    inputs: { 'write-to': `environment production\nenvironment octo-org/octo-repo production as OTHER\n${DEPENDABOT}` },
    deletedFromGitHub: [SECRET, 'environment octo-org/octo-repo production as OTHER', CLEARED_DEPENDABOT, VARIABLE],
  },
  'that stores nothing in an organization': {
    inputs: { 'write-to': 'organization octo-org selected' },
    deletedFromGitHub: [],
  },
  'without the organization': {
    inputs: { 'write-to': 'environment production\norganization nobody' },
    code: 'github-permission',
    deletedFromGitHub: [],
    says: ['actions secrets in organization nobody'],
  },
  'whose repository the token cannot see': {
    inputs: { 'write-to': 'environment production\nenvironment nobody/nothing production' },
    code: 'github-permission',
    deletedFromGitHub: [],
    says: ['nobody/nothing'],
  },
  'whose token has no read access': {
    world: { token: { kind: 'fine-grained', permissions: { actions: 'read' } } },
    code: 'github-permission',
    deletedFromGitHub: [],
    says: ['Environments: write on octo-org/octo-repo'],
  },
  "whose token is the workflow's own": {
    world: { token: { kind: 'workflow', permissions: { actions: 'read' } } },
    code: 'github-permission',
    deletedFromGitHub: [],
    says: ['that token can never write secrets'],
  },
  'whose token is revoked': {
    inputs: { 'github-token': 'ghp_canaryOfATokenThatNobodyIssued000000' },
    code: 'github-permission',
    deletedFromGitHub: [],
    says: ['The token is not valid'],
  },
  'whose token can read but not delete': {
    world: { token: { kind: 'fine-grained', permissions: READ_ONLY } },
    code: 'github-permission',
    deletedFromGitHub: [],
    says: ['Environments: write'],
  },
  'whose token can delete one of two': {
    world: { token: { kind: 'fine-grained', permissions: READ_ONLY } },
    inputs: { 'write-to': `environment production\n${DEPENDABOT}` },
    code: 'github-permission',
    deletedFromGitHub: [CLEARED_DEPENDABOT],
    says: ['Environments: write'],
  },
  'that refuses to delete the variable': {
    faults: [{ on: 'deleteVariable', mishap: { kind: 'answer', status: 403, body: { message: 'No.' } } }],
    code: 'github-permission',
    deletedFromGitHub: [SECRET],
    says: ['deleting variable VANTAGE_CLIENT_ID'],
  },
  'that is unavailable': {
    faults: [{ on: 'readSecret', mishap: { kind: 'answer', status: 502 } }],
    inputs: { timeout: '2s' },
    code: 'github-unavailable',
    deletedFromGitHub: [],
  },
  'that fails once': {
    faults: [{ on: { method: 'DELETE' }, times: 1, mishap: { kind: 'answer', status: 500 } }],
    deletedFromGitHub: BOTH,
  },
  'that fails every time': {
    faults: [{ on: 'deleteSecret', mishap: { kind: 'answer', status: 500 } }],
    inputs: { timeout: '2s' },
    code: 'github-unavailable',
    deletedFromGitHub: [],
    says: [DOUBT],
  },
  'whose response is lost once': {
    faults: [{ on: { method: 'DELETE' }, times: 1, mishap: { kind: 'reset', apply: true } }],
    deletedFromGitHub: BOTH,
  },
  'whose responses are all lost': {
    faults: [{ on: 'deleteVariable', mishap: { kind: 'reset', apply: true } }],
    inputs: { timeout: '2s' },
    code: 'github-unavailable',
    deletedFromGitHub: [SECRET],
    says: [DOUBT],
  },
  'that asks to wait a second': {
    faults: [{ on: 'deleteSecret', times: 1, mishap: secondaryRateLimit(1) }],
    deletedFromGitHub: BOTH,
  },
  'that asks to wait an hour': {
    faults: [{ on: 'deleteSecret', mishap: primaryRateLimit(Date.now() + 3_600_000) }],
    inputs: { 'write-to': `environment production\n${DEPENDABOT}` },
    code: 'rate-limited',
    deletedFromGitHub: [],
    says: ['was not sent'],
  },
  'that answers with a web page': {
    faults: [{ on: 'deleteSecret', mishap: { kind: 'html' } }],
    code: 'unexpected-response',
    deletedFromGitHub: [],
    says: [DOUBT],
  },
};

describe('a GitHub', () => {
  test.each(Object.entries(GITHUB_CASES))('%s', async (_, { world: options, faults = [], inputs, ...expected }) => {
    await using world = await open(options);
    for (const fault of faults) {
      world.github.faults.add(fault);
    }
    const step = await world.step({ ...DELETE, ...inputs });
    const { code = '', client = code === '' ? 'deleted' : 'kept', deletedFromGitHub, says = [] } = expected;
    expect(tale(step)).toMatchObject({ code, deletedFromGitHub });
    // If a request to GitHub failed, requests to Vantage may have been cancelled.
    expect(client === 'kept' ? ['kept', 'unknown'] : [client]).toContain(step.results[0]?.outcome);
    expect(world.clientIds().includes('invoices')).toBe(client !== 'deleted');
    for (const text of says) {
      expect(errorOf(step)).toContain(text);
    }
  });

  test('whose secret disappears between the check and its deletion', async () => {
    const world: World = await open({
      github: {
        watch: async (moment, { route, path, headers }) => {
          if (moment === 'head' && route === 'readSecret') {
            await fetch(new URL(path, world.github.apiUrl), {
              method: 'DELETE',
              headers: { authorization: String(headers.authorization), 'user-agent': 'somebody else' },
            });
          }
        },
      },
    });
    await using _ = world;
    const step = await world.step({ ...DELETE, 'client-id-variable': '' });
    const deletions = step.github.filter(({ route }) => route === 'deleteSecret').map(({ status }) => status);
    expect(deletions).toEqual([404]);
    expect(step.outputs).toMatchObject({ 'error-code': '', 'client-deleted': 'true' });
    expect(step.results[0]?.cleared).toEqual([]);
  });

  test.each(['deleteSecret', 'deleteVariable'] as const)(
    'that stalls at %s while the run is cancelled',
    async route => {
      await using world = await open();
      world.github.faults.add({ on: route, mishap: { kind: 'stall', apply: true } });
      const step = await world.step(DELETE, {
        onStart: child => void world.arrival(route).then(() => cancel(child)),
      });
      expect(tale(step)).toEqual({
        code: 'cancelled',
        client: 'kept',
        deletedFromGitHub: route === 'deleteSecret' ? [] : [SECRET],
      });
      expect(errorOf(step)).toContain(DOUBT);
      expect(world.clientIds()).toContain('invoices');
      world.github.faults.clear();
      expect(tale(await world.step(DELETE))).toMatchObject({ code: '', client: 'deleted' });
      expect(held(world, NAMES.slice(0, 2))).toEqual({});
    },
  );
});
