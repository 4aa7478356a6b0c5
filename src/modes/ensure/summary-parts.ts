import { countText } from '../../model/dates.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { Drift } from '../../plan/drift.ts';
import { planTexts } from '../../plan/plan-lines.ts';
import { type DiffLine, type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
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
  if (leftDrift(record).length === 0) {
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

/** How many lines of one setting a summary shows. */
const MAX_LINES = 25;

/** More characters than this of a line are not on the page, which does not break lines of code. */
const MAX_WIDTH = 110;

/** Shows how a client differs as a `diff` block: what it has in red, what the workflow declares in green, an item a line. */
function driftDiff(drift: Drift, markdown: Markdown): readonly string[] {
  return markdown.diff(
    Object.entries(drift).flatMap(([field, [wanted, found]]): DiffLine[] => {
      const [declared, existing] = [itemsOf(wanted), itemsOf(found)];
      const lines: readonly DiffLine[] = [
        ...existing.filter(item => !declared.includes(item)).map(text => ({ sign: '-', text }) as const),
        ...declared.filter(item => !existing.includes(item)).map(text => ({ sign: '+', text }) as const),
      ];
      const shown = lines.slice(0, MAX_LINES).flatMap(({ sign, text }) =>
        // Cut before it is broken: that also hides secrets, which are not found in parts.
        broken(markdown.short(text)).map(part => ({ sign, text: `  ${part}` })),
      );
      const more = lines.length - MAX_LINES;
      return [
        { sign: ' ', text: field },
        ...shown,
        ...(more > 0 ? [{ sign: ' ', text: `  and ${more} more lines` } as const] : []),
      ];
    }),
  );
}

function broken(text: string): readonly string[] {
  return text.match(new RegExp(`.{1,${MAX_WIDTH}}`, 'gsu')) ?? [text];
}

/** A list as its items, and anything else as JSON. Different spellings of one value can look the same. */
function itemsOf(value: unknown): readonly string[] {
  return Array.isArray(value) && value.length > 0 ? value.map(toText) : [toText(value)];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
