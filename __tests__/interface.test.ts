import { expect, test } from '@jest/globals';
import { readActionYml } from '../scripts/generate/action-yml.ts';
import { ERROR_CODES } from '../src/model/failure.ts';

/**
 * What version 1 promises: workflows depend on these names and defaults. A later version 1 may add to them. To remove or
 * change one is breaking, so this file is written by hand, and nothing generates it.
 */
const DEFAULTS = {
  'base-url': undefined,
  region: undefined,
  'tenant-id': undefined,
  'api-version': 'v2',
  'access-token': undefined,
  'auth-client-id': undefined,
  'auth-client-secret': undefined,
  username: undefined,
  password: undefined,
  'auth-scope': 'openid permissions global.wildcard',
  'client-id': undefined,
  'client-name': undefined,
  'allow-offline-access': undefined,
  'allow-remember-consent': undefined,
  'back-channel-logout-session-required': undefined,
  'require-client-secret': undefined,
  'require-consent': undefined,
  'allow-no-pkce': undefined,
  'allow-ropc': undefined,
  'allowed-grant-types': undefined,
  'allowed-scopes': undefined,
  'allowed-cors-origins': undefined,
  'redirect-uris': undefined,
  'post-logout-redirect-uris': undefined,
  'access-token-lifetime': undefined,
  'refresh-token-lifetime': undefined,
  'if-exists': 'adopt',
  rotate: 'always',
  'rotate-before': '30d',
  'current-secret': undefined,
  'secret-description': undefined,
  'secret-start-time': undefined,
  'secret-expiration': undefined,
  verify: 'true',
  'prune-after': undefined,
  'revoke-at-job-end': 'false',
  'write-to': undefined,
  'output-secret': undefined,
  'output-access-token': 'false',
  'secret-name': 'VANTAGE_CLIENT_SECRET',
  'client-id-variable': undefined,
  'expiration-variable': undefined,
  'github-token': undefined,
  'github-api-url': expect.stringContaining('github.api_url'),
  'create-environments': 'false',
  mode: 'ensure',
  manifest: undefined,
  shard: undefined,
  'client-id-pattern': undefined,
  'max-deletes': '20',
  'fail-on': 'none',
  concurrency: '8',
  'dry-run': 'false',
  timeout: '5m',
  'request-timeout': '30s',
  summary: 'true',
  matrix: expect.stringContaining('toJSON(matrix)'),
};

const OUTPUTS = [
  'client-id',
  'client-secret',
  'client-access-token',
  'client-access-token-expiration',
  'client-created',
  'client-deleted',
  'client-drift',
  'client-drifted',
  'secret-created',
  'secret-id',
  'secret-start-time',
  'secret-expiration',
  'rotation-due',
  'verified',
  'written',
  'pruned',
  'changed',
  'plan',
  'results',
  'error-code',
];

const CODES = [
  'invalid-input',
  'authentication-failed',
  'forbidden',
  'not-found',
  'conflict',
  'unsupported',
  'rate-limited',
  'vantage-unavailable',
  'unexpected-response',
  'secret-unverified',
  'secret-unaccounted',
  'github-permission',
  'github-unavailable',
  'partial-hand-off',
  'too-many-deletes',
  'audit-findings',
  'timeout',
  'cancelled',
  'internal-error',
];

const { inputs, outputs } = readActionYml();

test('version 1 has these inputs, with these defaults', () => {
  const defaults = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.default]));
  expect(defaults).toMatchObject(DEFAULTS);
});

test('version 1 has these outputs', () => {
  expect(Object.keys(outputs)).toEqual(expect.arrayContaining(OUTPUTS));
});

test('version 1 has these error codes', () => {
  expect(Object.keys(ERROR_CODES)).toEqual(expect.arrayContaining(CODES));
});
