import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Files, by their path within a folder, each with its SHA-256. */
export type Checksums = ReadonlyMap<string, string>;

/** Builds `dist` from `src` into another folder. */
export async function buildDist(root: string, out: string): Promise<void> {
  await run(process.execPath, [path.join(root, 'scripts/build.ts'), '--out', out], { cwd: root });
}

/** The checksums of all files in a folder. */
export async function checksumsOf(folder: string): Promise<Checksums> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  return new Map(await Promise.all(files.map(async file => [file, await checksum(path.join(folder, file))] as const)));
}

export async function checksum(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** How the `dist` of the repository differs from what `src` builds to. */
export function differences(committed: Checksums, built: Checksums): readonly string[] {
  const files = [...new Set([...committed.keys(), ...built.keys()])].sort();
  return files.flatMap(file => {
    if (!committed.has(file)) return [`dist/${file} is missing.`];
    if (!built.has(file)) return [`dist/${file} does not come from src.`];
    return committed.get(file) === built.get(file) ? [] : [`dist/${file} is not what src builds to.`];
  });
}
