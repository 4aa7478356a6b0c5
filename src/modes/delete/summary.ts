import { countText } from '../../model/dates.ts';
import type { DeleteRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { deletionVerdict, planTexts } from '../../plan/plan-lines.ts';
import { variableLine } from '../../plan/variables.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import { factTable, placeOf, placesOfRun, type Row } from '../../report/tables.ts';
import type { Page } from '../mode.ts';
import type { DeleteRecord } from './record.ts';

type DeletePage = Page<DeleteRequest, DeleteRecord>;

/** The job summary of `mode: delete`: of a run, of a dry run, and of one that failed. */
export function summarizeDelete(page: DeletePage): Summary {
  const { request, record, markdown, failure } = page;
  const { kept = [], lines } = record;
  const isPlan = lines !== undefined;
  const lookAtKept = markdown.prose('Look at what was kept, and delete by hand what nothing uses any more.');
  return {
    title: titleOf(page),
    hasFindings: kept.length > 0,
    isPlan,
    toDo: kept.length > 0 && !failure ? [lookAtKept] : [],
    body: [
      ...(isPlan ? ['**Dry run: nothing was changed.**', '', ...markdown.diff(planTexts(lines)), ''] : []),
      ...(failure && !isPlan ? [`${CLIENT_STATES[record.client]}.`, ''] : []),
      ...itemTable(page),
      ...details('Details', [factTable(placesOfRun(request, markdown), markdown)]),
    ],
  };
}

function titleOf({ request, record, markdown, failure }: DeletePage): Fragment {
  const name = markdown.code(request.clientId);
  if (failure) {
    return failedTitle(name, failure, markdown);
  }
  const { kept = [], lines } = record;
  const done = lines ? [deletionVerdict(lines)] : deeds(record);
  const verdict = markdown.text([...done, ...(kept.length > 0 ? [`${kept.length} kept on GitHub`] : [])].join(', '));
  return lines ? fragment`Plan for ${name}: ${verdict}` : fragment`${name}: ${verdict}`;
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

/** The secrets and variables on GitHub, those that need a look first. */
function itemTable({ request, record, markdown }: DeletePage): readonly string[] {
  const { deletedFromGitHub, notDeleted = [], kept = [] } = record;
  const items = itemsByLine(request.github, markdown);
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
