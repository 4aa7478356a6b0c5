import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ProtectionRules, RecordedRequest, SecretScope, Seed, SeedRepository } from '../emulator/github/index.ts';
import { expectAllHold } from './support/fate.ts';
import { EVERYTHING, itemAt, OWN, OWN_ID, SEED } from './support/github.ts';
import { readSummary } from './support/markdown.ts';
import { BEHIND_PROXY, startProxy } from './support/proxy.ts';
import { bodyOf, creationsOf, errorOf, githubRequests, githubWrites, markOf, writesOf } from './support/step.ts';
import { createPrivateTls } from './support/tls.ts';
import { CLIENT_ID, World } from './support/world.ts';

const NAME = 'VANTAGE_CLIENT_SECRET';
const ORG: SecretScope = { org: 'octo-org' };
const OWN_REPOSITORY = { 'write-to': 'repository' };
const OWN_LINE = `actions repository octo-org/octo-repo as ${NAME}`;

/** The seed with other contents of one of its organizations. */
function seedWith(organization: NonNullable<Seed['organizations']>[number], ...more: SeedRepository[]): Seed {
  const { repositories = [], organizations = [] } = SEED;
  return {
    repositories: [...repositories, ...more],
    organizations: [...organizations.filter(({ login }) => login !== organization.login), organization],
  };
}

describe('one new secret', () => {
  test('reaches repositories, environments, an organization and every app', async () => {
    const selected = ['octo-org/website', 'octo-org/tools'];
    const seed = seedWith({
      login: 'octo-org',
      secrets: [{ name: NAME, value: 'before', visibility: 'selected', repositories: selected }],
    });
    await using world = await World.open({ github: { seed } });
    const step = await world.step({
      'write-to': [
        'repository',
        'environment production',
        'environment staging',
        'repository acme/invoices',
        'organization octo-org',
        'dependabot repository',
        'codespaces repository',
        'agents repository',
      ].join('\n'),
      'create-environments': 'true',
    });
    const value = expectAllHold(world, step, [
      [OWN],
      [{ ...OWN, environment: 'production' }],
      [{ ...OWN, environment: 'staging' }],
      [{ owner: 'acme', repo: 'invoices' }],
      [ORG],
      [{ ...OWN, app: 'dependabot' }],
      [{ ...OWN, app: 'codespaces' }],
      [{ ...OWN, app: 'agents' }],
    ]);
    expect(await world.accepts(value)).toBe(true);
    expect(itemAt(world.github.secret(ORG, NAME))).toMatchObject({ visibility: 'selected', repositories: selected });
    expect(world.github.environments('octo-org', 'octo-repo')).toEqual(['production', 'staging']);
    expect(step.outputs).toMatchObject({ 'secret-created': 'true', verified: 'true', changed: 'true' });
    expect(step.outputs).not.toHaveProperty('client-secret');
    expect(step.written).toEqual([
      OWN_LINE,
      `environment octo-org/octo-repo production as ${NAME}`,
      `environment octo-org/octo-repo staging as ${NAME}`,
      `actions repository acme/invoices as ${NAME}`,
      `actions organization octo-org as ${NAME}`,
      `dependabot repository octo-org/octo-repo as ${NAME}`,
      `codespaces repository octo-org/octo-repo as ${NAME}`,
      `agents repository octo-org/octo-repo as ${NAME}`,
    ]);
    expect(step.annotations).toEqual([]);
    const { title, tables } = readSummary(step.summary);
    expect(title).toMatch(/^✅ invoices: new secret in \d places, works until /u);
    expect(tables[0]?.rows).toHaveLength(step.written.length);
    expect(tables[0]?.rows.map(([place]) => place)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^environment staging of octo-org\/octo-repo/u),
        'acme/invoices',
        'organization octo-org',
        'Dependabot of octo-org/octo-repo',
      ]),
    );
  });

  test('reaches the four apps of an organization, each with its own kind of request', async () => {
    const selected = ['octo-org/website'];
    const secrets = (['dependabot', 'codespaces', 'agents', 'actions'] as const).map(app => ({
      app,
      name: NAME,
      visibility: 'selected' as const,
      repositories: selected,
    }));
    const seed = seedWith({ login: 'octo-org', secrets });
    await using world = await World.open({ github: { seed } });
    const apps = ['actions', 'dependabot', 'codespaces', 'agents'] as const;
    const step = await world.step({ 'write-to': apps.map(app => `${app} organization octo-org`).join('\n') });
    expectAllHold(
      world,
      step,
      apps.map(app => [{ org: 'octo-org', app }]),
    );
    for (const app of apps) {
      expect(world.github.secret({ org: 'octo-org', app }, NAME)).toMatchObject({ repositories: selected });
    }
    expect(githubWrites(step).map(request => bodyOf(request).selected_repository_ids)).toEqual([
      [1002],
      ['1002'],
      [1002],
      [1002],
    ]);
  });

  test('is not an output, unless the workflow requests one as well', async () => {
    await using world = await World.open({ github: {} });
    expect((await world.step(OWN_REPOSITORY)).outputs).not.toHaveProperty('client-secret');
    const step = await world.step({ ...OWN_REPOSITORY, 'output-secret': 'true' });
    expect(step.outputs['client-secret']).toBe(expectAllHold(world, step, [[OWN]]));
  });

  test('is sent with a User-Agent, and with the API version that the action was written for', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step(OWN_REPOSITORY);
    for (const { headers } of step.github) {
      expect(headers).toMatchObject({
        'user-agent': expect.stringMatching(
          /^vantage-client-action\/\d+\.\d+\.\d+ \(octo-org\/octo-repo; run 1658821493\.1\)$/u,
        ),
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        authorization: `Bearer ${world.token}`,
      });
    }
  });

  test('is sent with the requests that one target needs, and no more', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step(OWN_REPOSITORY);
    const asked = step.github.map(({ method, path }) => `${method} ${path}`);
    // The first two are sent at the same time.
    expect([...asked.slice(0, 2).sort(), ...asked.slice(2)]).toEqual([
      'GET /repos/octo-org/octo-repo/actions/secrets/public-key',
      'GET /repos/octo-org/octo-repo/actions/secrets?per_page=1',
      `PUT /repos/octo-org/octo-repo/actions/secrets/${NAME}`,
    ]);
    expect(Object.keys(bodyOf(step.github[2])).sort()).toEqual(['encrypted_value', 'key_id']);
  });

  test('leaves the secret of an earlier run valid', async () => {
    await using world = await World.open({ github: {} });
    const first = expectAllHold(world, await world.step(OWN_REPOSITORY), [[OWN]]);
    const second = expectAllHold(world, await world.step(OWN_REPOSITORY), [[OWN]]);
    expect(second).not.toBe(first);
    expect([await world.accepts(first), await world.accepts(second)]).toEqual([true, true]);
  });

  test('works on tier 0', async () => {
    await using world = await World.open({ github: {}, vantage: { tier: 0, absent: 405 } });
    expectAllHold(world, await world.step(OWN_REPOSITORY), [[OWN]]);
  });
});

