import type { Request } from '../../model/request.ts';
import { type AuditedClient, type AuditedSecret, shortId } from '../../plan/audit.ts';
import type { Finding } from '../../plan/findings.ts';
import type { Markdown } from '../../report/markdown.ts';
import type { AuditRecord } from './record.ts';
import { drawTimeline } from './timeline.ts';

/** Clients whose findings are spelled out, and findings of each; the rest stand in the table of all clients. */
const MOST_FOUND = { clients: 50, each: 20 };

/** GitHub takes 1 MiB of summary from a step; what is left free is for the rest of the page. */
const MOST_BYTES = 1024 * 1024 - 64 * 1024;

const DAY = 24 * 60 * 60 * 1000;

const ICONS = { expiring: '⏳', risky: '⚠️', other: 'ℹ️' } as const;

/** What an audit found: the counts, the findings, when secrets end, and all clients. */
export function summarizeAudit(
  { vantage }: Request,
  { listed, cut, clients, auditedAt }: AuditRecord,
  markdown: Markdown,
): readonly string[] {
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
          `${extentOf(clients.length, listed)}${cut ? ' (the list may be cut there)' : ''}, of which ${found.length} have findings`,
        ],
        ['Secrets', `${secrets.length}, of which this action created ${created}`],
        ['Findings', countFindings(clients)],
      ],
    ),
    ...tableOfEnds(secrets, auditedAt, markdown),
    ...drawTimeline(clients, auditedAt, markdown),
    ...tableOfFindings(found, markdown),
  ];
  return [...head, ...tableOfClients(clients, markdown, MOST_BYTES - Buffer.byteLength(head.join('\n')))];
}

/** A run that ended early did not look at all of them. */
function extentOf(audited: number, listed: number | undefined): string {
  if (listed === audited) {
    return String(audited);
  }
  return `${audited} of ${listed ?? 'an unknown number'} looked at`;
}

function countFindings(clients: readonly AuditedClient[]): string {
  const byKind = Map.groupBy(
    clients.flatMap(({ findings }) => findings),
    ({ kind }) => kind,
  );
  return [...byKind].map(([kind, { length }]) => `${length} ${kind}`).join(', ') || 'none';
}

function tableOfFindings(found: readonly AuditedClient[], markdown: Markdown): readonly string[] {
  if (found.length === 0) {
    return [];
  }
  const rows = found.slice(0, MOST_FOUND.clients).map(({ clientId, findings }) => {
    const told = findings.slice(0, MOST_FOUND.each);
    const lines = told.map(one => `${ICONS[one.class]} ${markdown.text(markdown.short(`${one.kind}: ${one.text}`))}`);
    const more = findings.length > told.length ? [`And ${findings.length - told.length} more.`] : [];
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

/** How many secrets end when: what a picture of a thousand of them could not show. */
function tableOfEnds(secrets: readonly AuditedSecret[], now: Date, markdown: Markdown): readonly string[] {
  const bounds = [0, 7, 30, 90, 180, 365];
  const column = ({ expiration }: AuditedSecret) => {
    const days = (Date.parse(expiration ?? '') - now.getTime()) / DAY;
    const index = bounds.findIndex(bound => days <= bound);
    return Number.isNaN(days) ? bounds.length + 1 : index < 0 ? bounds.length : index;
  };
  const head = ['Ended', ...bounds.slice(1).map(bound => `In ${bound} days`), 'Later', 'Not told'];
  const counts = head.map((_, index) => String(secrets.filter(secret => column(secret) === index).length));
  return secrets.length === 0 ? [] : ['', '#### When the secrets end', '', markdown.table(head, [counts])];
}

/** Every client and secret, for as long as there is room. */
function tableOfClients(clients: readonly AuditedClient[], markdown: Markdown, room: number): readonly string[] {
  const lines = [
    '',
    `<details><summary>All ${clients.length} clients</summary>`,
    '',
    markdown.table(['Client', 'Secret', 'From', 'To', 'State', 'Created for', 'Findings'], []),
  ];
  let left = room - Buffer.byteLength(lines.join('\n'));
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
  const rest = more > 0 ? ['', `And ${more} more clients, for which there is no room here.`] : [];
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
    expiration?.slice(0, 10) ?? 'not told',
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
