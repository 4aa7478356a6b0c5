import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { GitHubOptions } from '../emulator/github/index.ts';
import { evaluate } from '../emulator/runner/expressions.ts';
import { OWN, SEED } from './support/github.ts';
import {
  ExampleRepository,
  type JobRun,
  REPOSITORY,
  readWorkflowYaml,
  type StepRun,
  type Trigger,
} from './support/workflows.ts';
import type { WorldOptions } from './support/world.ts';

/** The workflows of `examples/` as they stand: each job, with its conditions, permissions, environment and scripts. */
const FILES = globSync('examples/*.yml', { cwd: path.resolve(import.meta.dirname, '..') }).toSorted();
const described: string[] = [];

const DAY = 24 * 60 * 60_000;
const SCHEDULE: Trigger = { event: 'schedule' };
const BY_HAND: Trigger = { event: 'workflow_dispatch' };
const PUSH: Trigger = { event: 'push' };

/** Describes what the tests of an example show, and notes that it has some. */
function describeExample(name: string, body: (file: string) => void): void {
  const file = `examples/${name}`;
  described.push(file);
  describe(name, () => body(file));
}

/** What GitHub tells a job of pull request 7. */
function pullRequest(action: string, { from = REPOSITORY, actor = 'octocat' } = {}): Trigger {
  const payload = { action, number: 7, pull_request: { head: { repo: { full_name: from } } } };
  return { event: 'pull_request', payload, actor };
}

/** A GitHub where the repository of the workflow is changed like this. */
function withOwn(change: object): GitHubOptions {
  const repositories = (SEED.repositories ?? []).map(one => (one.repo === OWN.repo ? { ...one, ...change } : one));
  return { seed: { ...SEED, repositories } };
}

/** A job that ran and succeeded, with the step of it that uses this action. */
function succeeded(job: JobRun | undefined): StepRun {
  const errors = Object.values(job?.steps ?? {}).map(
    ({ error, outcome, log }) => error || (outcome === 'failure' && log),
  );
  expect({ result: job?.result, errors: errors.filter(Boolean) }).toEqual({ result: 'success', errors: [] });
  return actionOf(job);
}

function actionOf(job: JobRun | undefined): StepRun {
  const step = Object.values(job?.steps ?? {}).find(({ action }) => action);
  if (!step) {
    throw new Error('The job did not run this action.');
  }
  return step;
}

describeExample('quick-start.yml', file => {
  test('gives the job a secret that works, and revokes it when the job ends', async () => {
    await using repository = await ExampleRepository.open();
    const job = (await repository.run(file, BY_HAND))['quick-start'];
    const { outputs } = succeeded(job);
    expect(outputs).toMatchObject({ 'client-id': 'invoices-staging', 'client-created': 'true', verified: 'true' });
    const life = Date.parse(outputs['secret-expiration'] ?? '') - Date.parse(outputs['secret-start-time'] ?? '');
    expect(life / DAY).toBeCloseTo(1, 1);
    expect(job?.steps['Call Vantage as the new client']?.log).toContain(
      'Vantage gave invoices-staging an access token.',
    );
    expect(repository.world.vantage.client('invoices-staging')?.secrets).toEqual([]);
  });

  test('fails if the new client cannot sign in', async () => {
    await using repository = await ExampleRepository.open();
    const { faults } = repository.world.vantage;
    // The sign-in of the administrator and the verification pass.
    faults.add({ on: 'token', mishap: { kind: 'answer', status: 401, body: { error: 'invalid_client' } }, skip: 2 });
    const job = (await repository.run(file, BY_HAND))['quick-start'];
    expect(job?.steps['Call Vantage as the new client']?.outcome).toBe('failure');
  });
});

describeExample('access-token.yml', file => {
  test('gives the job a token that works, and revokes the secret when the job ends', async () => {
    await using repository = await ExampleRepository.open();
    const job = (await repository.run(file, BY_HAND)).skills;
    const { outputs } = succeeded(job);
    const life = Date.parse(outputs['client-access-token-expiration'] ?? '') - Date.now();
    expect(life / 3_600_000).toBeCloseTo(1, 1);
    expect(job?.steps['List the skills']?.log).toContain('"id":"Receipt"');
    expect(repository.world.vantage.client('invoices-skills')?.secrets).toEqual([]);
  });

  test('fails if Vantage does not accept the token', async () => {
    await using repository = await ExampleRepository.open();
    repository.world.vantage.faults.add({ on: 'listSkills', mishap: { kind: 'answer', status: 403 } });
    const job = (await repository.run(file, BY_HAND)).skills;
    expect(job?.steps['List the skills']?.outcome).toBe('failure');
  });
});

