import type { EnsureRequest, TargetsRequest } from '../../model/request.ts';
import { scopeInProse, type Target, targetLine } from '../../model/target.ts';
import { type Fragment, fragment, joined, type Markdown } from '../../report/markdown.ts';
import { placeOf } from '../../report/tables.ts';
import type { EnsureRecord, UnwrittenTarget } from './record.ts';

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
  { written, unwritten }: EnsureRecord,
  markdown: Markdown,
): readonly string[] {
  if (!github || written.length + unwritten.length === 0) {
    return [];
  }
  const failed = new Map(unwritten.map(one => [one.line, one]));
  const rows = [...targetsByLine(github)].map(([line, { scope, secretName }]) => [
    placeOf(scope, github, markdown),
    markdown.code(secretName),
    written.includes(line) ? '✅ new secret' : outcomeOf(failed.get(line), markdown),
  ]);
  return [markdown.table(['Target', 'Secret', 'Outcome'], rows), ''];
}

function outcomeOf(problem: UnwrittenTarget | undefined, markdown: Markdown): Fragment | string {
  if (!problem) {
    return 'not due';
  }
  const why = markdown.prose(markdown.short(problem.why));
  return problem.maybe ? fragment`❓ may have it: ${why}` : fragment`❌ ${why}`;
}

/** The targets of a request by their line, as the outputs and records name them. */
export function targetsByLine(github: Pick<TargetsRequest, 'targets'> | undefined): ReadonlyMap<string, Target> {
  return new Map((github?.targets ?? []).map(target => [targetLine(target), target]));
}
