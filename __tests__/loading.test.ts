import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import { type ActionRun, runAction } from '../emulator/runner.ts';
import { World } from './support/world.ts';

const PRELOADED = pathToFileURL(path.join(import.meta.dirname, 'support', 'loaded-modules.mjs'));
const env = { NODE_OPTIONS: `--import=${PRELOADED}` };

/** What a step loaded: modules of Node, and files of `dist`. */
function loadedBy({ files, log }: Pick<ActionRun, 'files' | 'log'>): {
  readonly modules: readonly string[];
  readonly files: readonly string[];
} {
  const written = Object.entries(files).find(([file]) => file.endsWith('loaded.json'))?.[1];
  if (written === undefined) {
    throw new Error(`The step did not say what it loaded. It printed:\n${log}`);
  }
  return JSON.parse(written);
}

// Each of these takes longer to load than everything that the action itself does in such a step.
const HEAVY = ['crypto', 'tls', 'https', 'http2', 'internal/deps/undici/undici', 'worker_threads', 'readline'];

test('a step whose inputs are wrong loads nothing of Node to send requests, and no file for the work', async () => {
  const { modules, files } = loadedBy(await runAction({ inputs: {}, env }));
  expect(modules).toContain('os');
  expect(modules.filter(name => [...HEAVY, 'http', 'dns', 'net'].includes(name))).toEqual([]);
  expect(files).toEqual(['index.js', 'workflow-context.js']);
});

test.each(['index.js', 'work.js', 'github.js'])('%s is ASCII, which Node reads and compiles faster', async file => {
  expect(await readFile(path.join(import.meta.dirname, '..', 'dist', file), 'utf8')).toMatch(/^\p{ASCII}+$/u);
});

test('a step that writes a secret to GitHub loads one more file', async () => {
  await using world = await World.open({ github: {} });
  const step = await world.step({ 'write-to': 'repository' }, { env });
  expect(step.outputs['error-code']).toBe('');
  expect(loadedBy(step).files).toEqual(['index.js', 'workflow-context.js', 'work.js', 'github.js']);
});

test('a step that finds nothing to do loads only what http needs', async () => {
  await using world = await World.open();
  const step = await world.step({ rotate: 'never' }, { env });
  const { modules, files } = loadedBy(step);
  expect(step.outputs['error-code']).toBe('');
  expect(modules).toContain('http');
  // The end of the job gets a digest of NODE_OPTIONS, which only this test sets.
  expect(modules.filter(name => HEAVY.includes(name))).toEqual(['crypto']);
  expect(files).toEqual(['index.js', 'workflow-context.js', 'work.js']);
});
