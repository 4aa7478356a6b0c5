import { countText, minuteText } from '../../model/dates.ts';
import type { AuditRequest } from '../../model/request.ts';
import { type AuditSections, auditVerdict, sectionsOf, withinText } from '../../plan/audit-sections.ts';
import { type Fragment, fragment, joined, type Markdown } from '../../report/markdown.ts';
import { details, failedTitle, type Summary } from '../../report/summary.ts';
import type { Page } from '../mode.ts';
import type { AuditRecord } from './record.ts';
import { clientTable, sectionTables } from './tables.ts';
import { drawTimeline } from './timeline.ts';

type AuditPage = Page<AuditRequest, AuditRecord>;

/** GitHub accepts a summary of 1 MiB from a step. The rest is for the beginning of the page. */
const MAX_BYTES = 1024 * 1024 - 64 * 1024;

/** With more clients than this, the chart is folded. */
const FEW_CLIENTS = 10;

/** The job summary of `mode: audit`: what expires next, what is broken, what is dangerous, and, folded, everything. */
export function summarizeAudit(page: AuditPage): Summary {
  const { request, record, markdown, failure } = page;
  const { clients, auditedAt } = record;
  const within = withinText(request.expiringWithin, auditedAt);
  const sections = sectionsOf(clients);
  const verdict = auditVerdict(sections, within);
  const isOtherFailure = failure !== undefined && failure.code !== 'audit-findings';
  const chart = drawTimeline(clients, auditedAt, markdown);
  const head: readonly (Fragment | string)[] = [
    ...(isOtherFailure && verdict !== '' ? [fragment`Found until then: ${markdown.text(verdict)}.`, ''] : []),
    extentOf(page),
    '',
    ...sectionTables(sections, within, markdown),
    ...(clients.length > FEW_CLIENTS ? details('When the secrets expire', chart) : ['', ...chart]),
  ];
  return {
    title: isOtherFailure
      ? failedTitle(fragment`Vantage audit`, failure, markdown)
      : fragment`Vantage audit: ${markdown.text(verdict || 'no findings')}`,
    hasFindings: verdict !== '' || record.cut === true,
    toDo: isOtherFailure ? [] : toDoOf(sections, markdown),
    body: [...head, ...clientTable(clients, markdown, MAX_BYTES - Buffer.byteLength(head.join('\n')))],
  };
}

function extentOf({ request: { vantage }, record, markdown }: AuditPage): Fragment {
  const { listed, cut, clients, auditedAt } = record;
  const secrets = clients.flatMap(client => client.secrets ?? []);
  const created = secrets.filter(({ createdFor }) => createdFor).length;
  // A run that failed may not have checked all clients.
  const extent =
    listed === clients.length
      ? countText(listed, 'client')
      : `${clients.length} of ${listed ?? 'an unknown number of'} clients checked`;
  const parts = [
    markdown.text(`${extent}${cut ? ' (the list may be incomplete)' : ''}, ${countText(secrets.length, 'secret')}`),
    ...(created > 0 ? [fragment`${created} created by this action`] : []),
    fragment`${markdown.code(vantage.baseUrl)}, tenant ${markdown.code(vantage.tenantId)}`,
    markdown.text(minuteText(auditedAt)),
  ];
  return joined(parts, ' · ');
}

function toDoOf({ expiring, rotating, dead, risky }: AuditSections, markdown: Markdown): readonly Fragment[] {
  return [
    expiring.length > 0 &&
      'Before they expire, create a new secret for each client below, soonest first, and give it to those who use the client.',
    rotating.length > 0 && 'Check that the workflows still run that replace the secrets which this action created.',
    dead.length > 0 && 'Create a secret for each client that has none, or delete the client if nobody uses it.',
    risky.length > 0 && 'Correct the dangerous settings.',
  ]
    .filter(text => text !== false)
    .map(text => markdown.text(text));
}
