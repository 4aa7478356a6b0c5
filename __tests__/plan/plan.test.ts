import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ClientRequest } from '../../src/model/client.ts';
import { Failure } from '../../src/model/failure.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import { Secret, type SecretRequest } from '../../src/model/secret.ts';
import { targetLine } from '../../src/model/target.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { planClient } from '../../src/plan/client-step.ts';
import { describePlan } from '../../src/plan/describe-plan.ts';
import {
  type Observation,
  type Plan,
  planEnsure,
  type RotationPlan,
  replan,
  type Wanted,
} from '../../src/plan/plan.ts';
import { DELIVERY, digests, OTHER_WORKFLOW, preparedTarget, targetOf, WORKFLOW } from '../support/workflow.ts';

const DAY = 24 * 60 * 60_000;
const now = new Date('2027-01-31T09:00:00Z');
const clocks = { github: now, vantage: now };
/** The request, with defaults for what a test does not set. */
const asked = (secret: Partial<SecretRequest>, client = wanted()): Wanted => ({
  client,
  secret: { rotate: 'always', rotateBefore: { days: 30 }, verify: true, revokeAtJobEnd: false, ...secret },
  signIn: { kind: 'access-token', accessToken: new Secret('token') },
  workflow: WORKFLOW,
  delivery: DELIVERY,
});
const unreadable = { kind: 'unreadable', reason: 'GET … answered 404', code: 'unsupported' } as const;
const wanted = (given: Partial<ClientRequest> = {}): ClientRequest => ({
  clientId: 'invoices',
  declared: { clientName: 'Invoices' },
  initial: { clientName: 'Invoices', allowedGrantTypes: ['client_credentials'] },
  ifExists: 'adopt',
  ...given,
});
const found = (settings: object) => ({ kind: 'found', found: { clientId: 'invoices', ...settings } }) as const;
const same = found({ clientName: 'Invoices', requireConsent: true });
const other = found({ clientName: 'Old', requireConsent: true, addedLater: { by: 'Vantage' } });

/** A listed secret that this repository created now for these lines of `write-to`. */
const secretFor = (lines: readonly string[], expiration: string): ListedSecret => ({
  id: lines.join(),
  description: ownershipMark(WORKFLOW, digests(lines), markNonce(now, '00000000')),
  expiration,
});

describe('the client', () => {
  test.each(['adopt', 'update', 'fail'] as const)('is created if it cannot be read, with if-exists %s', ifExists => {
    const { initial } = wanted();
    expect(planClient(wanted({ ifExists }), unreadable)).toEqual({
      step: 'create',
      settings: initial,
      why: unreadable.reason,
    });
  });

  test.each([
    ['adopt', same, {}],
    ['adopt', other, { clientName: ['Invoices', 'Old'] }],
    ['update', same, {}],
  ] as const)('is kept: %s, %j', (ifExists, read, drift) => {
    const step = planClient(wanted({ ifExists }), read);
    expect(step).toEqual({ step: 'keep', comparison: { drift, unreported: [] }, client: read.found });
  });

  test('is updated if it drifted: as it was read, with the declared values of drifted settings', () => {
    const declared = { clientName: 'Invoices', requireConsent: true, allowRopc: false };
    expect(planClient(wanted({ ifExists: 'update', declared }), other)).toEqual({
      step: 'update',
      comparison: { drift: { clientName: ['Invoices', 'Old'] }, unreported: ['allowRopc'] },
      client: { clientId: 'invoices', clientName: 'Invoices', requireConsent: true, addedLater: { by: 'Vantage' } },
    });
    expect(other.found).toMatchObject({ clientName: 'Old' });
  });

  test('keeps a list as Vantage has it if only the order differs', () => {
    const declared = { redirectUris: ['https://a.example/', 'https://b.example/'], clientName: 'Invoices' };
    const read = found({ clientName: 'Old', redirectUris: declared.redirectUris.toReversed() });
    const step = planClient(wanted({ ifExists: 'update', declared }), read);
    expect(step).toMatchObject({
      step: 'update',
      client: { redirectUris: ['https://b.example/', 'https://a.example/'] },
    });
  });

  test('that exists fails the step if if-exists is fail', () => {
    expect.assertions(2);
    try {
      planClient(wanted({ ifExists: 'fail' }), same);
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ code: 'conflict', message: expect.stringContaining('"invoices"') });
    }
  });
});