describe('names', () => {
  test('a line can name the secret, and secret-name names the others', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({
      'write-to': 'repository\nrepository as ours\nenvironment production as _DEPLOY2',
      'secret-name': 'Invoices_Secret',
    });
    expectAllHold(world, step, [
      [OWN, 'INVOICES_SECRET'],
      [OWN, 'OURS'],
      [{ ...OWN, environment: 'production' }, '_DEPLOY2'],
    ]);
    expect(world.github.secret(OWN, NAME)).toBeUndefined();
  });

  test('two secrets of one place are encrypted once: one key, one encrypted value', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({
      'write-to': 'repository as ONE\nrepository as TWO\nenvironment production\nrepository',
    });
    const boxes = githubWrites(step).map(request => bodyOf(request).encrypted_value);
    expect(boxes[1]).toBe(boxes[0]);
    expect(boxes[3]).toBe(boxes[0]);
    expect(boxes[2]).not.toBe(boxes[0]);
    expect(githubRequests(step, 'publicKey')).toHaveLength(2);
  });

  test.each([
    'two words',
    'eu/west',
    'a/b c',
    'review/42: "x" & <y>',
    '100% sure?',
    'Zürich #1 – ü',
    'c:\\temp',
    'tag@v1+2=3;4,5',
    '*',
    '%2F..%2e',
    "it's (not) [here] {or} !",
    'x'.repeat(255),
  ])('an environment can have the name %j', async environment => {
    const repositories = [{ ...OWN, environments: [environment] }];
    await using world = await World.open({ github: { seed: { repositories } } });
    const inputs = { 'client-id-variable': 'VANTAGE_CLIENT_ID' };
    const step = await world.step({ 'write-to': `environment octo-org/octo-repo ${environment}`, ...inputs });
    expectAllHold(world, step, [[{ ...OWN, environment }]]);
    expect(world.github.variable({ ...OWN, environment }, 'VANTAGE_CLIENT_ID')?.value).toBe(CLIENT_ID);
    expect(world.github.environments('octo-org', 'octo-repo')).toEqual([environment]);
  });

  test('an environment with such a name can be created', async () => {
    await using world = await World.open({ github: {} });
    const environment = 'eu/west 1 ü%';
    const step = await world.step({ 'write-to': `environment ${environment}`, 'create-environments': 'true' });
    // Text before a space that contains a slash is parsed as a repository. The full line removes the ambiguity.
    expect(step.outputs['error-code']).toBe('github-permission');
    const again = await world.step({
      'write-to': `environment octo-org/octo-repo ${environment}`,
      'create-environments': 'true',
    });
    expectAllHold(world, again, [[{ ...OWN, environment }]]);
    expect(world.github.environments('octo-org', 'octo-repo')).toEqual(['production', environment]);
  });

  test('a repository can have dots, hyphens and underscores in its name', async () => {
    const repositories = [{ owner: 'acme-inc', repo: '.git_hub-2.x' }];
    await using world = await World.open({ github: { seed: { repositories } } });
    const scope = { owner: 'acme-inc', repo: '.git_hub-2.x' };
    expectAllHold(world, await world.step({ 'write-to': 'repository acme-inc/.git_hub-2.x' }), [[scope]]);
  });
});

