import { describe, expect, test } from '@jest/globals';
import type { Mishap, Permissions, RouteFault, TokenKind } from '../emulator/github/index.ts';
import { primaryRateLimit, secondaryRateLimit } from '../emulator/github/index.ts';
import type { Fault, VantageOptions } from '../emulator/vantage/index.ts';
import type { ErrorCode } from '../src/model/failure.ts';
import { expectAllNamed, expectFate, type Fate, openEarlierWorld } from './support/fate.ts';
import { EVERYTHING } from './support/github.ts';
import { errorOf } from './support/step.ts';

/**
 * What can go wrong between the action and GitHub, and how the step must end then. `World.step` checks for each
 * run what must always hold: one line of error with the right code, outputs that say what GitHub and Vantage store,
 * every secret accounted for, every secret in GitHub still valid, no leak.
 */
interface Trouble {
  readonly trouble: string;
  /** Default: the repository of the workflow. */
  readonly targets?: readonly string[];
  readonly inputs?: Readonly<Record<string, string>>;
  /** Default: a fine-grained token with all permissions. A text is used unchanged. */
  readonly token?: TokenKind | string;
  /** Whether the token has expired when the step starts. */
  readonly ended?: true;
  readonly faults?: readonly RouteFault[];
  readonly vantage?: VantageOptions;
  readonly vantageFaults?: readonly Fault[];
  /** How the step ends: '' for success. */
  readonly code: ErrorCode | '';
  /** Whether the time can run out between two attempts, so that the step may also end with `timeout`. */
  readonly late?: true;
  /** What the error line contains, and what it must not contain. */
  readonly says?: readonly (string | RegExp)[];
  readonly omits?: RegExp;
  /** What happens to the secret. Default: `kept` on success, else `none`. */
  readonly secret?: Fate;
  /** The number of targets that hold it, as the step reports it. Default: all on success, else none. */
  readonly written?: number;
  /** The number of requests that GitHub receives, if it is certain. One of them counts the secrets of the place. */
  readonly asked?: number;
}

const TIMEOUT = 6000;
const REPOSITORY = ['repository'];
const PRODUCTION = ['environment production'];
const STAGING = ['environment staging'];
const ORGANIZATION = ['organization octo-org'];
const THREE = ['repository as ONE', 'dependabot repository as TWO', 'environment production as THREE'];
const NEVER = ['GITHUB_TOKEN', 'can never write secrets', 'GitHub App', 'personal access token'];
const STALLS = { 'request-timeout': 'PT0.6S' };
const CREATE = { 'create-environments': 'true' };
const VARIABLE = { 'client-id-variable': 'VANTAGE_CLIENT_ID' };

const workflow: TokenKind = { kind: 'workflow' };
function without(...missing: (keyof Permissions)[]): TokenKind {
  const permissions = Object.fromEntries(
    Object.entries(EVERYTHING).filter(([name]) => !missing.includes(name as never)),
  );
  return { kind: 'fine-grained', permissions };
}
function readOnly(...permissions: (keyof Permissions)[]): TokenKind {
  const read = Object.fromEntries(permissions.map(permission => [permission, 'read' as const]));
  return { kind: 'app', permissions: { ...EVERYTHING, ...read } };
}
function status(code: number, message: string, apply = false): Mishap {
  return { kind: 'answer', status: code, body: { message }, apply };
}
function writesTo(path: RegExp, mishap: Mishap): RouteFault {
  return { on: { method: 'PUT', path }, mishap };
}
const forbidden = status(403, 'Resource not accessible by personal access token');

