import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Checksums, checksum, checksumsOf } from './dist.ts';

const run = promisify(execFile);

/** What is attested: everything that a runner executes, and what declares it. */
export async function subjectsOf(folder: string): Promise<Checksums> {
  const dist = await checksumsOf(path.join(folder, 'dist'));
  return new Map([
    ['action.yml', await checksum(path.join(folder, 'action.yml'))],
    ...[...dist].map(([file, sum]) => [`dist/${file}`, sum] as const),
  ]);
}

/** A list that `sha256sum --check` reads. */
export function sumsFile(subjects: Checksums): string {
  return [...subjects].map(([file, sum]) => `${sum}  ${file}\n`).join('');
}

/** An SBOM, as far as it is read here. */
export interface Sbom {
  readonly spdxVersion: string;
  readonly packages: readonly { readonly name: string; readonly versionInfo: string }[];
}

/** The packages that the action depends on, from the lock file, as SPDX. Some of them are not in the bundle. */
export async function readSbom(folder: string): Promise<Sbom> {
  const args = ['sbom', '--sbom-format=spdx', '--omit=dev', '--package-lock-only'];
  const { stdout } = await run('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}
