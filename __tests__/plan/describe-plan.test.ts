import { describe, expect, test } from '@jest/globals';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { ClientStep } from '../../src/plan/client-step.ts';
import { type DryRunFindings, describePlan, shortPlan, withPresence } from '../../src/plan/describe-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { dueFor, END, planOf, rotationOf } from '../support/plans.ts';
import { preparedTarget } from '../support/workflow.ts';

const START = new Date('2027-02-01T09:00:00Z');
const CLIENT = { clientId: 'invoices', declared: {}, initial: {}, ifExists: 'adopt' } as const;
const CREATE: ClientStep = { step: 'create', settings: { clientName: 'Invoices' }, why: 'it answered 404' };
const KEEP: ClientStep = {
  step: 'keep',
  comparison: { drift: { clientName: ['Invoices', 'Old'] }, unreported: [] },
  client: { clientId: 'invoices' },
};

const plan = (given: Partial<Plan> = {}) => planOf({ client: KEEP, ...given });
const isDue = (...targets: readonly PreparedTarget[]) => rotationOf(dueFor(targets));
const isNotDue = rotationOf({ due: false, dueAt: START });

/** A target whose place exists, with variables that do not exist yet. */
function target(line: string): PreparedTarget {
  const { resolved, ...others } = preparedTarget(line);
  const variables = { clientId: { name: 'ID' }, expiration: { name: 'ENDS' } };
  return { ...others, resolved: { ...resolved, key: { id: '1', value: 'key' }, variables } };
}

const described = (given: Partial<Plan & DryRunFindings>) => describePlan(CLIENT, plan(given));

