import { describe, expect, test } from '@jest/globals';
import type {
  GitHubOptions,
  Mishap,
  OrganizationRules,
  RouteFault,
  RouteName,
  TokenKind,
} from '../../../emulator/github/index.ts';
import { type ErrorCode, oneLine } from '../../../src/model/failure.ts';
import { Bench, type Inputs, type Outcome, writesOf } from '../../support/bench.ts';
import { EVERYTHING, OWN, OWN_ID, SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const SSO = 'https://github.com/orgs/octo-org/sso?authorization_request=AZSCKL4U2YXHFA3D';
const SECRET = 'VANTAGE_CLIENT_SECRET';
const TOKEN_ADVICE = /The token needs/u;
const CLASSIC: TokenKind = { kind: 'classic', scopes: ['repo', 'admin:org'] };
const FINE: TokenKind = { kind: 'fine-grained', permissions: EVERYTHING };
const APP: TokenKind = { kind: 'app', permissions: EVERYTHING };

interface Refusal {
  readonly refusal: string;
  readonly github?: GitHubOptions;
  readonly token?: TokenKind;
  readonly faults?: readonly RouteFault[];
  readonly inputs?: Inputs;
  readonly code: ErrorCode;
  /** GitHub's message, and the advice. */
  readonly says: readonly string[];
  readonly omits?: RegExp;
}

/** A GitHub whose organization has these rules. */
function ruled(rules: OrganizationRules): GitHubOptions {
  return { seed: { ...SEED, organizations: [{ login: 'octo-org', rules }, { login: 'acme' }] } };
}

/** A GitHub with one more repository, whose owner is not an organization. */
function withRepository(more: Omit<NonNullable<NonNullable<GitHubOptions['seed']>['repositories']>[number], 'owner'>) {
  return { seed: { ...SEED, repositories: [...(SEED.repositories ?? []), { owner: 'acme', ...more }] } };
}

/** A number of other secrets. */
function full(count: number) {
  return Array.from({ length: count }, (_, index) => ({ name: `TAKEN_${index}` }));
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}): Mishap {
  return { kind: 'answer', status, headers, body };
}

const PAGE = '<!DOCTYPE html><html><head><title>Page not found</title></head></html>';
const HTML = { 'content-type': 'text/html; charset=utf-8' };