describeExample('bootstrap.yml', file => {
  test('creates the environment with its client, and the next job deploys with that', async () => {
    await using repository = await ExampleRepository.open({ github: withOwn({ environments: [] }) });
    const { github } = repository.world;
    expect(github.environments(OWN.owner, OWN.repo)).not.toContain('production');
    const first = await repository.run(file, PUSH);
    expect(succeeded(first.bootstrap).outputs).toMatchObject({ 'client-created': 'true', verified: 'true' });
    expect(first.deploy?.result).toBe('success');
    const { clientId, clientSecret } = await repository.deployed();
    expect(clientId).toBe('invoices-production');
    expect(repository.world.vantage.client(clientId)?.secrets.map(({ value }) => value)).toEqual([clientSecret]);

    const second = await repository.run(file, PUSH);
    expect(succeeded(second.bootstrap).outputs.changed).toBe('false');
    expect(await repository.deployed()).toEqual({ clientId, clientSecret });
  });

  test('does not deploy if there is no client to deploy with', async () => {
    await using repository = await ExampleRepository.open();
    repository.world.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status: 403 } });
    repository.world.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 403 } });
    const { bootstrap, deploy } = await repository.run(file, PUSH);
    expect(actionOf(bootstrap).outputs['error-code']).toBe('forbidden');
    expect(deploy?.result).toBe('skipped');
  });
});

describeExample('only-ensure.yml', file => {
  test('creates the client without a secret, and then warns about each setting that differs', async () => {
    await using repository = await ExampleRepository.open();
    const created = (await repository.run(file, PUSH)).vantage;
    expect(succeeded(created).outputs).toMatchObject({ 'client-created': 'true', 'secret-created': 'false' });
    expect(Object.keys(created?.steps ?? {})).toEqual(['vantage']);
    expect(repository.world.vantage.client('invoices')).toMatchObject({
      redirectUris: ['https://invoices.example.com/callback'],
      allowedCorsOrigins: ['https://invoices.example.com'],
      secrets: [],
    });

    repository.world.vantage.removeClient('invoices');
    repository.world.vantage.addClient({ clientId: 'invoices', clientName: 'Bills' });
    const drifted = (await repository.run(file, PUSH)).vantage;
    expect(succeeded(drifted).outputs.changed).toBe('false');
    expect(drifted?.steps['Report how its settings differ']?.log).toContain('"clientName":["Invoices","Bills"]');
  });
});

describeExample('preview.yml', file => {
  test('creates the client when a pull request is opened, renews its secret, and deletes it when that is closed', async () => {
    await using repository = await ExampleRepository.open();
    const { vantage } = repository.world;
    const opened = succeeded((await repository.run(file, pullRequest('opened'))).preview);
    expect(opened.outputs).toMatchObject({ 'client-id': 'invoices-pr-7', 'client-created': 'true', verified: 'true' });
    expect(vantage.client('invoices-pr-7')).toMatchObject({
      clientName: 'Invoices, pull request 7',
      redirectUris: ['https://pr-7.invoices.example.com/'],
    });
    expect(await repository.deployed()).toEqual({
      clientId: 'invoices-pr-7',
      clientSecret: opened.outputs['client-secret'],
    });
    for (const action of ['synchronize', 'reopened']) {
      const { outputs } = succeeded((await repository.run(file, pullRequest(action))).preview);
      expect(outputs).toMatchObject({ 'client-created': 'false', 'secret-created': 'true', verified: 'true' });
    }
    expect(vantage.client('invoices-pr-7')?.secrets).toHaveLength(3);
    const { preview } = await repository.run(file, pullRequest('closed'));
    expect(succeeded(preview).outputs['client-deleted']).toBe('true');
    expect(Object.keys(preview?.steps ?? {})).toEqual(['vantage']);
    expect(repository.world.clientIds()).toEqual([]);
  });

  test('keeps its secrets from forks and from Dependabot', async () => {
    await using repository = await ExampleRepository.open();
    const outsiders = [{ from: 'stranger/octo-repo' }, { actor: 'dependabot[bot]' }];
    for (const trigger of outsiders.flatMap(who => [pullRequest('opened', who), pullRequest('closed', who)])) {
      expect((await repository.run(file, trigger)).preview?.result).toBe('skipped');
    }
    expect(Object.keys((await readWorkflowYaml(file)).on)).toEqual(['pull_request']);
  });

  test('has one run at a time for each pull request', () => {
    const [, group = ''] = /group: (.+)/u.exec(textOf(file)) ?? [];
    const { payload: event } = pullRequest('opened');
    expect(evaluate(group, { github: { event } })).toBe('preview-7');
  });
});