describe('client-id-variable', () => {
  const VARIABLE = 'VANTAGE_CLIENT_ID';
  const inputs = { 'client-id-variable': VARIABLE };
  const targets = 'repository\nenvironment production\norganization octo-org\ndependabot repository';
  const environment = { ...OWN, environment: 'production' };

  test('is created next to each Actions target, and updated by the next run', async () => {
    await using world = await World.open({ github: {} });
    const created = await world.step({ 'write-to': targets, ...inputs });
    expect(created.outputs['error-code']).toBe('');
    expect(githubRequests(created, 'createVariable')).toHaveLength(3);
    const updated = await world.step({ 'write-to': targets, ...inputs, 'client-id': 'orders' });
    expect(updated.outputs['error-code']).toBe('');
    expect(githubRequests(updated, 'createVariable')).toEqual([]);
    expect(githubRequests(updated, 'updateVariable')).toHaveLength(3);
    for (const scope of [OWN, environment, ORG]) {
      expect(world.github.variable(scope, VARIABLE)?.value).toBe('orders');
    }
    expect(world.github.variable(ORG, VARIABLE)).toMatchObject({ visibility: 'private' });
  });

  test('is created with an environment that the step creates', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ 'write-to': 'environment staging', ...inputs, 'create-environments': 'true' });
    expectAllHold(world, step, [[{ ...OWN, environment: 'staging' }]]);
    expect(world.github.variable({ ...OWN, environment: 'staging' }, VARIABLE)?.value).toBe(CLIENT_ID);
  });

  test('is written once if two secrets go to one place', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ 'write-to': 'repository as ONE\nrepository as TWO', ...inputs });
    expect(githubRequests(step, 'createVariable')).toHaveLength(1);
  });

  test('keeps the visibility of a variable of an organization', async () => {
    const variables = [
      { name: VARIABLE, value: 'before', visibility: 'selected' as const, repositories: ['octo-org/website'] },
    ];
    const seed = seedWith({ login: 'octo-org', variables });
    await using world = await World.open({ github: { seed } });
    const step = await world.step({ 'write-to': 'organization octo-org all', ...inputs });
    expect(step.outputs['error-code']).toBe('');
    expect(world.github.variable(ORG, VARIABLE)).toMatchObject({
      value: CLIENT_ID,
      visibility: 'selected',
      repositories: ['octo-org/website'],
    });
  });

  test('of an organization that has none yet is visible to the repositories that can read the secret', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ 'write-to': 'organization octo-org selected', ...inputs });
    expect(step.outputs['error-code']).toBe('');
    expect(world.github.variable(ORG, VARIABLE)).toMatchObject({
      visibility: 'selected',
      repositories: ['octo-org/octo-repo'],
    });
  });

  test('that was created or deleted since the check is written all the same', async () => {
    await using world = await World.open({ github: {} });
    const notFound = { kind: 'answer', status: 404, body: { message: 'Not Found' } } as const;
    await world.step({ ...OWN_REPOSITORY, ...inputs });
    world.github.faults.add({ on: 'readVariable', times: 1, mishap: notFound });
    expect((await world.step({ ...OWN_REPOSITORY, ...inputs, 'client-id': 'orders' })).outputs['error-code']).toBe('');
    expect(world.github.variable(OWN, VARIABLE)?.value).toBe('orders');
    world.github.faults.add({ on: 'updateVariable', times: 1, mishap: notFound });
    const step = await world.step({ ...OWN_REPOSITORY, ...inputs });
    // The variable exists, so its creation is refused with an error that says so.
    expect(step.outputs['error-code']).toBe('partial-hand-off');
    expect(step.written).toEqual([OWN_LINE]);
    expect(errorOf(step)).toContain(`Writing variable ${VARIABLE} in repository octo-org/octo-repo`);
  });
});

