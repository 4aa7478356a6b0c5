import { describe, expect, test } from '@jest/globals';
import { type ActionRun, cancel, runAction } from '../emulator/runner.ts';
import type { VantageOptions } from '../emulator/vantage/index.ts';
import { HandOffWorld } from './support/github.ts';
import { deletionsOf, expectNoLeak, expectSilent, type Inputs, runPost } from './support/post.ts';
import { executeAllInProcesses } from './support/run-step.ts';
import { vantageInputs } from './support/vantage.ts';
import { markOf, World, warningsOf } from './support/world.ts';

executeAllInProcesses();

const REVOKING: Inputs = { 'revoke-at-job-end': 'true' };
/** The request that proves the new secret: between the mint and the hand-out. */
const PROOF = { path: 'token', body: /client_id=invoices/u } as const;
const TIERS = [0, 1] as const;

/** Runs a step that is killed as soon as Vantage has got a request. What the killed step left is what the post step gets. */
async function runKilled(world: World, inputs: Inputs, isThere: () => Promise<void>): Promise<ActionRun> {
  const run = await runAction({
    inputs: vantageInputs(world.vantage, inputs),
    onStart: child => void isThere().then(() => child.kill('SIGKILL')),
  });
  expect(run.signal).toBe('SIGKILL');
  expectNoLeak(world, run);
  return run;
}

/** A step of which nothing came but a mint whose secret Vantage holds: it was killed while it proved it. */
async function killedWhileProving(options: VantageOptions = {}, inputs: Inputs = {}) {
  const world = await World.open(options);
  world.vantage.faults.add({ on: PROOF, mishap: { kind: 'stall' } });
  const step = await runKilled(world, inputs, () => world.arrival('token', PROOF.body));
  world.vantage.faults.clear();
  expect(world.secrets()).toHaveLength(1);
  return { world, step, mark: markOf(world.secrets()[0]?.description ?? null) };
}

