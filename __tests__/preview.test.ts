import { expect, test } from '@jest/globals';
import { OWN, SEED, SWEEPER } from './support/github.ts';
import { errorOf, type Step, warningsOf } from './support/step.ts';
import { World } from './support/world.ts';

const CLIENT_ID = 'invoices-pr-7';
const DAY = 24 * 3_600_000;

/** The inputs of a workflow on each event of pull request 7. */
const PREVIEW = {
  'client-id': CLIENT_ID,
  'client-name': 'Preview of pull request 7',
  'redirect-uris': 'https://pr-7.preview.example/callback',
  'if-exists': 'update',
  'secret-expiration': '14d',
};
const TARGETS = {
  'write-to': 'environment preview as PR_7_SECRET',
  'client-id-variable': 'PR_7_CLIENT_ID',
};
const SWEEP = { mode: 'sweep', 'client-id': '', 'client-id-pattern': 'invoices-pr-{pr}' };
const SCOPE = { ...OWN, environment: 'preview' };

/** A tenant with two other clients, one of them of another pull request, and a repository with pull requests 1 to 6. */
const open = () =>
  World.open({
    token: SWEEPER,
    vantage: {
      clients: [
        { clientId: 'invoices', secrets: [{ value: 'canary-of-the-live-secret' }] },
        { clientId: 'invoices-pr-6', secrets: [{ value: 'canary-of-another-preview' }] },
      ],
    },
    github: {
      seed: {
        ...SEED,
        repositories: (SEED.repositories ?? []).map(one =>
          one.repo === OWN.repo
            ? {
                ...one,
                environments: [{ name: 'preview', secrets: [{ name: 'OTHER', value: 'stays' }] }],
                pullRequests: [1, 2, 3, 4, 5, 6].map(number => ({ number, state: number < 6 ? 'closed' : 'open' })),
              }
            : one,
        ),
      },
    },
  });

/** Everything that Vantage and GitHub store. */
const everything = (world: World) => ({
  clients: world.vantage.clients(),
  environment: world.github.environment(OWN.owner, OWN.repo, 'preview'),
  secret: world.github.secret(SCOPE, 'PR_7_SECRET'),
  other: world.github.secret(SCOPE, 'OTHER'),
  variable: world.github.variable(SCOPE, 'PR_7_CLIENT_ID'),
});

/**
 * Whether the token endpoint accepts a secret of the preview's client. It refuses an invalid code only after it has
 * accepted the secret.
 */