describe('the secret', () => {
  const observed = { client: same, secrets: undefined, targets: [], currentSecretAccepted: undefined };

  test('is created with the requested life', () => {
    const life = planEnsure(asked({ expiration: { after: { days: 90 } } }), observed, clocks).rotation?.life;
    expect(life).toEqual({ expiration: new Date('2027-05-01T09:00:00Z') });
    expect(planEnsure(asked({}), observed, clocks).rotation?.life).toEqual({});
  });

  test('is not created if rotate is never, and nothing else is done', () => {
    const never = asked({ rotate: 'never', expiration: { after: { days: 90 } }, pruneAfter: { days: 1 } });
    const targets = [preparedTarget('repository', now)];
    expect(planEnsure(never, { ...observed, targets }, clocks)).toEqual({
      client: planClient(wanted(), same),
      targets: [],
      prune: [],
      variables: [],
      shared: [],
    });
  });

  test('is created for all targets if rotate is always', () => {
    const targets = [preparedTarget('repository', now), preparedTarget('environment production')];
    expect(planEnsure(asked({}), { ...observed, targets }, clocks)).toEqual({
      client: planClient(wanted(), same),
      rotation: {
        life: {},
        due: { due: true, reason: 'always', why: 'rotate is always', targets },
        clock: 'github',
        end: new Date('2027-07-31T09:00:00Z'),
        unreported: [],
      },
      targets,
      prune: [],
      variables: [],
      shared: [],
    });
  });

  test('has a mark with the time of Vantage if no target has a time, and ends when it is requested', () => {
    const { rotation } = planEnsure(asked({ expiration: { after: { days: 90 } } }), observed, clocks);
    expect(rotation).toEqual({
      life: { expiration: new Date('2027-05-01T09:00:00Z') },
      due: { due: true, reason: 'always', why: 'rotate is always', targets: [] },
      clock: 'vantage',
      end: new Date('2027-05-01T09:00:00Z'),
      unreported: [],
    });
  });
});

test('a plan depends only on its parameters', () => {
  const wants = asked({ startTime: { after: { days: 1 } }, expiration: { after: { years: 1 } } });
  const observed = { client: other, secrets: undefined, targets: [], currentSecretAccepted: undefined };
  const plan = () => planEnsure(wants, observed, clocks);
  expect(plan()).toEqual(plan());
  expect(plan().rotation?.life).toEqual({
    startTime: new Date('2027-02-01T09:00:00Z'),
    expiration: new Date('2028-02-01T09:00:00Z'),
  });
});

describe('the plan output', () => {
  test('shows a creation with the settings and the life of the secret', () => {
    const step = planClient(wanted(), unreadable);
    expect(
      describePlan(wanted(), {
        client: step,
        rotation: {
          life: { startTime: now, expiration: now },
          due: { due: true, reason: 'expires-soon', why: 'it ends', targets: [] },
          clock: 'vantage',
          end: now,
          unreported: [],
        },
        targets: [],
        prune: [],
        variables: [],
        shared: [],
      }),
    ).toMatchObject({
      clientId: 'invoices',
      client: 'create',
      settings: wanted().initial,
      secret: 'mint',
      why: 'it ends',
      startTime: now.toISOString(),
      expiration: now.toISOString(),
    });
  });

  test('shows the drift of a client that is kept, and that no secret is created', () => {
    const described = describePlan(wanted(), {
      client: planClient(wanted(), other),
      targets: [],
      prune: [],
      variables: [],
      shared: [],
    });
    expect(described).toMatchObject({ client: 'keep', drift: { clientName: ['Invoices', 'Old'] }, secret: 'none' });
    expect(described).not.toHaveProperty('settings');
    expect(described).not.toHaveProperty('expiration');
  });
});

