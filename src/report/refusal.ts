import { type Problem, RefusedInputs } from '../inputs/problem.ts';
import type { Failure } from '../model/failure.ts';
import { Markdown, type Redact } from './markdown.ts';
import { cutTable } from './tables.ts';

/** How many problems the summary of refused inputs shows. */
const MAX_ROWS = 50;

/** Renders the job summary of a step that did not start. @param redact hides what is secret, before anything is escaped. */
export function renderRefusal(failure: Failure, redact: Redact): string {
  const markdown = new Markdown(redact);
  const { code, parts } = failure;
  const problems = failure instanceof RefusedInputs ? failure.problems : [];
  const change = problems.length === 0 ? '' : 'Change what is wrong as the last column says.';
  return [
    `### ❌ ${titleOf(problems)}`,
    '',
    '> [!CAUTION]',
    `> **To do:** ${markdown.proseOnInputs([change, parts.advice].filter(Boolean).join(' '))}`,
    ...(problems.length === 0
      ? ['>', `> **Why:** ${markdown.proseOnInputs(`${parts.operation} failed: ${parts.reason}`)}`]
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

function tableOf(problems: readonly Problem[], markdown: Markdown): readonly string[] {
  const rowOf = ({ where, name, found = '', expected }: Problem) => {
    const place = [where, name && `\`${name}\``].filter(Boolean).join(' ');
    const cells = [place, found.replace(/^is /u, ''), expected.replace(/^expected /u, '')];
    return cells.map(cell => markdown.proseOnInputs(cell));
  };
  const head = ['Input', 'Got', 'Expected'];
  return cutTable({ head, items: problems, rowOf, most: MAX_ROWS, allIn: 'in the log' }, markdown);
}
