import { dateText, distanceText } from '../../model/dates.ts';
import type { AuditedClient, AuditedSecret } from '../../plan/audit.ts';
import type { AuditSections, FindingRow } from '../../plan/audit-sections.ts';
import { type Finding, type FindingKind, shortId } from '../../plan/findings.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { details } from '../../report/summary.ts';
import { type Row, section } from '../../report/tables.ts';

/** Most rows of each section, cut by itself: what died long ago must not hide what dies tomorrow. */
const MAX_ROWS = 25;

const FIXES: Partial<Record<FindingKind, string>> = {
  'no-end': 'Create a secret that expires, then delete this one',
  'foreign-hosts': 'End it with `/`',
  'no-pkce': 'Set `allowNoPkce` to false',
  ropc: 'Set `allowRopc` to false, and remove the grant type `password`',
  'long-lifetime': 'Shorten it',
};

/** A table for each section that is not empty. */
export function sectionTables(sections: AuditSections, within: string, markdown: Markdown): readonly string[] {
  const { expiring, rotating, dead, expired, risky, unread } = sections;
  const isSplit = expiring.length > 0 && rotating.length > 0;
  const table = <Item>(title: string, head: readonly string[], items: readonly Item[], rowOf: (item: Item) => Row) =>
    section(title, { head, items, rowOf, most: MAX_ROWS, allIn: 'in the `results` output and in the log' }, markdown);
  const nothingReplaces = isSplit ? ', and nothing replaces them' : '';
  const name = ({ clientId }: AuditedClient) => markdown.code(clientId, 60);
  const madeFor = ({ createdFor }: AuditedSecret) =>
    createdFor ? markdown.code(createdFor.repository, 60) : markdown.text('not by this action');
  const ending = ({ client, secret }: AuditSections['expired'][number]) => [
    when(secret, markdown),
    name(client),
    madeFor(secret),
  ];
  const found = ({ client, finding }: FindingRow) => [name(client), markdown.prose(markdown.short(finding.text))];
  return [
    ...table(`⏳ Expire within ${within}${nothingReplaces}`, ['Expires', 'Client', 'Secret'], expiring, row => [
      when(row.secret, markdown),
      name(row.client),
      markdown.code(shortId(row.secret.id)),
    ]),
    ...table(
      `🔁 Expire within ${within}, and this action created them`,
      ['Expires', 'Client', 'Created for'],
      rotating,
      ending,
    ),
    ...table('⛔ No working secret', ['Since', 'Client', 'Created for'], dead, ({ client, last, finding }) => [
      last && !finding.text.includes('incomplete') ? when(last, markdown) : markdown.prose(finding.text),
      name(client),
      last ? madeFor(last) : '',
    ]),
    ...table(
      '⌛ Expired, and another secret of the client works',
      ['Expired', 'Client', 'Created for'],
      expired,
      ending,
    ),
    ...table('⚠️ Dangerous settings', ['Client', 'Finding', 'Fix'], risky, row => [
      ...found(row),
      markdown.prose(FIXES[row.finding.kind] ?? ''),
    ]),
    ...table('❔ Could not be checked', ['Client', 'Why'], unread, found),
  ];
}

/** How far away the expiration is, which is what counts, and its date. */
function when({ expiration }: AuditedSecret, markdown: Markdown): Fragment {
  const time = new Date(expiration ?? '');
  if (Number.isNaN(time.getTime())) {
    return markdown.text('not reported');
  }
  const ago = time > markdown.now ? '' : ' ago';
  return fragment`**${markdown.text(`${distanceText(time, markdown.now)}${ago}`)}** · ${markdown.text(dateText(time))}`;
}

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