const tokens: readonly Trouble[] = [
  ...(
    [
      [REPOSITORY, 'Secrets: write on octo-org/octo-repo'],
      [PRODUCTION, 'Environments: write on octo-org/octo-repo'],
      [['dependabot repository'], 'Dependabot secrets: write on octo-org/octo-repo'],
      [['codespaces repository'], 'Codespaces secrets: write on octo-org/octo-repo'],
      [['agents repository'], 'Agent secrets: write on octo-org/octo-repo'],
      [['repository octo-org/website'], 'Secrets: write on octo-org/website'],
      [['repository acme/invoices'], 'Secrets: write on acme/invoices'],
      [ORGANIZATION, 'the organization permission Secrets: write on octo-org'],
    ] as const
  ).map(
    ([targets, permission]): Trouble => ({
      trouble: `the token of the workflow: ${targets}`,
      targets,
      token: workflow,
      code: 'github-permission',
      says: [permission, ...NEVER],
    }),
  ),
  {
    trouble: 'the token of the workflow, which reads environments',
    targets: PRODUCTION,
    token: { kind: 'workflow', permissions: { actions: 'read' } },
    code: 'github-permission',
    says: ['Environments: write on octo-org/octo-repo', 'environments=read', ...NEVER],
  },
  ...(
    [
      ['secrets', REPOSITORY, 'Secrets: write on octo-org/octo-repo'],
      ['environments', PRODUCTION, 'Environments: write on octo-org/octo-repo'],
      ['dependabot_secrets', ['dependabot repository'], 'Dependabot secrets: write on octo-org/octo-repo'],
      ['codespaces_secrets', ['codespaces repository'], 'Codespaces secrets: write on octo-org/octo-repo'],
      ['agent_secrets', ['agents repository'], 'Agent secrets: write on octo-org/octo-repo'],
      ['organization_secrets', ORGANIZATION, 'the organization permission Secrets: write on octo-org'],
      [
        'organization_dependabot_secrets',
        ['dependabot organization octo-org'],
        'the organization permission Organization dependabot secrets: write on octo-org',
      ],
      [
        'organization_codespaces_secrets',
        ['codespaces organization octo-org'],
        'the organization permission Organization codespaces secrets: write on octo-org',
      ],
      [
        'organization_agent_secrets',
        ['agents organization octo-org'],
        'the organization permission Agent secrets: write on octo-org',
      ],
    ] as const
  ).map(
    ([permission, targets, says]): Trouble => ({
      trouble: `no permission ${permission}`,
      targets,
      token: without(permission),
      code: 'github-permission',
      says: [says, 'answered 403', `GitHub names ${permission}=`],
      omits: /GITHUB_TOKEN/u,
    }),
  ),
  {
    trouble: 'no permission to read environments, and the environment is missing',
    targets: STAGING,
    inputs: CREATE,
    token: without('actions'),
    code: 'github-permission',
    says: ['looking for environment "staging" of octo-org/octo-repo', 'actions=read', 'Actions: read'],
  },
  {
    trouble: 'no permission to read environments, and the environment exists',
    targets: PRODUCTION,
    token: without('actions'),
    code: '',
  },
  {
    trouble: 'secrets are readable but not writable',
    token: readOnly('secrets'),
    code: 'github-permission',
    says: ['Secrets: write on octo-org/octo-repo', 'secrets=write'],
    secret: 'revoked',
  },
  {
    trouble: 'secrets are readable but not writable, tier 0',
    token: readOnly('secrets'),
    vantage: { tier: 0 },
    code: 'github-permission',
    secret: 'named',
  },
  {
    trouble: 'no permission for variables',
    token: without('actions_variables'),
    inputs: VARIABLE,
    code: 'github-permission',
    says: ['Variables: write on octo-org/octo-repo'],
  },
  {
    trouble: 'no permission for the variables of the organization',
    targets: ORGANIZATION,
    token: without('organization_actions_variables'),
    inputs: VARIABLE,
    code: 'github-permission',
    says: ['the organization permission Variables: write on octo-org'],
  },
  {
    trouble: 'variables are readable but not writable',
    token: readOnly('actions_variables'),
    inputs: VARIABLE,
    code: 'partial-hand-off',
    says: ['Variables: write on octo-org/octo-repo', 'variable VANTAGE_CLIENT_ID'],
    secret: 'kept',
    written: 1,
  },
  {
    trouble: 'a classic token without the scope for repositories',
    token: { kind: 'classic', scopes: ['gist'] },
    code: 'github-permission',
    says: [/answered 404/u, /scope.*\brepo\b|\brepo\b.*scope/u],
  },
  {
    trouble: 'a classic token without the scope, public repository',
    targets: ['repository octo-org/website'],
    token: { kind: 'classic', scopes: ['public_repo'] },
    code: 'github-permission',
    says: [/answered 403/u, /scope.*\brepo\b|\brepo\b.*scope/u],
  },
  {
    trouble: 'a classic token without the scope for organizations',
    targets: ORGANIZATION,
    token: { kind: 'classic', scopes: ['repo'] },
    code: 'github-permission',
    says: [/answered 403/u, 'admin:org'],
  },
  {
    trouble: 'a text that is not a token',
    token: `ghp_${'x'.repeat(36)}`,
    code: 'github-permission',
    says: ['answered 401 (Bad credentials)', /expired|not valid|revoked/u],
  },
  {
    trouble: 'a token of an App that has expired',
    token: { kind: 'app', permissions: EVERYTHING },
    ended: true,
    code: 'github-permission',
    says: ['answered 401 (Bad credentials)', /expired|not valid|revoked/u],
  },
  {
    trouble: 'a private repository that the token has no access to',
    targets: ['repository acme/invoices'],
    token: { kind: 'fine-grained', permissions: EVERYTHING, repositories: ['octo-org/octo-repo'] },
    code: 'github-permission',
    says: ['answered 404', 'Secrets: write on acme/invoices', 'access to that repository'],
  },
  {
    trouble: 'a public repository that the token has no access to',
    targets: ['repository octo-org/website'],
    token: { kind: 'app', permissions: EVERYTHING, repositories: ['octo-org/octo-repo'] },
    code: 'github-permission',
    says: ['answered 403', 'Secrets: write on octo-org/website', 'access to that repository'],
  },
  {
    trouble: 'a repository that does not exist',
    targets: ['repository octo-org/nowhere'],
    code: 'github-permission',
    says: ['answered 404', 'octo-org/nowhere'],
  },
  {
    trouble: 'an organization that does not exist',
    targets: ['organization nobody'],
    code: 'github-permission',
    says: ['answered 404', 'the organization permission Secrets: write on nobody'],
  },
];

