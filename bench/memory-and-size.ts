import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ActionRun, runAction } from '../emulator/runner.ts';
import { section } from './print.ts';
import { runStep, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

const PRELOAD = { NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'peak-memory.mjs'))}` };
const DIST = resolve(import.meta.dirname, '..', 'dist');

/**
 * Measures the peak memory of a first run and of a step without inputs, compared with an empty script, and the size of
 * `dist`.
 */
export async function memoryAndSize(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
  const vantage = await VantageProcess.start({});
  try {
    const empty = join(scratch, 'empty.cjs');
    await writeFile(empty, '');
    const bare = peak(await runAction({ inputs: {}, entry: empty, env: PRELOAD }));
    const refused = peak(await runAction({ inputs: {}, env: PRELOAD }));
    const inputs = await signInInputs(vantage, 'client credentials');
    const whole = peak(await runStep(vantage, 'bench', inputs, PRELOAD));
    const mebibytes = (kibibytes: number) => `${(kibibytes / 1024).toFixed(1)} MiB`;
    section('Peak memory', [
      ['an empty script', mebibytes(bare), '1.00'],
      ['a step without inputs', mebibytes(refused), (refused / bare).toFixed(2)],
      ['a first run', mebibytes(whole), (whole / bare).toFixed(2)],
    ]);
  } finally {
    vantage.stop();
    await rm(scratch, { recursive: true, force: true });
  }

  const files = (await readdir(DIST)).sort();
  const sizes = await Promise.all(files.map(async file => (await stat(join(DIST, file))).size));
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(3)} MB`;
  section('Size of dist', [
    ...files.map((file, index) => [file, megabytes(sizes[index] ?? 0)]),
    ['total', megabytes(sizes.reduce((sum, size) => sum + size, 0))],
  ]);
}

/** The value that peak-memory.mjs wrote, in KiB. */
function peak(run: ActionRun): number {
  const noted = Object.entries(run.files).find(([path]) => path.endsWith('peak-memory'))?.[1];
  if (noted === undefined) throw new Error(`The process did not write its peak memory. It printed:\n${run.log}`);
  return Number.parseInt(noted, 10);
}
