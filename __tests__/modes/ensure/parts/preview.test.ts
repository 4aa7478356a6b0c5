import { describe, expect, test } from '@jest/globals';
import type { EnsureRequest } from '../../../../src/model/request.ts';
import type { Observed } from '../../../../src/modes/ensure/observe.ts';
import { preview, recordPlan } from '../../../../src/modes/ensure/preview.ts';
import type { Plan } from '../../../../src/plan/plan.ts';
import { planOf, rotationOf } from '../../../support/plans.ts';
import {
  type Answers,
  ensureRequest,
  ensureRun,
  failureOf,
  NOW,
  observedOf,
  refusal,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';
import { preparedTarget, targetOf } from '../../../support/workflow.ts';

const KEEP: Plan['client'] = {
  step: 'keep',
  comparison: { drift: { clientName: ['New', 'Old'] }, unreported: [] },
  client: { clientId: 'invoices' },
};
const CREATE: Plan['client'] = { step: 'create', settings: { clientName: 'New' }, why: 'it answered 404' };
const LATER = new Date('2027-02-28T00:00:00.000Z');
const NOT_DUE = rotationOf({ due: false, dueAt: LATER });
const DUE = rotationOf({ due: true, reason: 'always', why: 'rotate is always', targets: [] });
const finding = (kind: string): Answers => ({ 'clients.find': () => ({ kind, reason: 'it answered 403' }) });
const HEAD = { schemaVersion: 1, mode: 'ensure', clientId: 'invoices' };

async function run(
  plan: Partial<Plan>,
  answers: Answers = {},
  given: Parameters<typeof ensureRequest>[1] = {},
  observed: Partial<Observed> = {},
) {
  using stage = new Stage(answers);
  const request: EnsureRequest = ensureRequest([], given);
  const seen = observedOf(stage, observed);
  const work = preview(ensureRun(stage, { request, observed: seen }), planOf({ client: CREATE, ...plan }));
  const failure = await failureOf(work);
  const { log, requests, record } = stage;
  expect(record.changed).toBe(false);
  const end = log.findIndex(line => line.startsWith('A dry run changes nothing. The plan: '));
  const shown = end < 0 ? [] : log.slice(end);
  return { failure, log: end < 0 ? log : log.slice(0, end), shown, plan: record.plan, requests, record };
}

describe('a client that was read', () => {
  test('is compared, and not looked for', async () => {
    const { failure, log, plan, requests, record } = await run({ client: KEEP, rotation: NOT_DUE });
    expect(failure).toBeUndefined();
    expect(log).toEqual(['Warning: Client "invoices" has a different clientName: wanted "New", found "Old".']);
    expect(plan).toEqual({
      ...HEAD,
      client: 'keep',
      ifExists: 'adopt',
      drift: { clientName: ['New', 'Old'] },
      secret: 'none',
      reason: 'not-due',
      dueAt: LATER.toISOString(),
    });
    expect(requests).toEqual([]);
    expect(record).toMatchObject({ clientFound: 'kept', plan, rotationDue: LATER.toISOString() });
    expect(record.liveBefore).toBeUndefined();
  });
});

describe('a client that could not be read', () => {
  test('is not looked for if it makes no difference whether it exists', async () => {
    const { failure, log, plan, requests, record } = await run({ rotation: DUE });
    expect(failure).toBeUndefined();
    expect(log).toEqual([]);
    expect(plan).toEqual({
      ...HEAD,
      client: 'create',
      ifExists: 'adopt',
      settings: { clientName: 'New' },
      secret: 'mint',
      reason: 'always',
      why: 'rotate is always',
    });
    expect(requests).toEqual([]);
    expect(record.clientFound).toBeUndefined();
    expect(record.rotationDue).toBeUndefined();
  });

  test('is not looked for if no secret is to be created', async () => {
    expect(await run({})).toMatchObject({ requests: [], plan: { secret: 'none', reason: 'never' } });
  });

  test.each([
    ['no secret is due', { rotation: NOT_DUE }, {}],
    ['it must not exist', { rotation: DUE }, { client: { ifExists: 'fail' } }],
    ['secrets are to be pruned', { rotation: DUE }, { secret: { pruneAfter: { days: 7 } } }],
    ['the secret is to be revoked', { rotation: DUE }, { secret: { revokeAtJobEnd: true } }],
  ] as const)('is looked for if %s', async (_, plan, given) => {
    const { failure, requests, record } = await run(plan, finding('absent'), given);
    expect(failure).toBeUndefined();
    expect(requests).toEqual(['clients.find invoices']);
    expect(record).toMatchObject({ clientFound: 'absent', liveBefore: [] });
  });

  test('and does not exist gets a secret, as it is new', async () => {
    const { plan, record } = await run({ rotation: NOT_DUE }, finding('absent'));
    expect(plan).toMatchObject({ client: 'create', secret: 'mint', reason: 'new-client', why: 'the client is new' });
    expect(record.rotationDue).toBeUndefined();
  });

  test('and exists is kept', async () => {
    const { plan, record } = await run({ rotation: NOT_DUE }, finding('present'));
    expect(plan).toEqual({
      ...HEAD,
      client: 'keep',
      ifExists: 'adopt',
      secret: 'none',
      reason: 'not-due',
      dueAt: LATER.toISOString(),
    });
    expect(record).toMatchObject({ clientFound: 'kept', rotationDue: LATER.toISOString() });
    expect(record.liveBefore).toBeUndefined();
  });

  test.each(['not-listed', 'unreadable'])('and of which it is not known whether it exists (%s)', async kind => {
    const { plan, record } = await run({ rotation: NOT_DUE }, finding(kind));
    expect(plan).toMatchObject({ client: 'create', secret: 'none unless the client is missing', reason: 'not-due' });
    expect(record.clientFound).toBeUndefined();
    expect(record.liveBefore).toBeUndefined();
  });

  test('and exists ends a run with if-exists: fail', async () => {
    const { failure, log } = await run({ rotation: DUE }, finding('present'), { client: { ifExists: 'fail' } });
    expect(failure).toMatchObject({ code: 'conflict', parts: { reason: 'it already exists' } });
    expect(log).toEqual([]);
  });
});

describe('what a run would warn about', () => {
  const INEFFECTIVE =
    'Warning: revoke-at-job-end will not delete the secret: this Vantage does not list secrets (it answered 404). Remove the input, or set a short secret-expiration and delete the secret in Vantage by hand.';
  const given = { secret: { revokeAtJobEnd: true } };

  test.each([
    ['present', [INEFFECTIVE]],
    ['not-listed', [INEFFECTIVE]],
    ['absent', []],
  ])('are inputs without effect, unless a new client may list its secrets (%s)', async (kind, warnings) => {
    expect((await run({ rotation: DUE }, finding(kind), given, { secrets: UNREADABLE })).log).toEqual(warnings);
  });

  test('is a secret that starts late', async () => {
    const targets = [preparedTarget('repository')];
    const life = { startTime: LATER };
    const due = { due: true, reason: 'always', why: 'rotate is always', targets } as const;
    const { log } = await run({ rotation: rotationOf(due, { life }) });
    expect(log).toEqual([
      expect.stringMatching(/^Warning: The targets get a secret that is not valid before 2027-02-28/u),
    ]);
    expect((await run({ rotation: rotationOf({ due: false, dueAt: NOW }, { life }), client: KEEP })).log).toHaveLength(
      1,
    );
  });

  test('is access that it would give', async () => {
    const target = targetOf('organization octo-org selected');
    const shared = {
      ...preparedTarget(target, NOW),
      repositoryAccess: { visibility: 'selected', repositories: [1] },
      ownReader: { id: 1001, isMissing: true },
    } as const;
    expect((await run({ targets: [shared], client: KEEP })).shown).toEqual([
      'A dry run changes nothing. The plan: give this repository access to 1 item.',
      '+ access  this repository to secret VANTAGE_CLIENT_SECRET of actions organization octo-org',
    ]);
  });

  test('are targets that it cannot write, after the plan', async () => {
    const targetsFailure = refusal('github-permission');
    const { failure, plan } = await run({}, {}, {}, { targetsFailure });
    expect(failure).toBe(targetsFailure);
    expect(plan).toMatchObject({ secret: 'none' });
  });
});

test('the drift in the log is short and without secrets, and the one in the record is whole', async () => {
  using stage = new Stage({}, { hidden: 'canary-of-a-job' });
  const found = `canary-of-a-job${'x'.repeat(400)}`;
  const client: Plan['client'] = {
    step: 'keep',
    comparison: { drift: { clientName: ['New', found] }, unreported: [] },
    client: { clientId: 'invoices' },
  };
  await preview(ensureRun(stage), planOf({ client }));
  expect(stage.log).toEqual([
    `Warning: Client "invoices" has a different clientName: wanted "New", found "***${'x'.repeat(295)}….`,
    'A dry run changes nothing. The plan: nothing to do.',
  ]);
  expect(stage.record.plan).toMatchObject({ drift: { clientName: ['New', found] } });
});

test('the record has the plan, and when the secret in use becomes due', () => {
  using stage = new Stage();
  const { record } = stage;
  recordPlan(ensureRequest(), planOf({ client: KEEP, rotation: NOT_DUE }), record);
  expect(record.rotationDue).toBe(LATER.toISOString());
  recordPlan(ensureRequest(), planOf({ client: KEEP, rotation: rotationOf({ due: false }) }), record);
  expect(record.rotationDue).toBeUndefined();
  recordPlan(ensureRequest(), planOf({ client: KEEP }), record);
  expect(record).toMatchObject({ plan: { reason: 'never' } });
  expect(record.rotationDue).toBeUndefined();
});