describe('who can read a secret of an organization', () => {
  const SELECTED = { visibility: 'selected', repositories: ['octo-org/website'] } as const;

  test.each([
    ['a new one is private', undefined, '', { visibility: 'private' }],
    ['a new one for all', undefined, 'all', { visibility: 'all' }],
    ['a new one, private by name', undefined, 'private', { visibility: 'private' }],
    [
      'a new one for selected repositories starts with the repository of the workflow',
      undefined,
      'selected',
      { visibility: 'selected', repositories: ['octo-org/octo-repo'] },
    ],
    ['one for all is kept', { visibility: 'all' }, '', { visibility: 'all' }],
    ['one for selected repositories is kept', SELECTED, '', SELECTED],
    [
      'one for selected repositories is kept if the line says so too, and includes the repository of the workflow',
      SELECTED,
      'selected',
      { visibility: 'selected', repositories: ['octo-org/octo-repo', 'octo-org/website'] },
    ],
    ['one for selected repositories becomes one for all', SELECTED, 'all', { visibility: 'all' }],
    ['one for selected repositories becomes private', SELECTED, 'private', { visibility: 'private' }],
    [
      'one for all becomes one for the repository of the workflow',
      { visibility: 'all' },
      'selected',
      { visibility: 'selected', repositories: ['octo-org/octo-repo'] },
    ],
  ] as const)('%s', async (_, before, named, after) => {
    const secrets = before ? [{ name: NAME, ...before }] : [];
    await using world = await World.open({ github: { seed: seedWith({ login: 'octo-org', secrets }) } });
    expectAllHold(world, await world.step({ 'write-to': `organization octo-org ${named}`.trim() }), [[ORG]]);
    const { visibility, repositories } = itemAt(world.github.secret(ORG, NAME));
    expect({ visibility, ...(repositories && { repositories }) }).toEqual(after);
  });

  test('of another organization starts without a repository, because none of its repositories is the workflow’s', async () => {
    await using world = await World.open({ github: {} });
    expectAllHold(world, await world.step({ 'write-to': 'organization acme selected' }), [[{ org: 'acme' }]]);
    expect(world.github.secret({ org: 'acme' }, NAME)).toMatchObject({ visibility: 'selected', repositories: [] });
  });

  test.each([100, 101, 250])('%d selected repositories are all kept', async count => {
    const more = Array.from({ length: count }, (_, index) => ({
      owner: 'octo-org',
      repo: `r${index}`,
      id: 5000 + index,
    }));
    const repositories = more.map(({ owner, repo }) => `${owner}/${repo}`);
    const secrets = [{ name: NAME, visibility: 'selected' as const, repositories }];
    const seed = seedWith({ login: 'octo-org', secrets }, ...more);
    await using world = await World.open({ github: { seed } });
    const step = await world.step({ 'write-to': 'organization octo-org' });
    expectAllHold(world, step, [[ORG]]);
    expect(world.github.secret(ORG, NAME)).toMatchObject({ visibility: 'selected', repositories });
    // Read in the checks, right before the write, and after the other runs.
    expect(githubRequests(step, 'readSecretRepositories')).toHaveLength(3 * Math.ceil(count / 100));
  });

  test('Dependabot uses strings as IDs, also for the workflow’s own repository', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ 'write-to': 'dependabot organization octo-org selected' });
    expectAllHold(world, step, [[{ org: 'octo-org', app: 'dependabot' }]]);
    expect(world.github.secret({ org: 'octo-org', app: 'dependabot' }, NAME)?.repositories).toEqual([
      'octo-org/octo-repo',
    ]);
  });
});

describe('environments', () => {
  const rules: ProtectionRules = {
    waitTimer: 30,
    preventSelfReview: true,
    reviewers: [{ type: 'Team', id: 7 }],
    branchPolicy: { protected_branches: true, custom_branch_policies: false },
  };

  test('an existing environment keeps its protection rules, also with create-environments', async () => {
    const repositories = [{ ...OWN, environments: [{ name: 'production', protectionRules: rules }] }];
    await using world = await World.open({ github: { seed: { repositories } } });
    const step = await world.step({ 'write-to': 'environment production', 'create-environments': 'true' });
    expectAllHold(world, step, [[{ ...OWN, environment: 'production' }]]);
    expect(githubRequests(step, 'createEnvironment')).toEqual([]);
    expect(world.github.environment('octo-org', 'octo-repo', 'production')?.protectionRules).toEqual(rules);
  });

  test('a missing environment is created once, without rules, before the secret is created', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({
      'write-to': 'environment staging as ONE\nenvironment Staging as TWO',
      'create-environments': 'true',
    });
    expect(step.outputs['error-code']).toBe('');
    const [creation, ...others] = githubRequests(step, 'createEnvironment');
    expect(others).toEqual([]);
    expect(creation?.body === '' || creation?.body === '{}').toBe(true);
    expect(creation?.receivedAt).toBeLessThanOrEqual(creationsOf(step)[0]?.receivedAt ?? 0);
    const names = world.github.environments('octo-org', 'octo-repo').map(name => name.toLowerCase());
    expect(names).toEqual(['production', 'staging']);
  });
});