describe('a step that left nothing', () => {
  test.each([
    ['went well', {}],
    ['minted nothing', { rotate: 'never' }],
    ['was refused its inputs', { 'client-id': '' }],
    ['only previewed', { ...REVOKING, 'dry-run': 'true' }],
  ] as const)('and %s is followed by a post step that says and asks nothing, and is quick', async (_, inputs) => {
    await using world = await World.open();
    const step = await world.step(inputs);
    expect(JSON.parse(step.state.marks ?? '[]')).toEqual([]);
    const post = await runPost(world, step, inputs);
    expectSilent(post);
    expect(post.durationMs).toBeLessThan(2000);
  });

  test('and had inputs that nobody could read, too', async () => {
    await using world = await World.open();
    expectSilent(await runPost(world, { state: {} }, { 'base-url': '', 'auth-client-secret': '', timeout: 'soon' }));
  });

  test('and wrote its secret to GitHub keeps it there', async () => {
    await using world = await HandOffWorld.open();
    const step = await world.step(['repository']);
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

  test('leaves the secrets that other runs have minted since', async () => {
    await using world = await World.open();
    const steps = [await world.step(REVOKING), await world.step(REVOKING), await world.step(REVOKING)] as const;
    const [first, , third] = world.secrets();
    await runPost(world, steps[1], REVOKING);
    expect(world.secrets()).toEqual([first, third]);
  });

  test('finds its secret in a list of many pages', async () => {
    const secrets = Array.from({ length: 7 }, (_, index) => ({ description: `Made by hand ${index}` }));
    await using world = await World.open({ shape: { pageSize: 3 }, clients: [{ clientId: 'invoices', secrets }] });
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

  test('has nothing to delete where the secret was not handed out', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: PROOF, mishap: { kind: 'answer', status: 418 } });
    const step = await world.step(REVOKING);
    expect(step.exitCode).toBe(1);
    expect(world.secrets()).toEqual([]);
    expectSilent(await runPost(world, step, REVOKING));
  });

  test('keeps a secret where the step is not asked for it, though the job failed later', async () => {
    await using world = await World.open();
    expectSilent(await runPost(world, await world.step({ 'revoke-at-job-end': 'false' })));
    expect(world.secrets()).toHaveLength(1);
  });
});

describe('a step that was killed', () => {
  test('between its mint and its hand-out: the secret that nobody was given is deleted', async () => {
    const { world, step, mark } = await killedWhileProving();
    await using _ = world;
    expect(step.log).toContain(`marked ${mark}`);
    expect(step.state.marks).toBe(JSON.stringify([mark]));
    const post = await runPost(world, step);
    expect(world.secrets()).toEqual([]);
    expect(warningsOf(post)).toEqual([]);
  });

  test('between its mint and its hand-out, on tier 0: the secret that nobody was given is named', async () => {
    const { world, step, mark } = await killedWhileProving({ tier: 0 });
    await using _ = world;
    const post = await runPost(world, step);
    expect(world.secrets()).toHaveLength(1);
    expect(warningsOf(post)).toEqual([expect.stringContaining(mark)]);
    expect(warningsOf(post)[0]).toContain('answered 404');
    expect(deletionsOf(post)).toEqual([]);
  });

  test.each([true, false])('while it minted: the secret that came of it (%j) is deleted', async apply => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'mintSecret', mishap: { kind: 'stall', apply } });
    const minted = () => world.arrival('mintSecret', /description/u);
    const step = await runKilled(world, {}, minted);
    world.vantage.faults.clear();
    expect(world.secrets()).toHaveLength(apply ? 1 : 0);
    const post = await runPost(world, step);
    expect(world.secrets()).toEqual([]);
    expect(deletionsOf(post)).toHaveLength(apply ? 1 : 0);
  });

  test('before its mint: there is nothing to delete', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'createClient', mishap: { kind: 'stall' } });
    const step = await runKilled(world, {}, () => world.arrival('createClient', /clientId/u));
    world.vantage.faults.clear();
    expectSilent(await runPost(world, step));
  });

  test('while it wrote to GitHub: its secret is kept, as GitHub may hold it', async () => {
    await using world = await HandOffWorld.open();
    world.github.faults.add({ on: { method: 'PUT' }, mishap: { kind: 'stall', apply: true } });
    const inputs = { 'write-to': 'repository', 'github-token': world.token, 'github-api-url': world.github.apiUrl };
    const step = await runAction({
      inputs: vantageInputs(world.vantage, inputs),
      onStart: child => void world.arrival('writeSecret').then(() => child.kill('SIGKILL')),
    });
    expect(step.signal).toBe('SIGKILL');
    expectSilent(await runPost(world, step, inputs));
    const [secret] = world.secrets();
    expect(Object.values(world.held(['repository']))).toEqual([secret?.value]);
    expect(step.log).toContain(`marked ${markOf(secret?.description ?? null)}`);
  });

  test('after it created the client anew, with a target that no later run can judge: it says what repairs that', async () => {
    await using world = await HandOffWorld.open({ vantage: { tier: 0 } });
    const inputs = {
      rotate: 'when-due',
      'write-to': 'repository',
      'github-token': world.token,
      'github-api-url': world.github.apiUrl,
    };
    await world.step(['repository'], inputs);
    world.vantage.removeClient('invoices');
    world.github.faults.add({ on: { method: 'PUT' }, mishap: { kind: 'stall' } });
    const step = await runAction({
      inputs: vantageInputs(world.vantage, inputs),
      onStart: child => void world.arrival('writeSecret', 2).then(() => child.kill('SIGKILL')),
    });
    expect(step.signal).toBe('SIGKILL');
    world.github.faults.clear();
    const said = warningsOf(await runPost(world, step, inputs));
    expect(said).toEqual([
      'The step was stopped before it finished. These targets may hold a secret that no longer works, and no later run can detect it: secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo. Run this step once with `rotate: always`.',
    ]);
    const repaired = await world.step(['repository'], { ...inputs, rotate: 'always' });
    expect(repaired.outputs['error-code']).toBe('');
    expect(Object.values(world.held(['repository']))).toEqual([world.secrets().at(-1)?.value]);
    expect(warningsOf(await runPost(world, repaired, inputs))).toEqual([]);
  });

  test.each(TIERS)('by a runner that asked it to stop first: all is done or said by then (tier %j)', async tier => {
    await using world = await World.open({ tier });
    world.vantage.faults.add({ on: PROOF, mishap: { kind: 'stall' } });
    const step = await world.step(
      {},
      { onStart: child => void world.arrival('token', PROOF.body).then(() => cancel(child)) },
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
  });
});

