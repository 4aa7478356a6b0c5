import { describe, expect, test } from '@jest/globals';
import type { EnsureRequest } from '../../src/model/request.ts';
import { readInputs } from '../support/inputs.ts';

/** Reads a step that writes to `repository`. An empty `apiUrl` omits `github-api-url`. */
async function read(
  runnerApiUrl: string,
  apiUrl: string,
  inputs: Readonly<Record<string, string>> = {},
): Promise<EnsureRequest> {
  const given = { 'client-id': 'invoices', 'write-to': 'repository', 'github-api-url': apiUrl, ...inputs };
  return (await readInputs(given, { apiUrl: runnerApiUrl })).request as EnsureRequest;
}

describe('a target that names no repository', () => {
  test.each([
    ['https://api.github.com', ''],
    ['https://api.github.com', 'https://api.github.com/'],
    ['https://api.github.com', 'https://API.github.com'],
    ['https://api.acme.ghe.com', 'https://api.acme.ghe.com/'],
    ['https://github.acme.example/api/v3', 'https://GitHub.acme.example/api/v3/'],
    ['http://localhost:3000/api/v1', ''],
  ])('is in the workflow’s repository on a runner of %s if github-api-url is "%s"', async (runner, apiUrl) => {
    const { github } = (await read(runner, apiUrl)).delivery;
    expect(github?.isOwn).toBe(true);
    expect(github?.targets[0]?.scope).toMatchObject({ owner: 'octo-org', repo: 'octo-repo' });
  });

  test.each([
    ['https://api.github.com', 'https://github.acme.example/api/v3'],
    ['https://github.acme.example/api/v3', 'https://api.github.com'],
    ['https://api.acme.ghe.com', 'https://api.globex.ghe.com'],
    ['https://api.acme.ghe.com', 'https://api.github.com'],
    ['https://github.acme.example/api/v3', 'https://github.acme.example:8443/api/v3'],
    ['', 'https://github.acme.example/api/v3'],
  ])('is rejected on a runner of "%s" if github-api-url is %s', async (runner, apiUrl) => {
    const refused =
      '`write-to` contains "repository": expected "repository OWNER/REPO", because github-api-url is not the GitHub of';
    await expect(read(runner, apiUrl)).rejects.toThrow(refused);
    const named = (await read(runner, apiUrl, { 'write-to': 'repository acme/invoices' })).delivery.github;
    expect(named).toMatchObject({ isOwn: false, targets: [{ scope: { owner: 'acme', repo: 'invoices' } }] });
  });

  test('is not rejected if github-api-url is not a URL: only github-api-url is', async () => {
    await expect(read('https://api.github.com', 'api.github.com')).rejects.toThrow(
      /^reading the inputs failed: `github-api-url`/u,
    );
  });
});