describe('order', () => {
  const first = (requests: readonly { receivedAt: number }[]) => requests[0]?.receivedAt ?? Number.NaN;

  test('targets are checked while the step signs in, and before the secret is created', async () => {
    const latencyMs = 300;
    await using world = await World.open({ vantage: { latencyMs }, github: { latencyMs } });
    const step = await world.step({ 'write-to': 'repository\nenvironment production\norganization octo-org' });
    expect(step.outputs['error-code']).toBe('');
    const signIn = first(step.vantage);
    expect(Math.abs(first(step.github) - signIn)).toBeLessThan(latencyMs);
    const creationAt = first(creationsOf(step));
    const reads = step.github.filter(({ method }) => method === 'GET');
    const [again, ...others] = reads.toReversed();
    expect(others.length).toBeGreaterThan(4);
    for (const { receivedAt } of others) {
      expect(receivedAt).toBeLessThan(creationAt);
    }
    // Who can read the secret of the organization is read again right before its write.
    expect(again?.path).toBe(`/orgs/octo-org/actions/secrets/${NAME}`);
    expect(step.github.at(-2)).toBe(again);
    expect(first(githubWrites(step))).toBeGreaterThan(creationAt);
  });

  test('one target takes one round trip more than none', async () => {
    const latencyMs = 2000;
    await using world = await World.open({ vantage: { latencyMs }, github: { latencyMs } });
    const step = await world.step({ ...OWN_REPOSITORY, timeout: '5m' });
    expect(step.outputs['error-code']).toBe('');
    // Each wave of requests starts when the previous one is answered.
    const waves = [...step.vantage, ...step.github]
      .map(({ receivedAt }) => receivedAt)
      .sort((one, other) => one - other)
      .filter((at, index, all) => index === 0 || at - (all[index - 1] ?? 0) > latencyMs / 2);
    // sign in ∥ check, read, create the client, create the secret, verify, write
    expect(waves).toHaveLength(6);
  });

  test('at most 100 targets are checked at once, which is GitHub’s limit', async () => {
    const latencyMs = 1000;
    const repositories = Array.from({ length: 64 }, (_, index) => ({ owner: 'octo-org', repo: `r${index}` }));
    await using world = await World.open({ github: { latencyMs, seed: { repositories } } });
    const targets = repositories.map(({ owner, repo }) => `repository ${owner}/${repo}`);
    const step = await world.step({ 'write-to': targets.join('\n'), 'dry-run': 'true', timeout: '1h' });
    expect(step.outputs['error-code']).toBe('');
    const times = step.github.map(({ receivedAt }) => receivedAt);
    expect(githubRequests(step, 'publicKey')).toHaveLength(64);
    expect(times.length).toBeGreaterThan(150);
    const atOnce = times.map(at => times.filter(other => other >= at && other < at + latencyMs).length);
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(100);
  });

  test('a slow response to a write delays nothing for longer than itself', async () => {
    await using world = await World.open({ github: {} });
    world.github.faults.add({ on: 'writeSecret', mishap: { kind: 'delay', ms: 300 } });
    const step = await world.step({ 'write-to': 'repository\ndependabot repository' });
    expectAllHold(world, step, [[OWN], [{ ...OWN, app: 'dependabot' }]]);
  });
});

