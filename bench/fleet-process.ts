import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RUNNER_ENVIRONMENT } from '../emulator/runner/environment.ts';

const ENTRY = resolve(import.meta.dirname, '..', 'dist', 'index.js');
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'peak-memory.mjs')).href;

/** How a step with a manifest ended. */
export interface FleetRun {
  readonly exitCode: number | null;
  readonly ms: number;
  /** The processor time that the process used. */
  readonly processorMs: number;
  /** In KiB. */
  readonly peakMemory: number;
  readonly lastLines: readonly string[];
}

/**
 * Runs `dist` with a manifest, and writes its log to a file: the runner of the emulators keeps all of it, and masks every
 * line, which takes longer than the step.
 *
 * @param inputs by their names.
 * @param entry the script of the action.
 */
export async function runFleet(
  manifest: string,
  inputs: Readonly<Record<string, string>>,
  entry = ENTRY,
): Promise<FleetRun> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-fleet-'));
  const file = (name: string) => join(directory, name);
  try {
    await writeFile(file('clients.yml'), manifest);
    const files = ['OUTPUT', 'STATE', 'STEP_SUMMARY'];
    await Promise.all(files.map(name => writeFile(file(name), '')));
    const env = {
      ...RUNNER_ENVIRONMENT,
      PATH: process.env.PATH ?? '',
      TMPDIR: directory,
      GITHUB_WORKSPACE: directory,
      ...Object.fromEntries(files.map(name => [`GITHUB_${name}`, file(name)])),
      ...Object.fromEntries(
        Object.entries({ manifest: 'clients.yml', ...inputs }).map(([name, value]) => [
          `INPUT_${name.toUpperCase()}`,
          value,
        ]),
      ),
      NODE_OPTIONS: `--import=${PRELOAD}`,
    };
    const started = performance.now();
    const child = spawn(process.execPath, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const log = createWriteStream(file('log'));
    child.stdout.pipe(log);
    const [exitCode] = (await once(child, 'close')) as [number | null];
    const ms = performance.now() - started;
    await new Promise(done => log.end(done));
    const [text, peak] = await Promise.all(['log', 'peak-memory'].map(name => readFile(file(name), 'utf8')));
    const [peakMemory = Number.NaN, processorMs = Number.NaN] = (peak ?? '').split(' ').map(Number);
    return { exitCode, ms, processorMs, peakMemory, lastLines: (text ?? '').trimEnd().split('\n').slice(-4) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
