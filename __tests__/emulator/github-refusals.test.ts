import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import sodium from 'libsodium-wrappers';
import {
  type GitHub,
  type GitHubOptions,
  type OrganizationRules,
  startGitHub,
  type TokenKind,
} from '../../emulator/github/index.ts';

const CLASSIC: TokenKind = { kind: 'classic', scopes: ['repo', 'admin:org'] };
const FINE: TokenKind = {
  kind: 'fine-grained',
  permissions: { secrets: 'write', environments: 'write', organization_secrets: 'write', agent_secrets: 'write' },
};
const APP: TokenKind = { ...FINE, kind: 'app' };
const SECRETS = '/repos/acme/invoices/actions/secrets';
const SSO = 'https://github.com/orgs/acme/sso?authorization_request=X';

let running: GitHub[] = [];
beforeAll(() => sodium.ready);
afterEach(async () => {
  await Promise.all(running.map(github => github.close()));
  running = [];
});

async function githubWith(options: GitHubOptions): Promise<GitHub> {
  const github = await startGitHub(options);
  running.push(github);
  return github;
}

/** A GitHub with one organization that has these rules, and one user. */
function ruled(rules: OrganizationRules = {}): Promise<GitHub> {
  const repositories = [
    { owner: 'Acme', repo: 'invoices' },
    { owner: 'user', repo: 'dotfiles' },
  ];
  return githubWith({ seed: { repositories, organizations: [{ login: 'acme', rules }] } });
}