describeExample('sweep.yml', file => {
  const description = '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]';
  const open = () =>
    ExampleRepository.open({
      vantage: {
        clients: ['invoices', 'invoices-pr-1', 'invoices-pr-2'].map(clientId => ({
          clientId,
          secrets: [{ description }],
        })),
      },
      github: withOwn({ pullRequests: [{ number: 1, state: 'closed' }, { number: 2 }] }),
    });

  test('deletes by the schedule the clients of closed pull requests, with the token of the workflow', async () => {
    await using repository = await open();
    succeeded((await repository.run(file, SCHEDULE)).sweep);
    expect(repository.world.clientIds()).toEqual(['invoices', 'invoices-pr-2']);
  });

  test('shows by hand what it would delete', async () => {
    await using repository = await open();
    const inputs = { 'dry-run': true, 'max-deletes': '5' };
    const { outputs } = succeeded((await repository.run(file, { ...BY_HAND, inputs })).sweep);
    expect(outputs.changed).toBe('false');
    expect(JSON.parse(outputs.results ?? '')).toContainEqual(
      expect.objectContaining({ clientId: 'invoices-pr-1', fate: 'to be deleted' }),
    );
    expect(repository.world.clientIds()).toHaveLength(3);
  });
});

/** A tenant with a client whose secret expires before the next audit, and one whose secret does not. */
function tenantToAudit(): WorldOptions {
  const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
  const secret = (days: number) => ({ secrets: [{ startTime: inDays(-60), expiration: inDays(days) }] });
  return {
    vantage: {
      clients: [
        { clientId: 'later', ...secret(50) },
        { clientId: 'soon', allowNoPkce: true, ...secret(40) },
      ],
    },
  };
}

describeExample('audit.yml', file => {
  test('fails if something expires before the next audit, and succeeds if nothing does', async () => {
    await using repository = await ExampleRepository.open(tenantToAudit());
    const failed = actionOf((await repository.run(file, SCHEDULE)).audit);
    expect(failed).toMatchObject({ outcome: 'failure', outputs: { 'error-code': 'audit-findings' } });
    repository.world.vantage.removeClient('soon');
    const { outputs } = succeeded((await repository.run(file, BY_HAND)).audit);
    expect(JSON.parse(outputs.results ?? '')).toContainEqual(
      expect.objectContaining({ clientId: 'later', findings: [] }),
    );
  });
});

