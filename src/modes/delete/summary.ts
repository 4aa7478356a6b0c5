import { countText } from '../../model/dates.ts';
import type { Failure } from '../../model/failure.ts';
import type { DeleteRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { deletionVerdict, planTexts } from '../../plan/plan-lines.ts';
import { variableLine } from '../../plan/variables.ts';
import { fragment, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import { factTable, placeOf, placesOfRun, type Row } from '../../report/tables.ts';
import type { DeleteRecord } from './record.ts';

/** The job summary of `mode: delete`: of a run, of a dry run, and of one that failed. */
export function summarizeDelete(
  request: DeleteRequest,
  record: DeleteRecord,
  markdown: Markdown,
  failure?: Failure,
): Summary {
  const { kept = [], lines } = record;
  const name = markdown.code(request.clientId);
  const isPlan = lines !== undefined;
  return {
    title: failure
      ? failedTitle(name, failure, markdown)
      : isPlan
        ? fragment`Plan for ${name}: ${markdown.text([deletionVerdict(lines), ...keptText(record)].join(', '))}`
        : fragment`${name}: ${markdown.text([...deeds(record), ...keptText(record)].join(', '))}`,
    hasFindings: kept.length > 0,
    isPlan,
    toDo:
      kept.length > 0 && !failure
        ? [markdown.prose('Look at what was kept, and delete by hand what nothing uses any more.')]
        : [],
    body: [
      ...(isPlan ? ['**Dry run: nothing was changed.**', '', ...markdown.diff(planTexts(lines)), ''] : []),
      ...(failure && !isPlan ? [`${CLIENT_STATES[record.client]}.`, ''] : []),
      ...itemTable(request, record, markdown),
      ...details('Details', [factTable(placesOfRun(request, markdown), markdown)]),
    ],
  };
}

const CLIENT_STATES = {
  unknown: 'It is not known whether the client still exists',
  present: 'The client was kept',
  absent: 'The client did not exist',
  deleted: 'The client was deleted, with all its secrets',
} as const satisfies Record<DeleteRecord['client'], string>;

function deeds({ client, deletedFromGitHub }: DeleteRecord): readonly string[] {
  const { length } = deletedFromGitHub;
  const onGitHub =
    length > 0 ? [`${countText(length, 'secret or variable', 'secrets and variables')} deleted on GitHub`] : [];
  switch (client) {
    case 'deleted':
      return ['client deleted with all its secrets', ...onGitHub];
    case 'absent':
      return length > 0 ? [...onGitHub, 'the client did not exist'] : ['nothing to delete, the client did not exist'];
    default:
      return onGitHub;
  }
}

function keptText({ kept = [] }: DeleteRecord): readonly string[] {
  return kept.length > 0 ? [`${kept.length} kept on GitHub`] : [];
}

/** The secrets and variables on GitHub, those that need a look first. */
function itemTable(
  { github }: DeleteRequest,
  { deletedFromGitHub, notDeleted = [], kept = [] }: DeleteRecord,
  markdown: Markdown,
): readonly string[] {
  const items = itemsByLine(github, markdown);
  const namesOf = (line: string) => items.get(line) ?? [markdown.code(line), ''];
  const rows: readonly Row[] = [
    ...notDeleted.map(({ line, why }) => [...namesOf(line), fragment`❌ ${markdown.prose(markdown.short(why))}`]),
    ...kept.map(({ line, why }) => [...namesOf(line), fragment`⚠️ kept: ${markdown.prose(markdown.short(why))}`]),
    ...deletedFromGitHub.map(line => [...namesOf(line), 'deleted']),
  ];
  return rows.length > 0 ? [markdown.table(['On GitHub', 'Name', 'Outcome'], rows), ''] : [];
}

/** The place and the name of each secret and variable, by the line that names it in the outputs. */
function itemsByLine(github: DeleteRequest['github'], markdown: Markdown): ReadonlyMap<string, Row> {
  if (!github) {
    return new Map();
  }
  const { targets, clientIdVariable, expirationVariable } = github;
  const variables = [clientIdVariable, expirationVariable].filter(name => name !== undefined);
  return new Map(
    targets.flatMap(({ scope, secretName }) => {
      const place = placeOf(scope, github, markdown);
      const named = (kind: string, name: string) => [place, fragment`${markdown.text(kind)} ${markdown.code(name)}`];
      return [
        [targetLine({ scope, secretName }), named('secret', secretName)] as const,
        ...variables.map(name => [variableLine({ scope, name }), named('variable', name)] as const),
      ];
    }),
  );
}
