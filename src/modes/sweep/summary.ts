import { patternText } from '../../model/client.ts';
import type { SweepRequest } from '../../model/request.ts';
import type { Markdown, Summary } from '../../report/summary.ts';
import type { SweepRecord, SweptClient } from './record.ts';

/** Nobody reads more rows than this in one table, and the `results` output has all clients. */
const MAX_ROWS = 1000;

/** The job summary of `mode: sweep`. Clients to delete come first. */
export function summarizeSweep(
  { vantage, run, pattern }: SweepRequest,
  { listed, cut, clients }: SweepRecord,
  markdown: Markdown,
): Summary {
  const toDelete = clients.filter(({ step }) => step === 'delete');
  const kept = clients.filter(({ step }) => step === 'keep');
  const deleted = clients.filter(({ fate }) => fate === 'deleted').length;
  return {
    title: `Sweep of Vantage clients ${markdown.code(patternText(pattern))}`,
    body: [
      markdown.table(
        ['', ''],
        [
          ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
          ['Tenant', `${vantage.tenantId}, ${listed} clients${cut ? ' listed; the list may be incomplete' : ''}`],
          ['Match the pattern', String(clients.length)],
          ['Of closed pull requests', `${toDelete.length}${run.dryRun ? ' (dry run)' : ''}`],
          ['Deleted', String(deleted)],
        ],
      ),
      ...section('Of closed pull requests', toDelete, markdown),
      ...section('Kept', kept, markdown),
    ],
  };
}

function section(title: string, clients: readonly SweptClient[], markdown: Markdown): readonly string[] {
  if (clients.length === 0) {
    return [];
  }
  const rows = clients.slice(0, MAX_ROWS).map(({ clientId, why, fate }) => [clientId, why, fate]);
  const more = clients.length - rows.length;
  return [
    '',
    `<details><summary>${title}: ${clients.length}</summary>`,
    '',
    markdown.table(['Client', 'Why', 'State'], rows),
    ...(more > 0 ? ['', `And ${more} more.`] : []),
    '',
    '</details>',
  ];
}
