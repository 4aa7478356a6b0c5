import { type AuditedClient, type AuditedSecret, shortId } from '../../plan/audit.ts';
import type { Finding } from '../../plan/findings.ts';
import type { Markdown, Summary } from '../../report/summary.ts';
import type { AuditRequest } from './inputs.ts';
import type { AuditRecord } from './record.ts';
import { drawTimeline } from './timeline.ts';

/** How many clients the table of findings shows, and how many findings of each. The table of all clients has the rest. */
const MAX_FINDINGS = { clients: 50, each: 20 };

/** GitHub accepts a summary of 1 MiB from a step. The rest is for the head of the page. */
const MAX_BYTES = 1024 * 1024 - 64 * 1024;

const DAY = 24 * 60 * 60 * 1000;

const ICONS = { expiring: '⏳', risky: '⚠️', other: 'ℹ️' } as const;

/** The job summary of `mode: audit`: the counts, when secrets expire, the findings, and all clients. */
export function summarizeAudit(
  { vantage }: AuditRequest,
  { listed, cut, clients, auditedAt }: AuditRecord,
  markdown: Markdown,
): Summary {
  const secrets = clients.flatMap(client => client.secrets ?? []);
  const found = clients.filter(({ findings }) => findings.length > 0);
  const created = secrets.filter(({ createdFor }) => createdFor).length;
  const head = [
    markdown.table(
      ['', ''],
      [
        ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
        [
          'Clients',
          `${extentOf(clients.length, listed)}${cut ? ' (the list may be incomplete)' : ''}, ${found.length} with findings`,
        ],
        ['Secrets', `${secrets.length}, ${created} of them created by this action`],
        ['Findings', countFindings(clients)],
      ],
    ),
    ...expirationTable(secrets, auditedAt, markdown),
    ...drawTimeline(clients, auditedAt, markdown),
    ...findingsTable(found, markdown),
  ];
  return {
    title: `Audit of Vantage tenant ${markdown.code(vantage.tenantId)}`,
    hasFindings: found.length > 0,
    body: [...head, ...clientTable(clients, markdown, MAX_BYTES - Buffer.byteLength(head.join('\n')))],
  };
}

/** A run that failed may not have checked all clients. */
function extentOf(audited: number, listed: number | undefined): string {
  if (listed === audited) {
    return String(audited);
  }
  return `${audited} of ${listed ?? 'an unknown number'} checked`;
}

function countFindings(clients: readonly AuditedClient[]): string {
  const byKind = Map.groupBy(
    clients.flatMap(({ findings }) => findings),
    ({ kind }) => kind,
  );
  return [...byKind].map(([kind, { length }]) => `${length} ${kind}`).join(', ') || 'none';
}

function findingsTable(found: readonly AuditedClient[], markdown: Markdown): readonly string[] {
  if (found.length === 0) {
    return [];
  }
  const rows = found.slice(0, MAX_FINDINGS.clients).map(({ clientId, findings }) => {
    const shown = findings.slice(0, MAX_FINDINGS.each);
    const lines = shown.map(one => `${ICONS[one.class]} ${markdown.text(markdown.short(`${one.kind}: ${one.text}`))}`);
    const more = findings.length > shown.length ? [`And ${findings.length - shown.length} more.`] : [];
    return `| ${markdown.text(markdown.short(clientId))} | ${[...lines, ...more].join('<br>')} |`;
  });
  const more = found.length - rows.length;
  return [
    '',
    '#### Findings',
    '',
    markdown.table(['Client', 'Findings'], []),
    ...rows,
    ...(more > 0 ? ['', `And ${more} more clients with findings, in the table of all clients.`] : []),
  ];
}

/** How many secrets expire when. The timeline cannot show a thousand of them. */
function expirationTable(secrets: readonly AuditedSecret[], now: Date, markdown: Markdown): readonly string[] {
  const bounds = [0, 7, 30, 90, 180, 365];
  const column = ({ expiration }: AuditedSecret) => {
    const days = (Date.parse(expiration ?? '') - now.getTime()) / DAY;
    const index = bounds.findIndex(bound => days <= bound);
    return Number.isNaN(days) ? bounds.length + 1 : index < 0 ? bounds.length : index;
  };
  const head = ['Expired', ...bounds.slice(1).map(bound => `Within ${bound} days`), 'Later', 'Not reported'];
  const counts = head.map((_, index) => String(secrets.filter(secret => column(secret) === index).length));
  return secrets.length === 0 ? [] : ['', '#### When the secrets expire', '', markdown.table(head, [counts])];
}

/** As many clients as fit, each with all its secrets. */
function clientTable(clients: readonly AuditedClient[], markdown: Markdown, bytes: number): readonly string[] {
  const lines = [
    '',
    `<details><summary>All ${clients.length} clients</summary>`,
    '',
    markdown.table(['Client', 'Secret', 'From', 'To', 'State', 'Created for', 'Findings'], []),
  ];
  let left = bytes - Buffer.byteLength(lines.join('\n'));
  let shown = 0;
  for (const client of clients) {
    const rows = rowsOfClient(client).map(row => markdown.row(row.map(cell => markdown.short(cell))));
    left -= Buffer.byteLength(rows.join('\n')) + 1;
    if (left < 0) {
      break;
    }
    lines.push(...rows);
    shown += 1;
  }
  const more = clients.length - shown;
  const rest = more > 0 ? ['', `And ${more} more clients, for which the summary is too small.`] : [];
  return clients.length === 0 ? [] : [...lines, ...rest, '', '</details>'];
}

function rowsOfClient({ clientId, clientName, secrets, findings }: AuditedClient): readonly (readonly string[])[] {
  const name = clientName === undefined ? clientId : `${clientId} (${clientName})`;
  const ofClient = kindsOf(findings.filter(({ secretId }) => secretId === undefined));
  if (secrets === undefined || secrets.length === 0) {
    return [[name, secrets ? 'none' : 'not listed', '', '', '', '', ofClient]];
  }
  return secrets.map(({ id, state, startTime, expiration, createdFor, superseded }, index) => [
    index === 0 ? name : '',
    shortId(id),
    startTime?.slice(0, 10) ?? '',
    expiration?.slice(0, 10) ?? 'not reported',
    superseded ? `${state}, superseded` : state,
    createdFor ? `${createdFor.repository}, to=${createdFor.digests.join(',')}` : '',
    [...(index === 0 ? [ofClient] : []), kindsOf(findings.filter(({ secretId }) => secretId === id))]
      .filter(Boolean)
      .join(', '),
  ]);
}

function kindsOf(findings: readonly Finding[]): string {
  return findings.map(({ kind }) => kind).join(', ');
}
