import type { EnsureRequest } from '../../model/request.ts';
import { scopeInProse } from '../../model/target.ts';
import { fragment, joined, type Markdown } from '../../report/markdown.ts';
import { placeOf, type TargetOutcome, targetsByLine, targetTable } from '../../report/targets.ts';
import type { EnsureRecord } from './record.ts';

/** Where the new secret is, of a run that succeeded. */
export function writtenTable(
  { delivery: { github } }: EnsureRequest,
  record: EnsureRecord,
  markdown: Markdown,
): readonly string[] {
  if (!github || record.written.length === 0) {
    return [];
  }
  const targets = targetsByLine(github);
  const variables = [github.clientIdVariable, github.expirationVariable].filter(name => name !== undefined);
  const rows = record.written.map(line => {
    const target = targets.get(line);
    if (!target) {
      return [markdown.code(line), '', ''];
    }
    const isNew = record.otherWrites.includes(scopeInProse(target.scope));
    const names = target.scope.app === 'actions' ? variables : [];
    return [
      fragment`${placeOf(target.scope, github, markdown)}${isNew ? fragment` (created)` : ''}`,
      markdown.code(target.secretName),
      joined(
        names.map(name => markdown.code(name)),
        ' ',
      ),
    ];
  });
  const head = variables.length > 0 ? ['Written to', 'Secret', 'Variables'] : ['Written to', 'Secret'];
  return [
    markdown.table(
      head,
      rows.map(row => row.slice(0, head.length)),
    ),
    '',
  ];
}

/** What happened to each target, of a run that failed after it had begun to write. */
export function unwrittenTable(
  { delivery: { github } }: EnsureRequest,
  { written, unwritten = [] }: EnsureRecord,
  markdown: Markdown,
): readonly string[] {
  if (!github || written.length + unwritten.length === 0) {
    return [];
  }
  const failed = new Map(unwritten.map(one => [one.line, one]));
  const outcomes = [...targetsByLine(github)].map(([line, target]): TargetOutcome => {
    const problem = failed.get(line);
    const why = problem && markdown.prose(markdown.short(problem.why));
    return {
      target,
      outcome: written.includes(line)
        ? '✅ new secret'
        : why
          ? problem?.maybe
            ? fragment`❓ may have it: ${why}`
            : fragment`❌ ${why}`
          : 'not due',
    };
  });
  return targetTable(outcomes, github, markdown);
}
