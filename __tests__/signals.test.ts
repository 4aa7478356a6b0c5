import type { ChildProcess } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { cancel } from '../emulator/runner.ts';
import type { Fault, RouteFault } from '../emulator/vantage/index.ts';
import { expectAllNamed, expectFate, openEarlierWorld } from './support/fate.ts';
import { OWN } from './support/github.ts';
import { errorOf, marksOf, requestsOf, type Step, warningsOf } from './support/step.ts';
import { CLIENT_ID, World } from './support/world.ts';

// Each of these steps runs in a process, which gets a signal. They wait as long as a step does, so they run together.

/** Milliseconds after a signal, before the runner would send the next one. */
const IN_TIME = 7000;
/** The token request that verifies the new secret, and none that signs in. */
const VERIFICATION: RouteFault['on'] = { path: 'token', body: /client_id=invoices(?:&|$)/u };
/** The body of a request that writes a secret to GitHub, once it is complete. */
const ENCRYPTED = /encrypted_value/u;
const REPOSITORY = ['repository'];
const THREE = ['repository as ONE', 'dependabot repository as TWO', 'environment production as THREE'];

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', signal => {
  test.concurrent('as soon as the step starts creates nothing, and is reported', async () => {
    await using world = await World.open();
    const step = await world.step({}, { onStart: child => child.stdout?.once('data', () => child.kill(signal)) });
    expect({ exitCode: step.exitCode, code: step.outputs['error-code'] }).toEqual({ exitCode: 1, code: 'cancelled' });
    expect(world.vantage.client('invoices')).toBeUndefined();
  });

  /** Runs a step into a fault that never ends by itself, and signals the process once the request has arrived. */
  async function interrupt(
    world: World,
    fault: Fault,
    at: () => Promise<void>,
    onStart?: (child: ChildProcess) => void,
  ): Promise<Step & { endedAfter: number }> {
    world.vantage.faults.add(fault);
    let child: ChildProcess | undefined;
    const running = world.step(
      { timeout: '60s' },
      {
        onStart: started => {
          child = started;
          onStart?.(started);
        },
      },
    );
    await at();
    const signalled = performance.now();
    child?.kill(signal);
    const step = await running;
    return { ...step, endedAfter: performance.now() - signalled };
  }

  test.concurrent.each<readonly [string, RouteFault['on'], () => RegExp]>([
    ['signing in', 'token', () => /grant_type/u],
    ['reading the client', 'readClient', () => /(?:)/u],
    ['creating the client', 'createClient', () => /clientId/u],
  ])('while %s ends the step, and no secret is created', async (_, on, body) => {
    await using world = await World.open();
    const step = await interrupt(world, { on: on ?? 'token', mishap: { kind: 'stall' } }, () =>
      world.arrival(on as 'token', body()),
    );
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs['error-code']).toBe('cancelled');
    expect(requestsOf(step, 'createSecret')).toEqual([]);
  });

  test.concurrent('while creating the client reports that the client may exist', async () => {
    await using world = await World.open();
    const fault: Fault = { on: 'createClient', mishap: { kind: 'stall', apply: true } };
    const step = await interrupt(world, fault, () => world.arrival('createClient', /clientId/u));
    expect(step.outputs).toMatchObject({ 'error-code': 'cancelled', changed: 'true' });
    expect(errorOf(step)).toContain('It may have taken effect.');
  });

  test.concurrent.each([true, false])(
    'while creating a secret on tier 1 leaves nothing (took effect: %s)',
    async apply => {
      await using world = await World.open();
      const fault: Fault = { on: 'createSecret', mishap: { kind: 'stall', apply } };
      const step = await interrupt(world, fault, () => world.arrival('createSecret', /description/u));
      expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
      expect(step.outputs['error-code']).toBe('cancelled');
      expect(requestsOf(step, 'createSecret')).toHaveLength(1);
      expect(world.secrets()).toEqual([]);
    },
  );

  test.concurrent.each([true, false])(
    'while creating a secret on tier 0 names what may remain (took effect: %s)',
    async apply => {
      await using world = await World.open({ vantage: { tier: 0 } });
      const fault: Fault = { on: 'createSecret', mishap: { kind: 'stall', apply } };
      const step = await interrupt(world, fault, () => world.arrival('createSecret', /description/u));
      expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
      expect(step.outputs['error-code']).toBe('secret-unaccounted');
      expect(requestsOf(step, 'createSecret')).toHaveLength(1);
      expect(errorOf(step)).toContain(marksOf(step)[0]);
    },
  );

  test.concurrent.each([1, 0] as const)('while verifying revokes the secret, or names it (tier %s)', async tier => {
    await using world = await World.open({ vantage: { tier } });
    const fault: Fault = { on: VERIFICATION, mishap: { kind: 'stall' } };
    const step = await interrupt(world, fault, () => world.arrival('token', /client_id=invoices/u));
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs).toMatchObject({ 'error-code': 'cancelled', 'secret-created': 'false' });
    expect(world.secrets()).toHaveLength(tier === 1 ? 0 : 1);
    if (tier === 0) {
      expect(warningsOf(step)[0]).toContain(marksOf(step)[0]);
    }
  });

  test.concurrent('while waiting for the token endpoint to know the secret revokes it', async () => {
    await using world = await World.open();
    const fault: Fault = { kind: 'late-token-store', ms: 3_600_000 };
    const step = await interrupt(world, fault, () => world.arrival('token', /client_id=invoices/u));
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs['error-code']).toBe('cancelled');
    expect(world.secrets()).toEqual([]);
  });

  test.concurrent('while waiting to retry ends the step', async () => {
    await using world = await World.open();
    const fault: Fault = { on: 'createClient', mishap: { kind: 'throttle', retryAfter: 30 } };
    const step = await interrupt(world, fault, () => world.arrival('createClient', /clientId/u));
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs['error-code']).toBe('cancelled');
    expect(world.vantage.clients()).toEqual([]);
  });

  test.concurrent('and a second signal during a slow revocation does not stop it', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'delay', ms: 500, when: 'before' } });
    let again: (() => void) | undefined;
    const fault: Fault = { on: VERIFICATION, mishap: { kind: 'stall' } };
    const [step] = await Promise.all([
      interrupt(
        world,
        fault,
        () => world.arrival('token', /client_id=invoices/u),
        child => {
          again = () => child.kill('SIGTERM');
        },
      ),
      world.arrival('deleteSecret').then(() => again?.()),
    ]);
    expect(step.outputs['error-code']).toBe('cancelled');
    expect(world.secrets()).toEqual([]);
  });

  test.concurrent('ends the step in time if the revocation gets no response', async () => {
    await using world = await World.open();
    world.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'stall' } });
    const fault: Fault = { on: VERIFICATION, mishap: { kind: 'stall' } };
    const step = await interrupt(world, fault, () => world.arrival('token', /client_id=invoices/u));
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs['error-code']).toBe('cancelled');
    expect(warningsOf(step)[0]).toContain(marksOf(step)[0]);
  });
});