const environments: readonly Trouble[] = [
  {
    trouble: 'a missing environment',
    targets: STAGING,
    code: 'not-found',
    says: ['environment "staging" of octo-org/octo-repo', '`create-environments`'],
  },
  {
    trouble: 'a missing environment that the token may not create',
    targets: STAGING,
    inputs: CREATE,
    token: without('administration'),
    code: 'github-permission',
    says: ['creating environment "staging" of octo-org/octo-repo', 'Administration: write on octo-org/octo-repo'],
  },
  {
    trouble: 'an environment of a repository that the token cannot see',
    targets: ['environment acme/invoices production'],
    inputs: CREATE,
    token: { kind: 'fine-grained', permissions: EVERYTHING, repositories: ['octo-org/octo-repo'] },
    code: 'github-permission',
    says: ['Environments: write on acme/invoices'],
  },
  {
    trouble: 'an environment that cannot be created for now',
    targets: STAGING,
    inputs: CREATE,
    faults: [{ on: 'createEnvironment', mishap: status(503, 'Later') }],
    code: 'github-unavailable',
    says: ['It may have taken effect.'],
  },
  {
    trouble: 'an environment whose creation is answered by a reset, once',
    targets: STAGING,
    inputs: CREATE,
    faults: [{ on: 'createEnvironment', times: 1, mishap: { kind: 'reset', apply: true } }],
    code: '',
  },
  {
    trouble: 'an environment that was created, and whose key cannot be read',
    targets: STAGING,
    inputs: CREATE,
    faults: [{ on: 'publicKey', mishap: { kind: 'wrong-shape' } }],
    code: 'unexpected-response',
    says: ['public key for actions secrets in environment "staging" of octo-org/octo-repo'],
  },
  {
    trouble: 'the second of two environments cannot be created',
    targets: ['environment staging', 'environment testing'],
    inputs: CREATE,
    faults: [{ on: { method: 'PUT', path: /testing$/u }, mishap: forbidden }],
    code: 'github-permission',
    says: ['creating environment "testing" of octo-org/octo-repo', 'Administration: write'],
  },
];

