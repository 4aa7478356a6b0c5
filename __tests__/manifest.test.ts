import { beforeEach, describe, expect, test } from '@jest/globals';
import { executeInProcess, runAction } from '../emulator/runner.ts';
import { DEFECTS } from './inputs/manifest-defects.ts';
import { OWN, SEED } from './support/github.ts';
import { CANARY } from './support/inputs.ts';
import { vantageInputs } from './support/vantage.ts';
import { World } from './support/world.ts';

/** Steps with a manifest, with emulators of Vantage and GitHub. */
const ENVIRONMENTS = ['production', 'staging'];
const GITHUB = {
  seed: {
    ...SEED,
    repositories: (SEED.repositories ?? []).map(one =>
      one.repo === OWN.repo ? { ...one, environments: ENVIRONMENTS } : one,
    ),
  },
};
const FLEET = { 'client-id': '', manifest: 'vantage/clients.yml' };
const workspaceWith = (manifest: string) => ({ 'vantage/clients.yml': manifest });

const MANIFEST = `
defaults:
  clientIdVariable: VANTAGE_CLIENT_ID
  secret: { rotate: when-due, expiration: 90d }
clients:
  - clientId: invoices-production
    writeTo: [environment production]
  - clientId: invoices-staging
    writeTo: [environment staging]
  - clientId: portal
    redirectUris: [https://portal.example.com/callback]
    secret: { rotate: never }
`;

describe('a step with a manifest', () => {
  test('ensures each client, and does nothing if nothing is due', async () => {
    await using world = await World.open({ github: GITHUB });
    const options = { workspace: workspaceWith(MANIFEST) };
    const first = await world.step(FLEET, options);
    expect(first.outputs).toMatchObject({ 'error-code': '', changed: 'true' });
    expect(first.outputs['client-secret']).toBeUndefined();
    expect(world.clientIds().toSorted()).toEqual(['invoices-production', 'invoices-staging', 'portal']);
    for (const environment of ENVIRONMENTS) {
      const scope = { ...OWN, environment };
      const [secret] = world.vantage.client(`invoices-${environment}`)?.secrets ?? [];
      expect(world.github.secret(scope, 'VANTAGE_CLIENT_SECRET')?.value).toBe(secret?.value);
      expect(world.github.variable(scope, 'VANTAGE_CLIENT_ID')?.value).toBe(`invoices-${environment}`);
    }
    expect(world.vantage.client('portal')?.secrets).toEqual([]);
    const second = await world.step(FLEET, options);
    expect(second.outputs).toMatchObject({ 'error-code': '', changed: 'false' });
  });

  test('creates, for a client, what a step for that client alone then leaves as it is', async () => {
    await using world = await World.open({ github: GITHUB });
    await world.step(FLEET, { workspace: workspaceWith(MANIFEST) });
    const alone = await world.step({
      'client-id': 'invoices-production',
      'write-to': 'environment production',
      'client-id-variable': 'VANTAGE_CLIENT_ID',
      rotate: 'when-due',
      'secret-expiration': '90d',
      'if-exists': 'update',
    });
    expect(alone.outputs).toMatchObject({ changed: 'false', 'client-drifted': 'false' });
  });
});

describe('a manifest with a defect', () => {
  let requests = 0;
  beforeEach(() => {
    requests = 0;
  });

  /** Runs a step with a manifest against servers that count requests. */
  async function refuse(text: string, execute?: typeof executeInProcess) {
    await using world = await World.open({ github: {} });
    const inputs = vantageInputs(world.vantage, {
      ...FLEET,
      'github-token': CANARY,
      'github-api-url': world.github.apiUrl,
    });
    const options = { inputs, workspace: workspaceWith(text), secrets: [CANARY] };
    const run = execute ? await runAction(options, execute) : await world.step(inputs, options);
    requests = world.vantage.requests.length + world.github.requests.length;
    return run;
  }

  // One in twelve, of each kind: `__tests__/inputs/manifest.test.ts` reads all of them.
  test.each(DEFECTS.filter((_, index) => index % 12 === 0))(
    'ends the step before any request: $what',
    async ({ text, says }) => {
      const run = await refuse(text);
      expect(requests).toBe(0);
      expect(run.conclusion).toBe('failure');
      const [line, column] = says.split(':');
      expect(run.annotations.filter(({ level }) => level === 'error')).toEqual([
        {
          level: 'error',
          title: 'Vantage: invalid-input',
          message: `[invalid-input] reading the inputs failed: vantage/clients.yml:${says}`.replaceAll(
            / clients\.yml:/gu,
            ' vantage/clients.yml:',
          ),
          place: `vantage/clients.yml:${line}:${column}`,
        },
      ]);
      expect(run.summary).toContain(`vantage/clients.yml:${line}:${column}`);
      expect(run.outputs).toEqual({ 'error-code': 'invalid-input' });
    },
  );

  test.each(DEFECTS.filter(({ text }) => text.includes(CANARY)))(
    'shows no secret of the step, in a process: $what',
    async ({ text }) => {
      const run = await refuse(text, executeInProcess);
      expect(requests).toBe(0);
      expect(run.exitCode).toBe(1);
      const printed = [
        run.stdout.replaceAll(/^::add-mask::.*$/gmu, ''),
        run.stderr,
        ...Object.values(run.outputs),
        run.summary,
      ];
      expect(printed.join('\n')).not.toContain(CANARY);
    },
  );
});
