import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { ERROR_CODES } from '../../src/model/failure.ts';
import { vulnerabilitiesOf, ZIZMOR } from '../support/zizmor.ts';
import { blocksOf, completed, problemsOf, proseOf } from './blocks.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: ROOT })];

const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(textOf(page)).matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(page: string, link: string): boolean {
  const [target, anchor] = link.split('#');
  const file = target ? path.join(path.dirname(page), target) : page;
  try {
    textOf(file);
  } catch {
    return true;
  }
  return anchor !== undefined && !anchorsOf(file).includes(anchor);
}

test.each(PAGES)('%s links to files and headings that exist', page => {
  const links = [...proseOf(textOf(page)).matchAll(/\]\((?!https?:)([^)]+)\)/gu)].map(([, link = '']) => link);
  expect(links).not.toEqual([]);
  expect(links.filter(link => isBroken(page, link))).toEqual([]);
});

test('the README is short enough to read first', () => {
  expect(textOf('README.md').split(/\s+/u).length).toBeLessThanOrEqual(1500);
});

test('each badge of the README shows whether a workflow of the project succeeds', () => {
  const badges = [...textOf('README.md').matchAll(/!\[([^\]]*)\]\(([^)]+)\)/gu)];
  expect(badges.map(([, name]) => name)).toEqual(['CI', 'CodeQL', 'Release']);
  for (const [, name = '', image = ''] of badges) {
    const [, workflow = '', branch] =
      /^https:\/\/github\.com\/OWNER\/vantage-client-action\/actions\/workflows\/([\w-]+\.yml)\/badge\.svg(\?branch=main)?$/u.exec(
        image,
      ) ?? [];
    const { name: shown, on } = parse(textOf(`.github/workflows/${workflow}`));
    expect(shown).toBe(name);
    // A workflow that runs on tags only has no runs on main.
    expect(on.push?.branches?.includes('main') ?? false).toBe(branch !== undefined);
  }
});

