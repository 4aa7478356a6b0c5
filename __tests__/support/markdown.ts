import { expect } from '@jest/globals';

/** The maximum size of a step's summary on GitHub. */
export const MOST_SUMMARY_BYTES = 1024 * 1024;

/** A table of a summary: the cells of its header and of each row, unescaped. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Parses a summary that contains a heading, tables, open details and a chart, and nothing else. Anything else, a table
 * whose rows differ in width, and an unescaped character of Markdown or HTML in a cell fail the test.
 */
export function readSummary(markdown: string): {
  readonly tables: readonly Table[];
  readonly chart: readonly string[];
} {
  expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(MOST_SUMMARY_BYTES);
  const tables: { head: string[]; rows: string[][] }[] = [];
  const chart: string[] = [];
  const odd: string[] = [];
  let openDetails = 0;
  let isChart = false;
  let previous = '';
  for (const line of markdown.split(/\r\n|[\n\r]/u)) {
    if (line.startsWith('```')) {
      isChart = line === '```mermaid';
    } else if (isChart) {
      chart.push(line);
    } else if (line.startsWith('|')) {
      const cells = cellsOf(line);
      const table = tables.at(-1);
      if (!table || !previous.startsWith('|')) {
        // GitHub only recognizes a table at the start of a paragraph.
        expect(previous).toBe('');
        tables.push({ head: cells, rows: [] });
      } else {
        table.rows.push(cells);
      }
    } else if (
      !/^(?:|#{3,4} .+|And [\d,]+ more .+\.|\*\*[a-z-]+\*\*: .+|<details><summary>[\w ,:]+<\/summary>|<\/details>)$/u.test(
        line,
      )
    ) {
      odd.push(line);
    }
    openDetails += line.startsWith('<details>') ? 1 : line === '</details>' ? -1 : 0;
    previous = line;
  }
  expect({ odd, openDetails, isChart }).toEqual({ odd: [], openDetails: 0, isChart: false });
  for (const { head, rows } of tables) {
    expect(rows.shift()).toEqual(head.map(() => '---'));
    expect(rows.filter(({ length }) => length !== head.length)).toEqual([]);
  }
  return { tables, chart };
}

/** The cells of a row. Each unescaped character that has a meaning in Markdown or HTML fails the test. */
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  const bare: string[] = [];
  let cell = '';
  for (const [token] of line.matchAll(/\\[!-/:-@[-`{-~]|`[^`|\n]+`|<br>|./gsu)) {
    if (token === '|') {
      cells.push(cell.trim());
      cell = '';
    } else if (token === '<br>') {
      cell += '\n';
    } else if (/^`.+`$/u.test(token)) {
      cell += token.slice(1, -1);
    } else if (/^[`*_{}[\]<>#~\\]$/u.test(token)) {
      bare.push(token);
    } else {
      cell += token.length === 2 && token.startsWith('\\') ? token.slice(1) : token;
    }
  }
  // GitHub makes links of these outside of code, escaped or not.
  const plain = line.replaceAll(/\\([!-/:-@[-`{-~])|`[^`|\n]+`/gu, '$1');
  expect(plain).not.toMatch(/https?:\/\/|www\.|\w@\w|(?:^|\s)@\w|#\d|(?:^|\s)[\da-f]{7,40}(?:\s|$)/iu);
  // Text before the first bar and after the last one is not in the table.
  expect({ line, bare, outside: cell + cells[0] }).toEqual({ line, bare: [], outside: '' });
  return cells.slice(1);
}
