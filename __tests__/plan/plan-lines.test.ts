import { describe, expect, test } from '@jest/globals';
import { ownershipMark, readMark } from '../../src/model/mark.ts';
import type { OwnReader, PreparedTarget } from '../../src/model/prepared-target.ts';
import type { ClientStep } from '../../src/plan/client-step.ts';
import type { DryRunFindings } from '../../src/plan/describe-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import {
  deletionLines,
  deletionVerdict,
  type PlanLine,
  planLines,
  planTexts,
  planVerdict,
} from '../../src/plan/plan-lines.ts';
import { dueFor, END, KEEP, planOf, rotationOf } from '../support/plans.ts';
import { ensureRequest } from '../support/stage.ts';
import { preparedTarget, WORKFLOW } from '../support/workflow.ts';

const CREATE: ClientStep = {
  step: 'create',
  settings: { allowedGrantTypes: ['client_credentials'] },
  why: 'it answered 404',
};

const isDue = (...targets: readonly PreparedTarget[]) => rotationOf(dueFor(targets));
const isNotDue = rotationOf({ due: false, dueAt: END });

/** The lines of a plan, as a dry run prints them. */
function linesOf(given: Partial<Plan & DryRunFindings>, outputSecret = false): readonly string[] {
  const plan = { ...planOf(), ...given };
  const lines = planLines({ client: ensureRequest().client, delivery: { outputSecret } }, plan);
  return lines.map(({ sign, what, name, note }) => [sign, what, name, ...(note ? [`· ${note}`] : [])].join(' '));
}

/** A target whose place exists. */
function target(line: string, given: Partial<PreparedTarget> = {}): PreparedTarget {
  const { resolved, ...others } = preparedTarget(line);
  return { ...others, resolved: { ...resolved, key: { id: '1', value: 'key' } }, ...given };
}

describe('the lines of a plan', () => {
  test.each<readonly [string, Partial<Plan & DryRunFindings>, readonly string[]]>([
    ['that is missing', { client: CREATE, clientIsMissing: true }, ['+ client invoices · client_credentials']],
    ['that may be missing', { client: CREATE }, ['+ client invoices · client_credentials, unless it exists']],
    [
      'that gets several grants',
      {
        client: { ...CREATE, settings: { allowedGrantTypes: ['implicit', 'client_credentials'] } },
        clientIsMissing: true,
      },
      ['+ client invoices · implicit client_credentials'],
    ],
    ['that gets no grants', { client: { ...CREATE, settings: {} }, clientIsMissing: true }, ['+ client invoices']],
    ['that exists, although it cannot be read', { client: CREATE, clientExists: true }, []],
    ['that exists', {}, []],
    [
      'whose settings differ',
      {
        client: {
          ...KEEP,
          step: 'update',
          comparison: { drift: { clientName: ['a', 'b'], redirectUris: [[], ['c']] }, unreported: [] },
        },
      },
      ['! client invoices · sets clientName, redirectUris'],
    ],
  ])('of a client %s', (_, plan, lines) => {
    expect(linesOf(plan)).toEqual(lines);
  });

  test('of a new secret name each place that gets it, and each new environment once', () => {
    const missing = preparedTarget('environment staging');
    const targets = [
      missing,
      { ...missing, target: { ...missing.target, secretName: 'OTHER' } },
      target('environment production'),
    ];
    expect(linesOf({ rotation: isDue(...targets) }, true)).toEqual([
      expect.stringMatching(/^\+ environment .*staging.* · a new environment has no protection rules$/u),
      '+ secret invoices · expires 2027-07-31T09:00:00.000Z',
      '! write VANTAGE_CLIENT_SECRET of environment octo-org/octo-repo staging',
      '! write OTHER of environment octo-org/octo-repo staging',
      '! write VANTAGE_CLIENT_SECRET of environment octo-org/octo-repo production',
      '! output client-secret',
    ]);
  });

  test('of a new secret come before those of the old secrets that it replaced', () => {
    const mark = readMark(ownershipMark(WORKFLOW, ['ee3da562'], '9d5b65ce8600fea5'));
    const pruned = mark ? [{ id: 'old', mark, startTime: undefined, expiration: undefined }] : [];
    expect(linesOf({ rotation: isDue(target('repository')), prune: pruned })).toEqual([
      '+ secret invoices · expires 2027-07-31T09:00:00.000Z',
      '! write VANTAGE_CLIENT_SECRET of actions repository octo-org/octo-repo',
      `- secret old · superseded, created ${mark?.createdAt.toISOString()}`,
    ]);
  });

  test('of a secret that only a missing client needs say so on each line', () => {
    const { resolved, ...others } = target('repository');
    const variables = { clientId: { name: 'ID' } };
    const targets = [{ ...others, resolved: { ...resolved, variables } }];
    expect(linesOf({ rotation: isNotDue, targets, unlessMissing: true }, true)).toEqual([
      '+ secret invoices · only if the client is missing, expires 2027-07-31T09:00:00.000Z',
      '! write VANTAGE_CLIENT_SECRET of actions repository octo-org/octo-repo · only if the client is missing',
      '! output client-secret · only if the client is missing',
      '+ variable ID of actions repository octo-org/octo-repo · only if the client is missing',
    ]);
    expect(linesOf({ rotation: isNotDue, targets })).toEqual([]);
  });

  test.each<readonly [string, OwnReader | undefined, readonly number[], number]>([
    ['which it has', { id: 7, isMissing: false }, [7], 0],
    ['which it gets with the new secret', { id: 7, isMissing: false }, [8], 1],
    ['which it lacks already', { id: 7, isMissing: true }, [8], 1],
    ['which nobody asked for', undefined, [8], 0],
  ])(
    'of a secret of an organization name the access of the repository once: %s',
    (_, ownReader, repositories, count) => {
      const organization = target('organization octo-org selected', {
        repositoryAccess: { visibility: 'selected', repositories },
        ...(ownReader ? { ownReader } : {}),
      });
      const lines = linesOf({ rotation: isDue(organization), targets: [organization] });
      expect(lines.filter(line => line.startsWith('+ access')).map(line => line.replace(/ of .*/u, ''))).toEqual(
        Array.from({ length: count }, () => '+ access this repository to secret VANTAGE_CLIENT_SECRET'),
      );
    },
  );

  test('of a secret that all repositories of an organization can read name no access', () => {
    const organization = target('organization octo-org all', {
      repositoryAccess: { visibility: 'all', repositories: [] },
      ownReader: { id: 7, isMissing: false },
    });
    expect(linesOf({ rotation: isDue(organization) })).toEqual([
      '+ secret invoices · expires 2027-07-31T09:00:00.000Z',
      '! write VANTAGE_CLIENT_SECRET of actions organization octo-org',
    ]);
  });

  test.each([
    [false, 1],
    [true, 0],
  ])(
    'of a variable of an organization name the access of the repository if it is new: exists = %s',
    (exists, count) => {
      const variable = {
        scope: target('organization octo-org selected').target.scope,
        name: 'ENDS',
        value: 'soon',
        exists,
        repositoryAccess: undefined,
        ownReader: { id: 7, isMissing: false },
        content: 'expiration',
      } as const;
      const lines = linesOf({ variables: [variable] });
      expect(lines[0]).toMatch(exists ? /^! variable ENDS of .* · is soon$/u : /^\+ variable ENDS of .* · is soon$/u);
      expect(lines.slice(1).map(line => line.replace(/ of .*/u, ''))).toEqual(
        Array.from({ length: count }, () => '+ access this repository to variable ENDS'),
      );
    },
  );
});