describe('the plan output', () => {
  const never = {
    schemaVersion: 1,
    mode: 'ensure',
    clientId: 'invoices',
    client: 'keep',
    ifExists: 'adopt',
    drift: { clientName: ['Invoices', 'Old'] },
    secret: 'none',
    reason: 'never',
  };

  test('of a step that creates no secret shows the client', () => {
    expect(described({})).toEqual(never);
    expect(described({ client: { ...KEEP, step: 'update' } })).toEqual({ ...never, client: 'update' });
  });

  test('of a client that does not exist shows its settings', () => {
    const { drift: _, ...others } = never;
    expect(described({ client: CREATE })).toEqual({
      ...others,
      client: 'create',
      settings: { clientName: 'Invoices' },
    });
    expect(described({ client: CREATE, clientExists: true })).toEqual(others);
  });

  test('of a secret that is not due shows when it is', () => {
    expect(described({ rotation: isNotDue })).toEqual({
      ...never,
      reason: 'not-due',
      dueAt: '2027-02-01T09:00:00.000Z',
    });
    expect(described({ rotation: rotationOf({ due: false }) })).toEqual({ ...never, reason: 'not-due' });
    expect(described({ rotation: rotationOf({ due: false }), unlessMissing: true })).toEqual({
      ...never,
      reason: 'not-due',
      secret: 'none unless the client is missing',
    });
  });

  test('of a secret that is due shows why, and its life', () => {
    const due = { ...never, secret: 'mint', reason: 'expires-soon', why: 'it expires soon' };
    expect(described({ rotation: isDue() })).toEqual(due);
    expect(described({ rotation: { ...isDue(), life: { startTime: START } } })).toEqual({
      ...due,
      startTime: '2027-02-01T09:00:00.000Z',
    });
    expect(described({ rotation: { ...isDue(), life: { expiration: END } } })).toEqual({
      ...due,
      expiration: '2027-07-31T09:00:00.000Z',
    });
  });

  test('shows the targets that get the new secret, with their variables, then the other variables and secrets', () => {
    const [written, other] = [target('repository'), target('environment production')];
    const write = {
      scope: other.target.scope,
      name: 'ENDS',
      value: 'soon',
      exists: true,
      repositoryAccess: undefined,
      ownReader: undefined,
      content: 'expiration',
    } as const;
    const secret = { mark: {} as never, startTime: undefined, expiration: undefined };
    const { writeTo, variables, prune } = described({
      rotation: isDue(written),
      targets: [written, other],
      variables: [write],
      prune: [
        { ...secret, id: 'new' },
        { ...secret, id: 'old' },
      ],
    });
    expect({ writeTo, variables, prune }).toEqual({
      writeTo: [{ target: 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET', variable: 'ID' }],
      variables: [
        { variable: 'variable ID of actions repository octo-org/octo-repo', value: 'invoices' },
        { variable: 'variable ENDS of actions repository octo-org/octo-repo', value: '2027-07-31T09:00:00.000Z' },
        { variable: 'variable ENDS of environment octo-org/octo-repo production', value: 'soon' },
      ],
      prune: ['new', 'old'],
    });
  });

  test('shows all targets, but not what a new secret would change, if none is due', () => {
    const { writeTo, ...others } = described({ rotation: isNotDue, targets: [target('repository')] });
    expect(writeTo).toEqual([
      { target: 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET', variable: 'ID' },
    ]);
    expect(others).toEqual({ ...never, reason: 'not-due', dueAt: '2027-02-01T09:00:00.000Z' });
  });

  test('shows which environments are created, and who can read the secret of an organization', () => {
    const environment = preparedTarget('environment production');
    const { resolved, ...organization } = target('organization octo-org selected');
    const { variables: _, ...withoutVariables } = resolved;
    const repositoryAccess = { visibility: 'selected', repositories: [7] } as const;
    const targets = [
      environment,
      { ...environment, resolved: { ...environment.resolved, variables: { expiration: { name: 'ENDS' } } } },
      { ...organization, resolved: withoutVariables, repositoryAccess },
    ];
    expect(described({ rotation: isDue(...targets) }).writeTo).toEqual([
      { target: 'environment octo-org/octo-repo production as VANTAGE_CLIENT_SECRET', environment: 'create' },
      { target: 'environment octo-org/octo-repo production as VANTAGE_CLIENT_SECRET', environment: 'create' },
      { target: 'actions organization octo-org as VANTAGE_CLIENT_SECRET', visibility: 'selected' },
    ]);
  });
});

describe('after a check whether the client exists, the plan', () => {
  const targets = [target('repository')];

  test.each(['present', 'absent', 'not-listed', 'unreadable', 'unknown'] as const)(
    'is the same if the client was read: %s',
    presence => {
      const read = plan({ rotation: isNotDue });
      expect(withPresence(read, presence)).toBe(read);
    },
  );

  test('does not create a client that exists', () => {
    const unread = plan({ client: CREATE, rotation: isNotDue, targets });
    expect(withPresence(unread, 'present')).toEqual({ ...unread, clientExists: true });
  });

  test('creates a secret for a client that does not exist', () => {
    const due = { due: true, reason: 'new-client', why: 'the client is new', targets } as const;
    const unread = plan({ client: CREATE, rotation: isNotDue, targets });
    expect(withPresence(unread, 'absent')).toEqual({
      ...unread,
      rotation: { ...isNotDue, due },
      clientIsMissing: true,
    });
  });

  test.each(['not-listed', 'unreadable', 'unknown'] as const)(
    'creates a secret only if the client is missing, if that is not known: %s',
    presence => {
      const unread = plan({ client: CREATE, rotation: isNotDue });
      expect(withPresence(unread, presence)).toEqual({ ...unread, unlessMissing: true });
      const due = plan({ client: CREATE, rotation: isDue() });
      expect(withPresence(due, presence)).toBe(due);
      const never = plan({ client: CREATE });
      expect(withPresence(never, presence)).toBe(never);
    },
  );
});

test('a short plan contains only the start of long values in a drift', () => {
  const long = `canary${'x'.repeat(400)}`;
  const redact = (text: string) => text.replaceAll('canary', '***');
  const settings = { clientId: 'invoices', settings: { clientName: long } };
  expect(shortPlan(settings, redact)).toBe(settings);
  const drift = { clientName: ['Invoices', long], requireConsent: [true, false] };
  expect(shortPlan({ clientId: 'invoices', drift }, redact)).toEqual({
    clientId: 'invoices',
    drift: { clientName: ['Invoices', `"***${'x'.repeat(295)}…`], requireConsent: [true, false] },
  });
});
