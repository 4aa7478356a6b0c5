import type { Request } from '../../model/request.ts';
import type { Markdown } from '../../report/markdown.ts';
import type { SweepRecord, SweptClient } from './record.ts';

/** Rows of one table: a sweep that would delete more is not one to read line by line, and `results` has them all. */
const MOST_ROWS = 1000;

/** What a sweep did. What goes comes first. */
export function summarizeSweep(
  { vantage, run }: Request,
  { listed, cut, clients }: SweepRecord,
  markdown: Markdown,
): readonly string[] {
  const toDelete = clients.filter(({ step }) => step === 'delete');
  const staying = clients.filter(({ step }) => step === 'keep');
  const deleted = clients.filter(({ fate }) => fate === 'deleted').length;
  return [
    markdown.table(
      ['', ''],
      [
        ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
        ['Tenant', `${vantage.tenantId}, ${listed} clients${cut ? ' listed; the list may be cut there' : ''}`],
        ['Match the pattern', String(clients.length)],
        ['Of closed pull requests', `${toDelete.length}${run.dryRun ? ' (dry run)' : ''}`],
        ['Deleted', String(deleted)],
      ],
    ),
    ...section('Of closed pull requests', toDelete, markdown),
    ...section('Kept', staying, markdown),
  ];
}

function section(title: string, clients: readonly SweptClient[], markdown: Markdown): readonly string[] {
  if (clients.length === 0) {
    return [];
  }
  const rows = clients.slice(0, MOST_ROWS).map(({ clientId, why, fate }) => [clientId, why, fate]);
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
