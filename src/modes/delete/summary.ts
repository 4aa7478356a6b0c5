import { proseOf } from '../../plan/variables.ts';
import type { Markdown, Summary } from '../../report/summary.ts';
import type { DeleteRequest } from './inputs.ts';
import type { DeleteRecord } from './record.ts';

const CLIENT_STATES = {
  unknown: 'unknown',
  present: 'exists',
  absent: 'did not exist',
  deleted: 'deleted, with all its secrets',
} as const;

/** The job summary of `mode: delete`. */
export function summarizeDelete(
  { clientId, vantage, run, github }: DeleteRequest,
  { client, deletedFromGitHub, kept = [] }: DeleteRecord,
  markdown: Markdown,
): Summary {
  const inProse = proseOf(github);
  return {
    title: `Deletion of Vantage client ${markdown.code(clientId)}`,
    body: [
      markdown.table(
        ['', ''],
        [
          ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
          ['Tenant', vantage.tenantId],
          ['Client', `${clientId} — ${CLIENT_STATES[client]}${run.dryRun ? ' (dry run)' : ''}`],
          ...deletedFromGitHub.map(line => ['Deleted', inProse(line)] as const),
          ...kept.map(({ line, why }) => ['Kept', `${inProse(line)}: ${why}`] as const),
        ],
      ),
    ],
  };
}
