import { dateText, timeText, withTimeTexts } from '../model/dates.ts';
import { excerpt, oneLine } from '../model/failure.ts';

export type Redact = (text: string) => string;

/** Markdown in which the text of others is escaped already. */
export class Fragment {
  readonly #markdown: string;

  constructor(markdown: string) {
    this.#markdown = markdown;
  }

  toString(): string {
    return this.#markdown;
  }
}

/** Writes Markdown around fragments and numbers: fragment`**${count}** in ${markdown.code(name)}` */
export function fragment(parts: TemplateStringsArray, ...values: readonly (Fragment | number | '')[]): Fragment {
  return new Fragment(String.raw({ raw: parts }, ...values));
}

export function joined(fragments: readonly Fragment[], separator: string): Fragment {
  return new Fragment(fragments.join(separator));
}

/** A line of a `diff` block, which GitHub colors by its sign. */
export interface DiffLine {
  readonly sign: '+' | '-' | '!' | ' ';
  readonly text: string;
}

/** What GitHub turns into a link, even in escaped text: an address, a mention, an issue, a commit. It leaves only code alone. */
const LINKED = /:\/\/|www\.|mailto:|xmpp:|@|#\d|\bGH-\d|\b[\da-f]{7,40}\b/iu;

/** In the action's own texts: an input in backticks, or an ownership mark. */
const CODE = /(`[^`]+`|\[vantage-client [^\]`]+\])/u;

/** The longest text of a table's cell, in characters: the page has room for some 120 in a row. */
const LONGEST_CELL = 300;

/** Writes Markdown in which text of others cannot act as Markdown or HTML, and no secret shows. */
export class Markdown {
  /** What the distances of times are relative to. */
  readonly now: Date;
  readonly #redact: Redact;

  constructor(redact: Redact, now = new Date()) {
    this.#redact = redact;
    this.now = now;
  }

  /** A text on one line. Redacted before it is escaped, because an escape could hide a secret from the redactor. */
  text(text: string): Fragment {
    return new Fragment(plain(this.#safe(text)));
  }

  /** A sentence of the action: times as people write them, and code in code spans. */
  prose(text: string): Fragment {
    return new Fragment(withCode(withTimeTexts(this.#safe(text), this.now)));
  }

  /** A sentence about what a workflow wrote: times as they are, and code in code spans. */
  proseOnInputs(text: string): Fragment {
    return new Fragment(withCode(this.#safe(text)));
  }

  /** A text cut to at most `max` characters. Redacted before it is cut, because a part of a secret is secret too. */
  short(text: string, max = LONGEST_CELL): string {
    return excerpt(text, this.#redact, max);
  }

  /** A name, an id or an address, as it is. */
  code(text: string, max = LONGEST_CELL): Fragment {
    return new Fragment(codeSpan(oneLine(this.short(this.#safe(text), max))));
  }

  /** A name that leads to an address. */
  link(text: string, address: URL): Fragment {
    const href = address.href.replaceAll(/[()\s|]/gu, end => `%${end.charCodeAt(0).toString(16).padStart(2, '0')}`);
    return new Fragment(`[${this.code(text)}](${href})`);
  }

  /** A time that a server reports: `23 May 2027 (in 180 days)`. Any other text is shown as it is. */
  time(text: string, textOf = timeText): Fragment {
    const time = new Date(/^[+-]?\d{4,6}-\d\d-\d\d[T ]/u.test(text) ? text : '');
    return Number.isNaN(time.getTime()) ? this.text(this.short(text)) : new Fragment(textOf(time, this.now));
  }

  /** The date of a time that a server reports: `23 May 2027`. Any other text is shown as it is. */
  date(text: string): Fragment {
    return this.time(text, dateText);
  }

  /** A name for Mermaid. A dot replaces each character that could be syntax. */
  label(text: string): string {
    const safe = this.#redact(text).replace(/[^\w.@/+*-]/gu, '·');
    return safe.length > 40 ? `${safe.slice(0, 39)}…` : safe || '·';
  }

  /** A table. Cells that are plain text are escaped. */
  table(head: readonly (Fragment | string)[], rows: readonly (readonly (Fragment | string)[])[]): string {
    return [this.row(head), this.row(head.map(() => '---')), ...rows.map(row => this.row(row))].join('\n');
  }

  row(cells: readonly (Fragment | string)[]): string {
    return `| ${cells.map(cell => (typeof cell === 'string' ? this.text(cell) : cell)).join(' | ')} |`;
  }

  /** A block in which GitHub colors each line by its sign. Nothing in it acts as Markdown. Nothing if there are no lines. */
  diff(lines: readonly DiffLine[]): readonly string[] {
    if (lines.length === 0) {
      return [];
    }
    const safe = lines.map(({ sign, text }) => `${sign} ${this.#safe(withTimeTexts(text, this.now), true)}`.trimEnd());
    const longest = Math.max(2, ...(safe.join('\n').match(/`+/gu) ?? []).map(({ length }) => length));
    const fence = '`'.repeat(longest + 1);
    return [`${fence}diff`, ...safe, fence];
  }

  /** Redacted again after folding, which may join what a line break or a control character separated. */
  #safe(text: string, keepsIndent = false): string {
    const redacted = this.#redact(text);
    const [indent = ''] = keepsIndent ? (/^ */u.exec(redacted) ?? []) : [];
    return this.#redact(indent + oneLine(redacted));
  }
}

function withCode(text: string): string {
  return text
    .split(CODE)
    .map((piece, index) => (index % 2 === 0 ? plain(piece) : codeSpan(piece.replace(/^`(.*)`$/u, '$1'))))
    .join('');
}

function plain(text: string): string {
  return text.replace(/[^\s|]+|\|/gu, word => (LINKED.test(word) ? linkedWord(word) : escaped(word)));
}

/** Punctuation around a word is not part of it. */
function linkedWord(word: string): string {
  let [start, end] = [0, word.length];
  while (start < end && '("\''.includes(word.charAt(start))) start += 1;
  while (end > start && '.,;:!?)"\''.includes(word.charAt(end - 1))) end -= 1;
  const middle = word.slice(start, end);
  return LINKED.test(middle)
    ? escaped(word.slice(0, start)) + codeSpan(middle) + escaped(word.slice(end))
    : codeSpan(word);
}

/** In a table, a bar ends the cell even in code, so it stands between two spans. */
function codeSpan(text: string): string {
  const parts = text.replaceAll('`', "'").split('|');
  return parts.map(part => (part.trim() === '' ? part : `\`${part}\``)).join('\\|') || '` `';
}

function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#!~]/gu, '\\$&');
}
