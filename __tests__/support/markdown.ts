import { expect } from '@jest/globals';

/** The maximum size of a step's summary on GitHub. */
export const MOST_SUMMARY_BYTES = 1024 * 1024;

/** A table of a summary: the cells of its header and of each row, as people read them. */
export interface Table {
  /** The heading or the folded title above it. */
  readonly under: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A summary as people read it, without Markdown. */
export interface ReadSummary {
  /** The first line, with its marker. */
  readonly title: string;
  /** The headings below it. */
  readonly headings: readonly string[];
  /** The titles of what is folded. */
  readonly folded: readonly string[];
  /** The lines of the box that says what to do. */
  readonly alert: readonly string[];
  readonly tables: readonly Table[];
  /** The lines of each block in which GitHub colors changes. */
  readonly diffs: readonly (readonly string[])[];
  readonly chart: readonly string[];
  /** All other lines. */
  readonly text: readonly string[];
}

/**
 * Parses a summary strictly. Anything but a heading, a box, a list, a table, folded parts, a chart, a block of changes and
 * text fails the test, and so do a table whose rows differ in width, what GitHub would make a link of, and an unescaped
 * character of Markdown or HTML.
 */
export function readSummary(markdown: string): ReadSummary {
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(MOST_SUMMARY_BYTES);
  const [first = '', ...lines] = markdown.split(/\r\n|[\n\r]/u);
  expect(first).toMatch(/^### (?:✅|⚠️|📝|❌) ./u);
  const headings: string[] = [];
  const folded: string[] = [];
  const alert: string[] = [];
  const tables: { under: string; head: string[]; rows: string[][] }[] = [];
  const diffs: string[][] = [];
  const chart: string[] = [];
  const text: string[] = [];
  const odd: string[] = [];
  const check = (isSound: boolean, line: string) => {
    if (!isSound) {
      odd.push(line);
    }
  };
  const plain = (line: string) => plainOf(line, odd);
  let openDetails = 0;
  let fence = '';
  let block: string[] = [];
  let under = '';
  let previous = '';
  for (const line of lines) {
    const [, mark = '', kind = ''] = /^(`{3,})(mermaid|diff)$/u.exec(line) ?? [];
    if (fence !== '') {
      if (line.startsWith(fence)) {
        check(line === fence, line);
        fence = '';
      } else {
        block.push(line);
      }
    } else if (mark !== '') {
      fence = mark;
      block = [];
      if (kind === 'diff') {
        diffs.push(block);
      } else {
        check(chart.length === 0, line);
        block = chart;
      }
    } else if (line.startsWith('|')) {
      const cells = cellsOf(line, odd);
      const table = tables.at(-1);
      if (!table || !previous.startsWith('|')) {
        // GitHub only recognizes a table at the start of a paragraph.
        check(previous === '', line);
        tables.push({ under, head: cells, rows: [] });
      } else {
        table.rows.push(cells);
      }
    } else if (line.startsWith('#### ')) {
      under = plain(line.slice('#### '.length));
      headings.push(under);
    } else if (line.startsWith('>')) {
      check(/^>(?:$| )/u.test(line), line);
      check(previous.startsWith('>') !== /^> \[!(?:CAUTION|WARNING)\]$/u.test(line), line);
      if (previous.startsWith('>')) {
        alert.push(plain(line.replace(/^> ?(?:1\. |- )?/u, '')));
      }
    } else if (line.startsWith('<')) {
      const [, title] = /^<details><summary>([\w ,:()]+)<\/summary>$/u.exec(line) ?? [];
      check((title !== undefined || line === '</details>') && previous === '', line);
      openDetails += title === undefined ? -1 : 1;
      if (title !== undefined) {
        under = title;
        folded.push(title);
      }
    } else if (line !== '') {
      text.push(plain(line.replace(/^- /u, '')));
    }
    check(openDetails === 0 || openDetails === 1, line);
    previous = line;
  }
  const title = plain(first.slice('### '.length));
  for (const { head, rows } of tables) {
    const rule = rows.shift() ?? [];
    check(rule.length === head.length && rule.every(cell => cell === '---'), head.join(' | '));
    for (const row of rows) check(row.length === head.length, row.join(' | '));
  }
  expect({ odd, openDetails, fence }).toEqual({ odd: [], openDetails: 0, fence: '' });
  return { title, headings, folded, alert, tables, diffs, chart, text };
}

/**
 * A link whose text is code, or code, or an escaped character, or two stars of bold text, or characters without a
 * meaning, or one that has a meaning in Markdown or HTML.
 */
const TOKENS =
  /\[`([^`\n]+)`\]\(https?:\/\/[^\s()|\\<>]+\)|`([^`|\n]+)`|\\([!-/:-@[-`{-~])|(\*\*|<br>)|([^`*_{}[\]<>#~|\\]+)|(.)/gsu;

/** A line as people read it. Each unescaped character that has a meaning in Markdown or HTML makes the line odd. */
function plainOf(line: string, odd: string[]): string {
  let isSound = true;
  let stars = 0;
  // GitHub makes links of what is outside of code, escaped or not.
  let outside = '';
  const plain = line.replace(TOKENS, (_, link, code, escaped, own, harmless, harmful) => {
    const isCode = link !== undefined || code !== undefined;
    outside += isCode || own !== undefined ? ' · ' : (escaped ?? harmless ?? harmful);
    if (own !== undefined) {
      stars += own === '**' ? 1 : 0;
      return own === '<br>' ? '\n' : '';
    }
    isSound &&= harmful === undefined;
    return link ?? code ?? escaped ?? harmless ?? harmful;
  });
  const links = /https?:\/\/|www\.|\w@\w|(?:^|\s)@\w|#\d|(?:^|\s)[\da-f]{7,40}(?:\s|$)|mailto:|\bGH-\d/iu;
  if (!isSound || stars % 2 === 1 || links.test(outside)) {
    odd.push(line);
  }
  return plain.trim();
}

/** The cells of a row. A bar in code, or one that is escaped, does not end a cell. */
function cellsOf(line: string, odd: string[]): string[] {
  const cells = line.match(/(?:\\[!-/:-@[-`{-~]|[^|\\]|\\)+/gsu) ?? [];
  if (!/^\|.*\|$/su.test(line)) {
    odd.push(line);
  }
  return cells.map(cell => plainOf(cell, odd));
}
