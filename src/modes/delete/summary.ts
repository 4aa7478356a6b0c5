import type { Request } from '../../model/request.ts';
import type { Markdown } from '../../report/markdown.ts';
import type { DeleteRecord } from './record.ts';

const CLIENT = {
  unknown: 'not found out',
  there: 'there',
  gone: 'gone already',
  deleted: 'deleted, with all its secrets',
} as const;

/** What a deletion did. */
export function summarizeDelete(
  { vantage, run }: Request,
  { clientId, client, deletedFromGitHub, kept = [] }: DeleteRecord,
  markdown: Markdown,
): readonly string[] {
  return [
    markdown.table(
      ['', ''],
      [
        ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
        ['Tenant', vantage.tenantId],
        ['Client', `${clientId} — ${CLIENT[client]}${run.dryRun ? ' (dry run)' : ''}`],
        ...deletedFromGitHub.map(line => ['Deleted', line] as const),
        ...kept.map(({ line, why }) => ['Kept', `${line}: ${why}`] as const),
      ],
    ),
  ];
}