describe('nothing is written', () => {
  test('by a dry run, whose plan names the targets', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({
      'write-to': [
        'repository',
        'environment production as OTHER',
        'environment staging',
        'organization octo-org',
      ].join('\n'),
      'dry-run': 'true',
      'create-environments': 'true',
      'client-id-variable': 'VANTAGE_CLIENT_ID',
    });
    expect(step.outputs).toMatchObject({
      'error-code': '',
      changed: 'false',
      'secret-created': 'false',
      written: '[]',
    });
    expect(writesOf(step)).toEqual([]);
    const variable = 'VANTAGE_CLIENT_ID';
    expect(JSON.parse(step.outputs.plan ?? '').writeTo).toEqual([
      { target: OWN_LINE, variable },
      { target: 'environment octo-org/octo-repo production as OTHER', variable },
      { target: `environment octo-org/octo-repo staging as ${NAME}`, environment: 'create', variable },
      { target: `actions organization octo-org as ${NAME}`, visibility: 'private', variable },
    ]);
    for (const line of readSummary(step.summary).diffs.flat()) {
      // The summary writes times in words.
      expect(step.log).toContain(line.split(' · expires ')[0]);
    }
    expect(step.log).toContain(`! write        ${NAME} of environment octo-org/octo-repo staging`);
  });

  test('by a dry run that finds a problem and reports it', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ 'write-to': 'environment staging', 'dry-run': 'true' });
    expect(step.outputs).toMatchObject({ 'error-code': 'not-found', changed: 'false' });
    expect(githubWrites(step)).toEqual([]);
  });

  test('with rotate: never', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ ...OWN_REPOSITORY, rotate: 'never' });
    expect(step.outputs).toMatchObject({ 'error-code': '', 'secret-created': 'false', written: '[]' });
    expect(githubWrites(step)).toEqual([]);
    expect(creationsOf(step)).toEqual([]);
  });
});

describe('the mark', () => {
  const lines = ['repository', 'environment acme/invoices production as DEPLOY', 'agents organization octo-org'];

  /** The digests of a secret for these targets, in their order. They identify the GitHub, so each world has its own. */
  async function digestsOf(world: World, targets: readonly string[], inputs: Readonly<Record<string, string>> = {}) {
    const step = await world.step({ 'write-to': targets.join('\n'), ...inputs });
    expect(step.outputs['error-code']).toBe('');
    const mark = markOf(world.secrets().at(-1)?.description ?? null);
    expect(step.log).toContain(mark);
    return / to=(?<digests>\S+) /u.exec(mark)?.groups?.digests?.split(',') ?? [];
  }

  test('has one digest for each target, however the line spells it', async () => {
    await using world = await World.open({ github: {} });
    const digests = await digestsOf(world, lines);
    expect(digests).toEqual(lines.map(() => expect.stringMatching(/^[\da-f]{8}$/u)));
    expect(await digestsOf(world, lines.toReversed())).toEqual(digests.toReversed());
    expect(
      await digestsOf(world, [
        'actions  repository   Octo-Org/octo-repo',
        'environment ACME/Invoices Production as deploy',
        'agents organization OCTO-ORG private as vantage_client_secret',
      ]),
    ).toEqual(digests);
  });

  test('has another digest for another target or another name', async () => {
    await using world = await World.open({ github: {} });
    const digests = [
      await digestsOf(world, ['repository']),
      await digestsOf(world, ['repository'], { 'secret-name': 'OTHER' }),
      await digestsOf(world, ['repository as ANOTHER']),
      await digestsOf(world, ['dependabot repository']),
      await digestsOf(world, ['environment production']),
      await digestsOf(world, ['repository acme/invoices']),
      // The digest of a secret that is only an output.
      await digestsOf(world, [], { 'output-secret': 'true', 'github-token': '' }),
    ];
    expect(new Set(digests.flat()).size).toBe(digests.length);
  });

  test('has another digest for the same target on another GitHub', async () => {
    await using one = await World.open({ github: {} });
    await using other = await World.open({ github: {} });
    expect(await digestsOf(one, ['repository'])).not.toEqual(await digestsOf(other, ['repository']));
  });
});