describeExample('audit-issue.yml', file => {
  const RUN = 'https://github.com/octo-org/octo-repo/actions/runs/1658821493';

  test('opens an issue that counts the findings, comments on it while it is open, and then opens another one', async () => {
    await using repository = await ExampleRepository.open(tenantToAudit());
    const { audit, report } = await repository.run(file, SCHEDULE);
    expect(actionOf(audit).outputs['error-code']).toBe('audit-findings');
    expect(report?.result).toBe('success');
    const [issue] = await repository.issues();
    expect(issue).toMatchObject({ title: 'Vantage clients need attention', label: 'vantage-audit' });
    expect(issue?.texts).toEqual([
      `The audit failed with \`audit-findings\`. [Its run](${RUN}) says why and what to do.\n\n` +
        '| Finding | Count |\n| --- | ---: |\n' +
        // `no-end` and `ropc` are of the administrator's client.
        '| `expiring` | 1 |\n| `no-end` | 1 |\n| `no-pkce` | 1 |\n| `ropc` | 1 |\n',
    ]);

    await repository.run(file, BY_HAND);
    const [commented, ...others] = await repository.issues();
    expect(others).toEqual([]);
    expect(commented?.texts).toEqual([issue?.texts[0], issue?.texts[0]]);

    await repository.closeIssue(1);
    await repository.run(file, SCHEDULE);
    expect((await repository.issues()).map(({ number, state }) => [number, state])).toEqual([
      [1, 'closed'],
      [2, 'open'],
    ]);
  });

  test('reports an audit that could not be done', async () => {
    await using repository = await ExampleRepository.open({ vantage: { tier: 0 } });
    const { report } = await repository.run(file, SCHEDULE);
    expect(report?.result).toBe('success');
    expect((await repository.issues()).map(({ texts }) => texts)).toEqual([
      [`The audit failed with \`unsupported\`. [Its run](${RUN}) says why and what to do.\n`],
    ]);
  });

  test('opens no issue if nothing expires', async () => {
    await using repository = await ExampleRepository.open();
    const { audit, report } = await repository.run(file, SCHEDULE);
    succeeded(audit);
    expect(report?.result).toBe('skipped');
    expect(await repository.issues()).toEqual([]);
  });
});

describeExample('rotate.yml', file => {
  test('rotates by its schedule, and shows by hand what it would do', async () => {
    await using repository = await ExampleRepository.open();
    const stored = () => repository.storedSecret('production', 'VANTAGE_CLIENT_SECRET');
    const dryRun = { ...BY_HAND, inputs: { 'dry-run': true } };
    expect(succeeded((await repository.run(file, dryRun)).rotate).outputs.changed).toBe('false');
    expect(stored()).toBeUndefined();
    const rotated = succeeded((await repository.run(file, SCHEDULE)).rotate);
    expect(JSON.parse(rotated.outputs.written ?? '')).toEqual([
      `environment ${REPOSITORY} production as VANTAGE_CLIENT_SECRET`,
    ]);
    expect(stored()).toBe(repository.world.vantage.client('invoices-production')?.secrets[0]?.value);
    const again = await repository.run(file, { ...BY_HAND, inputs: { 'dry-run': false } });
    expect(succeeded(again.rotate).outputs.changed).toBe('false');
  });

  test('shows it in a pull request once that is turned on, but in none of a fork', async () => {
    await using repository = await ExampleRepository.open();
    expect((await repository.run(file, pullRequest('opened'))).rotate?.result).toBe('skipped');
    repository.world.github.put({ ...OWN }, 'variable', 'ROTATION_PREVIEW', 'true');
    const shown = succeeded((await repository.run(file, pullRequest('synchronize'))).rotate);
    expect(shown.outputs.changed).toBe('false');
    const fork = await repository.run(file, pullRequest('opened', { from: 'stranger/octo-repo' }));
    expect(fork.rotate?.result).toBe('skipped');
  });
});

describeExample('rotate-admin.yml', file => {
  const NAME = 'VANTAGE_ADMIN_CLIENT_SECRET';
  const START = Date.parse('2027-01-31T09:00:00Z');
  const after = (days: number): Trigger => ({ ...SCHEDULE, at: new Date(START + days * DAY).toISOString() });

  test.each([
    // The first run cannot know when a secret expires that somebody created by hand, unless its age counts.
    ['lists secrets', 1, [0, 126, 252], [245]],
    ['does not list secrets', 0, [126, 252], []],
  ] as const)(
    'renews the secret that it signs in with for a year, if Vantage %s',
    async (_, tier, rotations, prunes) => {
      await using repository = await ExampleRepository.open({
        vantage: { tier, clock: START },
        github: { clock: START },
      });
      const { vantage } = repository.world;
      const { clientId, clientSecret: first } = vantage.administrator;
      const rotatedOn: number[] = [];
      const prunedOn: number[] = [];
      for (const day of [0, 7, 119, 126, 245, 252]) {
        const signedInWith = String(repository.storedSecret('vantage-administration', NAME));
        const { outputs } = succeeded((await repository.run(file, after(day))).rotate);
        const stored = repository.storedSecret('vantage-administration', NAME);
        expect({ day, isNew: String(stored !== signedInWith) }).toEqual({ day, isNew: outputs['secret-created'] });
        const values = vantage.client(clientId)?.secrets.map(({ value }) => value);
        // What it signed in with works on, for the jobs that run at the same time.
        expect(values).toEqual(expect.arrayContaining([stored, signedInWith]));
        if (outputs['secret-created'] === 'true') rotatedOn.push(day);
        if (outputs.pruned !== '[]') prunedOn.push(day);
      }
      expect({ rotatedOn, prunedOn }).toEqual({ rotatedOn: rotations, prunedOn: prunes });
      // Nobody but its creator deletes the secret that was created by hand.
      expect(vantage.client(clientId)?.secrets.map(({ value }) => value)).toContain(first);
      expect(repository.world.clientIds()).toEqual([]);
    },
  );
});

