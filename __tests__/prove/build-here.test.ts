import path from 'node:path';
import { expect, test } from '@jest/globals';
import { type ActionRun, type ActionRunOptions, runAction } from '../../emulator/runner.ts';
import { startVantage, type Vantage, type VantageOptions } from '../../emulator/vantage/index.ts';
import { runHere } from '../../prove/build-here.ts';
import { usesProcesses } from '../../prove/where.ts';
import { vantageInputs } from '../support/vantage.ts';

const YEAR = 365 * 86_400_000;
const POST = path.resolve(import.meta.dirname, '..', '..', 'dist', 'post.js');

const WAYS: readonly (readonly [string, (options: ActionRunOptions) => Promise<ActionRun>])[] = [
  ['in a process', options => runAction(options)],
  ['in this process', options => runHere(options)],
];

async function withVantage<Result>(
  options: VantageOptions,
  work: (vantage: Vantage) => Promise<Result>,
): Promise<Result> {
  const vantage = await startVantage(options);
  try {
    return await work(vantage);
  } finally {
    await vantage.close();
  }
}

/** What a step leaves, without what differs between two runs. */
async function traces(vantage: Vantage, run: (options: ActionRunOptions) => Promise<ActionRun>) {
  const inputs = vantageInputs(vantage, { 'secret-description': 'für Porto 🔑' });
  const main = await run({ inputs });
  const post = await run({ inputs, entry: POST, state: main.state });
  const plain = (text: string) =>
    text
      .replaceAll(vantage.baseUrl, 'VANTAGE')
      .replaceAll(vantage.administrator.clientId, 'ADMINISTRATOR')
      .replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{16}|\d{4}-\d\d-\d\dT[\d:.]+Z|[\d:]{5}/gu, 'SOME');
  return [main, post].map(({ exitCode, signal, stderr, log, conclusion, outputs, state, summary, files, ...left }) => ({
    ...{ exitCode, signal, stderr, conclusion, log: plain(log), summary: plain(summary) },
    outputs: Object.keys(outputs),
    state: Object.keys(state),
    files: Object.keys(files).map(plain).sort(),
    masks: left.masks.length,
    sent: vantage.requests.map(({ method, route, status }) => `${method} ${route} ${status}`),
  }));
}

test('a step in this process that does not end is abandoned', async () => {
  const run = await withVantage({}, vantage => {
    vantage.faults.add({ mishap: { kind: 'stall' } });
    return runHere({ inputs: vantageInputs(vantage, { timeout: '2s' }), timeoutMs: 500 });
  });
  expect(run).toMatchObject({ exitCode: null, signal: 'SIGKILL', conclusion: 'failure' });
});

test('a step in this process leaves what a process leaves', async () => {
  const [process, here] = await Promise.all(WAYS.map(([, run]) => withVantage({}, vantage => traces(vantage, run))));
  expect(here).toEqual(process);
  expect(here?.[0]).toMatchObject({ exitCode: 0, conclusion: 'success' });
});

test.each(WAYS)('a step that is refused %s fails with its message', async (_, run) => {
  const { exitCode, stderr, annotations } = await run({ inputs: { mode: 'guess' } });
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
  expect(annotations.map(({ message }) => message).join()).toMatch(/mode/u);
});

test('steps in this process run at once, each with its own environment and output', async () => {
  const modes = ['one', 'two', 'three'];
  const runs = await Promise.all(modes.map(mode => runHere({ inputs: { mode } })));
  expect(runs.map(({ log }, index) => log.includes(`"${modes[index]}"`))).toEqual([true, true, true]);
});

test('a step in this process goes by a clock of its own', async () => {
  const { outputs } = await withVantage({ clock: Date.now() + YEAR }, vantage =>
    runHere({ inputs: vantageInputs(vantage, { 'secret-expiration': '30d' }) }, { clockAhead: YEAR }),
  );
  const days = (Date.parse(outputs['secret-expiration'] ?? '') - Date.now() - YEAR) / 86_400_000;
  expect(Math.round(days)).toBe(30);
});

test('one ID in ten uses processes, and always the same ones', () => {
  const ids = Array.from({ length: 1000 }, (_, number) => `point ${number}`);
  const chosen = ids.filter(usesProcesses);
  expect(chosen.length).toBeGreaterThan(70);
  expect(chosen.length).toBeLessThan(130);
  expect(ids.filter(usesProcesses)).toEqual(chosen);
});