const clashes: readonly Trouble[] = (
  [
    ['two lines for one secret', ['repository', 'actions repository octo-org/octo-repo']],
    ['two lines that differ only in case', ['repository Octo-Org/OCTO-REPO as ours', 'repository as OURS']],
    ['two visibilities for one secret', ['organization octo-org all', 'organization octo-org private']],
    [
      'two lines, one of them by secret-name',
      ['environment production', 'environment PRODUCTION as VANTAGE_CLIENT_SECRET'],
    ],
    ['an environment of an app that has none', ['codespaces environment production']],
    ['a name that GitHub reserves', ['repository as github_secret']],
    ['a name that starts with a digit', ['repository as 1SECRET']],
  ] as const
).map(([trouble, targets]) => ({ trouble, targets, code: 'invalid-input', says: ['`write-to` contains '], asked: 0 }));

const keys: readonly Trouble[] = [
  {
    trouble: 'of another length',
    faults: [{ on: 'publicKey', mishap: { kind: 'answer', status: 200, body: { key_id: '1', key: 'c2hvcnQ=' } } }],
    code: 'unexpected-response',
    says: ['the public key for actions secrets in repository octo-org/octo-repo'],
  },
  {
    // Anyone could open what is sealed for it.
    trouble: 'of a small order',
    faults: [
      {
        on: 'publicKey',
        mishap: { kind: 'answer', status: 200, body: { key_id: '1', key: Buffer.alloc(32).toString('base64') } },
      },
    ],
    code: 'unexpected-response',
    says: ['the public key for actions secrets in repository octo-org/octo-repo', 'an unexpected body'],
    asked: 2,
  },
  {
    trouble: 'with a number as its ID',
    faults: [{ on: 'publicKey', mishap: { kind: 'answer', status: 200, body: { key_id: 1, key: 'A'.repeat(43) } } }],
    code: 'unexpected-response',
  },
  {
    trouble: 'of another shape',
    faults: [{ on: 'publicKey', mishap: { kind: 'wrong-shape' } }],
    code: 'unexpected-response',
    asked: 2,
  },
  {
    trouble: 'in an HTML page',
    faults: [{ on: 'publicKey', mishap: { kind: 'html' } }],
    code: 'unexpected-response',
    says: ['HTML page'],
  },
  {
    trouble: 'that makes GitHub refuse the write, every time',
    faults: [{ on: 'writeSecret', mishap: status(422, 'improperly encrypted secret') }],
    code: 'invalid-input',
    says: ['improperly encrypted secret'],
    secret: 'revoked',
  },
  {
    trouble: 'that changes twice',
    faults: [
      { on: 'writeSecret', times: 2, mishap: status(422, 'improperly encrypted secret') },
      {
        on: 'publicKey',
        skip: 1,
        mishap: { kind: 'answer', status: 200, body: { key_id: '987', key: Buffer.alloc(32, 9).toString('base64') } },
      },
    ],
    code: 'invalid-input',
    says: ['improperly encrypted secret'],
    secret: 'revoked',
    asked: 5,
  },
  {
    trouble: 'that changed, and cannot be read again',
    faults: [
      { on: 'writeSecret', times: 1, mishap: status(422, 'improperly encrypted secret') },
      { on: 'publicKey', skip: 1, mishap: { kind: 'wrong-shape' } },
    ],
    code: 'unexpected-response',
    secret: 'revoked',
  },
];