/** A repository whose administrators created the environments that the manifest names. */
async function openFleet(): Promise<ExampleRepository> {
  const repository = await ExampleRepository.open();
  repository.world.github.addEnvironment(OWN.owner, OWN.repo, 'staging');
  return repository;
}

/** The clients of examples/vantage/clients.yml with a secret in GitHub, and where it is. */
const DELIVERED = { 'invoices-production': 'production', 'invoices-staging': 'staging' } as const;

function expectFleet({ world: { vantage, github } }: ExampleRepository): void {
  for (const [clientId, environment] of Object.entries(DELIVERED)) {
    const scope = { ...OWN, environment };
    expect(github.secret(scope, 'VANTAGE_CLIENT_SECRET')?.value).toBe(vantage.client(clientId)?.secrets[0]?.value);
    expect(github.variable(scope, 'VANTAGE_CLIENT_ID')?.value).toBe(clientId);
    expect(vantage.client(clientId)?.secrets).toHaveLength(1);
  }
  expect(vantage.client('portal')).toMatchObject({ allowedGrantTypes: ['authorization_code'], secrets: [] });
}

describeExample('fleet.yml', file => {
  test('ensures the clients of the manifest, and does nothing if nothing is due', async () => {
    await using repository = await openFleet();
    const { apply, plan } = await repository.run(file, PUSH);
    expect(succeeded(apply).outputs.changed).toBe('true');
    expect(plan?.result).toBe('skipped');
    expectFleet(repository);
    for (const trigger of [SCHEDULE, BY_HAND]) {
      expect(succeeded((await repository.run(file, trigger)).apply).outputs.changed).toBe('false');
    }
    expectFleet(repository);
  });

  test('shows in a pull request what it would do, with a token that can write nothing', async () => {
    await using repository = await openFleet();
    const { apply, plan } = await repository.run(file, pullRequest('opened'));
    expect(apply?.result).toBe('skipped');
    const { action } = succeeded(plan);
    expect(action?.outputs.changed).toBe('false');
    for (const clientId of [...Object.keys(DELIVERED), 'portal']) {
      expect(action?.summary).toContain(clientId);
    }
    expect(repository.world.clientIds()).toEqual([]);
  });

  test('shows nothing in a pull request of a fork', async () => {
    await using repository = await openFleet();
    const { apply, plan } = await repository.run(file, pullRequest('opened', { from: 'somebody/fork' }));
    expect([apply?.result, plan?.result]).toEqual(['skipped', 'skipped']);
  });
});

describeExample('fleet-matrix.yml', file => {
  test('shares the clients among the jobs, and reports what became of them', async () => {
    await using repository = await openFleet();
    const { apply, report } = await repository.run(file, PUSH);
    expect(apply?.matrix).toHaveLength(4);
    const ids = apply?.matrix?.map(job => actionOf(job).action?.results.map(({ clientId }) => clientId) ?? []) ?? [];
    expect(ids.flat().toSorted()).toEqual(['invoices-production', 'invoices-staging', 'portal']);
    expectFleet(repository);
    expect(report).toMatchObject({ result: 'success' });
    expect(report?.steps['Count them']?.summary).toBe('| Outcome | Clients |\n| --- | ---: |\n| created | 3 |\n');
  });

  test('reports the clients that failed, and fails', async () => {
    await using repository = await ExampleRepository.open();
    const { apply, report } = await repository.run(file, SCHEDULE);
    expect(apply?.result).toBe('failure');
    expect(report?.result).toBe('failure');
    // The environment of one client does not exist.
    expect(report?.steps['Count them']?.summary).toMatch(
      /^\| Outcome \| Clients \|\n\| --- \| ---: \|\n\| created \| 2 \|\n\| \w+ not-found \| 1 \|\n$/u,
    );
  });
});

