import { describe, expect, test } from '@jest/globals';
import { type ActionRun, cancel, runAction } from '../emulator/runner.ts';
import type { VantageOptions } from '../emulator/vantage/index.ts';
import { deletionsOf, expectNoLeak, expectSilent, runPost } from './support/post.ts';
import { type Inputs, markOf, warningsOf } from './support/step.ts';
import { vantageInputs } from './support/vantage.ts';
import { World } from './support/world.ts';

const REVOKING: Inputs = { 'revoke-at-job-end': 'true' };
/** The request that verifies the new secret: after its creation and before its delivery. */
const VERIFICATION = { path: 'token', body: /client_id=invoices/u } as const;
/** The body of a request that writes a secret to GitHub, once it is complete. */
const ENCRYPTED = /encrypted_value/u;
const TIERS = [0, 1] as const;

/**
 * Runs a step that is killed when Vantage has received a request. The post step gets the state that the killed step
 * left.
 */
async function runKilled(world: World, inputs: Inputs, isThere: () => Promise<void>): Promise<ActionRun> {
  const run = await runAction({
    inputs: vantageInputs(world.vantage, inputs),
    onStart: child => void isThere().then(() => child.kill('SIGKILL')),
  });
  expect(run.signal).toBe('SIGKILL');
  expectNoLeak(world, run);
  return run;
}

/** A step that was killed while it verified its secret, which exists in Vantage. */
async function killedWhileVerifying(options: VantageOptions = {}, inputs: Inputs = {}) {
  const world = await World.open({ vantage: options });
  world.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'stall' } });
  const step = await runKilled(world, inputs, () => world.arrival('token', VERIFICATION.body));
  world.vantage.faults.clear();
  expect(world.secrets()).toHaveLength(1);
  return { world, step, mark: markOf(world.secrets()[0]?.description ?? null) };
}

describe('a step that left nothing', () => {
  test.each([
    ['succeeded', {}],
    ['created no secret', { rotate: 'never' }],
    ['had invalid inputs', { 'client-id': '' }],
    ['was a dry run', { ...REVOKING, 'dry-run': 'true' }],
  ] as const)('and %s is followed by a post step that logs and sends nothing, and is fast', async (_, inputs) => {
    await using world = await World.open();
    const step = await world.step(inputs);
    expect(JSON.parse(step.state.marks ?? '[]')).toEqual([]);
    const post = await runPost(world, step, inputs);
    expectSilent(post);
    expect(post.durationMs).toBeLessThan(2000 + post.delayMs);
  });

  test('and had malformed inputs as well', async () => {
    await using world = await World.open();
    expectSilent(await runPost(world, { state: {} }, { 'base-url': '', 'auth-client-secret': '', timeout: 'soon' }));
  });

  test('and wrote its secret to GitHub keeps it there', async () => {
    await using world = await World.open({ github: {} });
    const step = await world.step({ 'write-to': 'repository' });
    const inputs = { 'write-to': 'repository', 'github-token': world.token, 'github-api-url': world.github.apiUrl };
    expectSilent(await runPost(world, step, inputs));
    expect(world.secrets()).toHaveLength(1);
  });
});