test('lines stand below each other, with their notes', () => {
  expect(
    planTexts([
      { sign: '+', what: 'client', name: 'a' },
      { sign: '!', what: 'environment', name: 'b', note: 'new' },
    ]),
  ).toEqual([
    { sign: '+', text: 'client       a' },
    { sign: '!', text: 'environment  b · new' },
  ]);
});

test('the verdict of a plan counts what it does', () => {
  expect(planVerdict([])).toBe('nothing to do');
  expect(
    planVerdict([
      { sign: '+', what: 'secret', name: 'a' },
      { sign: '!', what: 'write', name: 'b' },
      { sign: '!', what: 'write', name: 'c' },
      { sign: '-', what: 'secret', name: 'd' },
    ]),
  ).toBe('create a secret, write it to 2 places, delete 1 old secret');
});

test('the verdict of a plan names everything that it does, in the order of the run', () => {
  const all: readonly PlanLine[] = [
    { sign: '-', what: 'secret', name: 'old' },
    { sign: '-', what: 'secret', name: 'older' },
    { sign: '+', what: 'access', name: 'this repository to one' },
    { sign: '+', what: 'access', name: 'this repository to another' },
    { sign: '+', what: 'variable', name: 'ID' },
    { sign: '!', what: 'variable', name: 'ENDS' },
    { sign: '!', what: 'output', name: 'client-secret' },
    { sign: '!', what: 'write', name: 'TOKEN' },
    { sign: '+', what: 'secret', name: 'invoices' },
    { sign: '+', what: 'environment', name: 'staging' },
    { sign: '+', what: 'environment', name: 'production' },
  ];
  const rest =
    'create 2 environments, create a secret, write it to 1 place, write 2 variables, give this repository access to 2 items, delete 2 old secrets';
  expect(planVerdict([...all, { sign: '+', what: 'client', name: 'invoices' }])).toBe(`create the client, ${rest}`);
  expect(planVerdict([...all, { sign: '!', what: 'client', name: 'invoices' }])).toBe(`update the client, ${rest}`);
});

describe('a deletion', () => {
  const deletions = { secrets: [{ line: '', target: preparedTarget('repository').target }], variables: [], kept: [] };

  test.each([
    ['present', '- client invoices · with all its secrets', 'delete the client'],
    ['not-listed', '- client invoices · if it exists', 'delete the client if it exists'],
    ['absent', undefined, undefined],
  ] as const)('of a client that is %s', (kind, line, verdict) => {
    const lines = deletionLines('invoices', { kind }, deletions);
    expect(lines.map(({ sign, what, name, note }) => `${sign} ${what} ${name}${note ? ` · ${note}` : ''}`)).toEqual([
      '- secret VANTAGE_CLIENT_SECRET of actions repository octo-org/octo-repo',
      ...(line ? [line] : []),
    ]);
    expect(deletionVerdict(lines)).toBe([verdict, 'delete 1 secret or variable on GitHub'].filter(Boolean).join(', '));
  });
});