const inAnHour = Date.now() + 3_600_000;
const limits: Trouble[] = (
  [
    ['secondary, for an hour', secondaryRateLimit(3600)],
    ['secondary, without a wait time', secondaryRateLimit()],
    ['primary', primaryRateLimit(inAnHour)],
    ['primary, as 429', primaryRateLimit(inAnHour, 429)],
    ['429 for an hour', { kind: 'throttle', retryAfter: 3600 }],
  ] as const
).flatMap(([limit, mishap]): Trouble[] => [
  {
    trouble: `${limit}, at the check`,
    faults: [{ on: 'publicKey', mishap }],
    code: 'rate-limited',
    says: ['`timeout`'],
    asked: 2,
  },
  {
    trouble: `${limit}, at the write`,
    faults: [{ on: 'writeSecret', mishap }],
    code: 'rate-limited',
    secret: 'revoked',
    asked: 3,
  },
]);

/** Every attempt to write was refused, so nothing can hold the secret. */
limits.push({
  trouble: 'secondary, again and again, at the write',
  faults: [{ on: 'writeSecret', mishap: secondaryRateLimit(0) }],
  code: 'rate-limited',
  says: ['5 times'],
  omits: /may have taken effect/u,
  secret: 'revoked',
  asked: 7,
});

const weather: readonly Trouble[] = [
  {
    trouble: 'a limit for a second, at the check',
    faults: [{ on: 'publicKey', times: 1, mishap: secondaryRateLimit(1) }],
    code: '',
  },
  {
    trouble: 'a limit for a second, at the write',
    faults: [{ on: 'writeSecret', times: 1, mishap: secondaryRateLimit(1) }],
    code: '',
  },
  {
    trouble: '500 at the check',
    faults: [{ on: 'publicKey', mishap: status(500, 'Oops') }],
    code: 'github-unavailable',
    says: ['Oops'],
  },
  {
    trouble: '502 HTML at the check',
    faults: [{ on: 'publicKey', mishap: { kind: 'html', status: 502 } }],
    code: 'github-unavailable',
  },
  {
    trouble: '503 once at the check',
    faults: [{ on: 'publicKey', times: 1, mishap: status(503, '') }],
    code: '',
    asked: 4,
  },
  {
    trouble: 'a reset at the check',
    faults: [{ on: 'publicKey', mishap: { kind: 'reset' } }],
    code: 'github-unavailable',
    late: true,
  },
  {
    trouble: 'truncated at the check',
    faults: [{ on: 'publicKey', mishap: { kind: 'truncate' } }],
    code: 'github-unavailable',
    late: true,
  },
  {
    trouble: 'truncated once at the check',
    faults: [{ on: 'publicKey', times: 1, mishap: { kind: 'truncate' } }],
    code: '',
  },
  { trouble: 'no response at the check', faults: [{ on: 'publicKey', mishap: { kind: 'stall' } }], code: 'timeout' },
  {
    trouble: 'no response once at the check',
    faults: [{ on: 'publicKey', times: 1, mishap: { kind: 'stall' } }],
    inputs: STALLS,
    code: '',
  },
  {
    trouble: 'a slow response at the check',
    faults: [{ on: 'publicKey', mishap: { kind: 'trickle', everyMs: 100 } }],
    code: 'timeout',
  },
  {
    trouble: 'over 1 MiB at the check',
    faults: [{ on: 'publicKey', mishap: { kind: 'oversize' } }],
    code: 'unexpected-response',
    asked: 2,
  },
  {
    trouble: '500 at the read of an organization’s secret',
    targets: ORGANIZATION,
    faults: [{ on: 'readSecret', mishap: status(500, 'Oops') }],
    code: 'github-unavailable',
  },
  {
    trouble: 'another shape of an organization’s secret',
    targets: ORGANIZATION,
    faults: [{ on: 'readSecret', mishap: { kind: 'wrong-shape' } }],
    code: 'unexpected-response',
  },
  {
    trouble: '500 at the read of a variable',
    inputs: VARIABLE,
    faults: [{ on: 'readVariable', mishap: status(500, 'Oops') }],
    code: 'github-unavailable',
  },
  {
    trouble: '503 once at the write',
    faults: [{ on: 'writeSecret', times: 1, mishap: status(503, '') }],
    code: '',
    asked: 4,
  },
  {
    trouble: '503 once at the write, which took effect',
    faults: [{ on: 'writeSecret', times: 1, mishap: status(503, '', true) }],
    code: '',
  },
  {
    trouble: 'a reset once at the write',
    faults: [{ on: 'writeSecret', times: 1, mishap: { kind: 'reset' } }],
    code: '',
  },
  {
    trouble: 'a reset once at the write, which took effect',
    faults: [{ on: 'writeSecret', times: 1, mishap: { kind: 'reset', apply: true } }],
    code: '',
  },
  {
    trouble: 'no response once at the write, which took effect',
    faults: [{ on: 'writeSecret', times: 1, mishap: { kind: 'stall', apply: true } }],
    inputs: STALLS,
    code: '',
  },
  {
    trouble: 'a slow answer to the write',
    faults: [{ on: 'writeSecret', mishap: { kind: 'delay', ms: 1000 } }],
    code: '',
  },
  {
    trouble: 'a reset once at a new variable, which took effect',
    inputs: VARIABLE,
    faults: [{ on: 'createVariable', times: 1, mishap: { kind: 'reset', apply: true } }],
    code: '',
  },
  {
    trouble: '403 at the write',
    faults: [{ on: 'writeSecret', mishap: forbidden }],
    code: 'github-permission',
    says: ['Secrets: write on octo-org/octo-repo'],
    secret: 'revoked',
  },
  {
    trouble: '409 at the write',
    faults: [{ on: 'writeSecret', mishap: status(409, 'Conflict') }],
    code: 'conflict',
    secret: 'revoked',
  },
  {
    trouble: 'GitHub stops after the check',
    faults: [{ on: 'publicKey', mishap: { kind: 'close' } }],
    code: 'github-unavailable',
    secret: 'revoked',
  },
  {
    trouble: 'no server at github-api-url',
    inputs: { 'github-api-url': 'http://127.0.0.1:1' },
    code: 'github-unavailable',
    late: true,
    says: ['ECONNREFUSED'],
    asked: 0,
  },
  {
    trouble: 'an unknown host',
    inputs: { 'github-api-url': 'https://github.invalid' },
    code: 'github-unavailable',
    late: true,
    says: [/ENOTFOUND|EAI_AGAIN/u],
    asked: 0,
  },
];

