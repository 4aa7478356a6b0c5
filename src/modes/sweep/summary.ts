import { patternText } from '../../model/client.ts';
import { countText } from '../../model/dates.ts';
import { reasonOf } from '../../model/failure.ts';
import type { SweepRequest } from '../../model/request.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import { cutTable, factTable, placesOfRun, type Row, section } from '../../report/tables.ts';
import type { Page } from '../mode.ts';
import type { SweepRecord, SweptClient } from './record.ts';

type SweepPage = Page<SweepRequest, SweepRecord>;

const MAX_ROWS = { deleted: 100, attention: 25, kept: 500 };

/** The job summary of `mode: sweep`: what it deletes, what needs a look, and, folded, what it keeps. */
export function summarizeSweep(page: SweepPage): Summary {
  const { request, record, markdown, failure } = page;
  const { vantage, run, pattern, workflow } = request;
  const { listed, cut, clients } = record;
  const toDelete = clients.filter(({ step }) => step === 'delete').sort((one, other) => rankOf(one) - rankOf(other));
  const doubtful = clients.filter(({ step, unproven, unreadable }) => step === 'keep' && (unproven || unreadable));
  const kept = clients.filter(client => client.step === 'keep' && !doubtful.includes(client));
  // Nothing has become of a client that is only to be deleted.
  const isBegun = !run.dryRun && failure?.code !== 'too-many-deletes';
  const nameOf = ({ clientId }: SweptClient) => markdown.code(clientId, 60);
  const linkOf = ({ pullRequest }: SweptClient) =>
    markdown.link(`#${pullRequest}`, new URL(`https://${workflow.host}/${workflow.repository}/pull/${pullRequest}`));
  const outcomeIfBegun = (client: SweptClient) => (isBegun ? [outcomeOf(client, markdown)] : []);
  const listing = (
    head: readonly string[],
    items: readonly SweptClient[],
    rowOf: (client: SweptClient) => Row,
    most: number,
  ) => ({ head, items, rowOf, most, allIn: 'in the `results` output' });
  const deletions = listing(
    ['Client', 'Pull request', ...(isBegun ? ['Outcome'] : [])],
    toDelete,
    client => [nameOf(client), linkOf(client), ...outcomeIfBegun(client)],
    MAX_ROWS.deleted,
  );
  const doubts = listing(
    ['Client', 'Pull request', 'Why'],
    doubtful,
    client => [nameOf(client), linkOf(client), whyOf(client, markdown)],
    MAX_ROWS.attention,
  );
  const rest = listing(['Client', 'Why'], kept, client => [nameOf(client), whyOf(client, markdown)], MAX_ROWS.kept);
  return {
    title: titleOf(page),
    hasFindings: doubtful.length > 0 || cut === true,
    isPlan: run.dryRun,
    toDo: failure ? [] : toDoOf(doubtful, markdown),
    body: [
      ...(run.dryRun ? ['**Dry run: nothing was changed.**', ''] : []),
      fragment`${markdown.text(countText(listed, 'client'))} in the tenant${cut ? fragment` (the list may be incomplete)` : ''}, ${clients.length} of them like ${markdown.code(patternText(pattern))}`,
      '',
      ...section(isBegun ? 'Of closed pull requests' : 'To delete', deletions, markdown),
      ...section('Kept, and needs a look', doubts, markdown),
      ...details(`Kept: ${kept.length}`, cutTable(rest, markdown)),
      ...details('Details', [factTable(placesOfRun({ vantage }, markdown), markdown)]),
    ],
  };
}

function toDoOf(doubtful: readonly SweptClient[], markdown: Markdown): readonly Fragment[] {
  return [
    doubtful.some(({ unproven }) => unproven) &&
      'In Vantage, delete by hand what is no longer needed of the clients that nothing proves to be of this repository.',
    doubtful.some(({ unreadable }) => unreadable) &&
      'Find out why the pull requests cannot be read. Until then, their clients are kept.',
  ]
    .filter(text => text !== false)
    .map(text => markdown.text(text));
}

function titleOf({ request, record: { clients }, failure, markdown }: SweepPage): Fragment {
  const { run, pattern, maxDeletes } = request;
  const name = markdown.code(patternText(pattern));
  const count = (fate: SweptClient['fate']) => clients.filter(client => client.fate === fate).length;
  const planned = clients.filter(({ step }) => step === 'delete').length;
  if (failure?.code === 'too-many-deletes') {
    return fragment`${name}: nothing deleted, because ${planned} clients are more than ${markdown.code('max-deletes')}, which is ${maxDeletes}`;
  }
  if (failure && clients.length === 0) {
    return failedTitle(name, failure, markdown);
  }
  const kept = count('kept');
  const parts = [
    planned === 0 && 'nothing to delete',
    planned > 0 && run.dryRun && `delete ${countText(planned, 'client')}`,
    count('deleted') > 0 && `${countText(count('deleted'), 'client')} deleted`,
    count('gone') > 0 && `${count('gone')} gone already`,
    count('failed') > 0 && `${count('failed')} failed`,
    !run.dryRun && count('to be deleted') > 0 && `${count('to be deleted')} not tried`,
    kept > 0 && (run.dryRun ? `keep ${kept}` : `${kept} kept`),
  ].filter(Boolean);
  const verdict = markdown.text(parts.join(', '));
  return run.dryRun && !failure ? fragment`Plan for ${name}: ${verdict}` : fragment`${name}: ${verdict}`;
}

/** What failed comes first. */
function rankOf({ fate }: SweptClient): number {
  return fate === 'failed' ? 0 : 1;
}

const OUTCOMES = {
  kept: '⚠️ kept',
  'to be deleted': 'not tried',
  deleted: 'deleted, with all its secrets',
  gone: 'did not exist any more',
  failed: '❌ failed',
} as const satisfies Record<SweptClient['fate'], string>;

function outcomeOf(client: SweptClient, markdown: Markdown): Fragment {
  const { fate, failure } = client;
  const outcome = markdown.text(OUTCOMES[fate]);
  if (fate === 'kept') {
    return fragment`${outcome}: ${whyOf(client, markdown)}`;
  }
  return failure ? fragment`${outcome}: ${markdown.prose(markdown.short(reasonOf(failure)))}` : outcome;
}

function whyOf({ why }: SweptClient, markdown: Markdown): Fragment {
  return markdown.prose(markdown.short(why));
}
