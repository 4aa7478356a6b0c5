import type { FleetRequest } from '../../model/request.ts';
import type { Markdown, Summary } from '../../report/summary.ts';
import { clientsLeft, type EndedClient, endedClients, type FleetRecord } from './record.ts';
import { plannedWords } from './step-words.ts';

/** How many rows each table shows. The `results` output has all clients, as far as they fit. */
const MAX_ROWS = { failed: 50, changed: 25, planned: 200, left: 25, orphaned: 50 };

/** The job summary of a fleet: how it went, what to do, what failed and what changed. The rest is counted or folded. */
export function summarizeFleet(request: FleetRequest, record: FleetRecord, markdown: Markdown): Summary {
  const ended = endedClients(record);
  const of = (state: EndedClient['state']) => ended.filter(end => end.state === state);
  const [failed, changed, planned, unchanged] = [of('failed'), of('changed'), of('planned'), of('unchanged')];
  const left = clientsLeft(record);
  const { orphaned } = record;
  return {
    title: titleOf(request, [
      ...(failed.length > 0 ? [`${failed.length} failed`] : []),
      ...(left.length > 0 ? [`${left.length} not begun`] : []),
      ...(request.run.dryRun ? [`${planned.length} to change`] : [`${changed.length} changed`]),
      `${unchanged.length} unchanged`,
    ]),
    hasFindings: orphaned.length > 0,
    isPlan: request.run.dryRun,
    body: [
      ...(request.run.dryRun ? ['**Dry run: nothing was changed.**', ''] : []),
      ...whatToDo(failed.length + left.length, orphaned.length),
      ...section(
        'Failed',
        ['Client', 'Line', 'Code', 'Why'],
        failed.map(end => [end.clientId, String(end.line), end.failure?.code ?? '', end.failure?.message ?? '']),
        MAX_ROWS.failed,
        markdown,
      ),
      ...section(
        'Not begun',
        ['Client'],
        left.map(clientId => [clientId]),
        MAX_ROWS.left,
        markdown,
      ),
      ...section(
        'Changed',
        ['Client', 'What changed'],
        changed.map(end => [end.clientId, end.changes.join(', ')]),
        MAX_ROWS.changed,
        markdown,
      ),
      ...section(
        'To change',
        ['Client', 'Settings', 'Secret', 'Write', 'Delete'],
        planned.map(({ clientId, step = {} }) => [clientId, ...plannedWords(step)]),
        MAX_ROWS.planned,
        markdown,
      ),
      ...section(
        'Not in the manifest',
        ['Client', 'Live secrets of this repository'],
        orphaned.map(({ clientId, liveSecrets }) => [clientId, String(liveSecrets ?? 'unknown')]),
        MAX_ROWS.orphaned,
        markdown,
      ),
      ...details(request, record, markdown),
    ],
  };
}

function titleOf({ clients, shard, run }: FleetRequest, counts: readonly string[]): string {
  const share = shard ? ` of shard ${shard.index}/${shard.count}` : '';
  return `${run.dryRun ? 'Plan for ' : ''}${clients.length} clients${share}: ${counts.join(', ')}`;
}

function whatToDo(failed: number, orphaned: number): readonly string[] {
  return [
    ...(failed > 0
      ? ['**To do:** correct what the table says, and run the job again. It does only what is left.', '']
      : []),
    ...(orphaned > 0
      ? ['**To do:** put these clients back into the manifest, or delete them with `mode: delete`.', '']
      : []),
  ];
}

function section(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  most: number,
  markdown: Markdown,
): readonly string[] {
  if (rows.length === 0) {
    return [];
  }
  const shown = rows.slice(0, most).map(row => row.map(cell => markdown.short(cell)));
  const more = rows.length - shown.length;
  return [
    `#### ${title}: ${rows.length}`,
    '',
    markdown.table(head, shown),
    ...(more > 0 ? ['', `And ${more} more.`] : []),
    '',
  ];
}

function details({ vantage, shard, manifestClientIds }: FleetRequest, record: FleetRecord, markdown: Markdown) {
  const { orphansUnknown } = record;
  return [
    '<details><summary>Details</summary>',
    '',
    markdown.table(
      ['', ''],
      [
        ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
        ['Tenant', vantage.tenantId],
        ['Clients in the manifest', String(manifestClientIds.length)],
        ...(shard ? [['Shard', `${shard.index} of ${shard.count}`]] : []),
        ...(orphansUnknown === undefined
          ? []
          : [['Clients that are not in the manifest', `unknown: ${orphansUnknown}`]]),
      ],
    ),
    '',
    '</details>',
  ];
}
