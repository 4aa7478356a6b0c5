import { describe, expect, test } from '@jest/globals';
import { InputReader } from '../../src/inputs/reader.ts';
import type { AuditRequest, WorkflowContext } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import { parseDuration } from '../../src/model/time.ts';
import type { Mode } from '../../src/modes/mode.ts';
import { MODES, readRevocation, readRun } from '../../src/modes/read-run.ts';
import { RUNNER, WORKFLOW } from '../support/workflow.ts';

type Given = Readonly<Record<string, string>>;

const NOW = new Date('2027-01-31T09:00:00.000Z');
const SIGN_IN: Given = { 'auth-client-id': 'admin', 'auth-client-secret': 'canary-of-the-admin' };
const HERE: Given = { region: 'eu', 'tenant-id': 'acme', ...SIGN_IN };
const ON_GITHUB: Given = { 'github-token': 'canary-of-github', 'github-api-url': 'https://api.github.com' };
const OWN_ACCESS = { token: new Secret('canary-of-github'), apiUrl: 'https://api.github.com', isOwn: true };

/** What every request contains if the workflow sets only the inputs above. */
const COMMON = {
  vantage: { baseUrl: 'https://vantage-eu.abbyy.com', tenantId: 'acme', apiVersion: 'v2' },
  signIn: {
    kind: 'client-credentials',
    clientId: 'admin',
    clientSecret: new Secret('canary-of-the-admin'),
    scope: 'openid permissions global.wildcard',
  },
  run: { dryRun: false, summary: true, timeout: 300_000, requestTimeout: 30_000 },
  workflow: {
    ...WORKFLOW,
    runId: String(RUNNER.runId),
    step: '[".github/workflows/deploy.yml","deploy","__octo-org_vantage-client-action",null,""]',
  },
  warnings: [],
};

/** An access token that names a client. */
const tokenOf = (clientId: string) =>
  `e30.${Buffer.from(JSON.stringify({ client_id: clientId })).toString('base64url')}.c2ln`;

const inputsOf = (given: Given) => ({
  readInput: (name: string) => ({ ...HERE, ...given })[name] ?? '',
  redact: (text: string) => text,
});
const read = (given: Given, runner: Partial<WorkflowContext> = {}) =>
  readRun(inputsOf(given), { ...RUNNER, ...runner }, NOW);
const requestOf = async (...args: Parameters<typeof read>) => (await read(...args)).request;
/** With the values of secrets, which otherwise hide them. */
const plain = (value: unknown): unknown => {
  if (value instanceof Secret) {
    return `secret ${value.reveal()}`;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]))
    : value;
};