describe('the GitHub of the step', () => {
  test.each(['', '/'])('can be an Enterprise Server at /api/v3%s', async end => {
    await using world = await World.open({ github: { basePath: '/api/v3' } });
    const step = await world.step({
      'write-to': 'repository\nenvironment staging\norganization octo-org selected',
      'github-api-url': `${world.github.apiUrl}${end}`,
      'create-environments': 'true',
      'client-id-variable': 'VANTAGE_CLIENT_ID',
    });
    expectAllHold(world, step, [[OWN], [{ ...OWN, environment: 'staging' }], [ORG]]);
    expect(step.github.filter(request => !request.path.startsWith('/api/v3/'))).toEqual([]);
  });

  test('is the one that the runner names if the workflow names none', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step(
      { ...OWN_REPOSITORY, 'github-api-url': '' },
      { env: { GITHUB_API_URL: world.github.apiUrl } },
    );
    expectAllHold(world, step, [[OWN]]);
  });

  describe('other than the workflow’s', () => {
    const ELSEWHERE = { env: { GITHUB_API_URL: 'https://api.github.com' } };

    test.each([
      ['repository', 'repository OWNER/REPO'],
      ['dependabot repository as OTHER', 'repository OWNER/REPO'],
      ['environment production', 'environment OWNER/REPO NAME'],
      ['environment octo-org/production', 'environment OWNER/REPO NAME'],
    ])('rejects "%s", because the workflow’s own repository is not on it', async (line, instead) => {
      await using world = await World.open({ github: {} });
      const step = await world.step({ 'write-to': `repository acme/invoices\n${line}` }, ELSEWHERE);
      expect(step.outputs['error-code']).toBe('invalid-input');
      const why = 'because github-api-url is not the GitHub of the workflow';
      expect(errorOf(step)).toContain(`\`write-to\` contains "${line}": expected "${instead}", ${why}`);
      expect([...step.vantage, ...step.github]).toEqual([]);
    });

    test('rejects the same for a deletion', async () => {
      await using world = await World.open({ github: {} });
      const step = await world.step({ 'write-to': 'repository', mode: 'delete' }, ELSEWHERE);
      expect(errorOf(step)).toContain('`write-to` contains "repository": expected "repository OWNER/REPO"');
      expect(step.github).toEqual([]);
    });

    test('never gets the ID of the workflow’s repository', async () => {
      await using world = await World.open({ github: {} });
      const lines = ['organization octo-org selected', 'dependabot organization octo-org selected'];
      const inputs = { 'client-id-variable': 'VANTAGE_CLIENT_ID' };
      const step = await world.step(
        { 'write-to': [...lines, 'repository octo-org/octo-repo'].join('\n'), ...inputs },
        ELSEWHERE,
      );
      expectAllHold(world, step, [[ORG], [{ org: 'octo-org', app: 'dependabot' }], [OWN]]);
      expect(world.github.secret(ORG, NAME)).toMatchObject({ visibility: 'selected', repositories: [] });
      const withId = new RegExp(`(?<![0-9])${OWN_ID}(?![0-9])`, 'u');
      expect(step.github.filter(({ path, body }) => withId.test(`${path} ${body}`))).toEqual([]);
    });

    test('is asked whether its repository of the same name is archived', async () => {
      const repositories = [{ ...OWN, id: 7, archived: true }];
      await using world = await World.open({ github: { seed: { repositories } } });
      const step = await world.step({ 'write-to': 'repository octo-org/octo-repo' }, ELSEWHERE);
      expect(step.outputs['error-code']).toBe('github-permission');
      expect(errorOf(step)).toContain('looking at repository octo-org/octo-repo failed: it is archived');
      expect(creationsOf(step)).toEqual([]);
    });
  });

  test('can be behind a proxy and use a private CA', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'hand-off-'));
    const proxy = await startProxy('octo:cat-door-key');
    try {
      const { key, cert, caFile } = await createPrivateTls(directory);
      await using world = await World.open({ github: { tls: { key, cert }, host: BEHIND_PROXY } });
      const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: caFile };
      const step = await world.step(OWN_REPOSITORY, { env, canaries: { proxy: 'cat-door-key' } });
      expectAllHold(world, step, [[OWN]]);
      expect(new Set(proxy.passed)).toEqual(new Set([new URL(world.github.apiUrl).host]));

      const untrusted = await world.step(OWN_REPOSITORY, { env: { HTTPS_PROXY: proxy.url } });
      expect(untrusted.outputs['error-code']).toBe('github-unavailable');
      expect(errorOf(untrusted)).toContain('NODE_EXTRA_CA_CERTS');
      expect(creationsOf(untrusted)).toEqual([]);
      expect(untrusted.github).toEqual([]);
    } finally {
      await proxy.close();
      await rm(directory, { recursive: true });
    }
  });

  test.each([301, 302, 307, 308])('is never left for another host: %d at the check', async status => {
    await using world = await World.open({ github: {} });
    await using elsewhere = await World.open({ github: {} });
    const location = `${elsewhere.github.apiUrl}/repositories/1001/actions/secrets/public-key`;
    world.github.faults.add({ on: 'publicKey', mishap: { kind: 'redirect', status, location } });
    const step = await world.step(OWN_REPOSITORY);
    expect(step.outputs['error-code']).toBe('unexpected-response');
    expect(errorOf(step)).toMatch(/answered 30\d.*renamed/u);
    expect(elsewhere.github.requests).toEqual([]);
    expect(githubRequests(step, 'publicKey')).toHaveLength(1);
    expect(creationsOf(step)).toEqual([]);
  });

  test.each([301, 307])('is never left for another host: %d at the write', async status => {
    await using world = await World.open({ github: {} });
    await using elsewhere = await World.open({ github: {} });
    const location = `${elsewhere.github.apiUrl}/repos/octo-org/octo-repo/actions/secrets/${NAME}`;
    world.github.faults.add({ on: 'writeSecret', mishap: { kind: 'redirect', status, location } });
    const step = await world.step(OWN_REPOSITORY);
    expect(step.outputs).toMatchObject({
      'error-code': 'unexpected-response',
      written: '[]',
      'secret-created': 'false',
    });
    expect(elsewhere.github.requests).toEqual([]);
    expect(world.secrets()).toEqual([]);
  });
});

