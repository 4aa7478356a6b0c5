import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The two scripts of the action. */
export interface Scripts {
  readonly main: string;
  readonly post: string;
}

const DIST = path.resolve(import.meta.dirname, '..', 'dist');

/** Uses a copy of a build (default: `dist`), so that a build that starts meanwhile has no effect. */
export async function withBuildCopy<Result>(
  dist: string | undefined,
  work: (scripts: Scripts) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(tmpdir(), 'prove-dist-'));
  try {
    await cp(dist ?? DIST, folder, { recursive: true });
    return await work({ main: path.join(folder, 'index.js'), post: path.join(folder, 'post.js') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
