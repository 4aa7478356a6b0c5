import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { parseKeyValueFile } from '../emulator/runner/command-files.ts';
import { runAction } from '../emulator/runner.ts';
import { errorOf, UNANSWERED } from './support/step.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '..');

/** Starts the emulators as a step of a workflow does, and ends them afterwards. */
async function withEmulators(
  args: readonly string[],
  work: (outputs: Readonly<Record<string, string>>, log: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'emulators-test-'));
  const file = path.join(folder, 'output');
  const env = { ...process.env, GITHUB_OUTPUT: file, RUNNER_TEMP: folder };
  const { stdout } = await run(process.execPath, ['scripts/emulators.ts', ...args], { cwd: ROOT, env });
  const outputs = parseKeyValueFile(await readFile(file, 'utf8'));
  try {
    await work(outputs, stdout);
  } finally {
    process.kill(Number(outputs.pid));
    await rm(folder, { recursive: true, force: true });
  }
}

/** A step that uses what the emulators say of themselves. */
function step(
  outputs: Readonly<Record<string, string>>,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
) {
  const given = ['base-url', 'tenant-id', 'auth-client-id', 'auth-client-secret', 'github-api-url', 'github-token'];
  return runAction({
    inputs: {
      ...Object.fromEntries(given.map(name => [name, outputs[name] ?? ''])),
      'client-id': 'invoices',
      ...inputs,
    },
    env,
  });
}

test('the emulators of the workflows serve later steps, and mask their secrets', async () => {
  await withEmulators([], async (outputs, log) => {
    const first = await step(outputs, {
      'write-to': `environment ${outputs.repository} production`,
      'create-environments': 'true',
    });
    expect({ error: errorOf(first), verified: first.outputs.verified }).toEqual({ error: '', verified: 'true' });
    const refused = await step(outputs, { 'auth-client-secret': 'wrong' });
    expect(refused.outputs['error-code']).toBe('authentication-failed');
    for (const name of ['auth-client-secret', 'github-token']) {
      const value = outputs[name] ?? 'none';
      expect(log.split('\n').filter(line => line.includes(value))).toEqual([`::add-mask::${value}`]);
    }
  });
});

test('behind a proxy, they are reached through it only', async () => {
  await withEmulators(['--proxy'], async outputs => {
    const inputs = { 'write-to': `repository ${outputs.repository}` };
    const env = { NODE_EXTRA_CA_CERTS: outputs['ca-file'] ?? '' };
    const direct = await step(outputs, { timeout: '10s' }, env);
    expect(UNANSWERED).toContain(direct.outputs['error-code']);
    const proxied = await step(outputs, inputs, { ...env, HTTPS_PROXY: outputs['proxy-url'] ?? '' });
    expect({ error: errorOf(proxied), verified: proxied.outputs.verified }).toEqual({ error: '', verified: 'true' });
  });
});
