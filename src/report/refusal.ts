import { type Problem, RefusedInputs } from '../inputs/problem.ts';
import type { Failure } from '../model/failure.ts';
import { Markdown, type Redact } from './markdown.ts';

/** How many problems the summary of refused inputs shows. */
const MAX_ROWS = 50;

/** A name that an error puts into backticks, such as that of an input. */
const NAME = /`([\w ./:-]+)`/u;

/**
 * Renders the job summary of a step that did not start, because an input is wrong or the runner is not as it must be.
 *
 * @param redact hides what is secret, before anything is escaped.
 */
export function renderRefusal(failure: Failure, redact: Redact): string {
  const markdown = new Markdown(redact);
  const { code, parts } = failure;
  const problems = failure instanceof RefusedInputs ? failure.problems : [];
  return [
    `### ❌ ${titleOf(problems)}`,
    '',
    '> [!CAUTION]',
    `> **To do:** ${prose(toDo(problems, parts.advice), markdown)}`,
    ...(problems.length === 0
      ? ['>', `> **Why:** ${prose(`${parts.operation} failed: ${parts.reason}`, markdown)}`]
      : ['', ...tableOf(problems, markdown)]),
    '',
    `Error code \`${code}\`. Nothing was sent and nothing was changed.`,
  ].join('\n');
}

function titleOf(problems: readonly Problem[]): string {
  const inManifest = problems.filter(({ where }) => where !== undefined).length;
  const wrong = [
    counted(problems.length - inManifest, 'an input is wrong', 'inputs are wrong'),
    counted(inManifest, 'the manifest has an error', 'errors in the manifest'),
  ].filter(Boolean);
  return ['The step did not start', wrong.join(', and ')].filter(Boolean).join(': ');
}

function counted(count: number, one: string, many: string): string {
  return count > 1 ? `${count} ${many}` : count === 1 ? one : '';
}

function toDo(problems: readonly Problem[], advice = ''): string {
  const change = problems.length === 0 ? '' : 'Change what is wrong as the last column says.';
  return [change, advice].filter(Boolean).join(' ');
}

function tableOf(problems: readonly Problem[], markdown: Markdown): readonly string[] {
  const rows = problems
    .slice(0, MAX_ROWS)
    .map(({ where, name, found = '', expected }) => [
      [where, name && `\`${name}\``].filter(Boolean).join(' '),
      found.replace(/^is /u, ''),
      expected.replace(/^expected /u, ''),
    ]);
  const more = problems.length - rows.length;
  return [
    '| Input | Got | Expected |',
    '| --- | --- | --- |',
    ...rows.map(cells => `| ${cells.map(cell => prose(cell, markdown)).join(' | ')} |`),
    ...(more > 0 ? ['', `And ${more} more, in the log.`] : []),
  ];
}

/** A text in which the names in backticks stay code, and everything else is escaped. */
function prose(text: string, markdown: Markdown): string {
  return text
    .split(NAME)
    .map((piece, index) => (index % 2 === 0 ? spaced(piece, markdown) : `\`${piece}\``))
    .join('');
}

/** Escaping trims a text, and here it stands between others. */
function spaced(text: string, markdown: Markdown): string {
  const [start = '', end = ''] = [/^\s*/u.exec(text)?.[0], /\s*$/u.exec(text)?.[0]];
  const middle = text.trim();
  return middle === '' ? start : `${start && ' '}${markdown.text(middle)}${end && ' '}`;
}
