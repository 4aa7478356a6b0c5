import { describe, expect, test } from '@jest/globals';
import { parseTarget } from '../../src/inputs/targets.ts';
import type { PreparedTarget, ScopeVariables } from '../../src/model/prepared-target.ts';
import { Secret } from '../../src/model/secret.ts';
import {
  expirationFromVariable,
  malformedExpirations,
  missingExpirations,
  otherClientInVariable,
  proseOf,
  variableLine,
  variablesToWrite,
} from '../../src/plan/variables.ts';

/** A target as the preflight finds it, with the variables next to it. */
function prepared(line: string, variables?: ScopeVariables, updatedAt?: string): PreparedTarget {
  const target = parseTarget(line, 'octo-org/octo-repo', 'VANTAGE_CLIENT_SECRET');
  if (typeof target === 'string') {
    throw new Error(target);
  }
  return {
    target,
    resolved: { scope: target.scope, ...(variables ? { variables } : {}) },
    ...(updatedAt ? { updatedAt: new Date(updatedAt) } : {}),
  };
}

const end = new Date('2027-07-31T09:00:00.380Z');
const values = { clientId: 'invoices', expirationsOf: () => [end] };
const ends = (value?: string, updatedAt?: string) => ({
  expiration: {
    name: 'ENDS',
    ...(value === undefined ? {} : { value }),
    ...(updatedAt ? { updatedAt: new Date(updatedAt) } : {}),
  },
});

describe('the variables to write', () => {
  test('are those that are missing or wrong', () => {
    const targets = [
      prepared('repository', { clientId: { name: 'ID' }, ...ends() }),
      prepared('environment production', {
        clientId: { name: 'ID', value: 'orders' },
        ...ends('2027-07-31T09:00:02Z'),
      }),
      prepared('dependabot repository'),
    ];
    expect(variablesToWrite(targets, values)).toMatchObject([
      { name: 'ID', value: 'invoices', exists: false, content: 'client id' },
      { name: 'ENDS', value: '2027-07-31T09:00:00.380Z', exists: false, content: 'expiration' },
      { name: 'ID', value: 'invoices', exists: true },
      { name: 'ENDS', value: '2027-07-31T09:00:00.380Z', exists: true },
    ]);
  });

  test.each([
    '2027-07-31T09:00:00.380Z',
    '2027-07-31T09:00:00Z',
    '2027-07-31T11:00:00.38+02:00',
    ' 2027-07-31T09:00:00Z\n',
  ])('do not include correct ones, in any spelling: %j', value => {
    const right = { clientId: { name: 'ID', value: 'invoices' }, ...ends(value) };
    expect(variablesToWrite([prepared('repository', right)], values)).toEqual([]);
  });

  test.each([
    ['2027-07-31T09:00:01.379Z', 0],
    ['2027-07-31T09:00:01.380Z', 1],
    ['2027-07-31T08:59:59.380Z', 1],
  ])('include an expiration that differs by a second or more: %s', (value, count) => {
    expect(variablesToWrite([prepared('repository', ends(value))], values)).toHaveLength(count);
  });

  test('are one for each place, with the first expiration', () => {
    const targets = [prepared('repository as ONE', ends()), prepared('repository Octo-Org/Octo-Repo as TWO', ends())];
    const expirationsOf = ({ target }: PreparedTarget) => [
      new Date(target.secretName === 'TWO' ? '2027-05-01' : '2027-06-01'),
    ];
    expect(variablesToWrite(targets, { ...values, expirationsOf })).toMatchObject([
      { value: '2027-05-01T00:00:00.000Z' },
    ]);
  });

  test.each([
    ['the later expiration of two that the first target can have', '2027-06-01T00:00:00Z', undefined],
    ['the earlier one', '2027-05-01T00:00:00Z', undefined],
    ['the expiration of another target, later than both', '2027-07-01T00:00:00Z', '2027-05-01T00:00:00.000Z'],
    ['none of the expirations', '2027-05-15T00:00:00Z', '2027-05-01T00:00:00.000Z'],
  ])('do not include those that may be correct: %s', (_, value, written) => {
    const targets = [prepared('repository as ONE', ends(value)), prepared('repository as TWO', ends(value))];
    const expirationsOf = ({ target }: PreparedTarget) =>
      (target.secretName === 'TWO' ? ['2027-07-01'] : ['2027-06-01', '2027-05-01']).map(time => new Date(time));
    expect(variablesToWrite(targets, { ...values, expirationsOf }).map(write => write.value)).toEqual(
      written === undefined ? [] : [written],
    );
  });

  test('are complete: with their place, and with who can read them', () => {
    const repository = prepared('repository', { clientId: { name: 'ID' } });
    const access = {
      repositoryAccess: { visibility: 'selected', repositories: [7] },
      ownReader: { id: 1001, isMissing: false },
    } as const;
    const organization = { ...prepared('organization octo-org selected', ends('soon')), ...access };
    expect(variablesToWrite([repository, organization], values)).toEqual([
      {
        scope: { kind: 'repository', app: 'actions', owner: 'octo-org', repo: 'octo-repo' },
        name: 'ID',
        value: 'invoices',
        exists: false,
        repositoryAccess: undefined,
        ownReader: undefined,
        content: 'client id',
      },
      {
        scope: organization.target.scope,
        name: 'ENDS',
        value: '2027-07-31T09:00:00.380Z',
        exists: true,
        ...access,
        content: 'expiration',
      },
    ]);
  });

  test('do not include a correct one if the secret in another target of the place is not known', () => {
    const targets = ['ONE', 'TWO'].map(name => prepared(`repository as ${name}`, ends('2027-07-31T09:00:00Z')));
    const expirationsOf = ({ target }: PreparedTarget) => (target.secretName === 'TWO' ? [] : [end]);
    expect(variablesToWrite(targets, { ...values, expirationsOf })).toEqual([]);
    expect(variablesToWrite([...targets].reverse(), { ...values, expirationsOf })).toEqual([]);
  });

  test('are separate for environments whose names are only the same in uppercase', () => {
    const targets = ['straße', 'strasse'].map(name => prepared(`environment ${name}`, { clientId: { name: 'ID' } }));
    expect(variablesToWrite(targets, values)).toHaveLength(2);
  });

  test('include a correct expiration with a new secret, so that it is not older than the secret', () => {
    const held = [prepared('repository', ends(end.toISOString()))];
    expect(variablesToWrite(held, values)).toEqual([]);
    expect(variablesToWrite(held, { ...values, isNew: true })).toMatchObject([{ value: end.toISOString() }]);
    expect(variablesToWrite(held, { ...values, isNew: true, expirationsOf: () => [] })).toEqual([]);
  });

  test('do not include an expiration that is not known', () => {
    expect(
      variablesToWrite([prepared('repository', ends('2026-01-01T00:00:00Z'))], { ...values, expirationsOf: () => [] }),
    ).toEqual([]);
  });
});

