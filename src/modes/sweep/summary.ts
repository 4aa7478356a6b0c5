import { patternText } from '../../model/client.ts';
import { countText } from '../../model/dates.ts';
import { type Failure, reasonOf } from '../../model/failure.ts';
import type { SweepRequest } from '../../model/request.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import { cutTable, factTable, placesOfRun, section } from '../../report/tables.ts';
import type { SweepRecord, SweptClient } from './record.ts';

/** Most rows of each table. */
const MAX_ROWS = { deleted: 100, attention: 25, kept: 500 };

const ALL_IN = 'in the `results` output';

/** The job summary of `mode: sweep`: what it deletes, what needs a look, and, folded, what it keeps. */
export function summarizeSweep(
  request: SweepRequest,
  record: SweepRecord,
  markdown: Markdown,
  failure?: Failure,
): Summary {
  const { vantage, run, pattern } = request;
  const { listed, cut, clients } = record;
  const toDelete = clients.filter(({ step }) => step === 'delete').sort((one, other) => rankOf(one) - rankOf(other));
  const doubtful = clients.filter(({ step, unproven, unreadable }) => step === 'keep' && (unproven || unreadable));
  const kept = clients.filter(client => client.step === 'keep' && !doubtful.includes(client));
  // Nothing has become of a client that is only to be deleted.
  const isBegun = !run.dryRun && failure?.code !== 'too-many-deletes';
  const linksTo = (client: SweptClient) => [nameOf(client, markdown), pullRequestOf(client, request, markdown)];
  return {
    title: titleOf(request, record, failure, markdown),
    hasFindings: doubtful.length > 0 || cut === true,
    isPlan: run.dryRun,
    toDo: failure ? [] : toDoOf(doubtful, markdown),
    body: [
      ...(run.dryRun ? ['**Dry run: nothing was changed.**', ''] : []),
      fragment`${markdown.text(countText(listed, 'client'))} in the tenant${cut ? fragment` (the list may be incomplete)` : ''}, ${clients.length} of them like ${markdown.code(patternText(pattern))}`,
      '',
      ...section(
        isBegun ? 'Of closed pull requests' : 'To delete',
        {
          head: ['Client', 'Pull request', ...(isBegun ? ['Outcome'] : [])],
          items: toDelete,
          rowOf: client => [...linksTo(client), ...(isBegun ? [outcomeOf(client, markdown)] : [])],
          most: MAX_ROWS.deleted,
          allIn: ALL_IN,
        },
        markdown,
      ),
      ...section(
        'Kept, and needs a look',
        {
          head: ['Client', 'Pull request', 'Why'],
          items: doubtful,
          rowOf: client => [...linksTo(client), whyOf(client, markdown)],
          most: MAX_ROWS.attention,
          allIn: ALL_IN,
        },
        markdown,
      ),
      ...details(
        `Kept: ${kept.length}`,
        cutTable(
          {
            head: ['Client', 'Why'],
            items: kept,
            rowOf: client => [nameOf(client, markdown), whyOf(client, markdown)],
            most: MAX_ROWS.kept,
            allIn: ALL_IN,
          },
          markdown,
        ),
      ),
      ...details('Details', [factTable(placesOfRun({ vantage }, markdown), markdown)]),
    ],
  };
}

function toDoOf(doubtful: readonly SweptClient[], markdown: Markdown): readonly Fragment[] {
  return [
    ...(doubtful.some(({ unproven }) => unproven)
      ? [
          'In Vantage, delete by hand what is no longer needed of the clients that nothing proves to be of this repository.',
        ]
      : []),
    ...(doubtful.some(({ unreadable }) => unreadable)
      ? ['Find out why the pull requests cannot be read. Until then, their clients are kept.']
      : []),
  ].map(text => markdown.text(text));
}

function titleOf(
  { run, pattern, maxDeletes }: SweepRequest,
  { clients }: SweepRecord,
  failure: Failure | undefined,
  markdown: Markdown,
): Fragment {
  const name = markdown.code(patternText(pattern));
  const count = (fate: SweptClient['fate']) => clients.filter(client => client.fate === fate).length;
  const planned = clients.filter(({ step }) => step === 'delete').length;
  if (failure?.code === 'too-many-deletes') {
    return fragment`${name}: nothing deleted, because ${planned} clients are more than ${markdown.code('max-deletes')}, which is ${maxDeletes}`;
  }
  const kept = count('kept');
  const parts = [
    ...(planned === 0 ? ['nothing to delete'] : run.dryRun ? [`delete ${countText(planned, 'client')}`] : []),
    ...(count('deleted') > 0 ? [`${countText(count('deleted'), 'client')} deleted`] : []),
    ...(count('gone') > 0 ? [`${count('gone')} gone already`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(!run.dryRun && count('to be deleted') > 0 ? [`${count('to be deleted')} not tried`] : []),
    ...(kept > 0 ? [run.dryRun ? `keep ${kept}` : `${kept} kept`] : []),
  ];
  const verdict = markdown.text(parts.join(', '));
  if (failure) {
    return clients.length === 0 ? failedTitle(name, failure, markdown) : fragment`${name}: ${verdict}`;
  }
  return run.dryRun ? fragment`Plan for ${name}: ${verdict}` : fragment`${name}: ${verdict}`;
}

/** What failed comes first. */
function rankOf({ fate }: SweptClient): number {
  return fate === 'failed' ? 0 : 1;
}

function nameOf({ clientId }: SweptClient, markdown: Markdown): Fragment {
  return markdown.code(clientId, 60);
}

function pullRequestOf({ pullRequest }: SweptClient, { workflow }: SweepRequest, markdown: Markdown): Fragment {
  return markdown.link(
    `#${pullRequest}`,
    new URL(`https://${workflow.host}/${workflow.repository}/pull/${pullRequest}`),
  );
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
