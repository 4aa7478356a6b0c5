import { describe, expect, test } from '@jest/globals';
import { OWN, OWN_ID } from './support/github.ts';
import { readSummary } from './support/markdown.ts';
import { expectSilent, runPost } from './support/post.ts';
import { errorOf } from './support/step.ts';
import { World } from './support/world.ts';

const NAMES = Array.from({ length: 15 }, (_, index) => `stage-${index}`);
const MANIFEST = [
  'defaults:',
  '  secret: { rotate: when-due }',
  'clients:',
  ...NAMES.flatMap(name => [`  - clientId: client-${name}`, `    writeTo: [environment ${name}]`]),
].join('\n');
/** The same, with more dangerous settings than the step shows. */
const DANGEROUS = MANIFEST.replaceAll(
  /(?<=writeTo: \[environment (?<name>.*)\])$/gmu,
  '\n    redirectUris: [http://$<name>.example/]',
);

const FLEET = { 'client-id': '', manifest: 'clients.yml' };
const CHECKED_OUT = { workspace: { 'clients.yml': MANIFEST } };

/** A tenant, and a GitHub with an environment for each client. */
const openWorld = () =>
  World.open({ github: { seed: { repositories: [{ ...OWN, id: OWN_ID, environments: NAMES }] } } });

describe('a step with a manifest', () => {
  test('delivers, reports each client, and has nothing to do the second time', async () => {
    await using world = await openWorld();
    const first = await world.step(FLEET, CHECKED_OUT);
    expect({ exitCode: first.exitCode, error: errorOf(first) }).toEqual({ exitCode: 0, error: '' });
    expect(first.results).toHaveLength(15);
    expect(first.outputs).toMatchObject({ changed: 'true', 'error-code': '' });
    expect('client-secret' in first.outputs).toBe(false);
    expect(readSummary(first.summary).title).toBe('✅ 15 clients: 15 changed');
    expect(first.stdout.match(/^::group::client-stage-\d+: client created, new secret in 1 place$/gmu)).toHaveLength(
      15,
    );

    const second = await world.step(FLEET, CHECKED_OUT);
    expect(second.outputs).toMatchObject({ changed: 'false', 'error-code': '' });
    expect(readSummary(second.summary).title).toBe('✅ 15 clients: 15 unchanged');
    expect(second.stdout).not.toContain('::group::');
  });

  test.each([
    ['some', MANIFEST],
    ['some, and has dangerous settings,', DANGEROUS],
  ])('that fails for %s has one error, and at most ten annotations', async (_, manifest) => {
    await using world = await openWorld();
    world.github.faults.add({
      on: { method: 'PUT', path: /environments\/stage-\d\/secrets/u },
      mishap: { kind: 'answer', status: 403 },
    });
    world.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await world.step(FLEET, { workspace: { 'clients.yml': manifest } });
    expect(run.exitCode).toBe(1);
    expect(run.outputs['error-code']).toBe('github-permission');
    expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
    const warnings = run.annotations.filter(({ level }) => level === 'warning');
    expect(warnings.length).toBeLessThanOrEqual(10);
    expect(warnings.at(-1)?.message).toMatch(
      /^\d+ more warnings? (?:is|are) in the log, each in the group of its client\.$/u,
    );
    expect(readSummary(run.summary).title).toBe('❌ 15 clients: 10 failed, 5 changed');

    // The end of the job tries again, and deletes the secret of each client that nobody got.
    world.vantage.faults.clear();
    const before = world.vantage.clients().flatMap(({ secrets }) => secrets).length;
    const post = await runPost(world, run, FLEET);
    expect(post.log.match(/^Deleted the secret of client "client-stage-\d" marked /gmu)).toHaveLength(10);
    expect(world.vantage.clients().flatMap(({ secrets }) => secrets)).toHaveLength(before - 10);
  });

  test('that left nothing: a later step of the job cannot make the end of the job delete a delivered secret', async () => {
    await using world = await openWorld();
    const run = await world.step(FLEET, CHECKED_OUT);
    const before = world.vantage.clients();
    const forged = Object.fromEntries(
      before.slice(0, 12).map(({ clientId, secrets }, place) => {
        const marks = [/\[vantage-client .*\]$/u.exec(secrets[0]?.description ?? '')?.[0]];
        return [`STATE_pending-${place}`, JSON.stringify([{ clientId, marks, unfinished: '' }])];
      }),
    );
    const post = await runPost(world, run, FLEET, { env: forged });
    expectSilent(post);
    expect(world.vantage.clients()).toEqual(before);
  });
});