describe('revoke-at-job-end', () => {
  test.each(['v1', 'v2'])('deletes the new secret, and no other (%s)', async version => {
    await using world = await World.open();
    const inputs = { ...REVOKING, 'api-version': version };
    await world.step({ 'api-version': version });
    const step = await world.step(inputs);
    const [before, fresh] = world.secrets();
    const mark = markOf(fresh?.description ?? null);
    expect(step.state.marks).toBe(JSON.stringify([mark]));
    expect(fresh?.value).toBe(step.outputs['client-secret']);

    const post = await runPost(world, step, inputs);
    expect(world.secrets()).toEqual([before]);
    expect(post.log).toContain(`Deleted the secret of client "invoices" marked ${mark}`);
    expect(warningsOf(post)).toEqual([]);
    expect(deletionsOf(post)).toHaveLength(1);
  });

  test('keeps the secrets that other runs have created since', async () => {
    await using world = await World.open();
    const steps = [await world.step(REVOKING), await world.step(REVOKING), await world.step(REVOKING)] as const;
    const [first, , third] = world.secrets();
    await runPost(world, steps[1], REVOKING);
    expect(world.secrets()).toEqual([first, third]);
  });

  test('finds its secret in a list of many pages', async () => {
    const secrets = Array.from({ length: 7 }, (_, index) => ({ description: `Made by hand ${index}` }));
    await using world = await World.open({
      vantage: { shape: { pageSize: 3 }, clients: [{ clientId: 'invoices', secrets }] },
    });
    await runPost(world, await world.step(REVOKING), REVOKING);
    expect(world.secrets().map(({ description }) => description)).toEqual(
      secrets.map(({ description }) => description),
    );
  });

  test('finds a secret that is listed late', async () => {
    await using world = await World.open();
    const step = await world.step(REVOKING);
    world.vantage.faults.add({
      on: 'readSecrets',
      mishap: { kind: 'wrong-shape', body: [], apply: false },
      times: 1,
    });
    await runPost(world, step, REVOKING);
    expect(world.secrets()).toEqual([]);
  });

  test('has nothing to delete if the secret was not delivered', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'answer', status: 418 } });
    const step = await world.step(REVOKING);
    expect(step.exitCode).toBe(1);
    expect(world.secrets()).toEqual([]);
    expectSilent(await runPost(world, step, REVOKING));
  });

  test('is required to delete a secret, even if the job fails later', async () => {
    await using world = await World.open();
    expectSilent(await runPost(world, await world.step({ 'revoke-at-job-end': 'false' })));
    expect(world.secrets()).toHaveLength(1);
  });
});