/** Sends a request, and returns the response. */
async function ask(github: GitHub, kind: TokenKind, at: string, method = 'GET', body?: unknown) {
  const response = await fetch(`${github.apiUrl}${at}`, {
    method,
    headers: { authorization: `Bearer ${github.issueToken(kind)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: { message?: string; total_count?: number; secrets?: { name: string }[]; key?: string; key_id?: string } =
    text === '' ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}

async function put(github: GitHub, secrets: string, name: string, kind: TokenKind = FINE) {
  const { json } = await ask(github, kind, `${secrets}/public-key`);
  const box = sodium.crypto_box_seal('value', Buffer.from(String(json.key), 'base64'));
  const body = { encrypted_value: Buffer.from(box).toString('base64'), key_id: json.key_id };
  return ask(
    github,
    kind,
    `${secrets}/${name}`,
    'PUT',
    secrets.startsWith('/orgs') ? { ...body, visibility: 'all' } : body,
  );
}

describe('an organization', () => {
  test.each([
    ['single sign-on', { singleSignOn: SSO }, CLASSIC, /SAML enforcement/, [FINE, APP]],
    ['an IP allow list', { ipAllowList: true }, APP, /`acme` organization has an IP allow list enabled/i, []],
    ['no classic tokens', { forbids: 'classic' }, CLASSIC, /`acme` forbids access .* \(classic\)/i, [FINE, APP]],
    [
      'no fine-grained tokens',
      { forbids: 'fine-grained' },
      FINE,
      /`acme` forbids access .*fine-grained/i,
      [CLASSIC, APP],
    ],
    ['no long-lived tokens', { forbids: 'long-lived' }, FINE, /lifetime is greater than 90 days/, [CLASSIC, APP]],
  ] as [string, OrganizationRules, TokenKind, RegExp, TokenKind[]][])(
    'with %s',
    async (_what, rules, token, message, others) => {
      const github = await ruled(rules);
      for (const at of [SECRETS, '/orgs/acme/actions/secrets']) {
        const refused = await ask(github, token, at);
        expect({ status: refused.status, message: refused.json.message }).toEqual({
          status: 403,
          message: expect.stringMatching(message),
        });
        const sso = 'singleSignOn' in rules ? `required; url=${SSO}` : null;
        expect(refused.headers.get('x-github-sso')).toBe(sso);
        for (const other of others) expect((await ask(github, other, at)).status).toBe(200);
      }
      expect((await ask(github, token, '/repos/user/dotfiles/actions/secrets')).status).toBe(200);
    },
  );

  test('refuses an App whose installation is suspended', async () => {
    const github = await ruled();
    const { status, json } = await ask(github, { ...APP, suspended: true } as TokenKind, SECRETS);
    expect([status, json.message]).toEqual([403, 'This installation has been suspended']);
  });

  test('is refused for every kind of token', async () => {
    const github = await ruled();
    expect((await ask(github, FINE, '/orgs/ACME')).status).toBe(200);
    expect((await ask(github, FINE, '/orgs/nobody')).status).toBe(404);
    expect(github.requests.map(({ route }) => route)).toEqual(['readOrganization', 'readOrganization']);
  });
});

describe('a place', () => {
  const MANY = Array.from({ length: 1000 }, (_, index) => ({ name: `S${String(index).padStart(4, '0')}` }));

  test('lists what it holds in pages', async () => {
    const github = await githubWith({
      seed: { repositories: [{ owner: 'acme', repo: 'invoices', secrets: MANY.slice(0, 40).reverse() }] },
    });
    const first = await ask(github, FINE, SECRETS);
    expect(first.json).toMatchObject({ total_count: 40, secrets: MANY.slice(0, 30) });
    expect((await ask(github, FINE, `${SECRETS}?per_page=1&page=40`)).json).toMatchObject({
      total_count: 40,
      secrets: MANY.slice(39, 40),
    });
    expect(github.requests.flatMap(({ contractViolation }) => contractViolation ?? [])).toEqual([]);
  });

  test.each([
    ['repository', SECRETS, 100],
    ['environment', '/repos/acme/invoices/environments/production/secrets', 100],
    ['organization', '/orgs/acme/actions/secrets', 1000],
  ])('accepts only a limited number of secrets: %s', async (kind, at, most) => {
    const hundred = MANY.slice(0, 100);
    const github = await githubWith({
      seed: {
        repositories: [
          {
            owner: 'acme',
            repo: 'invoices',
            secrets: hundred,
            environments: [{ name: 'production', secrets: hundred }],
          },
        ],
        organizations: [{ login: 'acme', secrets: MANY }],
      },
    });
    expect((await put(github, at, 'S0001')).status).toBe(204);
    expect(await put(github, at, 'NEW')).toMatchObject({
      status: 422,
      json: { message: 'Validation Failed', errors: [{ message: `${kind} has reached the limit of ${most} secrets` }] },
    });
  });

  test('accepts any number if GitHub documents no limit', async () => {
    const repositories = [
      { owner: 'acme', repo: 'invoices', secrets: MANY.slice(0, 100).map(one => ({ ...one, app: 'agents' as const })) },
    ];
    const github = await githubWith({ seed: { repositories } });
    expect((await put(github, '/repos/acme/invoices/agents/secrets', 'NEW')).status).toBe(201);
  });

  test('of an archived repository is read-only', async () => {
    const github = await githubWith({ seed: { repositories: [{ owner: 'acme', repo: 'invoices', archived: true }] } });
    expect((await ask(github, FINE, '/repos/acme/invoices')).json).toMatchObject({ archived: true });
    expect(await put(github, SECRETS, 'A')).toMatchObject({
      status: 403,
      json: { message: 'Repository was archived so is read-only.' },
    });
    expect((await ask(github, FINE, SECRETS)).json).toMatchObject({ total_count: 0 });
  });
});

test('a GitHub that lacks the secrets of an app has no route for them', async () => {
  const github = await githubWith({ lacks: ['agents'], seed: { repositories: [{ owner: 'acme', repo: 'invoices' }] } });
  expect((await ask(github, FINE, '/repos/acme/invoices/agents/secrets/public-key')).status).toBe(404);
  expect((await ask(github, FINE, '/repos/acme/invoices')).status).toBe(200);
  expect((await ask(github, FINE, `${SECRETS}/public-key`)).status).toBe(200);
});
