import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CLIENT_KEYS, type Key, type KeyType, SECRET, SECRET_KEYS } from '../../src/inputs/manifest/keys.ts';
import { ERROR_CODES } from '../../src/model/failure.ts';
import { OUTCOMES, REASONS } from '../schema/words.ts';
import { type ActionYml, readActionYml } from './action-yml.ts';

const code = (text: string) => `\`${text}\``;

/** A Markdown table with aligned columns. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map(row => row.map(cell => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map(row => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [first = '', ...others] = cells.map(line);
  return [first, line(widths.map(width => '-'.repeat(width))), ...others].join('\n');
}

function inputTables({ inputs, groups }: ActionYml): string {
  return [...Map.groupBy(Object.entries(inputs), ([name]) => groups[name])]
    .map(([group, members]) => {
      const rows = members.map(([name, input]) => [
        code(name),
        input.default ? code(input.default) : '',
        input.description,
      ]);
      return `### ${group}\n\n${table(['Input', 'Default', 'Meaning'], rows)}`;
    })
    .join('\n\n');
}

function outputTable({ outputs }: ActionYml): string {
  const rows = Object.entries(outputs).map(([name, { description }]) => [code(name), description]);
  return table(['Output', 'Meaning'], rows);
}

const TYPES: Readonly<Record<KeyType, string>> = {
  text: 'text',
  boolean: '`true` or `false`',
  list: 'list',
  lifetime: 'text, or seconds',
};

/** The keys of a client in a manifest, and the input that each of them corresponds to. */
function manifestTable(): string {
  const rows = (keys: Readonly<Record<string, Key>>, prefix: string) =>
    Object.entries(keys).map(([key, { input, type }]) => [code(prefix + key), code(input), TYPES[type]]);
  return table(['Key', 'Input', 'Value'], [...rows(CLIENT_KEYS, ''), ...rows(SECRET_KEYS, `${SECRET}.`)]);
}

const named = (entries: Readonly<Record<string, string>>) =>
  Object.entries(entries).map(([name, meaning]) => [code(name), meaning]);

/** The example that `npm start` runs, so that the README shows a workflow that works. */
function quickStart(): string {
  const example = readFileSync(resolve(import.meta.dirname, '../../examples/quick-start.yml'), 'utf8');
  return `\`\`\`yaml\n${example.trimEnd()}\n\`\`\``;
}

/** The text between `<!-- NAME:begin (npm run generate) -->` and `<!-- NAME:end -->`, by name. */
const SECTIONS = {
  'quick-start': quickStart,
  inputs: () => inputTables(readActionYml()),
  outputs: () => outputTable(readActionYml()),
  manifest: manifestTable,
  outcomes: () => table(['`outcome`', 'Meaning'], named(OUTCOMES)),
  reasons: () => table(['`reason`', 'Meaning'], named(REASONS)),
  errors: () => table(['Code', 'Meaning'], named(ERROR_CODES)),
} as const satisfies Readonly<Record<string, () => string>>;

/**
 * Returns a function that writes the named sections of a page. It throws an Error if a marker comment or the example is
 * missing.
 */
export function withSections(...names: readonly (keyof typeof SECTIONS)[]): (page: string) => string {
  return page => names.reduce(withSection, page);
}

function withSection(page: string, name: keyof typeof SECTIONS): string {
  const begin = `<!-- ${name}:begin (npm run generate) -->`;
  const end = `<!-- ${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The page needs the lines ${begin} and ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${SECTIONS[name]()}\n\n${page.slice(to)}`;
}
