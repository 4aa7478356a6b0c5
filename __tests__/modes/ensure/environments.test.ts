import { describe, expect, test } from '@jest/globals';
import { Bench, type BenchOptions, type Outcome, writesOf } from '../../support/bench.ts';
import { OWN } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const BOTH: BenchOptions = { vantage: { clients: [{ clientId: CLIENT_ID }] }, github: {} };
const REPOSITORY = '/repos/octo-org/octo-repo';
const STAGING = `${REPOSITORY}/environments/staging`;
const PRODUCTION = `${REPOSITORY}/environments/production`;
/** With these inputs a run reads the secrets and the variables of an environment that exists. */
const READING = { rotate: 'when-due', 'client-id-variable': 'CLIENT_ID', 'expiration-variable': 'ENDS' };
const TO_PRODUCTION = { ...READING, 'write-to': 'environment production' };
const TO_STAGING = { ...READING, 'write-to': 'environment staging' };
const CREATE = { 'create-environments': 'true' };
const NO_KEY = { kind: 'answer', status: 404, body: { message: 'Not Found' } } as const;

/** The beginning of the error about an environment that exists without a key. */
const NO_KEY_FAILED = `reading the public key for actions secrets in environment "production" of octo-org/octo-repo failed at GET GITHUB${PRODUCTION}/secrets/public-key: it answered 404 (Not Found). The environment exists, and GitHub also answers 404 for what a token may not read. The token needs Environments: write on octo-org/octo-repo, and access to that repository or organization.`;

/** What was asked of GitHub, as `STATUS PATH`. Requests at the same time have no order, so only the first one is in place. */
function askedBy({ github }: Pick<Outcome, 'github'>): readonly string[] {
  const [first = '', ...others] = github
    .filter(({ method }) => method === 'GET')
    .map(({ status, path }) => `${status} ${path}`);
  return [first, ...others.sort()];
}

describe('an environment that exists', () => {
  test('is known by its key, and is not asked for itself', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ ...TO_PRODUCTION, 'dry-run': 'true' });
    expect(run.failure).toBeUndefined();
    expect(askedBy(run)).toEqual([
      `200 ${PRODUCTION}/secrets/public-key`,
      `200 ${PRODUCTION}/secrets?per_page=1`,
      // Two variables are missing, and each looks whether this GitHub has variables.
      `200 ${PRODUCTION}/variables?per_page=1`,
      `200 ${PRODUCTION}/variables?per_page=1`,
      `404 ${PRODUCTION}/secrets/VANTAGE_CLIENT_SECRET`,
      `404 ${PRODUCTION}/variables/CLIENT_ID`,
      `404 ${PRODUCTION}/variables/ENDS`,
    ]);
  });

  test('and whose key the token may not read: the error names the permission for the key, and nothing else is asked', async () => {
    await using bench = await Bench.open(BOTH);
    const token = bench.github.issueToken({ kind: 'fine-grained', permissions: { actions: 'read' } });
    const run = await bench.ensure({ ...TO_PRODUCTION, 'github-token': token });
    expect(run.failure).toEqual({
      code: 'github-permission',
      message: `reading the public key for actions secrets in environment "production" of octo-org/octo-repo failed at GET GITHUB${PRODUCTION}/secrets/public-key: it answered 403 (Resource not accessible by personal access token). The token needs Environments: write on octo-org/octo-repo (for this request, GitHub names environments=read), and access to that repository or organization. Edit the token on GitHub: Settings, Developer settings, Personal access tokens.`,
      outcomeUnknown: false,
    });
    expect(askedBy(run)).toEqual([`403 ${PRODUCTION}/secrets/public-key`]);
  });

  test('but has no key is not called missing, and is not created', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'publicKey', mishap: NO_KEY });
    const run = await bench.ensure({ ...TO_PRODUCTION, ...CREATE });
    expect(run.failure).toEqual({
      code: 'github-permission',
      message: `${NO_KEY_FAILED} Edit the token on GitHub: Settings, Developer settings, Personal access tokens.`,
      outcomeUnknown: false,
    });
    expect(askedBy(run)).toEqual([
      `404 ${PRODUCTION}/secrets/public-key`,
      `200 ${REPOSITORY}`,
      `200 ${PRODUCTION}`,
      `404 ${PRODUCTION}/secrets/public-key`,
    ]);
    expect(writesOf(run)).toEqual([]);
  });

  test('but has no key on an Enterprise Server: that server may not have secrets of environments', async () => {
    await using bench = await Bench.open({ ...BOTH, github: { basePath: '/api/v3' } });
    bench.github.faults.add({ on: 'publicKey', mishap: NO_KEY });
    const run = await bench.ensure(TO_PRODUCTION);
    expect(run.failure).toMatchObject({
      code: 'github-permission',
      message: `${NO_KEY_FAILED} Edit the token on GitHub: Settings, Developer settings, Personal access tokens. Otherwise, this Enterprise Server may not have environment secrets, or it asks for the permission Secrets instead: check the documentation of its version.`,
    });
  });

  test('only since its key was not found gets the secret, and is not created', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'publicKey', times: 1, mishap: NO_KEY });
    const run = await bench.ensure({ ...TO_PRODUCTION, ...CREATE });
    expect(run.failure).toBeUndefined();
    expect(run.github.filter(({ route }) => route === 'createEnvironment')).toEqual([]);
    expect(bench.held({ ...OWN, environment: 'production' })).toBe(bench.secrets()[0]?.value);
  });
});