const REFUSALS: readonly Refusal[] = [
  {
    refusal: 'single sign-on',
    github: ruled({ singleSignOn: SSO }),
    token: CLASSIC,
    code: 'github-permission',
    says: [
      'answered 403 (Resource protected by organization SAML enforcement.',
      `single sign-on, and run the step again: ${SSO}`,
    ],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'single sign-on whose URL is not reported',
    faults: [
      { on: 'publicKey', mishap: answered(403, { message: 'Resource protected by organization SAML enforcement.' }) },
    ],
    code: 'github-permission',
    says: ['Configure SSO'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'an IP allow list',
    github: ruled({ ipAllowList: true }),
    code: 'github-permission',
    says: ['the `octo-org` organization has an IP allow list enabled', 'runner whose address is in the list'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'a policy against classic tokens',
    github: ruled({ forbids: 'classic' }),
    token: CLASSIC,
    code: 'github-permission',
    says: ['`octo-org` forbids access via a personal access token (classic)', 'its policy allows', 'GitHub App'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'a policy against fine-grained tokens',
    github: ruled({ forbids: 'fine-grained' }),
    token: FINE,
    code: 'github-permission',
    says: ['`octo-org` forbids access via a fine-grained personal access token', 'its policy allows', 'GitHub App'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'a policy against tokens with a long lifetime',
    github: ruled({ forbids: 'long-lived' }),
    token: FINE,
    code: 'github-permission',
    says: [
      'lifetime is greater than 90 days',
      'https://github.com/settings/personal-access-tokens/1',
      'its policy allows',
    ],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'an App whose installation is suspended',
    token: { ...APP, suspended: true } as TokenKind,
    code: 'github-permission',
    says: ['This installation has been suspended', 'unsuspend'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'an archived repository',
    github: withRepository({ repo: 'old', archived: true }),
    inputs: { 'write-to': 'repository acme/old' },
    code: 'github-permission',
    says: ['repository acme/old', 'archived', 'read-only', 'Unarchive', '`write-to`'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'the environment of an archived repository',
    github: withRepository({ repo: 'old', archived: true, environments: ['production'] }),
    inputs: { 'write-to': 'repository\nenvironment acme/old production' },
    code: 'github-permission',
    says: ['repository acme/old', 'archived', 'Unarchive'],
    omits: TOKEN_ADVICE,
  },
  {
    refusal: 'a full repository',
    github: withRepository({ repo: 'full', secrets: full(100) }),
    inputs: { 'write-to': 'repository acme/full' },
    code: 'invalid-input',
    says: ['actions secrets in repository acme/full', '100 secrets', 'Delete'],
  },
  {
    refusal: 'a full repository, whose secrets are written anyway',
    github: withRepository({ repo: 'full', secrets: full(100) }),
    inputs: { 'write-to': 'repository acme/full', rotate: 'when-due' },
    code: 'invalid-input',
    says: ['actions secrets in repository acme/full', '100 secrets'],
  },
  {
    refusal: 'a repository with room for one of two',
    github: withRepository({ repo: 'full', secrets: full(99) }),
    inputs: { 'write-to': 'repository acme/full as ONE\nrepository acme/full as TWO' },
    code: 'invalid-input',
    says: ['actions secrets in repository acme/full', 'ONE, TWO', '99 of 100'],
  },
  {
    refusal: 'a repository without room for all of them',
    github: withRepository({ repo: 'full', secrets: full(40) }),
    inputs: { 'write-to': Array.from({ length: 61 }, (_, index) => `repository acme/full as N${index}`).join('\n') },
    code: 'invalid-input',
    says: ['holds 40 of 100 secrets', 'not yet N0, N1, N2, N3, N4 and 56 more.'],
  },
  {
    refusal: 'a full environment',
    github: withRepository({ repo: 'full', environments: [{ name: 'production', secrets: full(100) }] }),
    inputs: { 'write-to': 'environment acme/full production' },
    code: 'invalid-input',
    says: ['environment "production" of acme/full', '100 secrets'],
  },
  {
    refusal: 'a full organization',
    github: { seed: { ...SEED, organizations: [{ login: 'acme', secrets: full(1000) }] } },
    inputs: { 'write-to': 'organization acme' },
    code: 'invalid-input',
    says: ['actions secrets in organization acme', '1000 secrets'],
  },
  ...(
    [
      ['the sign-in page', undefined],
      ['406', answered(406, '')],
      ['a page with 404', answered(404, PAGE, HTML)],
      ['a page with 200', answered(200, PAGE, HTML)],
      ['a page with 403', answered(403, PAGE, HTML)],
    ] as const
  ).map(
    ([page, mishap]): Refusal => ({
      refusal: `${page} of an Enterprise Server, as the API URL is without /api/v3`,
      github: { basePath: '/api/v3' },
      faults: mishap ? [{ mishap }] : [],
      inputs: { 'github-api-url': 'ORIGIN' },
      code: 'unexpected-response',
      says: ['ORIGIN/api/v3', '`github-api-url`'],
      omits: TOKEN_ADVICE,
    }),
  ),
  ...(
    [
      ['agents', 'agents repository'],
      ['dependabot', 'dependabot organization octo-org'],
    ] as const
  ).map(
    ([app, target]): Refusal => ({
      refusal: `an Enterprise Server that has no ${app} secrets`,
      github: { basePath: '/api/v3', lacks: [app] },
      inputs: { 'write-to': target },
      code: 'github-permission',
      says: ['answered 404', `may not have ${app} secrets`, 'version', 'Otherwise: The token needs'],
    }),
  ),
];

/** Runs a step against a GitHub that refuses it. */
async function refused({ github = {}, token, faults = [], inputs = {} }: Omit<Refusal, 'refusal' | 'code' | 'says'>) {
  const bench = await Bench.open({ vantage: { clients: [{ clientId: CLIENT_ID }] }, github });
  for (const fault of faults) {
    bench.github.faults.add(fault);
  }
  const shown: Inputs = token ? { 'github-token': bench.github.issueToken(token) } : {};
  const origin = new URL(bench.github.apiUrl).origin;
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [name, value.replaceAll('ORIGIN', origin)]),
  );
  const run = await bench.ensure({ 'write-to': 'repository', ...shown, ...given });
  return {
    bench,
    run,
    message: run.failure?.message.replaceAll(origin, 'ORIGIN').replaceAll(/GITHUB(?!_)/gu, 'ORIGIN/api/v3') ?? '',
  };
}

describe('a refusal by GitHub is quoted, with advice, and no secret is created', () => {
  test.each(REFUSALS)('$refusal', async ({ code, says, omits = /undefined|\[object/u, ...refusal }) => {
    const { bench, run, message } = await refused(refusal);
    await using _ = bench;
    expect({ code: run.failure?.code, message }).toEqual({ code, message: expect.any(String) });
    for (const words of says) {
      expect(message).toContain(words);
    }
    expect(message).not.toMatch(omits);
    expect(message).toBe(oneLine(message));
    expect(writesOf(run)).toEqual([]);
    expect(run.github.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('a page at the correct URL does not blame the token', async () => {
    const { bench, run, message } = await refused({
      github: { basePath: '/api/v3' },
      faults: [{ on: 'publicKey', mishap: answered(403, PAGE, HTML) }],
    });
    await using _ = bench;
    expect(run.failure?.code).toBe('unexpected-response');
    expect(message).toContain('an HTML page titled "Page not found"');
    expect(message).not.toMatch(/This is not an API|The token needs/u);
  });
});

describe('a refusal of a write', () => {
  const refusing = (mishap: Mishap) => refused({ faults: [{ on: 'writeSecret', mishap }] });

  test.each([
    [{ resource: 'Secret', field: 'name', code: 'missing_field' }, 'Secret.name: missing_field'],
    [{ resource: 'Secret', code: 'custom', message: 'It is not for you' }, 'Secret: It is not for you'],
    [{ code: 'invalid', field: 'value', message: 'It is odd' }, 'value: It is odd (invalid)'],
    ['A plain text', 'A plain text'],
  ])('is quoted with the errors that it lists: %j', async (error, said) => {
    const { bench, run, message } = await refusing(
      answered(422, { message: 'Validation Failed', errors: [error, 'More'] }),
    );
    await using _ = bench;
    expect(run.failure?.code).toBe('invalid-input');
    expect(message).toContain(`answered 422 (Validation Failed; ${said}; More)`);
  });

  test.each([
    [422, { message: 'Validation Failed', errors: ['Secret value is too large: the limit is 48 KB.'] }],
    [422, { message: 'This repository has reached its maximum number of secrets' }],
    [413, { message: 'Payload Too Large' }],
  ])('%d with a message about a limit comes with the limits: %j', async (status, body) => {
    const { bench, run, message } = await refusing(answered(status, body));
    await using _ = bench;
    expect(run.failure?.code).toBe('invalid-input');
    expect(message).toContain(
      '100 secrets in a repository or an environment and 1,000 in an organization, each of up to 48 KB',
    );
  });

  test('of a repository that was archived since the check', async () => {
    const { bench, run, message } = await refusing(
      answered(403, { message: 'Repository was archived so is read-only.' }),
    );
    await using _ = bench;
    expect(run.failure?.code).toBe('github-permission');
    expect(message).toContain('(Repository was archived so is read-only.)');
    expect(message).toContain('Unarchive');
    expect(message).not.toMatch(TOKEN_ADVICE);
  });
});

describe('the check of the targets', () => {
  /** The requests of the check, in alphabetical order. */
  const asked = ({ github }: Outcome) =>
    github
      .filter(({ method }) => method === 'GET')
      .map(({ path }) => path)
      .sort();
  const existing = { name: SECRET, value: 'older' };

  test('does not read the workflow’s own repository, because no workflow runs in an archived one', async () => {
    await using bench = await Bench.open({ vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} });
    const run = await bench.ensure({ 'write-to': 'repository\nenvironment production' });
    expect(run.failure).toBeUndefined();
    expect(run.github.map(({ route }) => route)).not.toContain('readRepository');
  });

  test('reads each other repository once', async () => {
    await using bench = await Bench.open({
      vantage: { clients: [{ clientId: CLIENT_ID }] },
      github: withRepository({ repo: 'shop', environments: ['production'] }),
    });
    const run = await bench.ensure({
      'write-to': 'repository acme/shop\ndependabot repository ACME/shop\nenvironment acme/shop production',
    });
    expect(run.failure).toBeUndefined();
    expect(run.github.filter(({ route }) => route === 'readRepository')).toHaveLength(1);
  });

  test('does not count secrets if the secret exists', async () => {
    const repositories = [{ ...OWN, id: OWN_ID, secrets: [existing] }];
    await using bench = await Bench.open({
      vantage: { clients: [{ clientId: CLIENT_ID }] },
      github: { seed: { ...SEED, repositories } },
    });
    const run = await bench.ensure({ 'write-to': 'repository', rotate: 'when-due' });
    const base = '/repos/octo-org/octo-repo/actions/secrets';
    expect(run.failure).toBeUndefined();
    expect(asked(run)).toEqual([`${base}/${SECRET}`, `${base}/public-key`]);
  });

  test.each([{}, { rotate: 'when-due' }])('accepts a full place that has the secret already: %j', async inputs => {
    const repositories = [{ ...OWN, id: OWN_ID, secrets: [existing, ...full(99)] }];
    await using bench = await Bench.open({
      vantage: { clients: [{ clientId: CLIENT_ID }] },
      github: { seed: { ...SEED, repositories } },
    });
    const run = await bench.ensure({ 'write-to': 'repository', ...inputs });
    expect(run.failure).toBeUndefined();
  });

  test.each([
    ['is refused', 'listSecrets', answered(403, { message: 'Not for you' })],
    ['is refused', 'readRepository', answered(403, { message: 'Not for you' })],
    ['fails', 'listSecrets', answered(503, '')],
    ['gets no response', 'listSecrets', { kind: 'stall' }],
    ['gets no response', 'readRepository', { kind: 'stall' }],
    ['gets something else', 'listSecrets', { kind: 'wrong-shape' }],
    ['gets something else', 'readRepository', { kind: 'wrong-shape' }],
  ] as [string, RouteName, Mishap][])('is left to the write if it %s: %s', async (_what, on, mishap) => {
    await using bench = await Bench.open({ vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} });
    bench.github.faults.add({ on, mishap });
    const run = await bench.ensure({ 'write-to': 'repository acme/invoices' });
    expect(run.failure).toBeUndefined();
    expect(bench.held({ owner: 'acme', repo: 'invoices' })).toBe(bench.secrets()[0]?.value);
  });

  test('of a deletion reads neither limits nor archives', async () => {
    await using bench = await Bench.open({
      vantage: { clients: [{ clientId: CLIENT_ID }] },
      github: withRepository({ repo: 'full', secrets: full(100) }),
    });
    const run = await bench.run('delete', { 'write-to': 'repository acme/full' });
    expect(run.failure).toBeUndefined();
    expect(run.github.map(({ route }) => route).sort()).toEqual(['publicKey', 'readSecret']);
  });
});
