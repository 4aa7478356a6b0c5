/** What became of the secret of a delivery, and of the secret of an earlier run. */
import { expect } from '@jest/globals';
import type { SecretScope, TokenKind } from '../../emulator/github/index.ts';
import type { VantageOptions } from '../../emulator/vantage/index.ts';
import { OWN, SEED } from './github.ts';
import { creationsOf, errorOf, githubWrites, type Step } from './step.ts';
import { CLIENT_ID, World } from './world.ts';

const OLD = 'the-value-of-an-earlier-run-4f1d77';

/**
 * `none`: no secret is created. `revoked`: it is revoked. `named`: it remains, and a warning names it. `kept`: GitHub
 * stores it, or may store it.
 */
export type Fate = 'none' | 'revoked' | 'named' | 'kept';

/** A Vantage and a GitHub that store a secret of an earlier run. */
export function openEarlierWorld(vantage: VantageOptions = {}, token?: TokenKind): Promise<World> {
  const [own, ...others] = SEED.repositories ?? [];
  const repositories = own ? [{ ...own, secrets: [{ name: 'VANTAGE_CLIENT_SECRET', value: OLD }] }, ...others] : [];
  return World.open({
    vantage: { clients: [{ clientId: CLIENT_ID, secrets: [{ value: OLD }] }], ...vantage },
    github: { seed: { ...SEED, repositories } },
    ...(token ? { token } : {}),
  });
}

/** The secret ended as it should, and the secret of the earlier run is unchanged. */
export function expectFate(world: World, step: Step, fate: Fate): void {
  const [old, ...fresh] = world.secrets().map(({ value }) => value);
  expect(old).toBe(OLD);
  expect({ created: creationsOf(step).filter(({ applied }) => applied).length, left: fresh.length }).toEqual({
    created: fate === 'none' ? 0 : 1,
    left: fate === 'none' || fate === 'revoked' ? 0 : 1,
  });
  expect(/Revoked|was revoked/u.test(step.log)).toBe(fate === 'revoked');
  if (fate === 'none') {
    expect(githubWrites(step).filter(({ route }) => route !== 'createEnvironment')).toEqual([]);
  }
  if (fate === 'named') {
    expect(step.annotations.find(({ level }) => level === 'warning')?.message).toMatch(
      /Delete it in Vantage: .*expires 20/u,
    );
  }
  if (fate !== 'kept') {
    expect(world.github.secret(OWN, 'VANTAGE_CLIENT_SECRET')?.value).toBe(OLD);
    expect(step.outputs).not.toHaveProperty('client-secret');
  }
}

/** The step succeeded, and every target holds the one secret that it created, which is returned. */
export function expectAllHold(world: World, step: Step, targets: readonly [SecretScope, string?][]): string {
  expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({ code: '', error: '' });
  expect(creationsOf(step)).toHaveLength(1);
  const values = targets.map(([scope, name = 'VANTAGE_CLIENT_SECRET']) => world.github.secret(scope, name)?.value);
  const value = world.vantage.createdSecrets.at(-1);
  expect(values).toEqual(targets.map(() => value));
  expect(step.written).toHaveLength(targets.length);
  return String(value);
}

/** A partial delivery names every target, with its result. */
export function expectAllNamed(step: Step, count: number): void {
  const named = new Set(
    errorOf(step).match(/(?:Dependabot )?secret \w+ in (?:repository|environment "\w+" of) \S+\/[\w-]+/gu),
  );
  expect(named.size).toBe(count);
}