describe('the expiration in the variable next to a target', () => {
  const value = '2027-07-31T09:00:00Z';

  const written = new Date('2027-01-30T09:00:00Z');
  const variable = (held: string | undefined, at: string) => ({
    name: 'ENDS',
    updatedAt: new Date(at),
    ...(held === undefined ? {} : { value: held }),
  });

  test.each([
    ['written with it', '2027-01-30T09:00:00Z', value],
    ['written later, within the longest possible run', '2027-01-31T09:00:00Z', value],
    ['older than it', '2027-01-30T08:59:59Z', undefined],
    ['written when no run could still write the secret', '2027-01-31T09:00:01Z', undefined],
  ])('counts if one run can have written both: %s', (_, at, expected) => {
    expect(expirationFromVariable(variable(value, at), written)).toEqual(expected && new Date(expected));
  });

  test('counts within the maximum duration of this step, if it is known', () => {
    const at = (seconds: number) => new Date(written.getTime() + seconds * 1000).toISOString();
    expect(expirationFromVariable(variable(value, at(300)), written, 300_000)).toEqual(new Date(value));
    expect(expirationFromVariable(variable(value, at(301)), written, 300_000)).toBeUndefined();
  });

  test('is the same with spaces around it', () => {
    expect(expirationFromVariable(variable(` ${value}\n`, '2027-01-30T09:00:00Z'), written)).toEqual(new Date(value));
  });

  test.each([undefined, '', 'soon', '2027-07-31', '2027-02-30T00:00:00Z'])('is undefined for %j', text => {
    expect(expirationFromVariable(variable(text, '2027-01-30T09:00:00Z'), written)).toBeUndefined();
  });
});

test('expiration variables that are malformed or missing are reported once', () => {
  const shared = prepared('repository', ends('soon'));
  const targets = [
    shared,
    { ...shared },
    prepared('environment production', ends()),
    prepared('environment staging', ends(' 2027-07-31T09:00:00Z\n')),
    prepared('dependabot repository'),
  ];
  expect(malformedExpirations(targets)).toEqual([
    { name: 'variable ENDS in repository octo-org/octo-repo', value: 'soon' },
  ]);
  expect(missingExpirations(targets)).toEqual(['variable ENDS in environment "production" of octo-org/octo-repo']);
});

test('the variable next to a target names another client', () => {
  const other = (value?: string) => {
    const clientId = { name: 'ID', ...(value === undefined ? {} : { value }) };
    return otherClientInVariable(prepared('repository', { clientId }), 'invoices');
  };
  const line = 'the variable ID in repository octo-org/octo-repo names another client';
  expect(other('payroll')).toBe(`${line}: "payroll"`);
  expect(other(' Invoices\n')).toBe(`${line}: " Invoices\\n"`);
  for (const value of ['invoices', ' invoices\n', '', ' \n', undefined]) {
    expect(other(value)).toBeUndefined();
  }
  expect(otherClientInVariable(prepared('repository', {}), 'invoices')).toBeUndefined();
  expect(otherClientInVariable(prepared('repository'), 'invoices')).toBeUndefined();
});

describe('the line of a variable or a secret', () => {
  const repository = prepared('dependabot repository').target;
  const production = prepared('environment production').target;
  const github = {
    token: new Secret('canary-of-github'),
    apiUrl: 'https://api.github.com',
    isOwn: true,
    targets: [repository, production],
  };
  const secret = 'dependabot repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
  const variable = (name: string) => variableLine({ scope: production.scope, name });

  test('names its place', () => {
    expect(variable('ID')).toBe('variable ID of environment octo-org/octo-repo production');
  });

  test('turns into words for a sentence', () => {
    const prose = proseOf({ ...github, clientIdVariable: 'ID', expirationVariable: 'ENDS' });
    expect(prose(secret)).toBe('Dependabot secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo');
    expect(prose(variable('ID'))).toBe('variable ID in environment "production" of octo-org/octo-repo');
    expect(prose(variable('ENDS'))).toBe('variable ENDS in environment "production" of octo-org/octo-repo');
    expect(prose('anything else')).toBe('anything else');
  });

  test('stays as it is if the step does not use it', () => {
    const prose = proseOf({ ...github, expirationVariable: 'ENDS' });
    expect(prose(variable('ID'))).toBe(variable('ID'));
    expect(prose(variable('undefined'))).toBe(variable('undefined'));
    expect(prose(variable('ENDS'))).toBe('variable ENDS in environment "production" of octo-org/octo-repo');
    expect(proseOf(undefined)(secret)).toBe(secret);
  });
});