const lost: readonly Trouble[] = (
  [
    ['500, did not take effect', status(500, 'Oops')],
    ['500, took effect', status(500, 'Oops', true)],
    ['a reset, took effect', { kind: 'reset', apply: true }],
    ['a reset, did not take effect', { kind: 'reset' }],
    ['no response, took effect', { kind: 'stall', apply: true }],
    ['no response, did not take effect', { kind: 'stall' }],
    ['200 HTML, took effect', { kind: 'html', apply: true }],
    ['a response without a body', { kind: 'answer', status: 200, apply: true }],
  ] as const
).map(([answer, mishap]) => ({
  trouble: answer,
  faults: [{ on: 'writeSecret', mishap }],
  code: 'partial-hand-off',
  says: ['possibly written: secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo', 'it is kept'],
  secret: 'kept',
}));

const several: readonly Trouble[] = [
  ...([/actions\/secrets\/ONE$/u, /dependabot\/secrets\/TWO$/u, /production\/secrets\/THREE$/u] as const).map(
    (path, index): Trouble => ({
      trouble: `the ${['first', 'second', 'last'][index]} of three is refused`,
      targets: THREE,
      faults: [writesTo(path, forbidden)],
      code: 'partial-hand-off',
      says: ['it is kept', /: write on octo-org\/octo-repo/u],
      secret: 'kept',
      written: 2,
    }),
  ),
  {
    trouble: 'the response for the first of three is lost, the others are refused',
    targets: THREE,
    faults: [writesTo(/ONE$/u, { kind: 'html', apply: true }), { on: 'writeSecret', mishap: forbidden }],
    code: 'partial-hand-off',
    says: ['Written: none for certain; possibly written: secret ONE in repository octo-org/octo-repo.'],
    secret: 'kept',
  },
  {
    trouble: 'the response for the second of three is lost',
    targets: THREE,
    faults: [writesTo(/TWO$/u, { kind: 'html' })],
    code: 'partial-hand-off',
    says: ['possibly written: Dependabot secret TWO in repository octo-org/octo-repo.'],
    secret: 'kept',
    written: 2,
  },
  {
    trouble: 'all three are refused',
    targets: THREE,
    faults: [{ on: 'writeSecret', mishap: forbidden }],
    code: 'github-permission',
    says: ['secret ONE', 'secret TWO', 'secret THREE', 'Dependabot secrets: write', 'Environments: write'],
    secret: 'revoked',
  },
  {
    trouble: 'all three are refused, tier 0',
    targets: THREE,
    faults: [{ on: 'writeSecret', mishap: forbidden }],
    vantage: { tier: 0, absent: 405 },
    code: 'github-permission',
    secret: 'named',
  },
  {
    trouble: 'all three are refused, and the secret cannot be deleted',
    targets: THREE,
    faults: [{ on: 'writeSecret', mishap: forbidden }],
    vantageFaults: [{ on: 'deleteSecret', mishap: { kind: 'answer', status: 403 } }],
    code: 'github-permission',
    secret: 'named',
  },
  {
    trouble: 'all are refused, and the secret is an output as well',
    inputs: { 'output-secret': 'true' },
    faults: [{ on: 'writeSecret', mishap: forbidden }],
    code: 'github-permission',
    secret: 'revoked',
  },
  {
    trouble: 'one of two is refused, and the secret is an output as well',
    targets: ['repository', 'dependabot repository'],
    inputs: { 'output-secret': 'true' },
    faults: [writesTo(/dependabot/u, forbidden)],
    code: 'partial-hand-off',
    says: ['Written: secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo.'],
    secret: 'kept',
    written: 1,
  },
  {
    trouble: 'the secret is refused and its variable is written',
    inputs: VARIABLE,
    faults: [{ on: 'writeSecret', mishap: forbidden }],
    code: 'github-permission',
    secret: 'revoked',
  },
  {
    trouble: 'the secret is written and the response for its variable is lost',
    inputs: VARIABLE,
    faults: [{ on: 'createVariable', mishap: { kind: 'reset', apply: true } }],
    code: 'partial-hand-off',
    says: ['variable VANTAGE_CLIENT_ID in repository octo-org/octo-repo'],
    secret: 'kept',
    written: 1,
  },
  {
    trouble: 'everything wrong is named at once',
    targets: [
      'environment staging',
      'organization nobody',
      'repository acme/invoices',
      'dependabot repository',
      'repository',
    ],
    token: {
      kind: 'fine-grained',
      permissions: { ...EVERYTHING, dependabot_secrets: undefined },
      repositories: ['octo-org/octo-repo'],
    },
    code: 'github-permission',
    says: [
      'environment "staging" of octo-org/octo-repo',
      'the organization permission Secrets: write on nobody',
      'Secrets: write on acme/invoices',
      'Dependabot secrets: write on octo-org/octo-repo',
    ],
  },
  {
    trouble: 'two environments are missing',
    targets: ['environment staging', 'environment testing'],
    code: 'not-found',
    says: ['environment "staging" of octo-org/octo-repo', 'environment "testing" of octo-org/octo-repo'],
  },
];