describe('whether a secret is due', () => {
  const described = { id: 'unmarked', description: 'Staging' };
  const list = (found: readonly ListedSecret[]) => ({ kind: 'found', found, whole: true }) as const;
  const written = preparedTarget('repository', now);
  const held = secretFor(['repository'], '2027-12-31T09:00:00Z');
  const plan = (secret: Partial<SecretRequest>, observed: Partial<Observation>, outputSecret = false) =>
    planEnsure(
      { ...asked({ rotate: 'when-due', ...secret }), delivery: { ...DELIVERY, outputSecret } },
      { client: same, secrets: unreadable, targets: [], currentSecretAccepted: undefined, ...observed },
      clocks,
    );
  const due = (...given: Parameters<typeof plan>) => plan(...given).rotation?.due;
  const currentSecret = new Secret('abcdef');

  test('is decided by current-secret, if the token endpoint accepts it', () => {
    const found = list([{ id: 'one', description: null, valueDisplay: 'abc', expiration: '2027-03-31T09:00:00Z' }]);
    const accepted = { secrets: found, currentSecretAccepted: true };
    expect(due({ currentSecret }, accepted)).toEqual({
      due: false,
      dueAt: new Date('2027-03-01T09:00:00Z'),
      why: 'current-secret expires at 2027-03-31T09:00:00.000Z',
    });
    expect(due({ currentSecret: new Secret('abdef') }, accepted)).toEqual({ due: false });
    expect(due({ currentSecret }, { ...accepted, currentSecretAccepted: false })).toMatchObject({
      due: true,
      reason: 'current-secret-refused',
    });
  });

  test('is not decided by a current-secret that was not tried', () => {
    expect(due({ currentSecret }, {})).toMatchObject({ due: true, reason: 'nothing-holds-one' });
  });

  test('is decided by the output only if there are targets, which do not show what the output is', () => {
    const targets = [written];
    const output = secretFor([], '2027-03-31T09:00:00Z');
    const observed = { secrets: list([held, output]), targets };
    expect(due({}, observed)).toEqual({
      due: false,
      dueAt: new Date('2027-12-01T09:00:00Z'),
      why: 'the secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo expires at 2027-12-31T09:00:00.000Z',
    });
    expect(due({}, observed, true)).toMatchObject({ due: false, dueAt: new Date('2027-03-01T09:00:00Z') });
    expect(due({}, { secrets: list([held]), targets }, true)).toMatchObject({ due: true, reason: 'no-own-secret' });
    const withoutTargets = { secrets: list([held]), currentSecretAccepted: true };
    expect(due({ currentSecret }, withoutTargets, true)).toEqual({ due: false });
  });

  test('is decided by the maximum duration of a run, if it is known', () => {
    const targets = [preparedTarget('repository', new Date(now.getTime() + 15 * 60_000))];
    const seen = { client: same, secrets: list([held]), targets, currentSecretAccepted: undefined };
    const reason = (timeout: number) => {
      const wants = { ...asked({ rotate: 'when-due' }), run: { timeout } };
      return planEnsure(wants, seen, clocks).rotation?.due;
    };
    expect(reason(10 * 60_000)).toMatchObject({ due: false });
    expect(reason(10 * 60_000 - 1)).toMatchObject({ due: true, reason: 'no-own-secret' });
  });

  test('is not certain for existing targets whose secrets Vantage does not report', () => {
    const targets = [written, preparedTarget('environment production')];
    const unreported = (secret: Partial<SecretRequest>, secrets: Observation['secrets']) =>
      plan(secret, { targets, secrets }).rotation?.unreported;
    const line = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
    expect(unreported({}, unreadable)).toEqual([line]);
    expect(unreported({}, undefined)).toEqual([line]);
    expect(unreported({}, { ...list([]), whole: false })).toEqual([line]);
    expect(unreported({}, list([{ id: 'one' }]))).toEqual([line]);
    expect(unreported({}, list([described]))).toEqual([]);
    expect(unreported({ rotate: 'always' }, unreadable)).toEqual([]);
  });

  test('is not decided by secrets if the GitHub of the targets is not known', () => {
    const wants = { ...asked({ rotate: 'when-due' }), delivery: { outputSecret: false } };
    const seen = { client: same, secrets: list([held]), targets: [written], currentSecretAccepted: undefined };
    expect(planEnsure(wants, seen, clocks)).toMatchObject({
      rotation: { due: { due: true, reason: 'no-own-secret' } },
      shared: [],
    });
  });
});

