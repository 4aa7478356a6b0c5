import { countText } from '../../model/dates.ts';
import { adviceOf, type Failure, lineWithoutAdvice } from '../../model/failure.ts';
import type { FleetRequest } from '../../model/request.ts';
import { planTexts, planVerdict } from '../../plan/plan-lines.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import { factTable, placesOfRun, type Row, section } from '../../report/tables.ts';
import { FIX_AND_RUN_AGAIN } from '../ensure/write-targets.ts';
import { clientsLeft, type EndedClient, endedClients, type FleetRecord } from './record.ts';

/** How many rows each table shows. The `results` output has all clients, as far as they fit. */
const MAX_ROWS = { failed: 50, left: 25, changed: 25, planned: 200, attention: 25, orphaned: 50 };

/** How many lines of the plan are shown, one below the other. */
const MAX_LINES = 1000;

/** How many different things to do are listed. */
const MAX_ADVICE = 5;

/** The longest text of a cell that says why a client failed, in characters. */
const MAX_WHY = 600;

/** The job summary of a fleet: how it went, what to do, what failed and what changed. The rest is counted or folded. */
export function summarizeFleet(
  request: FleetRequest,
  record: FleetRecord,
  markdown: Markdown,
  failure?: Failure,
): Summary {
  const ended = endedClients(record);
  const of = (state: EndedClient['state']) => ended.filter(end => end.state === state);
  const left = clientsLeft(record);
  const { orphaned } = record;
  const differing = ended.filter(({ differs }) => differs !== undefined);
  const lost = ended.filter(({ secretLost }) => secretLost);
  const name = (clientId: string) => markdown.code(clientId, 60);
  const table = <Item>(
    title: string,
    head: readonly string[],
    items: readonly Item[],
    rowOf: (item: Item) => Row,
    most: number,
  ) => section(title, { head, items, rowOf, most }, markdown);
  return {
    title: titleOf(request, record, failure, markdown),
    hasFindings: orphaned.length + differing.length + lost.length > 0,
    isPlan: request.run.dryRun,
    saysWhy: of('failed').length > 0,
    toDo: toDoOf(of('failed'), { left, differing, lost, orphaned }, markdown),
    body: [
      ...(request.run.dryRun ? ['**Dry run: nothing was changed.**', ''] : []),
      ...table(
        'Failed',
        ['Client', 'Line', 'Code', 'Why'],
        of('failed'),
        end => [
          name(end.clientId),
          String(end.line),
          markdown.code(end.failure?.code ?? ''),
          markdown.prose(markdown.short(whyFailed(end), MAX_WHY)),
        ],
        MAX_ROWS.failed,
      ),
      ...table('Not begun', ['Client'], left, clientId => [name(clientId)], MAX_ROWS.left),
      ...table(
        'Changed',
        ['Client', 'What changed'],
        of('changed'),
        end => [name(end.clientId), markdown.prose(markdown.short(end.changes.join(', ')))],
        MAX_ROWS.changed,
      ),
      ...table(
        'To change',
        ['Client', 'What', 'Why a secret is due'],
        of('planned'),
        end => [
          name(end.clientId),
          markdown.text(planVerdict(end.lines ?? [])),
          markdown.prose(markdown.short(whyOf(end))),
        ],
        MAX_ROWS.planned,
      ),
      ...details('The plan, line by line', allLines(of('planned'), markdown)),
      ...table(
        'Settings differ',
        ['Client', 'Settings'],
        differing,
        end => [name(end.clientId), markdown.text(markdown.short((end.differs ?? []).join(', ')))],
        MAX_ROWS.attention,
      ),
      ...table(
        'Another secret may exist that nobody holds',
        ['Client', 'Line'],
        lost,
        end => [name(end.clientId), String(end.line)],
        MAX_ROWS.attention,
      ),
      ...table(
        'Not in the manifest',
        ['Client', 'Live secrets of this repository'],
        orphaned,
        ({ clientId, liveSecrets }) => [name(clientId), String(liveSecrets ?? 'unknown')],
        MAX_ROWS.orphaned,
      ),
      ...details('Details', [factsOf(request, record, markdown)]),
    ],
  };
}

