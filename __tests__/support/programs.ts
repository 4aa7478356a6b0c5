import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';

/**
 * The path of a program that only some machines have: the one that a variable names, `ACT` for act, or the one on the PATH.
 * Tests that need it are skipped without it, and `.ci/run` says so.
 */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  for (const file of [process.env[name.toUpperCase()] ?? '', ...folders.map(folder => path.join(folder, name))]) {
    if (file !== '' && (await isExecutable(file))) return file;
  }
  return undefined;
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
