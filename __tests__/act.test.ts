import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ActRepository, type ActRun, type ActTrigger } from './support/act.ts';
import { OWN, SEED, SWEEPER } from './support/github.ts';
import { encodingsOf } from './support/leaks.ts';
import { findProgram } from './support/programs.ts';
import { canariesOf } from './support/vantage.ts';
import { World, type WorldOptions } from './support/world.ts';

/** The examples, unchanged, on act: a runner that somebody else wrote. Without act, the tests are skipped. */
const ACT = await findProgram('act');
const ROOT = path.resolve(import.meta.dirname, '..');
const EXAMPLES = globSync('*.yml', { cwd: path.join(ROOT, 'examples') }).toSorted();

const SCHEDULE: ActTrigger = { event: 'schedule' };
const BY_HAND: ActTrigger = { event: 'workflow_dispatch' };
const PUSH: ActTrigger = { event: 'push' };

/** What GitHub tells a workflow of pull request 7. */
function pullRequest(action: string, from = `${OWN.owner}/${OWN.repo}`): ActTrigger {
  const pull = { number: 7, head: { ref: 'a-branch', repo: { full_name: from } }, base: { ref: 'main' } };
  return { event: 'pull_request', payload: { action, number: 7, pull_request: pull } };
}

/**
 * The output by which act shows that a step failed. When a step fails, act 0.2.89 stops reading its terminal at once, so on
 * a busy machine the last lines of its log are missing.
 */
const failedWith = (code: string) => `::set-output:: error-code=${code}`;

/** A tenant, and a repository on act whose workflows use it. No log of a run and no argument of a command contains a secret. */
class Stage implements AsyncDisposable {
  readonly world: World;
  readonly #repository: ActRepository;

  private constructor(world: World, repository: ActRepository) {
    this.world = world;
    this.#repository = repository;
  }

  static async open(options: WorldOptions = {}): Promise<Stage> {
    const world = await World.open({ github: {}, token: SWEEPER, ...options });
    return new Stage(world, await ActRepository.create(ACT ?? '', world));
  }

  async run(example: string, trigger: ActTrigger): Promise<ActRun> {
    const { vantage, token } = this.world;
    const ended = await this.#repository.run(example, trigger);
    const secrets = [...Object.values(canariesOf(vantage)), token];
    const printed = `${ended.log}${await this.#repository.kept('arguments')}`;
    const found = secrets.flatMap(secret => encodingsOf(secret)).filter(({ text }) => printed.includes(text));
    expect(found).toEqual([]);
    return ended;
  }

  /** Runs it to its end, which is good. */
  async succeed(example: string, trigger: ActTrigger): Promise<string> {
    const { exitCode, log } = await this.run(example, trigger);
    expect({ exitCode, log: exitCode === 0 ? '' : log }).toEqual({ exitCode: 0, log: '' });
    expect(log).toContain('Job succeeded');
    return log;
  }

