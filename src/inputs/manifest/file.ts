import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../model/failure.ts';

const MEGABYTE = 1024 * 1024;

/** Some 15,000 clients with all settings. */
const LARGEST = 5 * MEGABYTE;

/** The text of a manifest. */
export interface ManifestText {
  /** The path in the workspace, with `/`, as annotations of GitHub need it. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads a manifest. It must be in the workspace: a path that leads out of it, also by a link, may name a file of the runner
 * that errors would quote.
 *
 * @param given the path, relative to the workspace, or absolute.
 * @param workspace the folder that the repository is checked out to.
 * @returns the reason to reject the file if it cannot be read.
 */
export async function readManifestFile(given: string, workspace: string): Promise<ManifestText | string> {
  if (workspace === '') {
    return 'expected a workspace, but the runner does not set GITHUB_WORKSPACE';
  }
  if (given.includes('\0')) {
    return 'expected the path of a YAML file';
  }
  try {
    const real = await realpath(path.resolve(workspace, given));
    const inside = path.relative(await realpath(workspace), real);
    if (path.isAbsolute(inside) || inside.split(path.sep)[0] === '..') {
      return 'expected a file in the workspace, and no link that leads out of it';
    }
    const facts = await stat(real);
    if (!facts.isFile()) {
      return 'expected a file, but this is a folder or a device';
    }
    if (facts.size > LARGEST) {
      const size = (facts.size / MEGABYTE).toFixed(1);
      return `expected at most ${LARGEST / MEGABYTE} MB, but the file has ${size} MB`;
    }
    const text = decoded(await readFile(real));
    return text === undefined ? 'expected a file in UTF-8' : { file: inside.replaceAll(path.sep, '/'), text };
  } catch (error) {
    return whyUnreadable(error);
  }
}

/** Without a byte order mark. `undefined` if it is not UTF-8. */
function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function whyUnreadable(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file in the workspace: check the path, and that actions/checkout runs before this step';
    case 'EACCES':
    case 'EPERM':
      return 'the step has no permission to read the file';
    case 'ELOOP':
      return 'expected a file, but this is a link that leads to itself';
    default:
      return `cannot read the file: ${messageOf(error)}`;
  }
}