async function works(world: World, secret: string | undefined): Promise<boolean> {
  const response = await fetch(`${world.vantage.baseUrl}/auth2/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: 'made-up',
      redirect_uri: PREVIEW['redirect-uris'],
      client_id: CLIENT_ID,
      client_secret: String(secret),
    }),
  });
  return ((await response.json()) as { error?: string }).error !== 'invalid_client';
}

function expectWell(step: Step): Step {
  expect({ error: errorOf(step), code: step.outputs['error-code'], warnings: warningsOf(step) }).toEqual({
    error: '',
    code: '',
    warnings: [],
  });
  return step;
}

/** The secret that a step delivered is valid, for fourteen days. */
async function expectSecret(world: World, step: Step, secret: string | undefined): Promise<void> {
  expectWell(step);
  expect(step.outputs).toMatchObject({ 'client-id': CLIENT_ID, 'secret-created': 'true', verified: 'true' });
  expect(await works(world, secret)).toBe(true);
  const life = Date.parse(step.outputs['secret-expiration'] ?? '') - Date.now();
  expect(Math.round(life / DAY)).toBe(14);
}

test('the life of a preview whose jobs get the secret: in the end, everything is as before', async () => {
  await using world = await open();
  const before = everything(world);
  const secrets: string[] = [];
  const deploy = async (inputs: Readonly<Record<string, string>> = {}) => {
    const step = await world.step({ ...PREVIEW, ...inputs });
    secrets.push(step.outputs['client-secret'] ?? '');
    await expectSecret(world, step, secrets.at(-1));
    return step;
  };

  // Opened.
  expect(world.pullRequests.open()).toBe(7);
  expect((await deploy()).outputs['client-created']).toBe('true');
  expect(world.vantage.client(CLIENT_ID)).toMatchObject({
    clientName: 'Preview of pull request 7',
    redirectUris: ['https://pr-7.preview.example/callback'],
  });

  // Two pushes. The second one moves the preview. The secrets of earlier jobs stay valid.
  expect((await deploy()).outputs).toMatchObject({ 'client-created': 'false', 'client-drift': '{}' });
  await deploy({ 'redirect-uris': 'https://seven.preview.example/callback' });
  expect(world.vantage.client(CLIENT_ID)?.redirectUris).toEqual(['https://seven.preview.example/callback']);
  expect(world.vantage.client(CLIENT_ID)?.secrets.map(({ value }) => value)).toEqual(secrets);
  expect(await Promise.all(secrets.map(secret => works(world, secret)))).toEqual([true, true, true]);

  // A sweep in between deletes nothing of it.
  const early = expectWell(await world.step(SWEEP));
  expect(early.results.map(({ clientId, fate }) => [clientId, fate])).toEqual([
    ['invoices-pr-6', 'kept'],
    [CLIENT_ID, 'kept'],
  ]);

  // Closed.
  world.pullRequests.close(7);
  const closed = expectWell(await world.step({ mode: 'delete', 'client-id': CLIENT_ID }));
  expect(closed.outputs).toMatchObject({ 'client-deleted': 'true', changed: 'true' });
  expect(await Promise.all(secrets.map(secret => works(world, secret)))).toEqual([false, false, false]);
  expect(everything(world)).toEqual(before);

  // Reopened.
  world.pullRequests.reopen(7);
  expect((await deploy()).outputs['client-created']).toBe('true');

  // Merged, and the event was lost: the nightly sweep finds it.
  world.pullRequests.merge(7);
  const swept = expectWell(await world.step(SWEEP));
  expect(swept.results.map(({ clientId, fate }) => [clientId, fate])).toEqual([
    ['invoices-pr-6', 'kept'],
    [CLIENT_ID, 'deleted'],
  ]);
  expect(await works(world, secrets.at(-1))).toBe(false);
  expect(everything(world)).toEqual(before);

  // The event arrives late.
  const late = expectWell(await world.step({ mode: 'delete', 'client-id': CLIENT_ID }));
  expect(late.outputs).toMatchObject({ 'client-deleted': 'false', changed: 'false' });
  expect(everything(world)).toEqual(before);
});

test('the life of a preview whose secret is stored in GitHub: in the end, everything is as before', async () => {
  await using world = await open();
  const before = everything(world);
  const held = () => world.github.secret(SCOPE, 'PR_7_SECRET')?.value;
  const deploy = async () => {
    const step = await world.step({ ...PREVIEW, ...TARGETS });
    await expectSecret(world, step, held());
    expect(step.outputs['client-secret']).toBeUndefined();
    expect(world.github.variable(SCOPE, 'PR_7_CLIENT_ID')?.value).toBe(CLIENT_ID);
    return step;
  };
  const remove = async () =>
    expectWell(await world.step({ mode: 'delete', 'client-id': CLIENT_ID, ...TARGETS, 'output-secret': 'false' }));

  // Opened, and two pushes: each creates a new secret.
  world.pullRequests.open();
  const given = [];
  for (const isNew of ['true', 'false', 'false']) {
    expect((await deploy()).outputs['client-created']).toBe(isNew);
    given.push(held());
  }
  expect(new Set(given).size).toBe(3);

  // Closed.
  world.pullRequests.close(7);
  const closed = await remove();
  expect(closed.results).toEqual([
    {
      clientId: CLIENT_ID,
      schemaVersion: 1,
      mode: 'delete',
      tenant: world.vantage.tenantId,
      outcome: 'deleted',
      errorCode: '',
      cleared: [
        'environment octo-org/octo-repo preview as PR_7_SECRET',
        'variable PR_7_CLIENT_ID of environment octo-org/octo-repo preview',
      ],
    },
  ]);
  expect(everything(world)).toEqual(before);

  // Reopened, and closed without the event. A sweep knows clients and pull requests, but no targets.
  world.pullRequests.reopen(7);
  await deploy();
  world.pullRequests.close(7);
  const swept = expectWell(await world.step(SWEEP));
  expect(swept.results).toContainEqual(expect.objectContaining({ clientId: CLIENT_ID, fate: 'deleted' }));
  expect(everything(world).clients).toEqual(before.clients);
  expect(held()).toEqual(expect.any(String));

  // A deletion cleans them up, although the client no longer exists.
  const again = await remove();
  expect(again.outputs).toMatchObject({ 'client-deleted': 'false', changed: 'true' });
  expect(again.results[0]).toMatchObject({
    outcome: 'absent',
    cleared: [expect.any(String), expect.any(String)],
  });
  expect(everything(world)).toEqual(before);
});
