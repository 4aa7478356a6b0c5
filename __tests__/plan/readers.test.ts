import { expect, test } from '@jest/globals';
import type { HeldVariable, PreparedTarget, RepositoryAccess } from '../../src/model/prepared-target.ts';
import { secretsWithoutAccess, sharedSecret, variablesWithoutAccess } from '../../src/plan/readers.ts';
import { preparedTarget, targetOf } from '../support/workflow.ts';

const ORGANIZATION = targetOf('organization octo-org selected');
const OWN = 1001;
const selected = (...repositories: number[]): RepositoryAccess => ({ visibility: 'selected', repositories });

/** A secret of an organization that the own repository must be able to read, but cannot yet. */
function missing(given: Partial<PreparedTarget> = {}): PreparedTarget {
  return {
    ...preparedTarget(ORGANIZATION),
    repositoryAccess: selected(7, 8),
    ownReader: { id: OWN, isMissing: true },
    ...given,
  };
}

/** The same, with variables next to it. */
function withVariables(clientId?: RepositoryAccess, expiration?: RepositoryAccess, own = OWN): PreparedTarget {
  const held = (name: string, access: RepositoryAccess | undefined): HeldVariable => ({
    name,
    ...(access ? { value: 'x', repositoryAccess: access } : {}),
  });
  const variables = { clientId: held('ID', clientId), expiration: held('ENDS', expiration) };
  return missing({ resolved: { scope: ORGANIZATION.scope, variables }, ownReader: { id: own, isMissing: false } });
}

const item = (kind: 'secret' | 'variable', name: string) => ({ kind, scope: ORGANIZATION.scope, name });

test('only an organization shares its secrets', () => {
  expect(sharedSecret(ORGANIZATION)).toEqual(item('secret', 'VANTAGE_CLIENT_SECRET'));
  expect(sharedSecret(targetOf('repository'))).toBeUndefined();
  expect(sharedSecret(targetOf('environment production'))).toBeUndefined();
});

test('a secret without access for the own repository is found, with those that have access', () => {
  const found = { item: item('secret', 'VANTAGE_CLIENT_SECRET'), own: OWN, readers: [7, 8] };
  expect(secretsWithoutAccess([missing()])).toEqual([found]);
  expect(secretsWithoutAccess([missing(), missing({ repositoryAccess: selected() })])).toEqual([
    found,
    { ...found, readers: [] },
  ]);
});

test('no access is missing for a secret that the own repository can read, or that is not shared or not asked for', () => {
  const { repositoryAccess: _, ...unknown } = missing();
  const { ownReader: __, ...unasked } = missing();
  expect(secretsWithoutAccess([missing({ ownReader: { id: OWN, isMissing: false } })])).toEqual([]);
  expect(secretsWithoutAccess([missing({ target: targetOf('repository') })])).toEqual([]);
  expect(secretsWithoutAccess([unknown])).toEqual([]);
  expect(secretsWithoutAccess([unasked])).toEqual([]);
});

test('the variables next to a secret need the same access', () => {
  expect(variablesWithoutAccess([withVariables(selected(7, 8), selected())])).toEqual([
    { item: item('variable', 'ID'), own: OWN, readers: [7, 8] },
    { item: item('variable', 'ENDS'), own: OWN, readers: [] },
  ]);
  expect(variablesWithoutAccess([withVariables(selected(7, OWN), selected(7))])).toEqual([
    { item: item('variable', 'ENDS'), own: OWN, readers: [7] },
  ]);
});

test('no access is missing for a variable that is not there, or that all repositories can read', () => {
  const all = { visibility: 'all', repositories: [] } as const;
  expect(variablesWithoutAccess([withVariables()])).toEqual([]);
  expect(variablesWithoutAccess([withVariables(all, { ...all, visibility: 'private' })])).toEqual([]);
  expect(variablesWithoutAccess([missing()])).toEqual([]);
  expect(variablesWithoutAccess([missing({ resolved: { scope: ORGANIZATION.scope, variables: {} } })])).toEqual([]);
  const { ownReader: _, ...unasked } = withVariables(selected(7));
  expect(variablesWithoutAccess([unasked])).toEqual([]);
  const { resolved, ...repository } = withVariables(selected(7));
  const { scope } = targetOf('repository');
  expect(variablesWithoutAccess([{ ...repository, resolved: { ...resolved, scope } }])).toEqual([]);
});

test('the variables of several targets in one place are found once, if any of the targets asks for access', () => {
  const one = withVariables(selected(7));
  const { ownReader: _, ...unasked } = one;
  const other = withVariables(selected(8));
  const found = (readers: readonly number[]) => ({ item: item('variable', 'ID'), own: OWN, readers });
  expect(variablesWithoutAccess([one, { ...one }, unasked, other])).toEqual([found([7]), found([8])]);
});
