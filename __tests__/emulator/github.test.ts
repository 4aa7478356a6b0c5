import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { get } from 'node:https';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import sodium from 'libsodium-wrappers';
import { generate } from 'selfsigned';
import { openContract } from '../../emulator/github/contract.ts';
import type {
  GitHub,
  GitHubOptions,
  Permissions,
  RouteFault,
  SecretScope,
  Seed,
  TokenKind,
} from '../../emulator/github/index.ts';
import { primaryRateLimit, secondaryRateLimit, startGitHub } from '../../emulator/github/index.ts';
import { findRoute } from '../../emulator/github/routes.ts';
import { stopClocks } from '../support/stopped-clock.ts';

const MINUTE = 60_000;
const APPS = ['actions', 'agents', 'codespaces', 'dependabot'] as const;

/** Every permission that a fine-grained token or an App can have here. */
const ALL: Permissions = {
  actions: 'write',
  actions_variables: 'write',
  administration: 'write',
  agent_secrets: 'write',
  codespaces_secrets: 'write',
  contents: 'write',
  dependabot_secrets: 'write',
  environments: 'write',
  organization_actions_variables: 'write',
  organization_agent_secrets: 'write',
  organization_codespaces_secrets: 'write',
  organization_dependabot_secrets: 'write',
  organization_secrets: 'write',
  pull_requests: 'write',
  secrets: 'write',
};

const SEED: Seed = {
  repositories: [
    {
      owner: 'Acme',
      repo: 'invoices',
      id: 1001,
      environments: ['production', 'eu/staging'],
      pullRequests: [{ number: 7, state: 'closed', merged: true }],
    },
    { owner: 'acme', repo: 'website', id: 1002, private: false, environments: ['production'] },
    { owner: 'globex', repo: 'payroll', id: 2001 },
  ],
  organizations: [{ login: 'acme' }],
};

/** Every place of the seed that holds secrets, with its path. */
const SCOPES: [string, SecretScope][] = [
  ...APPS.map((app): [string, SecretScope] => [
    `/repos/acme/invoices/${app}`,
    { owner: 'acme', repo: 'invoices', app },
  ]),
  ...APPS.map((app): [string, SecretScope] => [`/orgs/acme/${app}`, { org: 'acme', app }]),
  ['/repos/acme/invoices/environments/production', { owner: 'acme', repo: 'invoices', environment: 'production' }],
];

/** Those of them that hold variables. */
const VARIABLE_SCOPES = SCOPES.filter(([at]) => /actions|environments/.test(at));

const INVOICES: SecretScope = { owner: 'acme', repo: 'invoices' };
const SECRETS = '/repos/acme/invoices/actions/secrets';
const VARIABLES = '/repos/acme/invoices/actions/variables';
const ENVIRONMENTS = '/repos/acme/invoices/environments';
const ORGANIZATION = '/orgs/acme/actions/secrets';

let running: GitHub[] = [];

async function githubWith(options: GitHubOptions = {}, ...faults: RouteFault[]): Promise<GitHub> {
  const github = await startGitHub({ seed: SEED, ...options });
  running.push(github);
  for (const fault of faults) github.faults.add(fault);
  return github;
}

beforeAll(() => sodium.ready);
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(running.map(github => github.close()));
  running = [];
});

interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // Each test knows the shape of the responses that it reads.
  json: Record<string, unknown>;
}

interface Call {
  /** '' sends no token. Default: a token with all permissions. */
  token?: string;
  headers?: Record<string, string>;
}