describeExample('vault.yml', file => {
  const NAME = 'vantage-client-secret';

  test.each([
    ['lists secrets', 1],
    ['does not list secrets', 0],
  ] as const)('stores a secret once, and the next one when that is due, if Vantage %s', async (_, tier) => {
    await using repository = await ExampleRepository.open({ vantage: { tier } });
    const secrets = () => repository.world.vantage.client('invoices-production')?.secrets.map(({ value }) => value);
    const stored = async () => (await repository.vault())[NAME];

    const created = succeeded((await repository.run(file, SCHEDULE)).rotate);
    expect(secrets()).toEqual([created.outputs['client-secret']]);
    expect(await stored()).toEqual({
      value: created.outputs['client-secret'],
      tags: { 'rotation-due': created.outputs['rotation-due'] },
    });

    const { rotate } = await repository.run(file, BY_HAND);
    expect(succeeded(rotate).outputs.changed).toBe('false');
    expect(Object.keys(rotate?.steps ?? {})).not.toContain('Store the new secret');
    expect(secrets()).toHaveLength(1);

    const { value = '' } = (await stored()) ?? {};
    await repository.putInVault(NAME, value, { 'rotation-due': new Date(Date.now() - DAY).toISOString() });
    succeeded((await repository.run(file, SCHEDULE)).rotate);
    expect(secrets()).toEqual([value, (await stored())?.value]);
    expect(succeeded((await repository.run(file, SCHEDULE)).rotate).outputs.changed).toBe('false');
  });

  test('replaces a secret that somebody stored by hand, or that no longer works', async () => {
    await using repository = await ExampleRepository.open();
    const { vantage } = repository.world;
    const value = async () => (await repository.vault())[NAME]?.value;
    vantage.addClient({ clientId: 'invoices-production' }, [{ value: 'created-by-hand' }]);
    await repository.putInVault(NAME, 'created-by-hand');
    succeeded((await repository.run(file, SCHEDULE)).rotate);
    const second = String(await value());
    expect(second).not.toBe('created-by-hand');
    vantage.removeSecret('invoices-production', second);
    const { outputs } = succeeded((await repository.run(file, SCHEDULE)).rotate);
    expect(outputs['secret-created']).toBe('true');
    expect(await value()).toBe(outputs['client-secret']);
  });

  test('creates no secret if the vault cannot be read', async () => {
    await using repository = await ExampleRepository.open();
    await repository.forbidVault();
    const { rotate } = await repository.run(file, SCHEDULE);
    expect(rotate?.steps.vault).toMatchObject({ outcome: 'failure', log: expect.stringContaining('(Forbidden)') });
    expect(Object.keys(rotate?.steps ?? {})).not.toContain('vantage');
    expect(repository.world.clientIds()).toEqual([]);
  });
});

test('each example has tests here', () => {
  expect(described.toSorted()).toEqual(FILES);
});

describe.each(FILES)('%s', file => {
  test('begins with what it does, and is for every account', () => {
    expect(textOf(file)).toMatch(/^# [A-Z](?:.*\n# )*.*\.\nname: /u);
    const named = new Set(textOf(file).match(/\S+\/vantage-client-action\S*/gu));
    expect([...named]).toEqual(['OWNER/vantage-client-action@v1']);
  });

  test('gives no permission to all jobs, and has every secret in an environment', async () => {
    const { permissions, jobs } = await readWorkflowYaml(file);
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) {
      const readsSecrets = JSON.stringify(job).includes('secrets.');
      expect(readsSecrets && job.environment === undefined).toBe(false);
      const isAdministration = JSON.stringify(job).includes('VANTAGE_ADMIN_');
      expect(
        isAdministration && !['vantage-administration', 'vantage-plan', 'previews'].includes(String(job.environment)),
      ).toBe(false);
    }
  });
});

function textOf(file: string): string {
  return readFileSync(path.resolve(import.meta.dirname, '..', file), 'utf8');
}
