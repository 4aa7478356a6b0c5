import { describe, expect, test } from '@jest/globals';
import { evaluate, holds } from '../emulator/runner/expressions.ts';
import { fillIn, type JobContexts, readWorkflow, stepUsing } from '../scripts/start/workflow.ts';
import { OWN, SEED } from './support/github.ts';
import { Tenant, type TenantStep } from './support/tenant.ts';
import { errorOf } from './support/world.ts';

/** The workflows of `examples/`, unchanged. Their expressions are evaluated by GitHub's own library. */
const ACTION = /^OWNER\/vantage-client-action@/u;
const REPOSITORY = `${OWN.owner}/${OWN.repo}`;

/** What distinguishes one run of a workflow from another. */
type Contexts = Pick<JobContexts, 'github' | 'inputs'>;

/** What GitHub passes to a job of pull request 7. */
function pullRequest(action: string, { from = REPOSITORY, actor = 'octocat' } = {}): Contexts {
  const event = { action, number: 7, pull_request: { head: { repo: { full_name: from } } } };
  return { github: { event_name: 'pull_request', repository: REPOSITORY, actor, event } };
}

/** Whether the job of an example runs. */
async function runs(file: string, contexts: Contexts): Promise<boolean> {
  const [job] = (await readWorkflow(file)).jobs;
  return job?.condition === undefined || holds(job.condition, { ...contexts });
}

/** Runs the step of an example that uses the action. */
async function run(file: string, tenant: Tenant, contexts: Contexts): Promise<TenantStep> {
  const { vantage, token } = tenant;
  const step = stepUsing(await readWorkflow(file), ACTION);
  const inputs = fillIn(step.with, {
    vars: {
      VANTAGE_BASE_URL: vantage.baseUrl,
      VANTAGE_TENANT_ID: vantage.tenantId,
      VANTAGE_ADMIN_CLIENT_ID: vantage.administrator.clientId,
    },
    secrets: { VANTAGE_ADMIN_CLIENT_SECRET: vantage.administrator.clientSecret },
    steps: { 'app-token': { token } },
    inputs: {},
    ...contexts,
    github: { token, ...contexts.github },
  });
  const ended = await tenant.step({ 'client-id': '', 'github-token': '', ...inputs });
  expect({ error: errorOf(ended), code: ended.outputs['error-code'] }).toEqual({ error: '', code: '' });
  return ended;
}

describe('preview.yml', () => {
  const file = 'examples/preview.yml';

  test('creates the client when a pull request is opened, renews its secret, and deletes it when the pull request is closed', async () => {
    await using tenant = await Tenant.open();
    const opened = await run(file, tenant, pullRequest('opened'));
    expect(opened.outputs).toMatchObject({ 'client-id': 'invoices-pr-7', 'client-created': 'true', verified: 'true' });
    expect(tenant.vantage.client('invoices-pr-7')).toMatchObject({
      clientName: 'Invoices, pull request 7',
      redirectUris: ['https://pr-7.invoices.example.com/'],
    });
    for (const action of ['synchronize', 'reopened']) {
      const { outputs } = await run(file, tenant, pullRequest(action));
      expect(outputs).toMatchObject({ 'client-created': 'false', 'secret-created': 'true', verified: 'true' });
    }
    expect(tenant.vantage.client('invoices-pr-7')?.secrets).toHaveLength(3);
    const closed = await run(file, tenant, pullRequest('closed'));
    expect(closed.outputs['client-deleted']).toBe('true');
    expect(tenant.clientIds()).toEqual([]);
  });

  test('deploys with the outputs of the step, unless the pull request is closed', async () => {
    const [job] = (await readWorkflow(file)).jobs;
    const deploy = job?.steps.at(-1);
    const steps = { vantage: { 'client-id': 'invoices-pr-7', 'client-secret': 'value' } };
    expect(fillIn(deploy?.env ?? {}, { vars: {}, secrets: {}, steps, ...pullRequest('opened') })).toEqual({
      PREVIEW_URL: 'https://pr-7.invoices.example.com/',
      VANTAGE_CLIENT_ID: 'invoices-pr-7',
      VANTAGE_CLIENT_SECRET: 'value',
    });
    expect(deploy?.source).toContain("if: github.event.action != 'closed'");
  });

  test('passes no secrets to forks, and does not run without secrets', async () => {
    expect(await runs(file, pullRequest('opened'))).toBe(true);
    expect(await runs(file, pullRequest('closed'))).toBe(true);
    expect(await runs(file, pullRequest('opened', { from: 'stranger/octo-repo' }))).toBe(false);
    expect(await runs(file, pullRequest('closed', { from: 'stranger/octo-repo' }))).toBe(false);
    expect(await runs(file, pullRequest('opened', { actor: 'dependabot[bot]' }))).toBe(false);
    expect((await readWorkflow(file)).source).not.toContain('pull_request_target');
  });

  test('has one run at a time for each pull request', async () => {
    const [, group = ''] = /group: (.+)/u.exec((await readWorkflow(file)).source) ?? [];
    expect(evaluate(group, { ...pullRequest('opened') })).toBe('preview-7');
  });
});

