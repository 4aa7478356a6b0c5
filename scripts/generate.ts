/**
 * `npm run generate [-- --check]`: writes what has its source elsewhere, most of it in action.yml: the tables of
 * docs/inputs-and-outputs.md and docs/fleet.md, the defaults of the inputs in src, and the JSON Schemas of the outputs and of
 * the manifest. With `--check`, it writes nothing, and fails with a diff if a file is out of date.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { diff, parseArgs } from 'node:util';
import { SCHEMA_VERSION } from '../src/plan/describe-plan.ts';
import { readActionYml } from './generate/action-yml.ts';
import { defaultsModule } from './generate/defaults.ts';
import { withSections } from './generate/markdown.ts';
import { schemaFile } from './generate/schema.ts';
import { MANIFEST_VERSION, Manifest } from './schema/manifest.ts';
import { Plan } from './schema/plan.ts';
import { Results } from './schema/results.ts';

const FILES: Readonly<Record<string, (old: string) => string>> = {
  'README.md': withSections('quick-start'),
  'docs/fleet.md': withSections('manifest'),
  'docs/inputs-and-outputs.md': withSections('inputs', 'outputs', 'outcomes', 'reasons', 'errors'),
  'src/inputs/defaults.ts': () => defaultsModule(readActionYml()),
  [`schema/results.v${SCHEMA_VERSION}.json`]: () => schemaFile(Results),
  [`schema/plan.v${SCHEMA_VERSION}.json`]: () => schemaFile(Plan),
  [`schema/manifest.v${MANIFEST_VERSION}.json`]: () => schemaFile(Manifest),
};

const root = resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

/** The text of a file, or an empty text if the file does not exist. */
const textOf = (path: string) =>
  readFile(path, 'utf8').catch(error => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

/** The lines that differ: `-` is in the file, `+` would be written. */
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
    console.error(`${name} is out of date. Run \`npm run generate\`.\n${changedLines(old, wanted).join('\n')}`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, wanted);
    console.log(`${name} written.`);
  }
}
