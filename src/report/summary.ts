import { excerpt, type Failure, oneLine } from '../model/failure.ts';

/** What a mode adds to the job summary. */
export interface Summary {
  /** As Markdown. */
  readonly title: string;
  /** Set if a run that succeeded found something to look at. */
  readonly hasFindings?: boolean;
  /** Lines of Markdown. */
  readonly body: readonly string[];
}

export type Summarize = (markdown: Markdown) => Summary;

/** GitHub accepts a summary of 1 MiB from a step. The rest is for the line that says that the summary is cut. */
const MAX_BYTES = 1024 * 1024 - 1024;

/**
 * Renders the job summary of a run as GitHub Markdown: what the workflow asked for, what the run did, and what failed.
 *
 * @param redact hides what is secret, before anything is escaped.
 */
export function renderSummary(summarize: Summarize, failure: Failure | undefined, redact: Redact): string {
  const markdown = new Markdown(redact);
  const { title, hasFindings, body } = summarize(markdown);
  const icon = failure ? '❌' : hasFindings ? '⚠️' : '✅';
  const page = [
    `### ${icon} ${title}`,
    '',
    ...(failure ? [`**${failure.code}**: ${markdown.text(failure.message)}`, ''] : []),
    ...body,
  ].join('\n');
  return Buffer.byteLength(page) > MAX_BYTES ? cut(page) : page;
}

/** As many whole lines as GitHub accepts, and one that says so: GitHub shows nothing of a longer summary. */
function cut(page: string): string {
  const beginning = Buffer.from(page).subarray(0, MAX_BYTES).toString();
  const lines = beginning.slice(0, beginning.lastIndexOf('\n')).split('\n');
  const isInDiagram = lines.filter(line => line.startsWith('```')).length % 2 === 1;
  return [
    ...lines,
    ...(isInDiagram ? ['```'] : []),
    '',
    'The rest is cut: GitHub accepts a summary of 1 MiB from a step.',
  ].join('\n');
}

/** Hides what is secret in a text. */
export type Redact = (text: string) => string;

/** What GitHub turns into a link, even in escaped text: an address, a mention, an issue, a commit. It leaves only code alone. */
const LINKED = /:\/\/|www\.|mailto:|xmpp:|@|#\d|\bGH-\d|\b[\da-f]{7,40}\b/iu;

/** Writes Markdown in which text of others cannot act as Markdown or HTML, and no secret shows. */
export class Markdown {
  readonly #redact: Redact;

  constructor(redact: Redact) {
    this.#redact = redact;
  }

  /** A text on one line. Redacted before it is escaped, because an escape could hide a secret from the redactor. */
  text(text: string): string {
    // Redacted again after folding, which may join what a line break or a control character separated.
    const safe = this.#redact(oneLine(this.#redact(text)));
    return safe.replace(/[^\s|]+|\|/gu, word => (LINKED.test(word) ? codeSpan(word) : escaped(word)));
  }

  /** A text cut to at most `max` characters. Redacted before it is cut, because a part of a secret is secret too. */
  short(text: string, max = 300): string {
    return excerpt(text, this.#redact, max);
  }

  code(text: string): string {
    return codeSpan(this.#redact(oneLine(text)));
  }

  /** A name for Mermaid. A dot replaces each character that could be syntax. */
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
