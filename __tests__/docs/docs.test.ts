import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { ERROR_CODES } from '../../src/model/failure.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...globSync('docs/*.md', { cwd: ROOT })];

const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const FENCED = /^ *```(?<language>\w*)\n(?<block>[\s\S]*?)^ *```$/gmu;

const proseOf = (page: string) => textOf(page).replaceAll(FENCED, '');

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gmu)].map(([, heading = '']) =>
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
  const links = [...proseOf(page).matchAll(/\]\((?!https?:)([^)]+)\)/gu)].map(([, link = '']) => link);
  expect(links).not.toEqual([]);
  expect(links.filter(link => isBroken(page, link))).toEqual([]);
});

test('the README stays short enough for a first hour', () => {
  expect(textOf('README.md').split(/\s+/u).length).toBeLessThanOrEqual(1500);
});

/** What a YAML block gives the action: the `with` of a step, or the whole block if it is a list of inputs. */
function inputsIn(block: unknown): readonly string[] {
  if (typeof block !== 'object' || block === null || 'concurrency' in block) {
    return [];
  }
  const { jobs = {} } = block as { jobs?: Record<string, { steps: Record<string, unknown>[] }> };
  const steps = Array.isArray(block) ? block : Object.values(jobs).flatMap(job => job.steps);
  return steps.length > 0
    ? steps
        .filter(({ uses }) => String(uses).includes('/vantage-client-action@'))
        .flatMap(step => Object.keys(step.with))
    : Object.keys(block);
}

test.each(PAGES)('the YAML in %s names inputs of the action', page => {
  const known = Object.keys(parse(textOf('action.yml')).inputs);
  const blocks = [...textOf(page).matchAll(FENCED)].filter(({ groups }) => groups?.language === 'yaml');
  const named = blocks.flatMap(({ groups }) => inputsIn(parse(groups?.block ?? '')));
  expect(named.filter(name => !known.includes(name))).toEqual([]);
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