describe('sweep.yml', () => {
  const file = 'examples/sweep.yml';
  const open = () =>
    Tenant.open({
      vantage: {
        clients: ['invoices', 'invoices-pr-1', 'invoices-pr-2'].map(clientId => ({
          clientId,
          secrets: [
            {
              description:
                '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]',
            },
          ],
        })),
      },
      github: {
        seed: {
          ...SEED,
          repositories: (SEED.repositories ?? []).map(one =>
            one.repo === OWN.repo ? { ...one, pullRequests: [{ number: 1, state: 'closed' }, { number: 2 }] } : one,
          ),
        },
      },
      token: { kind: 'workflow', permissions: { pull_requests: 'read' } },
    });

  test('deletes the clients of closed pull requests on its schedule, with the token of the workflow', async () => {
    await using tenant = await open();
    await run(file, tenant, { github: { event_name: 'schedule' } });
    expect(tenant.clientIds()).toEqual(['invoices', 'invoices-pr-2']);
  });

  test('started manually, shows what it would delete', async () => {
    await using tenant = await open();
    const inputs = { 'dry-run': true, 'max-deletes': '5' };
    const { outputs } = await run(file, tenant, { github: { event_name: 'workflow_dispatch' }, inputs });
    expect(outputs.changed).toBe('false');
    expect(JSON.parse(outputs.results ?? '')).toContainEqual(
      expect.objectContaining({ clientId: 'invoices-pr-1', fate: 'to be deleted' }),
    );
    expect(tenant.clientIds()).toHaveLength(3);
  });
});

test('audit.yml finds what expires before the next audit, and then fails the run', async () => {
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString();
  const secret = (days: number) => ({ secrets: [{ startTime: inDays(-1), expiration: inDays(days) }] });
  await using tenant = await Tenant.open({
    vantage: {
      clients: [
        { clientId: 'later', ...secret(50) },
        { clientId: 'soon', ...secret(40) },
      ],
    },
  });
  await expect(run('examples/audit.yml', tenant, {})).rejects.toThrow('audit-findings');
  tenant.vantage.removeClient('soon');
  const { outputs } = await run('examples/audit.yml', tenant, {});
  expect(JSON.parse(outputs.results ?? '')).toContainEqual(
    expect.objectContaining({ clientId: 'later', findings: [] }),
  );
});

test('rotate.yml rotates on its schedule, and shows what it would do in a pull request, unless it is from a fork', async () => {
  const file = 'examples/rotate.yml';
  await using tenant = await Tenant.open();
  const shown = await run(file, tenant, pullRequest('synchronize'));
  expect(shown.outputs.changed).toBe('false');
  const rotated = await run(file, tenant, { github: { event_name: 'schedule' } });
  expect(JSON.parse(rotated.outputs.written ?? '')).toEqual([
    `environment ${REPOSITORY} production as VANTAGE_CLIENT_SECRET`,
  ]);
  expect((await run(file, tenant, { github: { event_name: 'schedule' } })).outputs.changed).toBe('false');
  expect(await runs(file, { github: { event_name: 'schedule' } })).toBe(true);
  expect(await runs(file, pullRequest('opened'))).toBe(true);
  expect(await runs(file, pullRequest('opened', { from: 'stranger/octo-repo' }))).toBe(false);
});