const vantage: readonly Trouble[] = (
  [
    ['refuses the sign-in', { on: 'token', mishap: { kind: 'answer', status: 401 } }, 'authentication-failed', 'none'],
    ['has no such tenant', { on: 'createClient', mishap: { kind: 'answer', status: 404 } }, '', 'kept'],
    [
      'refuses the creation of a secret',
      { on: 'createSecret', mishap: { kind: 'answer', status: 403 } },
      'forbidden',
      'none',
    ],
    ['is down', { on: 'token', mishap: { kind: 'answer', status: 503 } }, 'vantage-unavailable', 'none'],
    [
      'does not accept the new secret',
      { on: 'token', skip: 1, mishap: { kind: 'answer', status: 401, body: { error: 'invalid_client' } } },
      'secret-unverified',
      'revoked',
    ],
    ['stalls at the verification', { on: 'token', skip: 1, mishap: { kind: 'stall' } }, 'timeout', 'revoked'],
  ] as const
).map(([what, fault, code, secret]) => ({ trouble: what, vantageFaults: [fault], code, secret }));

const KINDS: Readonly<Record<string, readonly Trouble[]>> = {
  'a token': tokens,
  'an environment': environments,
  'a conflict': clashes,
  'a public key': keys,
  'a rate limit': limits,
  'GitHub answers': weather,
  'a write whose response is always lost': lost,
  'several targets': several,
  'GitHub works, but Vantage': vantage,
};
const ROWS = Object.entries(KINDS).flatMap(([kind, troubles]) =>
  troubles.map(row => ({ ...row, kind, end: row.code || 'success' })),
);