describe('what cannot be deleted is a warning with its cause, and never fails the job', () => {
  interface Trouble {
    readonly with?: Inputs;
    readonly cause: string;
    readonly before?: (world: World) => unknown;
  }
  const TROUBLES: readonly [string, Trouble][] = [
    ['a refused sign-in', { with: { 'auth-client-secret': 'a-wrong-secret' }, cause: 'invalid_client' }],
    ['a Vantage that is dead', { cause: 'ECONNREFUSED', before: world => world.vantage.close() }],
    [
      'a Vantage that does not answer',
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
      'a secret that is deleted in between',
      {
        cause: '404',
        before: ({ vantage }) => vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 404 } }),
      },
    ],
    ['an input that is no longer good', { with: { 'auth-client-secret': '' }, cause: 'auth-client-secret' }],
  ];

  test.each(TROUBLES)('%s', async (_, { with: inputs, cause, before }) => {
    await using world = await World.open();
    const step = await world.step(REVOKING);
    const mark = markOf(world.secrets()[0]?.description ?? null);
    await before?.(world);
    const post = await runPost(world, step, { ...REVOKING, ...inputs });
    expect(warningsOf(post)).toEqual([expect.stringContaining(mark)]);
    expect(warningsOf(post)[0]).toContain(cause);
    expect(post.durationMs).toBeLessThan(8000);
  });
});

describe('the post step needs no more than it takes to delete', () => {
  test.each<readonly [string, Inputs]>([
    ['a secret-expiration that is past by now', { 'secret-expiration': '2020-01-01T00:00:00Z' }],
    ['a secret-expiration that is no time', { 'secret-expiration': 'soon' }],
    ['a rotate-before that is none', { 'rotate-before': '-1d' }],
    ['targets without a token', { 'write-to': 'repository' }],
    ['settings that cannot be', { 'allowed-grant-types': 'implicit,hybrid', 'redirect-uris': 'nowhere' }],
    ['a mode that is none', { mode: 'ensured' }],
    ['a Vantage that is none', { 'base-url': 'nowhere', region: 'moon', 'api-version': 'v9', 'tenant-id': '' }],
    ['no client', { 'client-id': '' }],
    ['flags that are none', { 'dry-run': 'maybe', summary: 'perhaps' }],
  ])('%s: the secret is deleted', async (_, inputs) => {
    await using world = await World.open();
    const step = await world.step(REVOKING);
    const post = await runPost(world, step, { ...REVOKING, ...inputs });
    expect(warningsOf(post)).toEqual([]);
    expect(world.secrets()).toEqual([]);
  });
});

test('a secret that is gone by then is no reason for a warning', async () => {
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
  ['is cut off', '["[vantage-client octo-org/oc'],
  ['is no list', '{"marks":[]}'],
  ['holds a number', '[1658821493]'],
  ['holds nothing', '[null]'],
  ['holds a text that every description ends in', '[""]'],
  ['holds the end of a description by hand', '["by hand"]'],
])('a state that %s deletes nothing, and one warning says what to do', async (_, marks) => {
  const byHand = { description: 'made by hand' };
  await using world = await World.open({ clients: [{ clientId: 'invoices', secrets: [byHand] }] });
  const post = await runPost(world, { state: { marks } });
  expect(warningsOf(post)).toEqual([expect.stringMatching(/delete .* in Vantage/u)]);
  expect(post.requests).toEqual([]);
  expect(world.secrets()).toMatchObject([byHand]);
});

test('a post step that a signal reaches ends in time, and says what is left', async () => {
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
  expect(post.durationMs).toBeLessThan(7000);
  expect(warningsOf(post)).toEqual([expect.stringContaining(markOf(world.secrets()[0]?.description ?? null))]);
});
