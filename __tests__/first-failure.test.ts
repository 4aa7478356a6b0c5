import { describe, expect, test } from '@jest/globals';
import { errorOf, type Step } from './support/step.ts';
import { World } from './support/world.ts';

/** Long enough for every attempt of a request that is retried. */
const PATIENT = { timeout: '60s' };

/** The step ends at once with this failure, and reports nothing of what was in progress. */
function expectSilentEnd(step: Step, code: string, asked = 0): void {
  expect(step.outputs['error-code']).toBe(code);
  expect(step.log.match(/Retrying in/gu) ?? []).toHaveLength(asked);
  expect(step.log).not.toMatch(/destroyed|UND_ERR|abort/iu);
  expect(step.workMs).toBeLessThan(2500 + step.delayMs);
}

/** Responds late enough that the other side has started, and early enough that its first pause is not over. */
const SOON = 600;

describe('the first failure ends what is in progress', () => {
  test('a sign-in that is refused, while GitHub has not responded yet', async () => {
    await using world = await World.open({ github: {} });
    world.github.faults.add({ on: 'publicKey', mishap: { kind: 'stall' } });
    const step = await world.step({
      'write-to': 'repository',
      'auth-client-secret': 'wrong-from-the-start',
      ...PATIENT,
    });
    expectSilentEnd(step, 'authentication-failed');
  });

  test('a sign-in that is refused, while a request to GitHub waits for its retry', async () => {
    await using world = await World.open({ github: {} });
    world.github.faults.add({ on: 'publicKey', mishap: { kind: 'throttle', status: 503, retryAfter: 5 } });
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'delay', ms: SOON } });
    const step = await world.step({
      'write-to': 'repository',
      'auth-client-secret': 'wrong-from-the-start',
      ...PATIENT,
    });
    expectSilentEnd(step, 'authentication-failed', 1);
  });

  test('a target that is refused, while Vantage has not responded yet', async () => {
    await using world = await World.open({ github: {} });
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'stall' } });
    const step = await world.step({ 'write-to': 'repository', 'github-token': 'ghp_unknown', ...PATIENT });
    expectSilentEnd(step, 'github-permission');
    expect(errorOf(step)).toContain('not valid');
  });

  test('a target that is refused, while a request to Vantage waits for its retry', async () => {
    await using world = await World.open({ github: {} });
    world.vantage.faults.add({ on: 'token', mishap: { kind: 'throttle', status: 503, retryAfter: 5 } });
    world.github.faults.add({ on: 'publicKey', mishap: { kind: 'delay', ms: SOON } });
    const step = await world.step({ 'write-to': 'repository', 'github-token': 'ghp_unknown', ...PATIENT });
    expectSilentEnd(step, 'github-permission', 1);
  });
});
