/**
 * `npm run generate [-- --check]`: writes action.yml and the tables of README.md from the tables in src.
 * With `--check` it writes nothing, and fails with a diff where a file is not what it would write.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { diff, parseArgs } from 'node:util';
import { actionYml } from './generate/action-yml.ts';
import { withTables } from './generate/readme.ts';

const FILES: Readonly<Record<string, (old: string) => string>> = { 'action.yml': actionYml, 'README.md': withTables };

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** The text of a file; that of one that is not there yet is empty. */
const textOf = (path: string) =>
  readFile(path, 'utf8').catch(error => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

/** The lines that differ: `-` stands in the file now, `+` is what the tables in src say. */
function changedLines(old: string, wanted: string): string[] {
  return diff(wanted.split('\n'), old.split('\n'))
    .filter(([operation]) => operation !== 0)
    .map(([operation, line]) => `${operation > 0 ? '+' : '-'} ${line}`);
}

for (const [name, generate] of Object.entries(FILES)) {
  const path = join(root, name);
  const old = await textOf(path);
  const wanted = generate(old);
  if (old === wanted) {
    console.log(`${name} is up to date.`);
  } else if (values.check) {
    console.error(`${name} is not what src says. Run \`npm run generate\`.\n${changedLines(old, wanted).join('\n')}`);
    process.exitCode = 1;
  } else {
    await writeFile(path, wanted);
    console.log(`${name} written.`);
  }
}
