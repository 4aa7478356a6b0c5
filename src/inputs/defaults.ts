// Written by `npm run generate` from action.yml.
import type { InputName } from './names.ts';

/** For inputs that a workflow sets to an empty text: the runner applies a default only to an omitted input. */
export const DEFAULTS: Readonly<Partial<Record<InputName, string>>> = {
  'api-version': 'v2',
  'auth-scope': 'openid permissions global.wildcard',
  'if-exists': 'adopt',
  rotate: 'always',
  'rotate-before': '30d',
  verify: 'true',
  'revoke-at-job-end': 'false',
  'output-access-token': 'false',
  'secret-name': 'VANTAGE_CLIENT_SECRET',
  'create-environments': 'false',
  mode: 'ensure',
  'max-deletes': '20',
  'fail-on': 'none',
  concurrency: '8',
  'dry-run': 'false',
  timeout: '5m',
  'request-timeout': '30s',
  summary: 'true',
};