  /** What a command keeps in a JSON file. */
  async kept(file: string): Promise<unknown> {
    return JSON.parse(await this.#repository.kept(file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#repository[Symbol.asyncDispose]();
    await this.world[Symbol.asyncDispose]();
  }
}

const PRODUCTION = { ...OWN, environment: 'production' };
const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString();

(ACT ? describe : describe.skip)('on act', () => {
  describe('access-token.yml', () => {
    test('gives a later step a token that works', async () => {
      await using stage = await Stage.open();
      expect(await stage.succeed('access-token.yml', BY_HAND)).toContain('"id":"Receipt"');
    });
  });

  describe('quick-start.yml', () => {
    test('gives a later step a secret that works, and revokes it at the end of the job', async () => {
      await using stage = await Stage.open();
      const log = await stage.succeed('quick-start.yml', BY_HAND);
      expect(log).toContain('Vantage gave invoices-staging an access token.');
      expect(stage.world.vantage.client('invoices-staging')?.secrets).toEqual([]);
      expect(log).toContain('Deleted the secret of client "invoices-staging"');
    });

    test('ends the job if the action fails', async () => {
      await using stage = await Stage.open();
      const secrets = { VANTAGE_ADMIN_CLIENT_SECRET: 'wrong-secret' };
      const { exitCode, log } = await stage.run('quick-start.yml', { ...BY_HAND, secrets });
      expect(exitCode).toBe(1);
      expect(log).toContain(failedWith('authentication-failed'));
      expect(log).not.toContain('Run Main Call Vantage as the new client');
      expect(stage.world.clientIds()).toEqual([]);
    });

    test('leaves no secret behind if the run is cancelled', async () => {
      await using stage = await Stage.open({ vantage: { latencyMs: 500 } });
      const { vantage } = stage.world;
      const { log } = await stage.run('quick-start.yml', {
        ...BY_HAND,
        onStart: act => {
          const watch = setInterval(() => {
            if (vantage.createdSecrets.length < 2 && act.exitCode === null) return;
            clearInterval(watch);
            act.kill('SIGINT');
          }, 20);
        },
      });
      expect(vantage.createdSecrets).toHaveLength(2); // the administrator's, and that of the run
      expect(log).toContain('this step has been cancelled');
      expect(log).toContain('Deleted the secret of client "invoices-staging"');
      expect(vantage.client('invoices-staging')?.secrets).toEqual([]);
    });
  });

  test('bootstrap.yml creates an environment, and the next job deploys with what it holds', async () => {
    const repositories = (SEED.repositories ?? []).map(one =>
      one.repo === OWN.repo ? { ...one, environments: [] } : one,
    );
    await using stage = await Stage.open({ github: { seed: { ...SEED, repositories } } });
    const { github, vantage } = stage.world;
    await stage.succeed('bootstrap.yml', PUSH);
    expect(github.environments(OWN.owner, OWN.repo)).toContain('production');
    const secret = github.secret(PRODUCTION, 'VANTAGE_CLIENT_SECRET')?.value ?? '';
    expect(vantage.client('invoices-production')?.secrets.map(({ value }) => value)).toEqual([secret]);

    // act knows no environments: what this one holds is given to it.
    const vars = { VANTAGE_CLIENT_ID: github.variable(PRODUCTION, 'VANTAGE_CLIENT_ID')?.value ?? '' };
    const log = await stage.succeed('bootstrap.yml', { ...PUSH, vars, secrets: { VANTAGE_CLIENT_SECRET: secret } });
    const digest = createHash('sha256').update(secret).digest('hex');
    expect(log).toContain(`deployed invoices-production with ${digest} of ***`);
    expect(vantage.client('invoices-production')?.secrets).toHaveLength(1);
  });

  // An example that names a region of ABBYY would leave this machine.
  const ensure = readFileSync(path.join(ROOT, 'examples/only-ensure.yml'), 'utf8');
  (ensure.includes('base-url:') ? test : test.skip)(
    'only-ensure.yml ensures the client, and warns if it differs',
    async () => {
      await using stage = await Stage.open();
      const { vantage } = stage.world;
      const created = await stage.succeed('only-ensure.yml', PUSH);
      expect(vantage.client('invoices')).toMatchObject({ clientName: 'Invoices', secrets: [] });
      expect(created).not.toContain('Run Main Report how its settings differ');
      vantage.removeClient('invoices');
      vantage.addClient({ clientId: 'invoices', clientName: 'Bills' });
      const drifted = await stage.succeed('only-ensure.yml', PUSH);
      expect(drifted).toContain('"clientName":["Invoices","Bills"]');
    },
  );

  test('preview.yml creates a client for a pull request, deploys with it, and deletes it', async () => {
    await using stage = await Stage.open();
    const { vantage } = stage.world;
    const opened = await stage.succeed('preview.yml', pullRequest('opened'));
    const [secret] = vantage.client('invoices-pr-7')?.secrets ?? [];
    const digest = createHash('sha256')
      .update(secret?.value ?? '')
      .digest('hex');
    expect(opened).toContain(`deployed invoices-pr-7 with ${digest} of ***`);
    await stage.succeed('preview.yml', pullRequest('closed'));
    expect(stage.world.clientIds()).toEqual([]);
    const { log } = await stage.run('preview.yml', pullRequest('opened', 'stranger/octo-repo'));
    expect(log).not.toContain('Run Main');
    expect(stage.world.clientIds()).toEqual([]);
  });

  describe('a fleet', () => {
    const repositories = (SEED.repositories ?? []).map(one =>
      one.repo === OWN.repo ? { ...one, environments: ['production', 'staging'] } : one,
    );
    const CLIENT_IDS = ['invoices-production', 'invoices-staging', 'portal'];

    test('is ensured from its manifest', async () => {
      await using stage = await Stage.open({ github: { seed: { ...SEED, repositories } } });
      const { github, vantage } = stage.world;
      await stage.succeed('fleet.yml', PUSH);
      expect(stage.world.clientIds().toSorted()).toEqual(CLIENT_IDS);
      const secret = github.secret(PRODUCTION, 'VANTAGE_CLIENT_SECRET')?.value;
      expect(vantage.client('invoices-production')?.secrets.map(({ value }) => value)).toEqual([secret]);
      await stage.succeed('fleet.yml', SCHEDULE);
      expect(vantage.client('invoices-production')?.secrets).toHaveLength(1);
    });

    test('is shared by the jobs of a matrix', async () => {
      await using stage = await Stage.open({ github: { seed: { ...SEED, repositories } } });
      const log = await stage.succeed('fleet-matrix.yml', PUSH);
      expect(stage.world.clientIds().toSorted()).toEqual(CLIENT_IDS);
      expect(log.match(/Success - Main Ensure the clients of this share/gu)).toHaveLength(4);
      expect(log).toContain('Success - Main Count them');
    });
  });

  test('rotate.yml rotates by its schedule, and changes nothing the second time', async () => {
    await using stage = await Stage.open();
    const { github, vantage } = stage.world;
    await stage.succeed('rotate.yml', SCHEDULE);
    const secret = github.secret(PRODUCTION, 'VANTAGE_CLIENT_SECRET')?.value;
    expect(vantage.client('invoices-production')?.secrets.map(({ value }) => value)).toEqual([secret]);
    await stage.succeed('rotate.yml', SCHEDULE);
    expect(vantage.client('invoices-production')?.secrets).toHaveLength(1);
  });

  (EXAMPLES.includes('rotate-admin.yml') ? test : test.skip)(
    'rotate-admin.yml replaces the secret that it signs in with',
    async () => {
      const repositories = (SEED.repositories ?? []).map(one =>
        one.repo === OWN.repo ? { ...one, environments: ['vantage-administration'] } : one,
      );
      await using stage = await Stage.open({ github: { seed: { ...SEED, repositories } } });
      const { github, vantage } = stage.world;
      await stage.succeed('rotate-admin.yml', SCHEDULE);
      const target = { ...OWN, environment: 'vantage-administration' };
      const stored = github.secret(target, 'VANTAGE_ADMIN_CLIENT_SECRET')?.value;
      expect(stored).not.toBe(vantage.administrator.clientSecret);
      expect(vantage.client(vantage.administrator.clientId)?.secrets.map(({ value }) => value)).toContain(stored);
    },
  );

  test('sweep.yml deletes the clients of closed pull requests', async () => {
    const mark = '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]';
    const client = (clientId: string) => ({ clientId, secrets: [{ description: mark }] });
    const pullRequests = [{ number: 1, state: 'closed' as const }, { number: 2 }];
    const repositories = (SEED.repositories ?? []).map(one => (one.repo === OWN.repo ? { ...one, pullRequests } : one));
    await using stage = await Stage.open({
      vantage: { clients: ['invoices', 'invoices-pr-1', 'invoices-pr-2'].map(client) },
      github: { seed: { ...SEED, repositories } },
    });
    await stage.succeed('sweep.yml', SCHEDULE);
    expect(stage.world.clientIds()).toEqual(['invoices', 'invoices-pr-2']);
  });

  test('audit.yml fails if a secret expires soon', async () => {
    const secrets = [{ startTime: inDays(-60), expiration: inDays(40) }];
    await using stage = await Stage.open({ vantage: { clients: [{ clientId: 'soon', secrets }] } });
    const { exitCode, log } = await stage.run('audit.yml', SCHEDULE);
    expect(exitCode).toBe(1);
    expect(log).toContain(failedWith('audit-findings'));
    stage.world.vantage.removeClient('soon');
    await stage.succeed('audit.yml', SCHEDULE);
  });

  test('audit-issue.yml reports in an issue that the audit failed, and why', async () => {
    const secrets = [{ startTime: inDays(-60), expiration: inDays(40) }];
    await using stage = await Stage.open({ vantage: { clients: [{ clientId: 'soon', secrets }] } });
    const { exitCode, log } = await stage.run('audit-issue.yml', SCHEDULE);
    expect(exitCode).toBe(1);
    expect(log).toContain(failedWith('audit-findings'));
    // act does not flatten lists of lists (`.*.findings.*`) as GitHub does. Other tests look at the counts.
    const text = expect.stringContaining(
      'The audit failed with `audit-findings`. [Its run](https://github.com/octo-org/',
    );
    expect(await stage.kept('issues.json')).toMatchObject({
      issues: [{ label: 'vantage-audit', state: 'open', texts: [text] }],
    });
  });

  test('vault.yml stores a secret in a vault, and changes nothing while that is not due', async () => {
    await using stage = await Stage.open();
    const { vantage } = stage.world;
    for (const trigger of [SCHEDULE, BY_HAND]) {
      await stage.succeed('vault.yml', trigger);
      const [secret, ...others] = vantage.client('invoices-production')?.secrets ?? [];
      expect(await stage.kept('vault.json')).toMatchObject({ 'vantage-client-secret': { value: secret?.value } });
      expect(others).toEqual([]);
    }
  });
});

test('every example runs on act', () => {
  const source = readFileSync(import.meta.filename, 'utf8');
  expect(EXAMPLES).not.toEqual([]);
  expect(EXAMPLES.filter(example => !source.includes(`'${example}', `))).toEqual([]);
});
