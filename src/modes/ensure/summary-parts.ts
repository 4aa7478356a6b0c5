import { countText } from '../../model/dates.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { planTexts } from '../../plan/plan-lines.ts';
import { driftDiff } from '../../report/drift.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details } from '../../report/summary.ts';
import { factTable, placesOfRun, type Row } from '../../report/tables.ts';
import { type EnsureRecord, leftDrift } from './record.ts';

/** What a run would do, and why. */
export function planOf({ preview, plan }: EnsureRecord, markdown: Markdown): readonly (Fragment | string)[] {
  const why = typeof plan?.why === 'string' ? plan.why : undefined;
  const due = why && markdown.prose(`${plan?.secret === 'mint' ? 'A secret is due' : 'No secret is due'}: ${why}.`);
  const before = typeof plan?.dueAt === 'string' ? fragment` Nothing is due before ${markdown.time(plan.dueAt)}.` : '';
  return [
    fragment`**Dry run: nothing was changed.**${due ? fragment` ${due}` : ''}${before}`,
    '',
    ...markdown.diff(planTexts(preview?.lines ?? [])),
    '',
  ];
}

/** What to do about settings that differ and that no run writes. */
export function driftToDo(record: EnsureRecord, markdown: Markdown): readonly Fragment[] {
  if (leftDrift(record) === 0) {
    return [];
  }
  return [
    markdown.prose(
      record.clientUpdated
        ? 'Vantage did not apply all settings. Change them in Vantage, or remove them from the workflow.'
        : 'To write the settings of the workflow, set `if-exists: update`. To keep those of the client, change the workflow.',
    ),
  ];
}

/** How the client differs, or differed before an update: what it has in red, what the workflow declares in green. */
export function driftOf(record: EnsureRecord, markdown: Markdown): readonly string[] {
  const { drift = {}, clientUpdated, driftLeft, plan } = record;
  const count = Object.keys(drift).length;
  if (count === 0) {
    return [];
  }
  const isWritten = (clientUpdated && !driftLeft) || plan?.client === 'update';
  const title = isWritten
    ? `${countText(count, 'setting')} ${clientUpdated ? 'changed' : 'to change'}, from red to green`
    : `${countText(count, 'setting differs', 'settings differ')}: red in Vantage, green in the workflow`;
  return [`#### ${title}`, '', ...driftDiff(drift, markdown), ''];
}

/** What hardly anybody needs, folded. */
export function detailsOf(
  request: EnsureRequest,
  record: EnsureRecord,
  markdown: Markdown,
): readonly (Fragment | string)[] {
  return [
    ...details('What this tenant offers', offerTable(record, markdown)),
    ...details('Details', [factTable(detailRows(request, record, markdown), markdown)]),
  ];
}

function detailRows(
  { vantage, delivery: { github } }: EnsureRequest,
  { secret, plan }: EnsureRecord,
  markdown: Markdown,
): readonly Row[] {
  const known = (name: string, text: string | undefined) => (text ? [[name, markdown.code(text)]] : []);
  return [
    ...placesOfRun({ vantage, github }, markdown),
    ...known('Secret id', secret?.id),
    ...known('Valid from', secret?.startTime),
    ...known('Valid until', secret?.expiration),
    ...known('Mark', secret?.mark),
    ...known('Reason', typeof plan?.reason === 'string' ? plan.reason : undefined),
  ];
}

function offerTable({ preview }: EnsureRecord, markdown: Markdown): readonly string[] {
  const rows = (preview?.offers ?? []).map(({ what, offered, why }) => [
    what,
    why === undefined ? offered : fragment`${markdown.text(offered)}: ${markdown.prose(markdown.short(why))}`,
  ]);
  return rows.length === 0 ? [] : [markdown.table(['Operation', 'Offered'], rows)];
}