describe(`${ROWS.length} troubles with GitHub`, () => {
  test.each(ROWS)('$kind: $trouble → $end', async row => {
    const { targets = REPOSITORY, token = { kind: 'fine-grained', permissions: EVERYTHING }, code } = row;
    await using world = await openEarlierWorld(row.vantage, typeof token === 'string' ? undefined : token);
    for (const fault of row.faults ?? []) {
      world.github.faults.add(fault);
    }
    for (const fault of row.vantageFaults ?? []) {
      world.vantage.faults.add(fault);
    }
    if (row.ended) {
      world.github.revokeToken(world.token);
    }
    const shown = typeof token === 'string' ? { 'github-token': token } : {};
    const step = await world.step({
      'write-to': targets.join('\n'),
      timeout: `${TIMEOUT / 1000}s`,
      ...shown,
      ...row.inputs,
    });

    expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({
      code: row.late ? expect.stringMatching(new RegExp(`^(?:${code}|timeout)$`, 'u')) : code,
      error: code === '' ? '' : expect.any(String),
    });
    for (const words of step.outputs['error-code'] === code ? (row.says ?? []) : []) {
      expect(errorOf(step)).toMatch(words);
    }
    expect(errorOf(step)).not.toMatch(row.omits ?? /undefined|\[object|NaN/u);
    expectFate(world, step, row.secret ?? (code === '' ? 'kept' : 'none'));
    expect(step.written).toHaveLength(row.written ?? (code === '' ? targets.length : 0));
    if (code === 'partial-hand-off') {
      expectAllNamed(step, targets.length);
    }
    expect(step.github.length).toBe(row.asked ?? step.github.length);
    expect(step.workMs).toBeLessThan(TIMEOUT + 1000 + step.delayMs);
  });
});

test('a github-api-url that leads to something else is detected before a secret is created', async () => {
  await using world = await openEarlierWorld();
  await using other = await openEarlierWorld();
  const elsewhere = other.vantage.baseUrl;
  const step = await world.step({ 'write-to': REPOSITORY.join('\n'), 'github-api-url': elsewhere });
  expect(['github-permission', 'unexpected-response']).toContain(step.outputs['error-code']);
  expect(errorOf(step)).toContain(` at GET ${elsewhere}/repos/octo-org/octo-repo/actions/secrets/public-key: `);
  expectFate(world, step, 'none');
});