function titleOf(
  { clients, shard, run }: FleetRequest,
  record: FleetRecord,
  failure: Failure | undefined,
  markdown: Markdown,
): Fragment {
  const states = [...record.ended.values()].map(({ state }) => state);
  const share = shard ? ` of shard ${shard.index}/${shard.count}` : '';
  const all = markdown.text(`${countText(clients.length, 'client')}${share}`);
  if (failure && states.length === 0) {
    return failedTitle(all, failure, markdown);
  }
  const count = (state: EndedClient['state'], word: string) => {
    const number = states.filter(one => one === state).length;
    return number > 0 ? [`${number} ${word}`] : [];
  };
  const left = clientsLeft(record).length;
  const verdict = [
    ...count('failed', 'failed'),
    ...(left > 0 ? [`${left} not begun`] : []),
    ...count('planned', 'to change'),
    ...count('changed', 'changed'),
    ...count('unchanged', 'unchanged'),
  ];
  const counts = markdown.text(verdict.join(', '));
  return run.dryRun ? fragment`Plan for ${all}: ${counts}` : fragment`${all}: ${counts}`;
}

/** What to do about each kind of failure, and then. */
function toDoOf(
  failed: readonly EndedClient[],
  found: Readonly<Record<'left' | 'differing' | 'lost' | 'orphaned', readonly unknown[]>>,
  markdown: Markdown,
): readonly Fragment[] {
  const { left, differing, lost, orphaned } = found;
  const advice = new Set(failed.flatMap(({ failure }) => (failure ? adviceOf(failure) : [])));
  // The last line about failures says it for all clients.
  advice.delete(FIX_AND_RUN_AGAIN);
  return [
    ...[...advice].slice(0, MAX_ADVICE),
    ...(advice.size > MAX_ADVICE ? ['Do what the log says in the groups of the other clients that failed.'] : []),
    ...(failed.length + left.length > 0 ? ['Run the job again. It does only what is left.'] : []),
    ...(lost.length > 0
      ? ['In the log, find the warnings about secrets that Vantage did not confirm, and delete those secrets.']
      : []),
    ...(differing.length > 0
      ? [
          'To write the settings of the manifest, set `ifExists: update`. To keep those in Vantage, change the manifest.',
        ]
      : []),
    ...(orphaned.length > 0
      ? ['Put the clients that are not in the manifest back into it, or delete them with `mode: delete`.']
      : []),
  ].map(text => markdown.prose(text));
}

/** What to do about it is in the list of what to do. */
function whyFailed({ failure }: EndedClient): string {
  return failure ? lineWithoutAdvice(failure) : '';
}

function whyOf({ step }: EndedClient): string {
  return typeof step?.why === 'string' ? step.why : '';
}

function allLines(planned: readonly EndedClient[], markdown: Markdown): readonly string[] {
  const lines = planned.flatMap(({ lines = [] }) => lines);
  const more = lines.length - MAX_LINES;
  return [
    ...markdown.diff(planTexts(lines.slice(0, MAX_LINES))),
    ...(more > 0 ? ['', `And ${countText(more, 'more line')}.`] : []),
  ];
}

function factsOf({ vantage, shard, manifestClientIds }: FleetRequest, record: FleetRecord, markdown: Markdown): string {
  const { orphansUnknown } = record;
  return factTable(
    [
      ...placesOfRun({ vantage }, markdown),
      ['Clients in the manifest', String(manifestClientIds.length)],
      ...(shard ? [['Shard', `${shard.index} of ${shard.count}`]] : []),
      ...(orphansUnknown === undefined
        ? []
        : [['Clients that are not in the manifest', markdown.prose(`not known: ${orphansUnknown}`)]]),
    ],
    markdown,
  );
}
