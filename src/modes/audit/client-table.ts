import { dateText } from '../../model/dates.ts';
import type { AuditedClient } from '../../plan/audit.ts';
import { type Finding, shortId } from '../../plan/findings.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details } from '../../report/summary.ts';
import type { Row } from '../../report/tables.ts';

/** As many clients as fit, each with all its secrets, folded. */
export function clientTable(
  clients: readonly AuditedClient[],
  markdown: Markdown,
  bytes: number,
): readonly (Fragment | string)[] {
  const title = `All ${clients.length} clients`;
  const lines = [markdown.table(['Client', 'Secret', 'From', 'To', 'State', 'Created for', 'Findings'], [])];
  let left = bytes - Buffer.byteLength(details(title, lines).join('\n'));
  let shown = 0;
  for (const client of clients) {
    const rows = rowsOfClient(client, markdown).map(row => markdown.row(row));
    left -= Buffer.byteLength(rows.join('\n')) + 1;
    if (left < 0) {
      break;
    }
    lines.push(...rows);
    shown += 1;
  }
  const more = clients.length - shown;
  const rest = more > 0 ? ['', `And ${more} more clients, for which the summary is too small.`] : [];
  return clients.length === 0 ? [] : details(title, [...lines, ...rest]);
}

function rowsOfClient({ clientId, clientName, secrets, findings }: AuditedClient, markdown: Markdown): readonly Row[] {
  const id = markdown.code(clientId, 100);
  const name = clientName === undefined ? id : fragment`${id} (${markdown.text(markdown.short(clientName, 100))})`;
  const ofClient = kindsOf(findings.filter(({ secretId }) => secretId === undefined));
  if (secrets === undefined || secrets.length === 0) {
    return [[name, secrets ? 'none' : 'not listed', '', '', '', '', ofClient]];
  }
  return secrets.map((secret, index) => [
    index === 0 ? name : '',
    markdown.code(shortId(secret.id)),
    dateOf(secret.startTime, ''),
    dateOf(secret.expiration, 'not reported'),
    secret.superseded ? `${secret.state}, superseded` : secret.state,
    secret.createdFor
      ? fragment`${markdown.code(secret.createdFor.repository, 100)} to ${markdown.code(secret.createdFor.digests.join(','))}`
      : '',
    [...(index === 0 ? [ofClient] : []), kindsOf(findings.filter(({ secretId }) => secretId === secret.id))]
      .filter(Boolean)
      .join(', '),
  ]);
}

function dateOf(time: string | undefined, otherwise: string): string {
  return time === undefined ? otherwise : dateText(new Date(time));
}

function kindsOf(findings: readonly Finding[]): string {
  return findings.map(({ kind }) => kind).join(', ');
}