describe('the YAML blocks', () => {
  const examples = globSync('examples/*.yml', { cwd: ROOT });

  test.each(PAGES)('of %s are valid, and the action accepts their inputs', async page => {
    const blocks = blocksOf(textOf(page)).filter(({ language }) => language === 'yaml');
    const problems = await Promise.all(
      blocks.map(async ({ text, line }) => (await problemsOf(text)).map(problem => `${page}:${line}: ${problem}`)),
    );
    expect(problems.flat()).toEqual([]);
  });

  test('of the recipes work with the inputs of the quick start that the README says to keep', async () => {
    const start = textOf('examples/quick-start.yml');
    const kept = start
      .slice(start.indexOf('base-url:'), start.indexOf('secret-description:'))
      .replaceAll(/\n +/gu, '\n');
    const [, recipes = ''] = /^## Recipes$(.+?)^## /msu.exec(textOf('README.md')) ?? [];
    const sections = recipes.split(/^### /mu).filter(section => section.includes('```yaml'));
    expect(sections.length).toBeGreaterThan(3);
    for (const section of sections) {
      const [block] = blocksOf(section);
      const [, leftOut = ''] = /leave out ([^.]+)\./u.exec(section) ?? [];
      const inputs = Object.entries<string>({ ...parse(kept), ...parse(block?.text ?? '') });
      const used = inputs.filter(([name]) => !leftOut.includes(`\`${name}\``));
      expect(await problemsOf(stringify(Object.fromEntries(used)))).toEqual([]);
    }
  });

  test.each(examples)('%s names only inputs and outputs that exist', async file => {
    expect(await problemsOf(textOf(file))).toEqual([]);
  });

  test.each(examples)('%s is linked from a page, and a page says where each variable and secret comes from', file => {
    const pages = PAGES.map(textOf);
    expect(pages.filter(page => page.includes(`${path.basename(file)})`))).not.toEqual([]);
    const named = [...textOf(file).matchAll(/\b(?:vars|secrets)\.(\w+)/gu)].map(([, name = '']) => name);
    expect(named.filter(name => !pages.some(page => proseOf(page).includes(`\`${name}\``)))).toEqual([]);
  });

  test('are found on the pages, and every block says its language', () => {
    const languages = PAGES.flatMap(page => blocksOf(textOf(page)).map(({ language }) => language));
    expect(languages.filter(language => language === 'yaml').length).toBeGreaterThan(12);
    expect(languages.filter(language => !['yaml', 'sh', 'text', 'mermaid', 'ts'].includes(language))).toEqual([]);
  });

  const inputs = 'rotate: when-due\nwrite-to: environment production\ngithub-token: token\n';
  const steps = `- id: vantage\n  uses: OWNER/vantage-client-action@v1\n  with:\n    rotate: never\n`;
  test.each([
    ['a typo in an input', `${inputs}rotate-befor: 30d\n`, 'no input "rotate-befor"'],
    ['a value that no mode accepts', 'rotate: when-do\n', '`rotate` is "when-do"'],
    [
      'inputs that do not work together',
      'secret-expiration: 20d\nrotate: when-due\n',
      'the default `rotate-before` of 30d',
    ],
    ['a typo in a target', 'write-to: enviroment production\ngithub-token: token\n', '`write-to` contains'],
    ['an input twice', `${inputs}rotate: always\n`, 'Map keys must be unique'],
    ['a typo in an output', `${steps}- run: echo \${{ steps.vantage.outputs.client_id }}\n`, 'no output "client_id"'],
    ['an output of another action', `github-token: \${{ steps.app-token.outputs.tokens }}\n`, 'no output "tokens"'],
    [
      'an output that its script does not set',
      `current-secret: \${{ steps.vault.outputs.value }}\n`,
      'no output "value"',
    ],
    ['a step that does not exist', `${steps}- run: echo \${{ steps.other.outputs.token }}\n`, '"other"'],
    ['an expression without an end', `${steps}- run: echo \${{ github.token }\n`, 'unexpected'],
    ['a context that does not exist', `${steps}- run: echo \${{ var.NAME }}\n`, 'undefined variable "var"'],
    ['a key that steps do not have', `${steps}  witj: a\n`, 'unexpected key "witj"'],
    ['a key that workflows do not have', 'concurrency:\n  grup: a\n', 'unexpected key "grup"'],
    ['a schedule that never comes', 'on:\n  schedule:\n    - cron: "0 25 * * *"\n', 'invalid CRON'],
  ])('are rejected with %s', async (_, text, problem) => {
    expect((await problemsOf(text)).join('\n')).toContain(problem);
  });

  (ZIZMOR ? test : test.skip)('have no vulnerability that zizmor knows', async () => {
    const workflows = PAGES.flatMap(page =>
      blocksOf(textOf(page))
        .filter(({ language }) => language === 'yaml')
        .map(({ text, line }) => ({ name: `${path.basename(page)}-${line}`, text: completed(text) })),
    );
    expect(await vulnerabilitiesOf(workflows)).toEqual([]);
  });

  (ZIZMOR ? test.each : test.skip.each)([
    ['inputs', `client-name: \${{ toJSON(secrets) }}\n`, 'overprovisioned-secrets'],
    ['steps', `- run: deploy \${{ github.head_ref }}\n`, 'template-injection'],
    ['the version of an action', '- uses: actions/setup-node@v7\n', 'unpinned-uses'],
    ['permissions', 'permissions:\n  contents: write # to push\n', 'excessive-permissions'],
    ['an event', 'on:\n  pull_request_target:\n', 'dangerous-triggers'],
  ])('are rejected for a vulnerability in %s', async (_, text, audit) => {
    const found = await vulnerabilitiesOf([{ name: 'block', text: completed(text) }]);
    expect(found).toEqual([expect.stringContaining(`: ${audit}: `)]);
  });

  test('are not rejected without a defect', async () => {
    expect(await problemsOf(inputs)).toEqual([]);
    expect(await problemsOf(`${steps}- run: echo \${{ steps.vantage.outputs.client-id }}\n`)).toEqual([]);
  });
});

describe('docs/troubleshooting.md', () => {
  const [, sections = ''] = textOf('docs/troubleshooting.md').split(/^(?=## invalid-input$)/mu);

  test('has a section for each error code', () => {
    const headings = [...sections.matchAll(/^## (.+)$/gmu)].map(([, heading]) => heading);
    expect(headings.toSorted()).toEqual([...Object.keys(ERROR_CODES), 'Warnings'].toSorted());
  });

  test('quotes texts that the action prints', () => {
    const quotes = [...sections.matchAll(/^\| (`+) ?(.+?) ?\1 +\|/gmu)].map(([, , quote = '']) => quote);
    const source = globSync('src/**/*.ts', { cwd: ROOT })
      .map(textOf)
      .join('\n')
      .replaceAll(/\\([`'])/gu, '$1');
    expect(quotes.length).toBeGreaterThan(60);
    expect(quotes.filter(quote => !source.includes(quote))).toEqual([]);
  });
});