describe('a step that was killed', () => {
  test('before it delivered its secret: the secret is deleted', async () => {
    const { world, step, mark } = await killedWhileVerifying();
    await using _ = world;
    expect(step.log).toContain(`marked ${mark}`);
    expect(step.state.marks).toBe(JSON.stringify([mark]));
    const post = await runPost(world, step);
    expect(world.secrets()).toEqual([]);
    expect(warningsOf(post)).toEqual([]);
  });

  test('before it delivered its secret, on tier 0: the secret is named', async () => {
    const { world, step, mark } = await killedWhileVerifying({ tier: 0 });
    await using _ = world;
    const post = await runPost(world, step);
    expect(world.secrets()).toHaveLength(1);
    expect(warningsOf(post)).toEqual([expect.stringContaining(mark)]);
    expect(warningsOf(post)[0]).toContain('answered 404');
    expect(deletionsOf(post)).toEqual([]);
  });

  test.each([true, false])('while it created a secret: the secret, if any (%j), is deleted', async apply => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createSecret', mishap: { kind: 'stall', apply } });
    const created = () => world.arrival('createSecret', /description/u);
    const step = await runKilled(world, {}, created);
    world.vantage.faults.clear();
    expect(world.secrets()).toHaveLength(apply ? 1 : 0);
    const post = await runPost(world, step);
    expect(world.secrets()).toEqual([]);
    expect(deletionsOf(post)).toHaveLength(apply ? 1 : 0);
  });

  test('before it created a secret: there is nothing to delete', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createClient', mishap: { kind: 'stall' } });
    const step = await runKilled(world, {}, () => world.arrival('createClient', /clientId/u));
    world.vantage.faults.clear();
    expectSilent(await runPost(world, step));
  });

  test('while it wrote to GitHub: its secret is kept, because GitHub may hold it, and named, because GitHub may not', async () => {
    await using world = await World.open({ github: {} });
    world.github.faults.add({ on: { method: 'PUT' }, mishap: { kind: 'stall', apply: true } });
    const inputs = { 'write-to': 'repository', 'github-token': world.token, 'github-api-url': world.github.apiUrl };
    const step = await runAction({
      inputs: vantageInputs(world.vantage, inputs),
      onStart: child => void world.arrival('writeSecret', ENCRYPTED).then(() => child.kill('SIGKILL')),
    });
    expect(step.signal).toBe('SIGKILL');
    const [named] = world.secrets();
    expect(warningsOf(await runPost(world, step, inputs))).toEqual([
      `The step was stopped before it finished. If no target stores the new secret, delete it in Vantage: client "invoices", id ${named?.id}, expires ${named?.expiration}, marked ${markOf(named?.description ?? null)}`,
    ]);
    const [secret] = world.secrets();
    expect(Object.values(world.held('repository'))).toEqual([secret?.value]);
    expect(step.log).toContain(`marked ${markOf(secret?.description ?? null)}`);
  });

  test('after it created the client again, with a target that no later run can judge: it says how to repair it', async () => {
    await using world = await World.open({ github: {}, vantage: { tier: 0 } });
    const inputs = {
      rotate: 'when-due',
      'write-to': 'repository',
      'github-token': world.token,
      'github-api-url': world.github.apiUrl,
    };
    await world.step(inputs);
    world.vantage.removeClient('invoices');
    world.github.faults.add({ on: { method: 'PUT' }, mishap: { kind: 'stall' } });
    const step = await runAction({
      inputs: vantageInputs(world.vantage, inputs),
      onStart: child => void world.arrival('writeSecret', ENCRYPTED, 2).then(() => child.kill('SIGKILL')),
    });
    expect(step.signal).toBe('SIGKILL');
    world.github.faults.clear();
    const said = warningsOf(await runPost(world, step, inputs));
    const latest = world.secrets().at(-1);
    expect(said).toEqual([
      `The step was stopped before it finished. These targets may hold a secret that no longer works, and no later run can detect it: secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo. Run this step once with \`rotate: always\`. If no target stores the new secret, delete it in Vantage: client "invoices", id ${latest?.id}, expires ${latest?.expiration}, marked ${markOf(latest?.description ?? null)}`,
    ]);
    const repaired = await world.step({ ...inputs, rotate: 'always' });
    expect(repaired.outputs['error-code']).toBe('');
    expect(Object.values(world.held('repository'))).toEqual([world.secrets().at(-1)?.value]);
    expect(warningsOf(await runPost(world, repaired, inputs))).toEqual([]);
  });

  test.each(TIERS)(
    'by a runner that asks it to stop first: everything is done or logged by then (tier %j)',
    async tier => {
      await using world = await World.open({ vantage: { tier } });
      world.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'stall' } });
      const step = await world.step(
        {},
        { onStart: child => void world.arrival('token', VERIFICATION.body).then(() => cancel(child)) },
      );
      world.vantage.faults.clear();
      expect(step.outputs['error-code']).toBe('cancelled');
      const post = await runPost(world, step);
      expect(world.secrets()).toHaveLength(tier === 1 ? 0 : 1);
      if (tier === 1) {
        expectSilent(post);
      } else {
        expect(warningsOf(post)).toEqual([expect.stringContaining(markOf(world.secrets()[0]?.description ?? null))]);
      }
    },
  );
});

describe('what cannot be deleted causes a warning with the reason, and never fails the job', () => {
  interface Trouble {
    readonly with?: Inputs;
    readonly cause: string;
    readonly before?: (world: World) => unknown;
  }
  const TROUBLES: readonly [string, Trouble][] = [
    ['a refused sign-in', { with: { 'auth-client-secret': 'a-wrong-secret' }, cause: 'invalid_client' }],
    ['a Vantage that is not running', { cause: 'ECONNREFUSED', before: world => world.vantage.close() }],
    [
      'a Vantage that does not respond',
      {
        with: { timeout: '2s' },
        cause: '2 s',
        before: ({ vantage }) => vantage.faults.add({ mishap: { kind: 'stall' } }),
      },
    ],
    [
      'a refused list',
      {
        cause: '403',
        before: ({ vantage }) => vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'answer', status: 403 } }),
      },
    ],
    [
      'a list without descriptions',
      {
        cause: 'descriptions',
        before: ({ vantage }) =>
          vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'wrong-shape', body: [{ id: '1' }], apply: false } }),
      },
    ],
    [
      'a refused deletion',
      {
        cause: '403',
        before: ({ vantage }) => vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 403 } }),
      },
    ],
    [
      'a secret that is deleted in the meantime',
      {
        cause: '404',
        before: ({ vantage }) => vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 404 } }),
      },
    ],
    ['an input that is no longer valid', { with: { 'auth-client-secret': '' }, cause: 'auth-client-secret' }],
  ];

  test.each(TROUBLES)('%s', async (_, { with: inputs, cause, before }) => {
    await using world = await World.open();
    const step = await world.step(REVOKING);
    const mark = markOf(world.secrets()[0]?.description ?? null);
    await before?.(world);
    const post = await runPost(world, step, { ...REVOKING, ...inputs });
    expect(warningsOf(post)).toEqual([expect.stringContaining(mark)]);
    expect(warningsOf(post)[0]).toContain(cause);
    expect(post.durationMs).toBeLessThan(8000 + post.delayMs);
  });
});