/** The error line of a step with these inputs. */
async function refusalOf(start: () => unknown): Promise<string> {
  try {
    await start();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'accepted';
}

describe('the request', () => {
  test('of an audit has its defaults, and names no GitHub', async () => {
    const run = await read({ mode: 'audit' });
    expect(plain(run.request)).toEqual(
      plain({ ...COMMON, expiringWithin: parseDuration('30d'), failOn: 'none', concurrency: 8 }),
    );
    expect(run.github).toBeUndefined();
    expect(run.savedStep).toBeUndefined();
    expect(run.record).toEqual({ mode: 'audit', clients: [], auditedAt: expect.any(Date), changed: false });
    expect(run.firstResults).toBe('those with the most severe findings');
    expect([run.outputs(String), run.results(undefined)]).toEqual([{}, []]);
  });

  test.each(['none', 'expiring', 'risky', 'any'] as const)('of an audit can fail on %s', async failOn => {
    expect(((await requestOf({ mode: 'audit', 'fail-on': failOn })) as AuditRequest).failOn).toBe(failOn);
  });

  test('of a deletion names the client, and no GitHub if it names no target', async () => {
    const run = await read({ mode: 'delete', 'client-id': 'invoices' });
    expect(plain(run.request)).toEqual(plain({ ...COMMON, clientId: 'invoices' }));
    expect(run.request).not.toHaveProperty('github');
    expect(run.github).toBeUndefined();
    expect(run.savedStep).toBeUndefined();
    expect(run.record).toEqual({
      mode: 'delete',
      clientId: 'invoices',
      client: 'unknown',
      deletedFromGitHub: [],
      changed: false,
    });
  });

  test.each([
    ['no client', 'opaque'],
    ['another client', tokenOf('admin')],
  ])('of a deletion can sign in with an access token that names %s', async (_, token) => {
    const signIn = { 'auth-client-id': '', 'auth-client-secret': '', 'access-token': token };
    const request = await requestOf({ mode: 'delete', 'client-id': 'invoices', ...signIn });
    const accessToken = new Secret(token);
    expect(plain(request)).toEqual(
      plain({ ...COMMON, signIn: { kind: 'access-token', accessToken }, clientId: 'invoices' }),
    );
  });

  test('of a deletion names the targets and their GitHub', async () => {
    const run = await read({ mode: 'delete', 'client-id': 'invoices', 'write-to': 'repository', ...ON_GITHUB });
    const scope = { kind: 'repository', app: 'actions', owner: 'octo-org', repo: 'octo-repo' };
    const github = { ...OWN_ACCESS, targets: [{ scope, secretName: 'VANTAGE_CLIENT_SECRET' }] };
    expect(plain(run.request)).toEqual(plain({ ...COMMON, clientId: 'invoices', github }));
    expect(plain(run.github)).toEqual(plain(github));
  });

  test('of a sweep has its pattern, its limit and its GitHub', async () => {
    const run = await read({ mode: 'sweep', 'client-id-pattern': 'pr-{pr}-a', ...ON_GITHUB });
    const sweep = { pattern: { prefix: 'pr-', suffix: '-a' }, maxDeletes: 20, concurrency: 8, github: OWN_ACCESS };
    expect(plain(run.request)).toEqual(plain({ ...COMMON, ...sweep }));
    expect(plain(run.github)).toEqual(plain(OWN_ACCESS));
    expect(run.savedStep).toBeUndefined();
    expect(run.record).toEqual({ mode: 'sweep', listed: 0, clients: [], changed: false });
    expect(run.firstResults).toBe('those of the oldest pull requests');
    expect([run.outputs(String), run.results(undefined)]).toEqual([{}, []]);
  });

  test.each(['', 'ensure'])('is one to ensure a client if the mode is "%s"', async mode => {
    const run = await read({ mode, 'client-id': 'invoices' });
    expect(run.record).toMatchObject({ mode: 'ensure', clientId: 'invoices' });
    expect(run.savedStep?.({})).toEqual({
      inputs: {
        'base-url': 'https://vantage-eu.abbyy.com',
        'tenant-id': 'acme',
        'api-version': 'v2',
        'client-id': 'invoices',
      },
      settings: {},
    });
  });

  test('contains a line for each input that is dangerous', async () => {
    const { warnings } = await requestOf({ 'client-id': 'invoices', 'allow-no-pkce': 'true', 'allow-ropc': 'true' });
    expect(warnings).toEqual([
      '`allow-no-pkce` is true: anyone who steals an authorization code can redeem it.',
      '`allow-ropc` is true: users give their passwords to the application.',
      '`allow-ropc` is documented only for v1: Vantage may ignore it in v2.',
    ]);
  });

  test('of another mode ignores `shard`, so that one step can serve several modes', async () => {
    const given: Given = { mode: 'delete', 'client-id': 'invoices' };
    expect(plain(await requestOf({ ...given, shard: '1/2' }))).toEqual(plain(await requestOf(given)));
  });

  test('cannot be changed', async () => {
    expect(Object.isFrozen(await requestOf({ mode: 'audit' }))).toBe(true);
  });

  test('can ask for the older API, for a dry run, and for no summary', async () => {
    const request = await requestOf({ mode: 'audit', 'api-version': 'v1', 'dry-run': 'true', summary: 'false' });
    expect(request.vantage.apiVersion).toBe('v1');
    expect(request.run).toEqual({ ...COMMON.run, dryRun: true, summary: false });
  });

  test('identifies the step by its matrix and the description of its secrets', async () => {
    const { workflow } = await requestOf({ mode: 'audit', matrix: '{"b":1,"a":2}', 'secret-description': 'Staging' });
    expect(JSON.parse(workflow.step).slice(3)).toEqual([
      [
        ['a', 2],
        ['b', 1],
      ],
      'Staging',
    ]);
  });

  test.each([
    ['1s', '', 1000, 30_000],
    ['24h', '', 86_400_000, 30_000],
    ['', 'PT0.1S', 300_000, 100],
    ['', '1h', 300_000, 3_600_000],
  ])('has the timeouts "%s" and "%s"', async (timeout, requestTimeout, ms, requestMs) => {
    const given = { timeout, 'request-timeout': requestTimeout };
    const times = { timeout: ms, requestTimeout: requestMs };
    expect((await requestOf({ mode: 'audit', ...given })).run).toEqual({ ...COMMON.run, ...times });
    expect(readRevocation(inputsOf({ 'client-id': 'invoices', ...given }), RUNNER).run).toEqual(times);
  });
});

describe('a step is refused, with every input that is wrong,', () => {
  const TIMEOUT = 'expected a duration from 1s to 24h, such as 5m';
  const REQUEST_TIMEOUT = 'expected a duration from PT0.1S to 1h, such as 30s';

  const EMPTY =
    'An input is also empty if the job cannot read the secret or variable behind it: it may not exist, its name may have a typo, or it belongs to an environment that the job does not name with `environment:`. A reusable workflow gets only the secrets that its caller passes.';
  const CLIENT_ID = 'expected 1 to 100 printable ASCII characters without spaces';

  test.each<readonly [string, Given, string | RegExp]>([
    [
      'an unknown mode',
      { mode: 'clean', 'client-id': 'a' },
      '`mode` is "clean": expected ensure, delete, sweep, or audit.',
    ],
    ['an unknown API', { mode: 'audit', 'api-version': 'v3' }, '`api-version` is "v3": expected v2 or v1.'],
    ['a timeout of less than a second', { mode: 'audit', timeout: 'PT0.9S' }, `\`timeout\` is "PT0.9S": ${TIMEOUT}.`],
    ['a timeout of more than a day', { mode: 'audit', timeout: 'PT24H1S' }, `\`timeout\` is "PT24H1S": ${TIMEOUT}.`],
    [
      'no time for a request',
      { mode: 'audit', 'request-timeout': 'PT0.09S' },
      `\`request-timeout\` is "PT0.09S": ${REQUEST_TIMEOUT}.`,
    ],
    [
      'more than an hour for a request',
      { mode: 'audit', 'request-timeout': 'PT1H1S' },
      `\`request-timeout\` is "PT1H1S": ${REQUEST_TIMEOUT}.`,
    ],
    [
      'words for booleans',
      { mode: 'audit', 'dry-run': 'yes', summary: 'no' },
      '`dry-run` is "yes": expected true or false; `summary` is "no": expected true or false.',
    ],
    [
      'an audit that fails on something else',
      { mode: 'audit', 'fail-on': 'all', concurrency: '0' },
      '`fail-on` is "all": expected none, expiring, risky, or any; `concurrency` is "0": expected an integer from 1 to 50.',
    ],
    [
      'an audit of too many clients at once, and of nothing that expires',
      { mode: 'audit', concurrency: '51', 'rotate-before': '0d' },
      /^`rotate-before` is "0d": .+; `concurrency` is "51": expected an integer from 1 to 50\.$/u,
    ],
    ['a deletion of no client', { mode: 'delete' }, `\`client-id\` is empty: ${CLIENT_ID}.`],
    [
      'a sweep without a pattern and a token',
      { mode: 'sweep' },
      `\`client-id-pattern\` is empty: expected a pattern such as invoices-pr-{pr} for mode sweep; \`github-token\` is empty: mode sweep needs a token that can read pull requests: github.token, in a job with permissions: pull-requests: read. ${EMPTY}`,
    ],
    [
      'no tenant and no client',
      { 'tenant-id': '', 'auth-client-id': '', 'auth-client-secret': '' },
      `\`tenant-id\` is empty: expected the ID of the tenant, from Configuration → General; \`access-token\` is empty: expected either access-token, or auth-client-id and auth-client-secret, or these two with username and password; \`client-id\` is empty: ${CLIENT_ID}. ${EMPTY}`,
    ],
    [
      'a deletion of the client that signs in',
      { mode: 'delete', 'client-id': 'ADMIN' },
      '`client-id` is "ADMIN": the step signs in with this client, so it cannot delete it.',
    ],
    [
      'a deletion of the client that its access token names',
      {
        mode: 'delete',
        'client-id': 'invoices',
        'auth-client-id': '',
        'auth-client-secret': '',
        'access-token': tokenOf('Invoices'),
      },
      '`client-id` is "invoices": the step signs in with this client, so it cannot delete it.',
    ],
    [
      'a sweep of another GitHub',
      {
        mode: 'sweep',
        'client-id-pattern': 'a-{pr}',
        ...ON_GITHUB,
        'github-api-url': 'https://github.acme.example/api/v3',
      },
      '`github-api-url` is "https://github.acme.example/api/v3": a sweep reads the pull requests of the workflow’s own repository, which does not exist on another GitHub: leave this input out.',
    ],
    [
      'a sweep of all clients',
      { mode: 'sweep', 'client-id-pattern': '{pr}', ...ON_GITHUB },
      '`client-id-pattern` is "{pr}": expected at least one letter, because the pattern could match clients that are not for pull requests.',
    ],
    [
      'a sweep with wrong numbers',
      { mode: 'sweep', 'client-id-pattern': 'a-{pr}', ...ON_GITHUB, 'max-deletes': '100001', concurrency: '51' },
      '`max-deletes` is "100001": expected an integer from 0 to 100000; `concurrency` is "51": expected an integer from 1 to 50.',
    ],
  ])('if it asks for %s', async (_, given, reason) => {
    const refusal = await refusalOf(() => read(given));
    expect(refusal).toMatch(/^reading the inputs failed: /u);
    const said = refusal.slice('reading the inputs failed: '.length);
    if (typeof reason === 'string') expect(said).toBe(reason);
    else expect(said).toMatch(reason);
  });
});

describe('an access token of the client', () => {
  const WANTED: Given = { 'client-id': 'invoices', 'output-access-token': 'true' };

  test.each<readonly [Given, string]>([
    [
      { 'redirect-uris': 'https://app.example/' },
      'expected `allowed-grant-types` with client_credentials, because the client gets the token with that grant (with `redirect-uris`, the default is only authorization_code)',
    ],
    [{ verify: 'false' }, 'expected `verify` to be true, because the step gets the token when it verifies the secret'],
    [
      { rotate: 'never' },
      'expected `rotate` to be always or when-due, because a step that uses no secret gets no token',
    ],
    [
      { 'secret-start-time': 'PT1S' },
      'expected no `secret-start-time` in the future, because the secret gets no token before that time',
    ],
  ])('is refused with %j, which leaves the step without one', async (given, expected) => {
    expect(await refusalOf(() => read({ ...WANTED, ...given }))).toBe(
      `reading the inputs failed: \`output-access-token\` is "true": ${expected}.`,
    );
  });

  test.each<Given>([
    {},
    { rotate: 'when-due', 'current-secret': 'canary-in-use' },
    { 'redirect-uris': 'https://app.example/', 'allowed-grant-types': 'authorization_code client_credentials' },
    { 'secret-start-time': NOW.toISOString() },
  ])('can be asked for with %j', async given => {
    expect(await requestOf({ ...WANTED, ...given })).toMatchObject({ delivery: { outputAccessToken: true } });
  });
});

describe('what the end of the job needs', () => {
  test('is the client, how to sign in, and the times, whatever else the workflow sets', () => {
    const given = { 'client-id': 'invoices', 'secret-expiration': '1h', mode: 'clean', 'dry-run': 'yes' };
    const { vantage, signIn, workflow } = COMMON;
    const run = { timeout: 300_000, requestTimeout: 30_000 };
    expect(plain(readRevocation(inputsOf({ ...given, matrix: '[1]' }), RUNNER))).toEqual(
      plain({ vantage, signIn, clientId: 'invoices', run, workflow }),
    );
  });

  test('is refused with every input that is wrong', async () => {
    const given = { 'tenant-id': '', 'api-version': 'v3', timeout: '0s' };
    expect(await refusalOf(() => readRevocation(inputsOf(given), RUNNER))).toBe(
      'reading the inputs failed: `api-version` is "v3": expected v2 or v1; `tenant-id` is empty: expected the ID of the tenant, from Configuration → General; `client-id` is empty: expected 1 to 100 printable ASCII characters without spaces; `timeout` is "0s": expected a duration from 1s to 24h, such as 5m. An input is also empty if the job cannot read the secret or variable behind it: it may not exist, its name may have a typo, or it belongs to an environment that the job does not name with `environment:`. A reusable workflow gets only the secrets that its caller passes.',
    );
  });
});

test('a step outside of a workflow is refused', async () => {
  const refusal = 'reading the environment failed: GITHUB_SERVER_URL is not a URL.';
  expect(await refusalOf(() => read({ mode: 'audit' }, { serverUrl: '' }))).toContain(refusal);
  expect(await refusalOf(() => readRevocation(inputsOf({ 'client-id': 'a' }), { ...RUNNER, serverUrl: '' }))).toContain(
    refusal,
  );
});

test('the error says why a secret input is empty in a run of Dependabot', async () => {
  const dependabot = { actor: 'dependabot[bot]' };
  const why = /Dependabot started this run, so it can read Dependabot secrets but no Actions secrets\./u;
  const given = { mode: 'audit', 'auth-client-secret': '' };
  expect(await refusalOf(() => read(given, dependabot))).toMatch(why);
  expect(await refusalOf(() => readRevocation(inputsOf(given), { ...RUNNER, ...dependabot }))).toMatch(why);
  expect(await refusalOf(() => read(given))).not.toMatch(why);
});

describe('a mode', () => {
  const start = (mode: keyof typeof MODES, given: Given) =>
    MODES[mode]({
      input: new InputReader(inputsOf(given), ''),
      workflow: RUNNER,
      now: NOW,
      apiVersion: 'v2',
      signIn: { kind: 'client-credentials', clientId: 'admin', clientSecret: new Secret('canary'), scope: '' },
      warn: () => undefined,
    });

  test.each<readonly [keyof typeof MODES, string, Given]>([
    ['delete', 'no client', {}],
    ['delete', 'the client that signs in', { 'client-id': 'admin' }],
    ['sweep', 'no pattern', ON_GITHUB],
    ['sweep', 'no token', { 'client-id-pattern': 'a-{pr}' }],
    ['sweep', 'another GitHub', { 'client-id-pattern': 'a-{pr}', ...ON_GITHUB, 'github-api-url': 'https://a.example' }],
  ])('to %s starts nothing if its inputs name %s', (mode, _, given) => {
    expect(start(mode, given)).toBeUndefined();
  });

  test.each<readonly [keyof typeof MODES, Given]>([
    ['delete', { 'client-id': 'invoices' }],
    ['sweep', { 'client-id-pattern': 'a-{pr}', ...ON_GITHUB }],
    ['audit', {}],
  ])('to %s starts if its inputs are right', (mode, given) => {
    expect(start(mode, given)).toEqual(expect.any(Function));
  });

  test('that rejects its inputs and does not say why is a mistake of the action, and does not start', async () => {
    const modes: Record<string, Mode> = MODES;
    const { audit } = MODES;
    modes.audit = () => undefined;
    try {
      await expect(read({ mode: 'audit' })).rejects.toThrow(
        expect.objectContaining({
          code: 'internal-error',
          message: 'reading the inputs failed: an input was rejected without a reason.',
        }),
      );
    } finally {
      modes.audit = audit;
    }
  });
});