describe('the variables next to a target that gets no new secret', () => {
  const variables = { clientId: { name: 'ID', value: 'invoices' }, expiration: { name: 'ENDS', value: 'soon' } };
  const production = preparedTarget('environment production', now);
  const healthy = { ...production, resolved: { ...production.resolved, variables } };
  const missing = preparedTarget('repository');
  const ends = '2027-12-31T09:00:00Z';
  const written = (found: readonly ListedSecret[], targets: readonly PreparedTarget[] = [healthy], whole = true) => {
    const seen = {
      client: same,
      secrets: { kind: 'found', found, whole } as const,
      targets,
      currentSecretAccepted: true,
    };
    return planEnsure(asked({ rotate: 'when-due' }), seen, clocks).variables.map(({ name, value }) => [name, value]);
  };
  const right = [['ENDS', '2027-12-31T09:00:00.000Z']];

  test('are corrected, whether or not another target is due', () => {
    const secret = secretFor(['environment production'], ends);
    expect(written([secret])).toEqual(right);
    expect(written([secret], [missing, healthy])).toEqual(right);
  });

  test('are left to the rotation if the target is due', () => {
    expect(written([secretFor(['environment production'], now.toISOString())])).toEqual([]);
    expect(written([])).toEqual([]);
  });

  test('are kept if it is not known when the secret expires', () => {
    const { expiration: _, ...unreported } = secretFor(['environment production'], ends);
    expect(written([unreported])).toEqual([]);
    const secret = secretFor(['environment production'], ends);
    expect(written([secret, { id: 'no description' }])).toEqual([]);
    expect(written([secret], [healthy], false)).toEqual([]);
  });
});

describe('after the client was created', () => {
  const targets = [preparedTarget('repository'), preparedTarget('environment production')];
  const variables = [{ name: 'ENDS' }] as unknown as Plan['variables'];
  const rotation = (due: RotationPlan['due']): RotationPlan => ({
    life: {},
    due,
    clock: 'github',
    end: now,
    unreported: [],
  });
  const before: Plan = { client: planClient(wanted(), unreadable), targets, prune: [], variables, shared: [] };
  const notDue = { ...before, rotation: rotation({ due: false, dueAt: now }) };

  test.each([
    ['yes', 'new-client', 'the client is new'],
    ['maybe', 'maybe-new-client', 'the client may be new'],
  ] as const)('by this run (%s), a secret is due for all targets, with their variables', (isNew, reason, why) => {
    expect(replan(notDue, isNew)).toEqual({
      ...before,
      variables: [],
      rotation: rotation({ due: true, reason, why, targets }),
    });
  });

  test.each(['yes', 'maybe'] as const)('by this run (%s), a secret that is due anyway keeps its reason', isNew => {
    const due = { due: true, reason: 'target-missing', why: 'it is missing' } as const;
    const some = rotation({ ...due, targets: targets.slice(1), restDueAt: now, isUnusable: true });
    expect(replan({ ...before, rotation: some }, isNew)).toEqual({
      ...before,
      variables: [],
      rotation: rotation({ ...due, targets }),
    });
  });

  test('nothing changes if another run created it, or if the step creates no secret', () => {
    expect(replan(notDue, 'no')).toBe(notDue);
    expect(replan(before, 'yes')).toBe(before);
    expect(replan(before, 'no')).toBe(before);
  });
});