async function call(github: GitHub, method: string, at: string, body?: unknown, options: Call = {}): Promise<Reply> {
  const token = options.token ?? github.issueToken({ kind: 'fine-grained', permissions: ALL });
  const response = await fetch(`${github.apiUrl}${at}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token !== '' && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, json };
}

/** A body with a value, encrypted with the current key of a place. */
async function sealed(github: GitHub, secrets: string, value: string): Promise<Record<string, string>> {
  const { json } = await call(github, 'GET', `${secrets}/public-key`);
  return { encrypted_value: seal(value, String(json.key)), key_id: String(json.key_id) };
}

function seal(value: string, key: string): string {
  return Buffer.from(sodium.crypto_box_seal(value, Buffer.from(key, 'base64'))).toString('base64');
}

/** Writes a secret, and returns the response. */
async function put(github: GitHub, secrets: string, name: string, value: string, more: object = {}): Promise<Reply> {
  return call(github, 'PUT', `${secrets}/${name}`, { ...(await sealed(github, secrets, value)), ...more });
}

/** What a refusal must look like. */
function refusal(status: number, message: string | RegExp): object {
  const json = {
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    documentation_url: expect.stringMatching(/^https:\/\/docs\.github\.com\/rest/),
    status: String(status),
  };
  return { status, json };
}

function violations(github: GitHub): (string | undefined)[] {
  return github.requests.map(({ contractViolation }) => contractViolation).filter(violation => violation !== undefined);
}

describe('secrets', () => {
  test.each(SCOPES)('%s: has its own key, and a secret is created, updated, read and deleted', async (at, scope) => {
    stopClocks('2026-03-01T00:00:00Z');
    const github = await githubWith();
    const secrets = `${at}/secrets`;
    const more = 'org' in scope ? { visibility: 'private' } : {};

    expect(await call(github, 'GET', `${secrets}/token`)).toMatchObject(refusal(404, 'Not Found'));
    expect(await put(github, secrets, 'Token', 'first', more)).toMatchObject({ status: 201, text: '{}' });
    expect(github.secret(scope, 'TOKEN')).toMatchObject({ value: 'first', updatedAt: '2026-03-01T00:00:00Z' });
    expect(github.requests.at(-1)).toMatchObject({ route: 'writeSecret', status: 201, applied: true });

    github.clock.set(Date.parse('2026-04-01T00:00:00Z'));
    expect(await put(github, secrets, 'TOKEN', 'zweite ✓', more)).toMatchObject({ status: 204, text: '' });
    expect(github.secret(scope, 'token')?.value).toBe('zweite ✓');
    const { status, json } = await call(github, 'GET', `${secrets}/tOkEn`);
    expect({ status, json }).toEqual({
      status: 200,
      json: { name: 'TOKEN', created_at: '2026-03-01T00:00:00Z', updated_at: '2026-04-01T00:00:00Z', ...more },
    });

    expect(await call(github, 'DELETE', `${secrets}/TOKEN`)).toMatchObject({ status: 204, text: '' });
    expect(await call(github, 'DELETE', `${secrets}/TOKEN`)).toMatchObject(refusal(404, 'Not Found'));
    expect(github.secret(scope, 'TOKEN')).toBeUndefined();
    expect(violations(github)).toEqual([]);
  });

  test('no two places share a key, and no secret is in two of them', async () => {
    const github = await githubWith();
    const keys = await Promise.all(
      SCOPES.map(async ([at]) => (await call(github, 'GET', `${at}/secrets/public-key`)).json),
    );
    expect(new Set(keys.map(({ key }) => key)).size).toBe(SCOPES.length);
    expect(new Set(keys.map(({ key_id }) => key_id)).size).toBe(SCOPES.length);
    for (const { key, key_id } of keys) {
      expect(Buffer.from(String(key), 'base64')).toHaveLength(32);
      expect(key_id).toMatch(/^\d{18}$/);
    }
    await put(github, SECRETS, 'TOKEN', 'value');
    expect(SCOPES.filter(([, scope]) => github.secret(scope, 'TOKEN'))).toHaveLength(1);
  });

  test('names of owners, repositories, organizations and environments are case-insensitive', async () => {
    const github = await githubWith();
    expect((await put(github, '/repos/ACME/Invoices/environments/PRODUCTION/secrets', 'A', 'x')).status).toBe(201);
    expect(github.secret({ owner: 'acme', repo: 'invoices', environment: 'production' }, 'a')?.value).toBe('x');
    expect((await put(github, '/orgs/ACME/actions/secrets', 'A', 'y', { visibility: 'all' })).status).toBe(201);
    expect(github.secret({ org: 'acme' }, 'A')?.value).toBe('y');
  });

  test('an environment whose name has a slash', async () => {
    const github = await githubWith();
    expect((await put(github, `${ENVIRONMENTS}/eu%2Fstaging/secrets`, 'A', 'x')).status).toBe(201);
    expect(github.secret({ owner: 'acme', repo: 'invoices', environment: 'eu/staging' }, 'A')?.value).toBe('x');
    expect(await call(github, 'GET', `${ENVIRONMENTS}/eu/staging/secrets/public-key`)).toMatchObject(
      refusal(404, 'Not Found'),
    );
  });

  test.each([
    '/repos/acme/nothing/actions',
    '/orgs/nobody/actions',
    `${ENVIRONMENTS}/nowhere`,
    '/repos/nobody/invoices/actions',
  ])('nothing exists at %s', async at => {
    const github = await githubWith();
    expect(await call(github, 'GET', `${at}/secrets/public-key`)).toMatchObject(refusal(404, 'Not Found'));
    const body = { key_id: '1', encrypted_value: 'AAAA', visibility: 'all' };
    expect(await call(github, 'PUT', `${at}/secrets/A`, body)).toMatchObject(refusal(404, 'Not Found'));
  });

  test('a value that was encrypted with another key is refused, whichever of its two parts is wrong', async () => {
    const github = await githubWith();
    const [own, other] = [
      await sealed(github, SECRETS, 'x'),
      await sealed(github, `${ENVIRONMENTS}/production/secrets`, 'x'),
    ];
    for (const body of [other, { ...own, key_id: other.key_id }, { ...own, encrypted_value: other.encrypted_value }])
      expect(await call(github, 'PUT', `${SECRETS}/A`, body)).toMatchObject(
        refusal(422, /improperly encrypted secret$/),
      );
    expect(github.secret(INVOICES, 'A')).toBeUndefined();
    expect(github.requests.at(-1)).toMatchObject({ status: 422, applied: false });
    expect(violations(github)).toEqual([]);
  });

  test.each([
    ['plain text', 'aGVsbG8='],
    ['nothing', ''],
    ['random bytes', Buffer.alloc(64, 7).toString('base64')],
  ])('%s is not an encrypted value', async (_what, box) => {
    const github = await githubWith();
    const body = { ...(await sealed(github, SECRETS, 'x')), encrypted_value: box };
    expect((await call(github, 'PUT', `${SECRETS}/A`, body)).status).toBe(422);
  });

  test('after the key changed, the old one is refused, and the secrets are kept', async () => {
    const github = await githubWith();
    await put(github, SECRETS, 'OLD', 'x');
    const old = await sealed(github, SECRETS, 'y');
    github.rotateKey(INVOICES);
    expect(await call(github, 'PUT', `${SECRETS}/NEW`, old)).toMatchObject(refusal(422, /improperly encrypted/));
    expect((await put(github, SECRETS, 'NEW', 'y')).status).toBe(201);
    expect(github.secret(INVOICES, 'OLD')?.value).toBe('x');
  });

  test('48 KB fit, and not a byte more', async () => {
    const github = await githubWith();
    expect((await put(github, SECRETS, 'A', 'é'.repeat(24 * 1024))).status).toBe(201);
    expect(await put(github, SECRETS, 'A', 'x'.repeat(48 * 1024 + 1))).toMatchObject(refusal(422, /48 KB/));
  });

  test.each(['1TOKEN', 'MY-TOKEN', 'MY%20TOKEN', 'T%C3%96KEN', 'GITHUB_TOKEN', 'github_x'])(
    '%s is not a name',
    async name => {
      const github = await githubWith();
      expect(await put(github, SECRETS, name, 'x')).toMatchObject(refusal(422, /^Secret names (can only|must not)/));
    },
  );

  test.each(['_', '_1', 'a', 'MY_GITHUB_TOKEN', 'GITHUB'])('%s is a name', async name => {
    const github = await githubWith();
    expect((await put(github, SECRETS, name, 'x')).status).toBe(201);
  });
});

describe('secrets of an organization', () => {
  const WITH_SECRETS: Seed = {
    ...SEED,
    organizations: [
      {
        login: 'acme',
        secrets: [
          {
            name: 'FEW',
            value: 'old',
            visibility: 'selected',
            repositories: ['acme/website'],
            updatedAt: '2026-01-01T00:00:00Z',
          },
          { app: 'dependabot', name: 'FEW', value: 'old', visibility: 'selected', repositories: ['acme/website'] },
          { name: 'OWN', visibility: 'private' },
        ],
        variables: [{ name: 'FEW', value: 'old', visibility: 'selected', repositories: ['acme/website'] }],
      },
    ],
  };

  test('the seed is stored unchanged', async () => {
    const github = await githubWith({ seed: WITH_SECRETS });
    expect(github.secret({ org: 'acme' }, 'FEW')).toEqual({
      name: 'FEW',
      value: 'old',
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:00:00Z',
      visibility: 'selected',
      repositories: ['acme/website'],
    });
    const { json } = await call(github, 'GET', `${ORGANIZATION}/FEW`);
    const url = `${github.apiUrl}/orgs/acme/actions/secrets/FEW/repositories`;
    expect(json).toMatchObject({ visibility: 'selected', selected_repositories_url: url });
    expect((await call(github, 'GET', `${ORGANIZATION}/OWN`)).json).not.toHaveProperty('selected_repositories_url');
  });

  test.each([
    ['all', { visibility: 'all' }, { visibility: 'all' }],
    ['private', { visibility: 'private' }, { visibility: 'private' }],
    [
      'selected',
      { visibility: 'selected', selected_repository_ids: [1002, 1001] },
      { repositories: ['Acme/invoices', 'acme/website'] },
    ],
    [
      'IDs as strings',
      { visibility: 'selected', selected_repository_ids: ['1001'] },
      { repositories: ['Acme/invoices'] },
    ],
    ['no repository at all', { visibility: 'selected', selected_repository_ids: [] }, { repositories: [] }],
  ])('a new one: %s', async (_what, reach, held) => {
    const github = await githubWith();
    expect((await put(github, ORGANIZATION, 'NEW', 'x', reach)).status).toBe(201);
    expect(github.secret({ org: 'acme' }, 'NEW')).toMatchObject({ value: 'x', ...held });
  });

  test.each([
    ['no visibility', {}, /"visibility" wasn't supplied/, true],
    [
      'an unknown visibility',
      { visibility: 'public' },
      /public is not a member of \["all","private","selected"\]/,
      true,
    ],
    ['selected, and no IDs', { visibility: 'selected' }, /"selected_repository_ids" wasn't supplied/, false],
    ['IDs with another visibility', { visibility: 'all', selected_repository_ids: [1001] }, /only be set when/, false],
    [
      "another owner's repository",
      { visibility: 'selected', selected_repository_ids: [2001] },
      /2001 does not belong/,
      false,
    ],
    ['IDs that are not a list', { visibility: 'selected', selected_repository_ids: 1001 }, /is not an array/, true],
  ])('refused: %s', async (_what, reach, message, isViolation) => {
    const github = await githubWith();
    expect(await put(github, ORGANIZATION, 'NEW', 'x', reach)).toMatchObject(refusal(422, message));
    expect(github.secret({ org: 'acme' }, 'NEW')).toBeUndefined();
    expect(violations(github)).toHaveLength(isViolation ? 1 : 0);
  });

  test('a write that omits the IDs removes the repositories', async () => {
    const github = await githubWith({ seed: WITH_SECRETS });
    expect((await put(github, ORGANIZATION, 'FEW', 'new', { visibility: 'selected' })).status).toBe(204);
    expect(github.secret({ org: 'acme' }, 'FEW')).toMatchObject({
      value: 'new',
      visibility: 'selected',
      repositories: [],
    });
  });

  test('a write that has the IDs keeps the repositories', async () => {
    const github = await githubWith({ seed: WITH_SECRETS });
    const reach = { visibility: 'selected', selected_repository_ids: [1002] };
    expect((await put(github, ORGANIZATION, 'FEW', 'new', reach)).status).toBe(204);
    expect(github.secret({ org: 'acme' }, 'FEW')?.repositories).toEqual(['acme/website']);
  });

  test('Dependabot uses strings as IDs, Codespaces and agents use numbers', async () => {
    const github = await githubWith();
    const reach = (id: unknown) => ({ visibility: 'selected', selected_repository_ids: [id] });
    expect((await put(github, '/orgs/acme/dependabot/secrets', 'A', 'x', reach('1001'))).status).toBe(201);
    expect(await put(github, '/orgs/acme/dependabot/secrets', 'B', 'x', reach(1001))).toMatchObject(
      refusal(422, /1001 is not a string/),
    );
    for (const app of ['codespaces', 'agents']) {
      expect((await put(github, `/orgs/acme/${app}/secrets`, 'A', 'x', reach(1001))).status).toBe(201);
      expect(await put(github, `/orgs/acme/${app}/secrets`, 'B', 'x', reach('1001'))).toMatchObject(
        refusal(422, /is not an integer/),
      );
    }
  });

  test.each([ORGANIZATION, '/orgs/acme/dependabot/secrets', '/orgs/acme/actions/variables'])(
    '%s: repositories are listed, page by page, and replaced',
    async at => {
      const github = await githubWith({ seed: WITH_SECRETS });
      const first = await call(github, 'GET', `${at}/FEW/repositories`);
      expect(first.json).toMatchObject({
        total_count: 1,
        repositories: [{ id: 1002, full_name: 'acme/website', private: false }],
      });
      expect(first.headers.get('link')).toBeNull();

      const ids = { selected_repository_ids: [1001, 1002] };
      expect(await call(github, 'PUT', `${at}/FEW/repositories`, ids)).toMatchObject({ status: 204, text: '' });
      const page = await call(github, 'GET', `${at}/FEW/repositories?per_page=1`);
      expect(page.json).toMatchObject({ total_count: 2, repositories: [{ id: 1001 }] });
      const next = `${github.apiUrl}${at}/FEW/repositories?per_page=1&page=2`;
      expect(page.headers.get('link')).toBe(`<${next}>; rel="next", <${next}>; rel="last"`);
      const second = await call(github, 'GET', `${at}/FEW/repositories?per_page=1&page=2`);
      expect(second.json).toMatchObject({ total_count: 2, repositories: [{ id: 1002 }] });
      expect(violations(github)).toEqual([]);
    },
  );

  test.each([
    [ORGANIZATION, 'secret', { org: 'acme' }],
    ['/orgs/acme/dependabot/secrets', 'secret', { org: 'acme', app: 'dependabot' }],
    ['/orgs/acme/actions/variables', 'variable', { org: 'acme' }],
  ] as const)('%s: one repository is added to others', async (at, kind, scope) => {
    const github = await githubWith({ seed: WITH_SECRETS });
    const { updatedAt } = github[kind](scope, 'FEW') ?? {};
    for (const id of [1001, 1001, 1002]) {
      expect(await call(github, 'PUT', `${at}/FEW/repositories/${id}`)).toMatchObject({ status: 204, text: '' });
    }
    expect(github[kind](scope, 'FEW')).toMatchObject({ repositories: ['Acme/invoices', 'acme/website'], updatedAt });
    expect(violations(github)).toEqual([]);
  });

  test.each(APPS)('%s: one repository is added to an empty list', async app => {
    const github = await githubWith();
    const at = `/orgs/acme/${app}/secrets`;
    expect((await put(github, at, 'A', 'x', { visibility: 'selected', selected_repository_ids: [] })).status).toBe(201);
    expect((await call(github, 'PUT', `${at}/A/repositories/1001`)).status).toBe(204);
    expect(github.secret({ org: 'acme', app }, 'A')?.repositories).toEqual(['Acme/invoices']);
  });

  test.each([
    ['a secret for other repositories than selected ones', 'OWN/repositories/1001', 409, /not set to selected/],
    ['a secret that does not exist', 'NONE/repositories/1001', 404, 'Not Found'],
    ['a repository that does not exist', 'FEW/repositories/7', 404, 'Not Found'],
    ["another owner's repository", 'FEW/repositories/2001', 422, /2001 does not belong/],
    ['an invalid ID', 'FEW/repositories/invoices', 422, /is not an integer/],
  ])('no repository is added: %s', async (_what, at, status, message) => {
    const github = await githubWith({ seed: WITH_SECRETS });
    expect(await call(github, 'PUT', `${ORGANIZATION}/${at}`)).toMatchObject(refusal(status, message));
    expect(github.secret({ org: 'acme' }, 'FEW')?.repositories).toEqual(['acme/website']);
  });

  test('only an item for selected repositories has repositories to replace', async () => {
    const github = await githubWith({ seed: WITH_SECRETS });
    const ids = { selected_repository_ids: [1001] };
    expect(await call(github, 'PUT', `${ORGANIZATION}/OWN/repositories`, ids)).toMatchObject(
      refusal(409, /not set to selected/),
    );
    expect((await call(github, 'PUT', `${ORGANIZATION}/NONE/repositories`, ids)).status).toBe(404);
  });
});

describe('variables', () => {
  test.each(VARIABLE_SCOPES)('%s: is created, updated, read and deleted', async (at, scope) => {
    stopClocks('2026-03-01T00:00:00Z');
    const github = await githubWith();
    const variables = `${at}/variables`;
    const more = 'org' in scope ? { visibility: 'all' } : {};
    expect(await call(github, 'GET', `${variables}/id`)).toMatchObject(refusal(404, 'Not Found'));
    expect(await call(github, 'PATCH', `${variables}/id`, { value: 'x' })).toMatchObject(refusal(404, 'Not Found'));
    const body = { name: 'Id', value: 'first', ...more };
    expect(await call(github, 'POST', variables, body)).toMatchObject({ status: 201, text: '{}' });
    expect(await call(github, 'POST', variables, body)).toMatchObject(
      refusal(409, 'Already exists - Variable already exists'),
    );

    github.clock.advance(MINUTE);
    expect(await call(github, 'PATCH', `${variables}/iD`, { value: 'second' })).toMatchObject({
      status: 204,
      text: '',
    });
    expect((await call(github, 'GET', `${variables}/ID`)).json).toEqual({
      name: 'ID',
      value: 'second',
      created_at: '2026-03-01T00:00:00Z',
      updated_at: '2026-03-01T00:01:00Z',
      ...more,
    });
    expect(github.variable(scope, 'id')).toMatchObject({ value: 'second', ...more });
    expect((await call(github, 'DELETE', `${variables}/ID`)).status).toBe(204);
    expect(github.variable(scope, 'ID')).toBeUndefined();
    expect(violations(github)).toEqual([]);
  });

  test.each([
    ['no value', { name: 'A' }, /"value" wasn't supplied/],
    ['a number', { name: 'A', value: 1 }, /For 'value', 1 is not a string/],
    ['an invalid name', { name: 'A-B', value: '' }, /^Variable names can only/],
    ["GitHub's prefix", { name: 'GITHUB_A', value: '' }, /^Variable names must not/],
    ['more than 48 KB', { name: 'A', value: 'x'.repeat(48 * 1024 + 1) }, /48 KB/],
  ])('refused: %s', async (_what, body, message) => {
    const github = await githubWith();
    expect(await call(github, 'POST', VARIABLES, body)).toMatchObject(refusal(422, message));
  });

  test('a variable of an organization keeps its visibility unless a change names one', async () => {
    const github = await githubWith();
    const at = '/orgs/acme/actions/variables';
    const body = { name: 'A', value: 'x', visibility: 'selected', selected_repository_ids: [1001] };
    expect((await call(github, 'POST', at, body)).status).toBe(201);
    expect((await call(github, 'PATCH', `${at}/A`, { value: 'y' })).status).toBe(204);
    expect(github.variable({ org: 'acme' }, 'A')).toMatchObject({
      value: 'y',
      visibility: 'selected',
      repositories: ['Acme/invoices'],
    });
    expect((await call(github, 'PATCH', `${at}/A`, { visibility: 'private' })).status).toBe(204);
    expect(github.variable({ org: 'acme' }, 'A')).toMatchObject({ value: 'y', visibility: 'private' });
    expect(github.variable({ org: 'acme' }, 'A')).not.toHaveProperty('repositories');
    expect((await call(github, 'GET', `${at}/A/repositories`)).status).toBe(409);
  });

  test('a change can rename a variable, but not to a name that is taken', async () => {
    const github = await githubWith();
    for (const name of ['A', 'B']) await call(github, 'POST', VARIABLES, { name, value: name });
    expect((await call(github, 'PATCH', `${VARIABLES}/A`, { name: 'B' })).status).toBe(409);
    expect((await call(github, 'PATCH', `${VARIABLES}/A`, { name: 'C' })).status).toBe(204);
    expect(github.variable(INVOICES, 'A')).toBeUndefined();
    expect(github.variable(INVOICES, 'C')?.value).toBe('A');
  });
});

describe('what others do without the API', () => {
  test('a variable and a secret are written, and deleted', async () => {
    const github = await githubWith();
    github.put(INVOICES, 'variable', 'by_hand', 'one');
    github.put(INVOICES, 'variable', 'BY_HAND', 'two');
    expect((await call(github, 'GET', `${VARIABLES}/BY_HAND`)).json).toMatchObject({ name: 'BY_HAND', value: 'two' });
    github.put(INVOICES, 'secret', 'by_hand', 'three');
    expect((await call(github, 'GET', `${SECRETS}/BY_HAND`)).status).toBe(200);
    github.remove(INVOICES, 'secret', 'by_hand');
    expect((await call(github, 'GET', `${SECRETS}/BY_HAND`)).status).toBe(404);
    expect(() => github.remove(INVOICES, 'secret', 'by_hand')).toThrow('no secret by_hand');
  });

  test('an environment is created with its rules', async () => {
    const github = await githubWith();
    github.addEnvironment('acme', 'invoices', 'by-hand', { waitTimer: 30 });
    expect((await call(github, 'GET', `${ENVIRONMENTS}/by-hand`)).json).toMatchObject({
      protection_rules: [{ type: 'wait_timer', wait_timer: 30 }],
    });
  });

  test('every response has the time of the server’s clock, also the response of a fault', async () => {
    const clock = Date.UTC(2031, 4, 5, 6, 7, 8);
    const github = await githubWith({ clock }, { times: 1, mishap: { kind: 'html' } });
    for (const at of [VARIABLES, `${VARIABLES}/NONE`]) {
      const { headers } = await call(github, 'GET', at);
      expect(Math.abs(Date.parse(headers.get('date') ?? '') - clock)).toBeLessThan(60_000);
    }
  });
});

describe('environments', () => {
  test('is read and created; created again, it loses its protection rules', async () => {
    const github = await githubWith();
    expect(await call(github, 'GET', `${ENVIRONMENTS}/new`)).toMatchObject(refusal(404, 'Not Found'));
    const rules = {
      wait_timer: 30,
      prevent_self_review: true,
      reviewers: [{ type: 'User', id: 1 }],
      deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
    };
    const made = await call(github, 'PUT', `${ENVIRONMENTS}/new`, rules);
    expect(made).toMatchObject({
      status: 200,
      json: {
        name: 'new',
        protection_rules: [
          { type: 'wait_timer', wait_timer: 30 },
          { type: 'required_reviewers' },
          { type: 'branch_policy' },
        ],
        deployment_branch_policy: rules.deployment_branch_policy,
      },
    });
    expect((await call(github, 'GET', `${ENVIRONMENTS}/NEW`)).json).toEqual(made.json);
    expect(github.environments('acme', 'invoices')).toEqual(['production', 'eu/staging', 'new']);
    expect(github.environment('acme', 'invoices', 'new')?.protectionRules).toEqual({
      waitTimer: 30,
      preventSelfReview: true,
      reviewers: [{ type: 'User', id: 1 }],
      branchPolicy: rules.deployment_branch_policy,
    });

    expect((await call(github, 'PUT', `${ENVIRONMENTS}/new`)).json).toMatchObject({
      id: made.json.id,
      protection_rules: [],
    });
    expect(github.environment('acme', 'invoices', 'new')?.protectionRules).toMatchObject({
      waitTimer: 0,
      reviewers: [],
    });
    expect(github.environments('acme', 'invoices')).toHaveLength(3);
    expect(violations(github)).toEqual([]);
  });

  test('a new one holds secrets at once, and created again, it keeps them', async () => {
    const github = await githubWith();
    await call(github, 'PUT', `${ENVIRONMENTS}/eu%2Fnew`, {});
    expect(github.environments('acme', 'invoices')).toContain('eu/new');
    expect((await put(github, `${ENVIRONMENTS}/eu%2Fnew/secrets`, 'A', 'x')).status).toBe(201);
    await call(github, 'PUT', `${ENVIRONMENTS}/eu%2Fnew`, {});
    expect(github.secret({ owner: 'acme', repo: 'invoices', environment: 'eu/new' }, 'A')?.value).toBe('x');
  });

  test('secrets and variables of the seed exist', async () => {
    const environments = [
      { name: 'production', secrets: [{ name: 'a', value: 'x' }], variables: [{ name: 'B', value: 'y' }] },
    ];
    const repository = {
      owner: 'acme',
      repo: 'invoices',
      environments,
      secrets: [{ app: 'agents' as const, name: 'C', value: 'z' }],
    };
    const github = await githubWith({ seed: { repositories: [repository] } });
    const production = { owner: 'acme', repo: 'invoices', environment: 'production' };
    expect(github.secret(production, 'A')?.value).toBe('x');
    expect(github.variable(production, 'B')?.value).toBe('y');
    expect(github.secret({ owner: 'acme', repo: 'invoices', app: 'agents' }, 'C')?.value).toBe('z');
    expect((await put(github, `${ENVIRONMENTS}/production/secrets`, 'A', 'new')).status).toBe(204);
  });

  test('the rules of the seed exist', async () => {
    const protectionRules = { waitTimer: 5 };
    const repositories = [{ owner: 'acme', repo: 'invoices', environments: [{ name: 'production', protectionRules }] }];
    const github = await githubWith({ seed: { repositories } });
    const { json } = await call(github, 'GET', `${ENVIRONMENTS}/production`);
    expect(json.protection_rules).toMatchObject([{ type: 'wait_timer', wait_timer: 5 }]);
  });

  test.each([
    ['an unknown member', { reviewer: [] }, /"reviewer" is not a permitted key/],
    ['a string for a number', { wait_timer: '5' }, /is not an integer/],
    [
      'a policy that contradicts itself',
      { deployment_branch_policy: { protected_branches: true, custom_branch_policies: true } },
      /cannot be the same/,
    ],
  ])('refused: %s', async (_what, body, message) => {
    const github = await githubWith();
    expect(await call(github, 'PUT', `${ENVIRONMENTS}/new`, body)).toMatchObject(refusal(422, message));
    expect(github.environments('acme', 'invoices')).not.toContain('new');
  });
});

describe('repositories', () => {
  test('a repository and a pull request report what is known of them', async () => {
    const github = await githubWith();
    expect((await call(github, 'GET', '/repos/acme/invoices')).json).toMatchObject({
      id: 1001,
      full_name: 'Acme/invoices',
      private: true,
      owner: { login: 'Acme' },
    });
    const at = '/repos/acme/invoices/pulls';
    expect((await call(github, 'GET', `${at}/7`)).json).toMatchObject({
      ...{ number: 7, state: 'closed', merged: true },
      base: { repo: { id: 1001 } },
    });
    expect((await call(github, 'GET', `${at}/8`)).status).toBe(404);
  });

  test('pull requests are opened, closed, reopened and merged, and a merged one stays closed', async () => {
    const github = await githubWith();
    const desk = github.pullRequests('acme', 'INVOICES');
    const number = desk.open();
    const state = async () => {
      const { json } = await call(github, 'GET', `/repos/acme/invoices/pulls/${number}`);
      return [json.number, json.state, json.merged];
    };
    expect(await state()).toEqual([8, 'open', false]);
    expect(() => desk.reopen(number)).toThrow('Pull request 8 is open, not closed');
    desk.close(number);
    expect(await state()).toEqual([8, 'closed', false]);
    expect(() => desk.merge(number)).toThrow('Pull request 8 is closed, not open');
    desk.reopen(number);
    expect(await state()).toEqual([8, 'open', false]);
    desk.merge(number);
    expect(await state()).toEqual([8, 'closed', true]);
    expect(() => desk.reopen(number)).toThrow('Pull request 8 is merged, not closed');
    expect(desk.open(20)).toBe(20);
    expect(() => desk.open(20)).toThrow('Pull request 20 is there already');
    expect(() => desk.close(21)).toThrow('There is no pull request 21');
    expect(() => github.pullRequests('acme', 'nothing')).toThrow('Not Found');
  });
});

describe('tokens', () => {
  const KEY = `${SECRETS}/public-key`;
  const PUBLIC_KEY = '/repos/acme/website/actions/secrets/public-key';

  /** How GitHub answers the request of a token. */
  async function ask(kind: TokenKind, method: string, at: string, body?: unknown): Promise<Reply> {
    const github = await githubWith();
    return call(github, method, at, body, { token: github.issueToken(kind) });
  }

  test.each([
    ['workflow', { kind: 'workflow' }, /^ghs_\w{36}$/],
    ['app', { kind: 'app', permissions: {} }, /^ghs_\w{36}$/],
    ['classic', { kind: 'classic', scopes: [] }, /^ghp_\w{36}$/],
    ['fine-grained', { kind: 'fine-grained', permissions: {} }, /^github_pat_\w{22}_\w{59}$/],
  ] as [string, TokenKind, RegExp][])('%s: has the form of a real one', async (_what, kind, form) => {
    const github = await githubWith();
    const token = github.issueToken(kind);
    expect(token).toMatch(form);
    expect(github.tokens).toEqual([token]);
  });

  test('none, an invalid one, a revoked one', async () => {
    const github = await githubWith();
    expect(await call(github, 'GET', KEY, undefined, { token: '' })).toMatchObject(
      refusal(401, 'Requires authentication'),
    );
    expect(await call(github, 'GET', '/nothing', undefined, { token: '' })).toMatchObject(refusal(404, 'Not Found'));
    expect(await call(github, 'GET', KEY, undefined, { token: 'ghp_x' })).toMatchObject(
      refusal(401, 'Bad credentials'),
    );
    const token = github.issueToken({ kind: 'classic', scopes: ['repo'] });
    expect((await call(github, 'GET', KEY, undefined, { token })).status).toBe(200);
    github.revokeToken(token);
    expect(await call(github, 'GET', KEY, undefined, { token })).toMatchObject(refusal(401, 'Bad credentials'));
  });

  test('`token` works as well as `Bearer`', async () => {
    const github = await githubWith();
    const authorization = `token ${github.issueToken({ kind: 'classic', scopes: ['repo'] })}`;
    expect((await call(github, 'GET', KEY, undefined, { token: '', headers: { authorization } })).status).toBe(200);
  });

  const WORKFLOW = {
    kind: 'workflow',
    permissions: { actions: 'write', contents: 'write', pull_requests: 'write' },
  } as const;

  test.each([
    ['GET', KEY],
    ['PUT', `${SECRETS}/A`],
    ['GET', '/repos/acme/invoices/dependabot/secrets/public-key'],
    ['GET', `${ENVIRONMENTS}/production/secrets/public-key`],
    ['PUT', `${ENVIRONMENTS}/new`],
    ['POST', VARIABLES],
    ['GET', '/orgs/acme/actions/secrets/public-key'],
    ['GET', PUBLIC_KEY],
  ])("a workflow's own token never may: %s %s", async (method, at) => {
    const body = method === 'GET' ? undefined : { key_id: '1', encrypted_value: 'AAAA', name: 'A', value: 'x' };
    expect(await ask(WORKFLOW, method, at, body)).toMatchObject(refusal(403, 'Resource not accessible by integration'));
  });

  test("a workflow's own token reads environments and pull requests of its repository only", async () => {
    expect((await ask(WORKFLOW, 'GET', `${ENVIRONMENTS}/production`)).status).toBe(200);
    expect((await ask(WORKFLOW, 'GET', '/repos/acme/invoices/pulls/7')).status).toBe(200);
    expect((await ask(WORKFLOW, 'GET', '/repos/globex/payroll')).status).toBe(404);
    expect((await ask({ ...WORKFLOW, repository: 'globex/payroll' }, 'GET', '/repos/globex/payroll')).status).toBe(200);
    expect((await ask({ kind: 'workflow' }, 'GET', `${ENVIRONMENTS}/production`)).status).toBe(403);
  });

  const ROUTES: [method: string, at: string, accepted: string][] = [
    ['GET', KEY, 'secrets=read'],
    ['GET', `${SECRETS}/A`, 'secrets=read'],
    ['PUT', `${SECRETS}/A`, 'secrets=write'],
    ['DELETE', `${SECRETS}/A`, 'secrets=write'],
    ['GET', '/repos/acme/invoices/dependabot/secrets/public-key', 'dependabot_secrets=read'],
    ['PUT', '/repos/acme/invoices/dependabot/secrets/A', 'dependabot_secrets=write'],
    ['GET', '/repos/acme/invoices/codespaces/secrets/public-key', 'codespaces_secrets=write'],
    ['GET', '/repos/acme/invoices/agents/secrets/A', 'agent_secrets=read'],
    ['GET', '/orgs/acme/actions/secrets/public-key', 'organization_secrets=read'],
    ['PUT', '/orgs/acme/actions/secrets/A', 'organization_secrets=write'],
    ['GET', '/orgs/acme/dependabot/secrets/A/repositories', 'organization_dependabot_secrets=read'],
    ['PUT', '/orgs/acme/dependabot/secrets/A/repositories/1001', 'organization_dependabot_secrets=write'],
    ['PUT', '/orgs/acme/actions/variables/A/repositories/1001', 'organization_actions_variables=write'],
    ['GET', '/orgs/acme/codespaces/secrets/public-key', 'organization_codespaces_secrets=read'],
    ['PUT', '/orgs/acme/agents/secrets/A', 'organization_agent_secrets=write'],
    ['GET', `${ENVIRONMENTS}/production`, 'actions=read'],
    ['PUT', `${ENVIRONMENTS}/new`, 'administration=write'],
    ['GET', `${ENVIRONMENTS}/production/secrets/public-key`, 'environments=read'],
    ['PUT', `${ENVIRONMENTS}/production/secrets/A`, 'environments=write'],
    ['POST', `${ENVIRONMENTS}/production/variables`, 'environments=write'],
    ['GET', `${ENVIRONMENTS}/production/variables/A`, 'environments=read'],
    ['GET', `${VARIABLES}/A`, 'actions_variables=read'],
    ['PATCH', `${VARIABLES}/A`, 'actions_variables=write'],
    ['POST', '/orgs/acme/actions/variables', 'organization_actions_variables=write'],
    ['GET', '/repos/acme/invoices/pulls/7', 'pull_requests=read; contents=read'],
  ];

  test.each(ROUTES)('%s %s needs %s', async (method, at, accepted) => {
    const [name = '', access] = (accepted.split(';')[0] ?? '').split('=');
    const without: Permissions = { ...ALL, [name]: access === 'write' ? 'read' : undefined, contents: undefined };
    for (const [kind, by] of [
      ['fine-grained', 'personal access token'],
      ['app', 'integration'],
    ] as const) {
      const refused = await ask({ kind, permissions: without }, method, at, method === 'GET' ? undefined : {});
      expect(refused).toMatchObject(refusal(403, `Resource not accessible by ${by}`));
      expect(refused.headers.get('x-accepted-github-permissions')).toBe(accepted);
      const enough: Permissions = { [name]: access };
      const taken = await ask({ kind, permissions: enough }, method, at, method === 'GET' ? undefined : {});
      expect(taken.status).not.toBe(403);
      expect(taken.headers.get('x-accepted-github-permissions')).toBe(accepted);
    }
  });

  test.each(['fine-grained', 'app'] as const)('%s: a repository that it has no access to', async kind => {
    const token: TokenKind = { kind, permissions: ALL, repositories: ['globex/Payroll'] };
    expect((await ask(token, 'GET', '/repos/globex/payroll/actions/secrets/public-key')).status).toBe(200);
    expect(await ask(token, 'GET', KEY)).toMatchObject(refusal(404, 'Not Found'));
    expect(await ask(token, 'GET', PUBLIC_KEY)).toMatchObject(refusal(403, /^Resource not accessible by/));
    // Everybody can read what is public.
    expect((await ask(token, 'GET', '/repos/acme/website')).status).toBe(200);
    expect((await ask(token, 'GET', '/repos/acme/website/environments/production')).status).toBe(200);
  });

  test.each([
    [['repo'], 'GET', KEY, 200, 'repo'],
    [[], 'GET', KEY, 404, 'repo'],
    [['admin:org'], 'GET', KEY, 404, 'repo'],
    [['public_repo'], 'GET', PUBLIC_KEY, 403, 'repo'],
    [[], 'GET', '/repos/acme/website', 200, 'repo'],
    [['admin:org'], 'GET', '/orgs/acme/codespaces/secrets/public-key', 200, 'admin:org'],
    [['repo', 'read:org'], 'GET', '/orgs/acme/actions/secrets/public-key', 403, 'admin:org'],
  ])('classic: with %j, %s %s is answered %i', async (scopes, method, at, status, accepted) => {
    const reply = await ask({ kind: 'classic', scopes }, method, at);
    expect(reply.status).toBe(status);
    if (status === 403) expect(reply).toMatchObject(refusal(403, 'Must have admin rights to Repository.'));
    if (status !== 404) expect(reply.headers.get('x-accepted-oauth-scopes')).toBe(accepted);
    expect(reply.headers.get('x-oauth-scopes')).toBe(scopes.join(', '));
  });
});

describe('limits', () => {
  const NOON = Date.parse('2026-03-01T12:00:00Z');

  test('a limited number of writes per minute, then a refusal that says how long to wait', async () => {
    const github = await githubWith({ clock: NOON, limits: { writes: 2 } });
    const write = () => call(github, 'PUT', `${ENVIRONMENTS}/new`, {});
    expect((await write()).status).toBe(200);
    github.clock.set(NOON + 20_000);
    expect((await write()).status).toBe(200);
    github.clock.set(NOON + 30_000);
    const refused = await write();
    expect(refused).toMatchObject(refusal(403, /^You have exceeded a secondary rate limit\./));
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(30);
    // The clock continued between the first write and the time that was set.
    expect(Number(refused.headers.get('retry-after'))).toBeLessThan(35);
    expect(refused.headers.get('x-ratelimit-remaining')).not.toBe('0');
    expect(github.requests.at(-1)?.applied).toBe(false);
    // Reads do not count, and neither does a refused write.
    expect((await call(github, 'GET', `${ENVIRONMENTS}/new`)).status).toBe(200);
    github.clock.set(NOON + 61_000);
    expect((await write()).status).toBe(200);
    expect((await write()).status).toBe(403);
  });

  test('in another window, and without a wait time', async () => {
    stopClocks('2026-03-01T12:00:00Z');
    const github = await githubWith({ limits: { writes: 1, windowMs: 200, retryAfter: false } });
    const write = () => call(github, 'PUT', `${ENVIRONMENTS}/new`, {});
    expect((await write()).status).toBe(200);
    const refused = await write();
    expect(refused.status).toBe(403);
    expect(refused.headers.has('retry-after')).toBe(false);
    github.clock.advance(200);
    expect((await write()).status).toBe(200);
  });

  test.each([403, 429] as const)('the primary limit, reported in every response, ends in %i', async status => {
    const github = await githubWith({ clock: NOON, limits: { requests: 2, status } });
    const token = github.issueToken({ kind: 'classic', scopes: ['repo'] });
    const read = () => call(github, 'GET', '/repos/acme/invoices', undefined, { token });
    expect((await read()).headers.get('x-ratelimit-remaining')).toBe('1');
    expect((await read()).headers.get('x-ratelimit-remaining')).toBe('0');
    const refused = await read();
    expect(refused).toMatchObject(refusal(status, /^API rate limit exceeded/));
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    const reset = Number(refused.headers.get('x-ratelimit-reset')) * 1000;
    expect(reset - NOON).toBeGreaterThanOrEqual(60 * MINUTE);
    expect((await call(github, 'GET', '/repos/acme/invoices')).status).toBe(200);
    github.clock.set(reset);
    expect((await read()).status).toBe(200);
  });

  test('both as faults', async () => {
    const on = 'writeSecret';
    const github = await githubWith(
      {},
      { on, times: 1, mishap: secondaryRateLimit(7) },
      { on, times: 1, mishap: secondaryRateLimit() },
      { on, times: 1, mishap: primaryRateLimit(NOON, 429) },
    );
    const first = await put(github, SECRETS, 'A', 'x');
    expect(first).toMatchObject(refusal(403, /secondary rate limit/));
    expect(first.headers.get('retry-after')).toBe('7');
    expect((await put(github, SECRETS, 'A', 'x')).headers.has('retry-after')).toBe(false);
    const third = await put(github, SECRETS, 'A', 'x');
    expect(third).toMatchObject(refusal(429, /^API rate limit exceeded/));
    expect(third.headers.get('x-ratelimit-reset')).toBe(String(NOON / 1000));
    expect(github.secret(INVOICES, 'A')).toBeUndefined();
    expect((await put(github, SECRETS, 'A', 'x')).status).toBe(201);
  });
});

describe('faults', () => {
  test.each([
    ['publicKey', 'GET', `${SECRETS}/public-key`],
    ['readSecret', 'GET', `${SECRETS}/A`],
    ['writeSecret', 'PUT', `${SECRETS}/A`],
    ['deleteSecret', 'DELETE', `${ENVIRONMENTS}/production/secrets/A`],
    ['readSecretRepositories', 'GET', '/orgs/acme/agents/secrets/A/repositories'],
    ['writeSecretRepositories', 'PUT', '/orgs/acme/codespaces/secrets/A/repositories'],
    ['createVariable', 'POST', `${ENVIRONMENTS}/production/variables`],
    ['readVariable', 'GET', `${VARIABLES}/A`],
    ['updateVariable', 'PATCH', '/orgs/acme/actions/variables/A'],
    ['deleteVariable', 'DELETE', `${VARIABLES}/A`],
    ['readVariableRepositories', 'GET', '/orgs/acme/actions/variables/A/repositories'],
    ['writeVariableRepositories', 'PUT', '/orgs/acme/actions/variables/A/repositories'],
    ['readEnvironment', 'GET', `${ENVIRONMENTS}/production`],
    ['createEnvironment', 'PUT', `${ENVIRONMENTS}/production`],
    ['readRepository', 'GET', '/repos/acme/invoices'],
    ['readPullRequest', 'GET', '/repos/acme/invoices/pulls/1'],
    ['unknown', 'GET', '/repos/acme/invoices/actions/runs'],
  ] as const)('%s is the name of %s %s', async (on, method, at) => {
    const github = await githubWith(
      {},
      { on, mishap: { kind: 'answer', status: 502, body: { message: 'Server Error' } } },
    );
    expect((await call(github, method, at)).status).toBe(502);
    expect(github.requests).toMatchObject([{ route: on, method, path: at, status: 502, applied: false }]);
  });

  test('a request that writes, and never gets a response', async () => {
    const github = await githubWith({}, { on: 'writeSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    const body = await sealed(github, SECRETS, 'x');
    await expect(call(github, 'PUT', `${SECRETS}/A`, body)).rejects.toThrow('fetch failed');
    expect(github.secret(INVOICES, 'A')?.value).toBe('x');
    expect((await call(github, 'PUT', `${SECRETS}/A`, body)).status).toBe(204);
  });

  test('a place by its path, and the contract violation of a request that was not processed', async () => {
    const path = /^\/orgs\//;
    const github = await githubWith(
      {},
      { on: { method: 'PUT', path }, mishap: { kind: 'throttle', status: 503, retryAfter: 1 } },
    );
    expect((await call(github, 'PUT', `${ORGANIZATION}/A`, {})).status).toBe(503);
    expect((await call(github, 'PUT', `${ENVIRONMENTS}/new`, {})).status).toBe(200);
    github.faults.clear();
    expect((await call(github, 'PUT', `${ORGANIZATION}/A`, {})).status).toBe(422);
    expect(violations(github)).toEqual([
      'Invalid request.\n\n"visibility" wasn\'t supplied.',
      'Invalid request.\n\n"visibility" wasn\'t supplied.',
    ]);
  });
});

describe('the contract', () => {
  test.each([
    ['GET', '/repos/acme/invoices/actions/runs', undefined, 404, /^There is no operation GET/],
    ['POST', `${SECRETS}/A`, {}, 404, /^There is no operation POST/],
    ['GET', `${SECRETS}/public-key/`, undefined, 404, /^There is no operation/],
    ['GET', `${SECRETS}/%`, undefined, 404, /^There is no operation/],
    ['GET', `${SECRETS}/A?page=1`, undefined, 422, /"page" is not a permitted key/],
    ['PUT', `${SECRETS}/A`, undefined, 422, /"requestBody" wasn't supplied/],
    ['PUT', `${SECRETS}/A`, '{"key_id": ', 400, /^Problems parsing JSON$/],
    ['PUT', `${SECRETS}/A`, [], 422, /is not an object/],
    ['PUT', `${SECRETS}/A`, { key_id: '1' }, 422, /"encrypted_value" wasn't supplied/],
    ['PUT', `${SECRETS}/A`, { key_id: 1, encrypted_value: 'AAAA' }, 422, /For 'key_id', 1 is not a string/],
    [
      'PUT',
      `${SECRETS}/A`,
      { key_id: '1', encrypted_value: 'not base64' },
      422,
      /^Invalid request\.\n\nnot base64 does not match \/\^/,
    ],
    ['GET', '/repos/acme/invoices/pulls/seven', undefined, 422, /is not an integer/],
  ])('%s %s with %j', async (method, at, body, status, violation) => {
    const github = await githubWith();
    const reply = await call(github, method, at, body);
    expect(reply).toMatchObject(refusal(status, status === 404 ? 'Not Found' : violation));
    expect(violations(github)).toEqual([expect.stringMatching(violation)]);
    expect(github.requests.at(-1)?.applied).toBe(false);
  });

  test('a body without the media type of JSON', async () => {
    const github = await githubWith();
    const body = await sealed(github, SECRETS, 'x');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await call(github, 'PUT', `${SECRETS}/A`, body, { headers })).status).toBe(422);
    expect(violations(github)).toEqual(['The body is application/x-www-form-urlencoded, not JSON.']);
  });

  test.each(['dependabot', 'codespaces'])(
    '%s: the key and the encrypted value are required, although the description makes them optional',
    async app => {
      const github = await githubWith();
      const { key_id, encrypted_value } = await sealed(github, `/repos/acme/invoices/${app}/secrets`, 'x');
      for (const body of [{ key_id }, { encrypted_value }])
        expect(await call(github, 'PUT', `/repos/acme/invoices/${app}/secrets/A`, body)).toMatchObject(
          refusal(422, /wasn't supplied/),
        );
    },
  );

  test('a response that GitHub would never send is an error of the emulator', async () => {
    const contract = await openContract();
    const operation = contract.find('GET', `${SECRETS}/public-key`);
    if (!operation) throw new Error('no such operation');
    const answer = (status: number, value: unknown) => ({
      status,
      headers: {},
      body: value === '' ? '' : JSON.stringify(value),
    });
    for (const [status, body] of [
      [200, { key_id: '1' }],
      [200, { key_id: 1, key: 'x' }],
      [200, ''],
      [201, { key_id: '1', key: 'x' }],
      [404, { message: 404 }],
    ] as const)
      expect(() => contract.check(operation, answer(status, body))).toThrow('GitHub never answers');
    contract.check(operation, answer(200, { key_id: '1', key: 'x' }));
    contract.check(operation, answer(404, { message: 'Not Found' }));
  });

  test('every operation of the description has a route', async () => {
    const contract = await openContract();
    const text = await readFile(
      path.resolve(import.meta.dirname, '..', '..', 'emulator', 'github', 'openapi.json'),
      'utf8',
    );
    const { paths }: { paths: Record<string, Record<string, { operationId: string }>> } = JSON.parse(text);
    const operations = Object.entries(paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({
        template,
        method: method.toUpperCase(),
        operationId,
      })),
    );
    expect(operations.length).toBeGreaterThan(50);
    for (const { template, method, operationId } of operations) {
      const route = findRoute(contract, '', method, template.replace(/\{(\w+)\}/g, '$1'));
      expect(route).toMatchObject({ name: expect.not.stringMatching('unknown'), operation: { id: operationId } });
    }
  });
});

describe('the server', () => {
  test('sends the same headers with every response', async () => {
    const github = await githubWith({ clock: Date.parse('2026-03-01T12:00:00Z') });
    for (const [at, token] of [
      ['/repos/acme/invoices', undefined],
      ['/nothing', ''],
    ] as const) {
      const { headers } = await call(github, 'GET', at, undefined, token === undefined ? {} : { token });
      expect(headers.get('x-github-request-id')).toMatch(/^[0-9A-F]{4}(:[0-9A-F]+){3}$/);
      // From its own clock, which continues.
      expect(headers.get('date')).toMatch(/^Sun, 01 Mar 2026 12:00:\d\d GMT$/u);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    }
  });

  test('requires a User-Agent', async () => {
    const github = await githubWith();
    const status = await new Promise(resolve => {
      httpRequest(`${github.apiUrl}/repos/acme/invoices`, response => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(403);
    expect(
      (await call(github, 'GET', '/repos/acme/invoices', undefined, { headers: { 'user-agent': 'x' } })).status,
    ).toBe(200);
  });

  test.each([
    ['2022-11-28', 200],
    ['2026-03-10', 200],
    ['2021-01-01', 400],
  ])('version %s of the API: %i', async (version, status) => {
    const github = await githubWith();
    const headers = { 'x-github-api-version': version };
    const reply = await call(github, 'GET', '/repos/acme/invoices', undefined, { headers });
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-github-api-version-selected')).toBe(status === 200 ? version : null);
  });

  test.each([
    ['application/vnd.github+json', 200],
    ['application/vnd.github.v3+json', 200],
    ['text/html, application/json;q=0.9', 200],
    ['*/*', 200],
    ['text/html', 415],
    ['application/xml', 415],
  ])('asked for %s: %i', async (accept, status) => {
    const github = await githubWith();
    expect((await call(github, 'GET', '/repos/acme/invoices', undefined, { headers: { accept } })).status).toBe(status);
  });

  test('an Enterprise Server has its API at a path', async () => {
    const github = await githubWith({ basePath: '/api/v3' });
    expect(github.apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/v3$/);
    expect((await put(github, ORGANIZATION, 'A', 'x', { visibility: 'all' })).status).toBe(201);
    const { json } = await call(github, 'GET', '/repos/acme/invoices');
    expect(json.url).toBe(`${github.apiUrl}/repos/Acme/invoices`);
    expect(violations(github)).toEqual([]);
    // Web pages are outside of that path.
    const { origin } = new URL(github.apiUrl);
    const page = await fetch(`${origin}/repos/acme/invoices`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/login?return_to=%2Frepos%2Facme%2Finvoices']);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  });

  test('delays its responses if requested', async () => {
    const github = await githubWith({ latencyMs: 100 });
    const start = performance.now();
    expect((await call(github, 'GET', '/repos/acme/invoices')).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(99);
  });

  test('speaks TLS', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const github = await githubWith({ tls: { key, cert } });
    expect(github.apiUrl).toMatch(/^https:\/\/localhost:\d+$/);
    const authorization = `Bearer ${github.issueToken({ kind: 'classic', scopes: ['repo'] })}`;
    const headers = { authorization, 'user-agent': 'test' };
    const [response] = await once(get(`${github.apiUrl}/repos/acme/invoices`, { ca: cert, headers }), 'response');
    response.destroy();
    expect(response.statusCode).toBe(200);
  });

  test('returns copies of what it holds', async () => {
    const github = await githubWith();
    await put(github, SECRETS, 'A', 'x');
    Object.assign(github.secret(INVOICES, 'A') ?? {}, { value: 'y' });
    expect(github.secret(INVOICES, 'A')?.value).toBe('x');
    expect(github.secret({ org: 'nobody' }, 'A')).toBeUndefined();
    expect(github.environments('acme', 'nothing')).toEqual([]);
    expect(() => github.rotateKey({ org: 'nobody' })).toThrow('Not Found');
  });
});