describe('the post step needs only what it needs to delete', () => {
  test.each<readonly [string, Inputs]>([
    ['a secret-expiration that has passed', { 'secret-expiration': '2020-01-01T00:00:00Z' }],
    ['a secret-expiration that is not a time', { 'secret-expiration': 'soon' }],
    ['an invalid rotate-before', { 'rotate-before': '-1d' }],
    ['targets without a token', { 'write-to': 'repository' }],
    ['settings that contradict each other', { 'allowed-grant-types': 'implicit,hybrid', 'redirect-uris': 'nowhere' }],
    ['an invalid mode', { mode: 'ensured' }],
    ['a missing Vantage', { 'base-url': 'nowhere', region: 'moon', 'api-version': 'v9', 'tenant-id': '' }],
    ['no client', { 'client-id': '' }],
    ['invalid flags', { 'dry-run': 'maybe', summary: 'perhaps' }],
  ])('%s: the secret is deleted', async (_, inputs) => {
    await using world = await World.open();
    const step = await world.step(REVOKING);
    const post = await runPost(world, step, { ...REVOKING, ...inputs });
    expect(warningsOf(post)).toEqual([]);
    expect(world.secrets()).toEqual([]);
  });
});

test('a secret that no longer exists causes no warning', async () => {
  await using world = await World.open();
  const step = await world.step(REVOKING);
  const mark = markOf(world.secrets()[0]?.description ?? null);
  world.vantage.addClient({ clientId: 'invoices' });
  const post = await runPost(world, step, REVOKING);
  expect(warningsOf(post)).toEqual([]);
  expect(post.log).toContain(mark);
  expect(deletionsOf(post)).toEqual([]);
});

test.each([
  ['is truncated', '["[vantage-client octo-org/oc'],
  ['is not a list', '{"marks":[]}'],
  ['contains a number', '[1658821493]'],
  ['is an empty list', '[null]'],
  ['contains a text that every description ends with', '[""]'],
  ['contains the end of a manual description', '["by hand"]'],
])('a state that %s deletes nothing, and one warning says what to do', async (_, marks) => {
  const byHand = { description: 'made by hand' };
  await using world = await World.open({ vantage: { clients: [{ clientId: 'invoices', secrets: [byHand] }] } });
  const post = await runPost(world, { state: { marks } });
  expect(warningsOf(post)).toEqual([expect.stringMatching(/delete .* in Vantage/u)]);
  expect(post.requests).toEqual([]);
  expect(world.secrets()).toMatchObject([byHand]);
});

test('a post step that gets a signal ends in time, and reports what is left', async () => {
  await using world = await World.open();
  const step = await world.step(REVOKING);
  world.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'stall' } });
  const listed = world.vantage.requests.length;
  const asked = async () => {
    while (!world.vantage.requests.slice(listed).some(({ route }) => route === 'readSecrets')) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  };
  const post = await runPost(world, step, REVOKING, { onStart: child => void asked().then(() => cancel(child)) });
  expect(post.durationMs).toBeLessThan(7000 + post.delayMs);
  expect(warningsOf(post)).toEqual([expect.stringContaining(markOf(world.secrets()[0]?.description ?? null))]);
});
