import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Puts the commands that examples use into a folder: `gh` and `az` of this one, and the real `curl`. They keep their state in
 * the folder `$COMMAND_STATE`, and their arguments in its file `arguments`, because every process of a machine may read them.
 */
export async function installCommands(folder: string): Promise<void> {
  await mkdir(folder);
  const node = (name: string) => `exec '${process.execPath}' '${path.join(import.meta.dirname, `${name}.ts`)}' "$@"`;
  const scripts = { az: node('az'), gh: node('gh'), curl: `PATH='${process.env.PATH}' exec curl "$@"` };
  for (const [name, script] of Object.entries(scripts)) {
    const file = path.join(folder, name);
    await writeFile(file, `#!/bin/sh\nprintf '%s\\0' ${name} "$@" >> "$COMMAND_STATE/arguments"\n${script}\n`);
    await chmod(file, 0o755);
  }
}
