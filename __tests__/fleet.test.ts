import { describe, expect, test } from '@jest/globals';
import { startGitHub } from '../emulator/github/index.ts';
import { startVantage } from '../emulator/vantage/index.ts';
import { EVERYTHING, OWN, OWN_ID } from './support/github.ts';
import { findLeaks } from './support/leaks.ts';
import { readSummary } from './support/markdown.ts';
import { expectSilent, runPost } from './support/post.ts';
import { runStep } from './support/run-step.ts';
import { expectToFollowSchema } from './support/schema.ts';
import { errorOf } from './support/step.ts';
import { canariesOf, vantageInputs } from './support/vantage.ts';

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

/** A tenant, a GitHub with an environment for each client, and whole steps with the manifest. */
async function openWorld() {
  const [vantage, github] = await Promise.all([
    startVantage(),
    startGitHub({ seed: { repositories: [{ ...OWN, id: OWN_ID, environments: NAMES }] } }),
  ]);
  const token = github.issueToken({ kind: 'fine-grained', permissions: EVERYTHING });
  const step = async (inputs: Readonly<Record<string, string>> = {}, manifest = MANIFEST) => {
    const run = await runStep({
      inputs: vantageInputs(vantage, {
        'client-id': '',
        manifest: 'clients.yml',
        'github-token': token,
        'github-api-url': github.apiUrl,
        timeout: '60s',
        ...inputs,
      }),
      env: { GITHUB_REPOSITORY_ID: String(OWN_ID) },
      workspace: { 'clients.yml': manifest },
    });
    const created = Object.fromEntries(vantage.createdSecrets.map((value, index) => [`created value ${index}`, value]));
    expect(findLeaks(run, { ...created, ...canariesOf(vantage), 'GitHub token': token })).toEqual([]);
    expectToFollowSchema(run.outputs);
    return { ...run, results: JSON.parse(run.outputs.results ?? '[]') as readonly Record<string, unknown>[] };
  };
  return {
    vantage,
    github,
    step,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([vantage.close(), github.close()]);
    },
  };
}

describe('a step with a manifest', () => {
  test('delivers, reports each client, and has nothing to do the second time', async () => {
    await using world = await openWorld();
    const first = await world.step();
    expect({ exitCode: first.exitCode, error: errorOf(first) }).toEqual({ exitCode: 0, error: '' });
    expect(first.results).toHaveLength(15);
    expect(first.outputs).toMatchObject({ changed: 'true', 'error-code': '' });
    expect('client-secret' in first.outputs).toBe(false);
    expect(readSummary(first.summary).title).toBe('✅ 15 clients: 15 changed');
    expect(first.stdout.match(/^::group::client-stage-\d+: client created, new secret in 1 place$/gmu)).toHaveLength(
      15,
    );

    const second = await world.step();
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
    const run = await world.step({}, manifest);
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
    const post = await runPost(world, run, { 'client-id': '', manifest: 'clients.yml' });
    expect(post.log.match(/^Deleted the secret of client "client-stage-\d" marked /gmu)).toHaveLength(10);
    expect(world.vantage.clients().flatMap(({ secrets }) => secrets)).toHaveLength(before - 10);
  });

  test('that left nothing: a later step of the job cannot make the end of the job delete a delivered secret', async () => {
    await using world = await openWorld();
    const run = await world.step();
    const before = world.vantage.clients();
    const forged = Object.fromEntries(
      before.slice(0, 12).map(({ clientId, secrets }, place) => {
        const marks = [/\[vantage-client .*\]$/u.exec(secrets[0]?.description ?? '')?.[0]];
        return [`STATE_pending-${place}`, JSON.stringify([{ clientId, marks, unfinished: '' }])];
      }),
    );
    const post = await runPost(world, run, { 'client-id': '', manifest: 'clients.yml' }, { env: forged });
    expectSilent(post);
    expect(world.vantage.clients()).toEqual(before);
  });
});
