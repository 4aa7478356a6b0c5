import { excerpt, oneLine } from '../model/failure.ts';

/** Hides what is secret. */
export type Redact = (text: string) => string;

/** What GitHub makes a link of by itself, in escaped text too: an address, a mention, an issue, a commit. Only code is left alone. */
const LINKED = /:\/\/|www\.|mailto:|xmpp:|@|#\d|\bGH-\d|\b[\da-f]{7,40}\b/iu;

/** Markdown in which nothing that others wrote can become Markdown or HTML of ours, and no secret shows. */
export class Markdown {
  readonly #redact: Redact;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  /** A text as it is, on one line. Redacted before it is escaped, as an escape could hide a secret from the redactor. */
  text(text: string): string {
    // Once more after folding, as that may put together what a line break or a control character had parted.
    const safe = this.#redact(oneLine(this.#redact(text)));
    return safe.replace(/[^\s|]+|\|/gu, word => (LINKED.test(word) ? codeSpan(word) : escaped(word)));
  }

  /** A text of any length, in so few characters. Redacted before it is cut, as a part of a secret is one as well. */
  short(text: string, most = 300): string {
    return excerpt(text, this.#redact, most);
  }

  code(text: string): string {
    return codeSpan(this.#redact(oneLine(text)));
  }

  /** A name as Mermaid takes it anywhere: what it could take for syntax becomes a dot. */
  label(text: string): string {
    const safe = this.#redact(text).replace(/[^\w.@/+*-]/gu, '·');
    return safe.length > 40 ? `${safe.slice(0, 39)}…` : safe || '·';
  }

  table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    return [this.row(head), this.row(head.map(() => '---')), ...rows.map(row => this.row(row))].join('\n');
  }

  row(cells: readonly string[]): string {
    return `| ${cells.map(cell => this.text(cell)).join(' | ')} |`;
  }
}

function codeSpan(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#!~]/gu, '\\$&');
}
