import { countText } from '../../model/dates.ts';
import type { EnsureRequest, TargetsRequest } from '../../model/request.ts';
import { scopeInProse, type Target, targetLine } from '../../model/target.ts';
import type { Drift } from '../../plan/drift.ts';
import { planTexts } from '../../plan/plan-lines.ts';
import { type DiffLine, type Fragment, fragment, joined, type Markdown } from '../../report/markdown.ts';
import { details } from '../../report/summary.ts';
import { factTable, placeOf, placesOfRun } from '../../report/tables.ts';
import type { Page } from '../mode.ts';
import { type EnsureRecord, leftDrift, type UnwrittenTarget } from './record.ts';

export type EnsurePage = Page<EnsureRequest, EnsureRecord>;

/** What a run would do, and why. */
export function planOf({ record: { preview, plan }, markdown }: EnsurePage): readonly (Fragment | string)[] {
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

/** Where the new secret is, of a run that succeeded. */
export function writtenTable({ request, record, markdown }: EnsurePage): readonly string[] {
  const { github } = request.delivery;
  if (!github || record.written.length === 0) {
    return [];
  }
  const targets = targetsByLine(github);
  const variables = [github.clientIdVariable, github.expirationVariable].filter(name => name !== undefined);
  const head = ['Written to', 'Secret', ...(variables.length > 0 ? ['Variables'] : [])];
  const rows = record.written.map(line => {
    const target = targets.get(line);
    if (!target) {
      return [markdown.code(line), '', ''];
    }
    const isNew = record.otherWrites.includes(scopeInProse(target.scope));
    const names = (target.scope.app === 'actions' ? variables : []).map(name => markdown.code(name));
    return [
      fragment`${placeOf(target.scope, github, markdown)}${isNew ? fragment` (created)` : ''}`,
      markdown.code(target.secretName),
      joined(names, ' '),
    ];
  });
  const cells = rows.map(row => row.slice(0, head.length));
  return [markdown.table(head, cells), ''];
}

/** What happened to each target, of a run that failed after it had begun to write. */
export function unwrittenTable({ request, record, markdown }: EnsurePage): readonly string[] {
  const { github } = request.delivery;
  const { written, unwritten } = record;
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

/** What to do about settings that differ and that no run writes. */
export function driftToDo({ record, markdown }: EnsurePage): readonly Fragment[] {
  const advice = record.clientUpdated
    ? 'Vantage did not apply all settings. Change them in Vantage, or remove them from the workflow.'
    : 'To write the settings of the workflow, set `if-exists: update`. To keep those of the client, change the workflow.';
  return leftDrift(record).length > 0 ? [markdown.prose(advice)] : [];
}

/** How the client differs, or differed before an update: what it has in red, what the workflow declares in green. */
export function driftOf({ record, markdown }: EnsurePage): readonly string[] {
  const { drift = {}, clientUpdated, driftLeft, plan } = record;
  const count = Object.keys(drift).length;
  if (count === 0) {
    return [];
  }
  const isWritten = (clientUpdated && !driftLeft) || plan?.client === 'update';
  const title = isWritten
    ? `${countText(count, 'setting')} ${clientUpdated ? 'changed' : 'to change'}, from red to green`
    : `${countText(count, 'setting differs', 'settings differ')}: red in Vantage, green in the workflow`;
  return [`#### ${title}`, '', ...markdown.diff(driftLines(drift, markdown)), ''];
}

const MAX_LINES_OF_SETTING = 25;

/** More characters than this of a line are not on the page, which does not break lines of code. */
const MAX_WIDTH = 110;

/** What the client has in red, what the workflow declares in green, an item a line. */
function driftLines(drift: Drift, markdown: Markdown): readonly DiffLine[] {
  return Object.entries(drift).flatMap(([field, [wanted, found]]): DiffLine[] => {
    const [declared, existing] = [itemsOf(wanted), itemsOf(found)];
    const lines: readonly DiffLine[] = [
      ...existing.filter(item => !declared.includes(item)).map(text => ({ sign: '-', text }) as const),
      ...declared.filter(item => !existing.includes(item)).map(text => ({ sign: '+', text }) as const),
    ];
    const shown = lines.slice(0, MAX_LINES_OF_SETTING).flatMap(({ sign, text }) =>
      // Cut before it is broken: that also hides secrets, which are not found in parts.
      broken(markdown.short(text)).map(part => ({ sign, text: `  ${part}` })),
    );
    const more = lines.length - MAX_LINES_OF_SETTING;
    return [
      { sign: ' ', text: field },
      ...shown,
      ...(more > 0 ? [{ sign: ' ', text: `  and ${more} more lines` } as const] : []),
    ];
  });
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

/** What hardly anybody needs, folded. */
export function detailsOf({ request, record, markdown }: EnsurePage): readonly (Fragment | string)[] {
  const { secret, plan, preview } = record;
  const offers = (preview?.offers ?? []).map(({ what, offered, why }) => [
    what,
    why === undefined ? offered : fragment`${markdown.text(offered)}: ${markdown.prose(markdown.short(why))}`,
  ]);
  const known = (name: string, text: string | undefined) => (text ? [[name, markdown.code(text)]] : []);
  const facts = [
    ...placesOfRun({ vantage: request.vantage, github: request.delivery.github }, markdown),
    ...known('Secret id', secret?.id),
    ...known('Valid from', secret?.startTime),
    ...known('Valid until', secret?.expiration),
    ...known('Mark', secret?.mark),
    ...known('Reason', typeof plan?.reason === 'string' ? plan.reason : undefined),
  ];
  return [
    ...details('What this tenant offers', offers.length > 0 ? [markdown.table(['Operation', 'Offered'], offers)] : []),
    ...details('Details', [factTable(facts, markdown)]),
  ];
}
