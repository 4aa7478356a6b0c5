import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type GitHub, startGitHub } from '../../emulator/github/index.ts';

const WEBSITE = { owner: 'acme', repo: 'website' };

let github: GitHub;
let token: string;

beforeEach(async () => {
  github = await startGitHub({
    seed: {
      organizations: [{ login: 'acme' }],
      repositories: [
        {
          ...WEBSITE,
          id: 1002,
          environments: [{ name: 'production', secrets: [{ name: 'INNER', value: 'two' }] }],
          secrets: [{ name: 'OUTER', value: 'one' }],
          pullRequests: [{ number: 7 }],
        },
      ],
    },
  });
  token = github.issueToken({
    kind: 'fine-grained',
    permissions: { environments: 'read', pull_requests: 'read', secrets: 'write' },
  });
});

afterEach(() => github.close());

async function ask(path: string, method = 'GET') {
  const headers = { authorization: `Bearer ${token}`, 'user-agent': 'test' };
  const response = await fetch(`${github.apiUrl}${path}`, { method, headers, redirect: 'manual' });
  return { status: response.status, location: response.headers.get('location') };
}

test('a repository that was renamed keeps its ID and everything in it', async () => {
  github.repositories.rename('Acme', 'Website', { repo: 'site' });
  expect(github.repositories.all()).toEqual([{ owner: 'acme', repo: 'site', id: 1002 }]);
  expect(await ask('/repos/acme/site/actions/secrets/OUTER')).toMatchObject({ status: 200 });
  expect(await ask('/repos/acme/site/environments/production/secrets/INNER')).toMatchObject({ status: 200 });
  expect(await ask('/repos/acme/site/pulls/7')).toMatchObject({ status: 200 });
  expect(github.secret({ owner: 'acme', repo: 'site', environment: 'production' }, 'INNER')?.value).toBe('two');
});

test('its old name redirects to its ID, for reads and for writes', async () => {
  github.repositories.rename('acme', 'website', { repo: 'site' });
  const secret = `${github.apiUrl}/repositories/1002/actions/secrets/OUTER`;
  expect(await ask('/repos/acme/website')).toEqual({ status: 301, location: `${github.apiUrl}/repositories/1002` });
  expect(await ask('/repos/acme/website/actions/secrets/OUTER')).toEqual({ status: 301, location: secret });
  expect(await ask('/repos/acme/website/actions/secrets/OUTER', 'DELETE')).toEqual({ status: 307, location: secret });
  expect(github.secret({ owner: 'acme', repo: 'site' }, 'OUTER')?.value).toBe('one');
});

test('a new repository under an old name is a different one, and holds nothing of the old one', async () => {
  github.repositories.rename('acme', 'website', { repo: 'site' });
  github.repositories.add(WEBSITE);
  expect(await ask('/repos/acme/website/actions/secrets/OUTER')).toMatchObject({ status: 404 });
  expect(await ask('/repos/acme/site/actions/secrets/OUTER')).toMatchObject({ status: 200 });
});

test('a repository that was deleted leaves nothing, also for a new one with its name', async () => {
  github.repositories.remove('acme', 'website');
  expect(await ask('/repos/acme/website')).toMatchObject({ status: 404 });
  github.repositories.add(WEBSITE);
  expect(await ask('/repos/acme/website')).toMatchObject({ status: 200 });
  expect(github.secret(WEBSITE, 'OUTER')).toBeUndefined();
});

test('a repository that was archived is readable but not writable', async () => {
  github.repositories.archive('acme', 'website');
  expect(await ask('/repos/acme/website/actions/secrets/OUTER')).toMatchObject({ status: 200 });
  expect(await ask('/repos/acme/website/actions/secrets/OUTER', 'DELETE')).toMatchObject({ status: 403 });
});

test('nothing can be done to a repository that does not exist', () => {
  expect(() => github.repositories.rename('acme', 'payroll', { repo: 'pay' })).toThrow('Not Found');
  expect(() => github.repositories.archive('acme', 'payroll')).toThrow('Not Found');
  expect(() => github.repositories.remove('acme', 'payroll')).toThrow('Not Found');
  expect(() => github.repositories.add(WEBSITE)).toThrow('There is acme/website already');
});
