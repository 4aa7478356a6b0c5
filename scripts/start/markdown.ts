import { stripVTControlCharacters, styleText } from 'node:util';

/**
 * Shows GitHub's Markdown in a terminal: headings, tables, lists, quotes, code, emphasis and links. There are no styles
 * if the output is not a terminal.
 */
export function renderMarkdown(markdown: string): string {
  const rendered: string[] = [];
  const lines = markdown.trim().split(/\r?\n/);
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line.startsWith('```')) {
      const end = lines.findIndex(other => other.startsWith('```'));
      const code = lines.splice(0, end < 0 ? lines.length : end + 1);
      rendered.push(...code.slice(0, end < 0 ? undefined : -1).map(text => `    ${text}`));
    } else if (line.startsWith('|')) {
      const end = lines.findIndex(other => !other.startsWith('|'));
      rendered.push(...table([line, ...lines.splice(0, end < 0 ? lines.length : end)]));
    } else {
      rendered.push(block(line));
    }
  }
  return rendered.join('\n');
}

function block(line: string): string {
  const [, heading] = /^#{1,6} +(.*)$/.exec(line) ?? [];
  if (heading !== undefined) return styleText('bold', inline(heading));
  const [, alert] = /^> *\[!(\w+)\]$/.exec(line) ?? [];
  if (alert !== undefined) return styleText('bold', `│ ${alert}`);
  const [, quote] = /^> ?(.*)$/.exec(line) ?? [];
  if (quote !== undefined) return `│ ${inline(quote)}`;
  return inline(line.replace(/^(\s*)[-*] /, '$1• '));
}

/** A table with aligned columns, and one rule below its header. */
function table(lines: readonly string[]): string[] {
  const [head = [], , ...body] = lines.map(cells);
  const rows = [head.map(cell => styleText('bold', cell)), ...body];
  const widths = head.map((_, column) => Math.max(...rows.map(row => width(row[column] ?? ''))));
  const texts = rows.map(row =>
    widths
      .map((wanted, column) => pad(row[column] ?? '', wanted))
      .join('  ')
      .trimEnd(),
  );
  const hasHead = head.some(cell => cell !== '');
  const rule = widths.map(wanted => '─'.repeat(wanted)).join('  ');
  return hasHead ? [String(texts[0]), rule, ...texts.slice(1)] : texts.slice(1);
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|\s*$/g, '')
    .split(/(?<!\\)\|/)
    .map(cell => inline(cell.trim()));
}

/** Code is first, because nothing in it is Markdown. */
function inline(text: string): string {
  return text
    .replaceAll(/\[(`[^`]+`)\]\(([^)]+)\)/g, '$1 ($2)')
    .split(/(`[^`]+`)/)
    .map(part => (/^`[^`]+`$/.test(part) ? styleText('cyan', unescapeMarkdown(part.slice(1, -1))) : prose(part)))
    .join('');
}

function prose(text: string): string {
  const styled = text
    .replace(/<br\s*\/?>/g, ' ')
    .replace(/<[^>]+>/g, '')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 ($2)')
    .replace(/(?<!\\)\*\*(.+?)\*\*/g, (_, bold: string) => styleText('bold', bold));
  return unescapeMarkdown(styled)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

function unescapeMarkdown(text: string): string {
  return text.replace(/\\([\\`*_{}[\]<>()#+\-.!|~])/g, '$1');
}

/** The width of a text in columns, without its styles. */
function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

function pad(text: string, wanted: number): string {
  return text + ' '.repeat(Math.max(0, wanted - width(text)));
}