describe('an incomplete list of secrets', () => {
  const listed = Array.from({ length: 3 }, (_, index) => ({
    id: String(index),
    description: ownershipMark(
      asked({}).workflow,
      digests(['repository']),
      markNonce(new Date(now.getTime() - index * 100 * DAY), '00000000'),
    ),
    valueDisplay: index === 0 ? 'xyz' : 'abc',
    startTime: undefined,
    expiration: '2030-01-01T00:00:00Z',
  }));
  const observed = (whole: boolean) => ({
    client: same,
    secrets: { kind: 'found', found: listed, whole } as const,
    targets: [preparedTarget('repository', now)],
    currentSecretAccepted: true,
  });
  const wants = asked({ pruneAfter: { days: 7 }, currentSecret: new Secret('xyz123') });

  test('prevents pruning', () => {
    expect(planEnsure(wants, observed(true), { github: now, vantage: now }).prune.map(({ id }) => id)).toEqual(['2']);
    expect(planEnsure(wants, observed(false), { github: now, vantage: now }).prune).toEqual([]);
  });

  test('prevents pruning if no listed secret starts like the secret that works', () => {
    const clocks = { github: now, vantage: now };
    const masked = {
      ...observed(true),
      secrets: { kind: 'found', found: listed.map(one => ({ ...one, valueDisplay: '***' })), whole: true } as const,
    };
    expect(planEnsure(wants, masked, clocks).prune).toEqual([]);
    // A refused current-secret is not a secret that works.
    expect(planEnsure(wants, { ...masked, currentSecretAccepted: false }, clocks).prune).not.toEqual([]);
  });
});

describe('a target that another repository also writes', () => {
  const line = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
  const secret = (workflow: WorkflowRun, days: number, to = ['repository']) => ({
    id: `${workflow.repository} ${days}`,
    description: ownershipMark(
      workflow,
      digests(
        to.map(one => targetOf(one)),
        workflow,
      ),
      markNonce(new Date(now.getTime() - days * DAY), '00000000'),
    ),
    valueDisplay: 'abc',
    startTime: undefined,
    expiration: '2030-01-01T00:00:00Z',
  });
  const shared = (workflow: WorkflowRun, ...found: readonly ReturnType<typeof secret>[]) =>
    planEnsure(
      { ...asked({}), workflow },
      {
        client: same,
        secrets: { kind: 'found', found, whole: true },
        targets: [preparedTarget('repository', now), preparedTarget('environment production', now)],
        currentSecretAccepted: undefined,
      },
      clocks,
    ).shared.map(({ target, by }) => ({ line: targetLine(target), by }));

  test('is reported once, with each of those repositories by name and ID', () => {
    const third = { ...WORKFLOW, repository: 'acme/invoices', repositoryId: 2001, host: 'github.acme.example' };
    const theirs = [secret(OTHER_WORKFLOW, 9), secret(third, 8), secret(OTHER_WORKFLOW, 7), secret(WORKFLOW, 6)];
    expect(shared(WORKFLOW, ...theirs)).toEqual([
      { line, by: ['octo-org/website (github.com/1002)', 'acme/invoices (github.acme.example/2001)'] },
    ]);
  });

  test('is not shared if all marks belong to this repository, or name other targets', () => {
    const elsewhere = secret(OTHER_WORKFLOW, 9, ['dependabot repository']);
    expect(shared(WORKFLOW, secret(WORKFLOW, 6), elsewhere)).toEqual([]);
    expect(shared({ ...WORKFLOW, repository: 'octo-org/OCTO-repo' }, secret(WORKFLOW, 6))).toEqual([]);
  });

  test('is shared with a deleted repository of the same name', () => {
    expect(shared({ ...WORKFLOW, repositoryId: 4711 }, secret(WORKFLOW, 6))).toEqual([
      { line, by: ['octo-org/octo-repo (github.com/1001)'] },
    ]);
  });
});

// The plan decides from what it is given alone, so it needs neither a server nor the runner.
test.each(['plan', 'redaction'])('src/%s imports nothing but itself, the model and Node.js', folder => {
  const root = new URL(`../../src/${folder}/`, import.meta.url);
  const imports = readdirSync(root).flatMap(file => {
    const source = readFileSync(new URL(file, root), 'utf8');
    return [...source.matchAll(/\b(?:from|import)\s*\(?\s*'(?<module>[^']+)'/gu)].map(
      ({ groups }) => groups?.module ?? '',
    );
  });
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter(module => !/^(?:\.\/|\.\.\/model\/|node:)/u.test(module))).toEqual([]);
});