describe('a workflow that is cancelled', () => {
  /** Runs a step, and cancels it as the runner does as soon as something has happened. */
  async function cancelled(
    world: World,
    targets: readonly string[],
    happened: () => Promise<void>,
    inputs: Readonly<Record<string, string>> = {},
  ): Promise<Step & { endedAfter: number }> {
    let child: ChildProcess | undefined;
    const running = world.step(
      { 'write-to': targets.join('\n'), timeout: '60s', ...inputs },
      { onStart: started => (child = started) },
    );
    await happened();
    const at = performance.now();
    const ending = child && cancel(child).then(() => performance.now() - at);
    const step = await running;
    return { ...step, endedAfter: (await ending) ?? Number.NaN };
  }

  test.concurrent('while targets are checked creates no secret', async () => {
    await using world = await openEarlierWorld();
    world.github.faults.add({ on: 'publicKey', mishap: { kind: 'stall' } });
    const checked = async () => {
      while (!world.github.requests.some(({ route }) => route === 'publicKey')) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    };
    const step = await cancelled(world, REPOSITORY, checked);
    expect(step.outputs).toMatchObject({ 'error-code': 'cancelled', changed: 'false' });
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expectFate(world, step, 'none');
  });

  test.concurrent('while a target is written completes the delivery', async () => {
    await using world = await openEarlierWorld();
    world.github.faults.add({ on: 'writeSecret', mishap: { kind: 'delay', ms: 300 } });
    const step = await cancelled(world, THREE, () => world.arrival('writeSecret', ENCRYPTED), {
      'client-id-variable': 'VANTAGE_CLIENT_ID',
    });
    expect(step.written).toHaveLength(3);
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(world.github.variable(OWN, 'VANTAGE_CLIENT_ID')?.value).toBe(CLIENT_ID);
    expectFate(world, step, 'kept');
  });

  test.concurrent('while more is written than there is time for reports which targets hold the secret', async () => {
    await using world = await openEarlierWorld();
    world.github.faults.add({ on: 'writeSecret', mishap: { kind: 'delay', ms: 500 } });
    const targets = Array.from({ length: 24 }, (_, index) => `repository as NUMBER_${index}`);
    const step = await cancelled(world, targets, () => world.arrival('writeSecret', ENCRYPTED));
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs['error-code']).toBe('partial-hand-off');
    expect(step.written.length).toBeGreaterThan(2);
    expect(step.written.length).toBeLessThan(24);
    expectAllNamed(step, 24);
    expectFate(world, step, 'kept');
  });

  test.concurrent('while GitHub does not answer a write keeps the secret, because GitHub may hold it', async () => {
    await using world = await openEarlierWorld();
    world.github.faults.add({ on: 'writeSecret', mishap: { kind: 'stall', apply: true } });
    const step = await cancelled(world, REPOSITORY, () => world.arrival('writeSecret', ENCRYPTED));
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expect(step.outputs['error-code']).toBe('partial-hand-off');
    expect(errorOf(step)).toContain('possibly written: secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo');
    expectFate(world, step, 'kept');
  });

  test.concurrent('before anything is written revokes the secret', async () => {
    await using world = await openEarlierWorld();
    world.vantage.faults.add({ on: 'token', skip: 1, mishap: { kind: 'stall' } });
    const verifying = async () => {
      while (world.vantage.requests.filter(({ route, body }) => route === 'token' && body !== '').length < 2) {
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    };
    const step = await cancelled(world, REPOSITORY, verifying);
    expect(step.outputs).toMatchObject({ 'error-code': 'cancelled', changed: 'false', written: '[]' });
    expect(step.endedAfter).toBeLessThan(IN_TIME + step.delayMs);
    expectFate(world, step, 'revoked');
  });
});