describe('a key that changed since it was read', () => {
  /** Changes the key of a place when the request to create the secret has arrived. */
  async function rotateOnCreation(world: World, ...scopes: SecretScope[]): Promise<void> {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
      if (world.vantage.requests.some(({ route }) => route === 'createSecret')) {
        for (const scope of scopes) {
          world.github.rotateKey(scope);
        }
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 2));
    }
  }

  test('is fetched again once, for that place only', async () => {
    await using world = await World.open({ github: {} });
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'delay', ms: 300, when: 'before' } });
    const production = { ...OWN, environment: 'production' };
    const rotating = rotateOnCreation(world, production);
    const step = await world.step({ 'write-to': 'repository\nenvironment production\ndependabot repository' });
    await rotating;
    expectAllHold(world, step, [[OWN], [production], [{ ...OWN, app: 'dependabot' }]]);
    const statuses = (requests: readonly RecordedRequest[]) => requests.map(({ status }) => status);
    expect(statuses(githubWrites(step))).toEqual([201, 422, 201, 201]);
    expect(githubRequests(step, 'publicKey')).toHaveLength(4);
    const [, stale, fresh] = githubWrites(step).map(bodyOf);
    expect(fresh?.key_id).not.toBe(stale?.key_id);
    expect(fresh?.encrypted_value).not.toBe(stale?.encrypted_value);
  });

  test('does not change who can read a secret of an organization', async () => {
    const secrets = [{ name: NAME, visibility: 'selected' as const, repositories: ['octo-org/tools'] }];
    await using world = await World.open({ github: { seed: seedWith({ login: 'octo-org', secrets }) } });
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'delay', ms: 300, when: 'before' } });
    const rotating = rotateOnCreation(world, ORG);
    const step = await world.step({ 'write-to': 'organization octo-org' });
    await rotating;
    expectAllHold(world, step, [[ORG]]);
    expect(world.github.secret(ORG, NAME)).toMatchObject({ visibility: 'selected', repositories: ['octo-org/tools'] });
  });
});

describe('Retry-After of a write', () => {
  test('is waited for as long as the step has time, even if that is longer than the time to clean up', async () => {
    await using world = await World.open({ github: { limits: { writes: 1, windowMs: 7000 } } });
    const step = await world.step({ 'write-to': 'repository as ONE\nrepository as TWO', timeout: '30s' });
    expect(step.outputs['error-code']).toBe('');
    expect(step.written).toHaveLength(2);
    expect(githubWrites(step).map(({ status }) => status)).toEqual([201, 403, 201]);
    expect(step.log).toMatch(/answered 403\. Retrying in [67]\.0 s/u);
  });

  test('is waited for at the check as well', async () => {
    await using world = await World.open({ github: {} });
    const body = { message: 'You have exceeded a secondary rate limit.' };
    const headers = { 'retry-after': '1' };
    world.github.faults.add({ on: 'publicKey', times: 1, mishap: { kind: 'answer', status: 403, headers, body } });
    const step = await world.step(OWN_REPOSITORY);
    expectAllHold(world, step, [[OWN]]);
    expect(githubRequests(step, 'publicKey')).toHaveLength(2);
    expect(step.workMs).toBeGreaterThan(1000);
  });
});

test.each([
  ['an App', { kind: 'app', permissions: { secrets: 'write', metadata: 'read' } }],
  [
    'a fine-grained token',
    { kind: 'fine-grained', permissions: { secrets: 'write' }, repositories: ['octo-org/octo-repo'] },
  ],
  ['a classic token', { kind: 'classic', scopes: ['repo'] }],
] as const)('%s needs only the permission for the target', async (_, token) => {
  await using world = await World.open({ github: {}, token });
  expectAllHold(world, await world.step(OWN_REPOSITORY), [[OWN]]);
});

test('each kind of target needs the permission that the README names for it, and no other', async () => {
  const { actions, environments, administration } = EVERYTHING;
  await using world = await World.open({
    github: {},
    token: { kind: 'app', permissions: { actions, environments, administration } },
  });
  const step = await world.step({
    'write-to': 'environment production\nenvironment staging',
    'create-environments': 'true',
    'client-id-variable': 'VANTAGE_CLIENT_ID',
  });
  expectAllHold(world, step, [[{ ...OWN, environment: 'production' }], [{ ...OWN, environment: 'staging' }]]);
});
