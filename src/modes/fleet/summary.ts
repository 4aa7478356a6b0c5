import { countText } from '../../model/dates.ts';
import { adviceOf, lineWithoutAdvice } from '../../model/failure.ts';
import type { FleetRequest } from '../../model/request.ts';
import { planTexts, planVerdict } from '../../plan/plan-lines.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import { factTable, placesOfRun, type Row, section } from '../../report/tables.ts';
import { FIX_AND_RUN_AGAIN } from '../ensure/write-targets.ts';
import type { Page } from '../mode.ts';
import { clientsLeft, type EndedClient, endedClients, type FleetRecord } from './record.ts';

type FleetPage = Page<FleetRequest, FleetRecord>;

/** How many rows each table shows. The `results` output has all clients, as far as they fit. */
const MAX_ROWS = { failed: 50, left: 25, changed: 25, planned: 200, attention: 25, orphaned: 50 };

const MAX_PLAN_LINES = 1000;
const MAX_ADVICE = 5;
/** In characters. */
const MAX_WHY = 600;

type Shown = ReturnType<typeof shownOf>;

function shownOf(record: FleetRecord) {
  const ended = endedClients(record);
  const of = (state: EndedClient['state']) => ended.filter(end => end.state === state);
  return {
    failed: of('failed'),
    left: clientsLeft(record),
    changed: of('changed'),
    planned: of('planned'),
    unchanged: of('unchanged'),
    differing: ended.filter(({ differs }) => differs !== undefined),
    lost: ended.filter(({ secretLost }) => secretLost),
    orphaned: record.orphaned,
  };
}

/** The job summary of a fleet: how it went, what to do, what failed and what changed. The rest is counted or folded. */
export function summarizeFleet(page: FleetPage): Summary {
  const { request, record, markdown } = page;
  const shown = shownOf(record);
  return {
    title: titleOf(page, shown),
    hasFindings: shown.orphaned.length + shown.differing.length + shown.lost.length > 0,
    isPlan: request.run.dryRun,
    saysWhy: shown.failed.length > 0,
    toDo: toDoOf(shown, markdown),
    body: [
      ...(request.run.dryRun ? ['**Dry run: nothing was changed.**', ''] : []),
      ...tablesOf(shown, markdown),
      ...details('Details', [factsOf(page)]),
    ],
  };
}

function tablesOf(shown: Shown, markdown: Markdown): readonly (Fragment | string)[] {
  const name = ({ clientId }: { readonly clientId: string }) => markdown.code(clientId, 60);
  const short = (text: string, most?: number) => markdown.prose(markdown.short(text, most));
  const table = <Item>(
    title: string,
    head: readonly string[],
    items: readonly Item[],
    most: number,
    rowOf: (item: Item) => Row,
  ) => section(title, { head, items, rowOf, most }, markdown);
  return [
    ...table('Failed', ['Client', 'Line', 'Code', 'Why'], shown.failed, MAX_ROWS.failed, end => [
      name(end),
      String(end.line),
      markdown.code(end.failure?.code ?? ''),
      // What to do about it is in the list of what to do.
      short(end.failure ? lineWithoutAdvice(end.failure) : '', MAX_WHY),
    ]),
    ...table('Not begun', ['Client'], shown.left, MAX_ROWS.left, clientId => [name({ clientId })]),
    ...table('Changed', ['Client', 'What changed'], shown.changed, MAX_ROWS.changed, end => [
      name(end),
      short(end.changes.join(', ')),
    ]),
    ...table('To change', ['Client', 'What', 'Why a secret is due'], shown.planned, MAX_ROWS.planned, end => [
      name(end),
      markdown.text(planVerdict(end.lines ?? [])),
      short(typeof end.step?.why === 'string' ? end.step.why : ''),
    ]),
    ...details('The plan, line by line', allLines(shown.planned, markdown)),
    ...table('Settings differ', ['Client', 'Settings'], shown.differing, MAX_ROWS.attention, end => [
      name(end),
      markdown.text(markdown.short((end.differs ?? []).join(', '))),
    ]),
    ...table('Another secret may exist that nobody holds', ['Client', 'Line'], shown.lost, MAX_ROWS.attention, end => [
      name(end),
      String(end.line),
    ]),
    ...table(
      'Not in the manifest',
      ['Client', 'Live secrets of this repository'],
      shown.orphaned,
      MAX_ROWS.orphaned,
      orphan => [name(orphan), String(orphan.liveSecrets ?? 'unknown')],
    ),
  ];
}

function titleOf({ request, record, failure, markdown }: FleetPage, shown: Shown): Fragment {
  const { clients, shard, run } = request;
  const share = shard ? ` of shard ${shard.index}/${shard.count}` : '';
  const all = markdown.text(`${countText(clients.length, 'client')}${share}`);
  if (failure && record.ended.size === 0) {
    return failedTitle(all, failure, markdown);
  }
  const counts = [
    [shown.failed, 'failed'],
    [shown.left, 'not begun'],
    [shown.planned, 'to change'],
    [shown.changed, 'changed'],
    [shown.unchanged, 'unchanged'],
  ] as const;
  const words = counts.filter(([{ length }]) => length > 0).map(([{ length }, word]) => `${length} ${word}`);
  const verdict = markdown.text(words.join(', '));
  return run.dryRun ? fragment`Plan for ${all}: ${verdict}` : fragment`${all}: ${verdict}`;
}

function toDoOf({ failed, left, lost, differing, orphaned }: Shown, markdown: Markdown): readonly Fragment[] {
  const advice = new Set(failed.flatMap(({ failure }) => (failure ? adviceOf(failure) : [])));
  // The last line about failures says it for all clients.
  advice.delete(FIX_AND_RUN_AGAIN);
  return [
    ...[...advice].slice(0, MAX_ADVICE),
    advice.size > MAX_ADVICE && 'Do what the log says in the groups of the other clients that failed.',
    failed.length + left.length > 0 && 'Run the job again. It does only what is left.',
    lost.length > 0 &&
      'In the log, find the warnings about secrets that Vantage did not confirm, and delete those secrets.',
    differing.length > 0 &&
      'To write the settings of the manifest, set `ifExists: update`. To keep those in Vantage, change the manifest.',
    orphaned.length > 0 &&
      'Put the clients that are not in the manifest back into it, or delete them with `mode: delete`.',
  ]
    .filter(text => text !== false)
    .map(text => markdown.prose(text));
}

function allLines(planned: readonly EndedClient[], markdown: Markdown): readonly string[] {
  const lines = planned.flatMap(end => end.lines ?? []);
  const more = lines.length - MAX_PLAN_LINES;
  return [
    ...markdown.diff(planTexts(lines.slice(0, MAX_PLAN_LINES))),
    ...(more > 0 ? ['', `And ${countText(more, 'more line')}.`] : []),
  ];
}

function factsOf({ request, record: { orphansUnknown }, markdown }: FleetPage): string {
  const { vantage, shard, manifestClientIds } = request;
  const facts = [
    ...placesOfRun({ vantage }, markdown),
    ['Clients in the manifest', String(manifestClientIds.length)],
    ...(shard ? [['Shard', `${shard.index} of ${shard.count}`]] : []),
    ...(orphansUnknown === undefined
      ? []
      : [['Clients that are not in the manifest', markdown.prose(`not known: ${orphansUnknown}`)]]),
  ];
  return factTable(facts, markdown);
}
