import { expect, test } from '@jest/globals';
import { itemInProse, type SecretScope, scopeInProse, targetInProse } from '../../src/model/target.ts';

const repository = { kind: 'repository', app: 'actions', owner: 'octo-org', repo: 'octo-repo' } as const;
const environment = { ...repository, kind: 'environment', environment: 'staging eu' } as const;
const organization = { kind: 'organization', app: 'actions', org: 'octo-org' } as const;

test.each<[SecretScope, string]>([
  [repository, 'secret A in repository octo-org/octo-repo'],
  [{ ...repository, app: 'dependabot' }, 'Dependabot secret A in repository octo-org/octo-repo'],
  [{ ...repository, app: 'agents' }, 'Agents secret A in repository octo-org/octo-repo'],
  [environment, 'secret A in environment "staging eu" of octo-org/octo-repo'],
  [organization, 'secret A in organization octo-org'],
  [{ ...organization, app: 'codespaces', visibility: 'all' }, 'Codespaces secret A in organization octo-org'],
])('a target reads as prose: %j', (scope, prose) => {
  expect(targetInProse({ scope, secretName: 'A' })).toBe(prose);
});

test('a variable belongs to no app', () => {
  expect(itemInProse('variable', 'B', { ...repository, app: 'dependabot' })).toBe(
    'variable B in repository octo-org/octo-repo',
  );
  expect(itemInProse('variable', 'B', environment)).toBe(
    'variable B in environment "staging eu" of octo-org/octo-repo',
  );
});

test('a place reads as prose', () => {
  expect([repository, environment, organization].map(scopeInProse)).toEqual([
    'repository octo-org/octo-repo',
    'environment "staging eu" of octo-org/octo-repo',
    'organization octo-org',
  ]);
});