describe('an environment that does not exist', () => {
  /** Of a missing environment, neither secrets nor variables are read. */
  const LOOKED_FOR = [`404 ${STAGING}/secrets/public-key`, `200 ${REPOSITORY}`, `404 ${STAGING}`];

  test('is reported, and is asked for nothing that it could hold', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure(TO_STAGING);
    expect(run.failure).toEqual({
      code: 'not-found',
      message:
        'looking for environment "staging" of octo-org/octo-repo failed: the repository has no such environment. Check its name, create it on GitHub (Settings of the repository, Environments), or set `create-environments` to true.',
      outcomeUnknown: false,
    });
    expect(askedBy(run)).toEqual(LOOKED_FOR);
  });

  test('is planned with create-environments, and is asked for nothing that it could hold', async () => {
    await using bench = await Bench.open(BOTH);
    const dry = await bench.ensure({ ...TO_STAGING, ...CREATE, 'dry-run': 'true' });
    expect(dry.failure).toBeUndefined();
    expect(dry.plan).toMatchObject({ writeTo: [expect.objectContaining({ environment: 'create' })] });
    expect(askedBy(dry)).toEqual(LOOKED_FOR);
  });

  test('is looked for again right before it is created', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ ...TO_STAGING, ...CREATE });
    expect(run.failure).toBeUndefined();
    const requests = run.github.map(({ method, path, status }) => `${method} ${status} ${path}`);
    const created = requests.indexOf(`PUT 200 ${STAGING}`);
    const lookedFor = LOOKED_FOR.map(request => `GET ${request}`).sort();
    expect(requests.slice(0, created).sort()).toEqual([...lookedFor, ...lookedFor].sort());
    expect(requests.slice(created + 1)).toEqual([
      `GET 200 ${STAGING}/secrets/public-key`,
      `PUT 201 ${STAGING}/secrets/VANTAGE_CLIENT_SECRET`,
      `POST 201 ${STAGING}/variables`,
      `POST 201 ${STAGING}/variables`,
    ]);
    expect(bench.held({ ...OWN, environment: 'staging' })).toBe(bench.secrets()[0]?.value);
  });
});

test('an environment that one client of a fleet creates is found by the next one', async () => {
  await using bench = await Bench.open({ github: {} });
  const clients = ['one', 'two'].map(name => ({
    'client-id': name,
    'secret-name': name.toUpperCase(),
    'write-to': 'environment staging',
  }));
  const done = await bench.fleet(clients, CREATE, { fleet: { concurrency: 1 } });
  expect(done.failure).toBeUndefined();
  expect(done.github.filter(({ route }) => route === 'createEnvironment')).toHaveLength(1);
  for (const { 'client-id': clientId, 'secret-name': name } of clients) {
    const [secret] = bench.vantage.client(clientId)?.secrets ?? [];
    expect(bench.held({ ...OWN, environment: 'staging' }, name)).toBe(secret?.value);
  }
});
