import { dateText, distanceText } from '../../model/dates.ts';
import type { AuditedClient, AuditedSecret } from '../../plan/audit.ts';
import type { AuditSections, FindingRow } from '../../plan/audit-sections.ts';
import { type FindingKind, shortId } from '../../plan/findings.ts';
import { type Fragment, fragment, type Markdown } from '../../report/markdown.ts';
import { type Row, section } from '../../report/tables.ts';

/** Most rows of each section, cut by itself: what died long ago must not hide what dies tomorrow. */
const MAX_ROWS = 25;

/** How to correct each kind of risk. */
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
  return [
    ...table(
      `⏳ Expire within ${within}${isSplit ? ', and nothing replaces them' : ''}`,
      ['Expires', 'Client', 'Secret'],
      expiring,
      row => [when(row.secret, markdown), nameOf(row.client, markdown), idOf(row.secret, markdown)],
    ),
    ...table(
      `🔁 Expire within ${within}, and this action created them`,
      ['Expires', 'Client', 'Created for'],
      rotating,
      row => [when(row.secret, markdown), nameOf(row.client, markdown), madeFor(row.secret, markdown)],
    ),
    ...table('⛔ No working secret', ['Since', 'Client', 'Created for'], dead, ({ client, last, finding }) => [
      last && !finding.text.includes('incomplete') ? when(last, markdown) : markdown.prose(finding.text),
      nameOf(client, markdown),
      last ? madeFor(last, markdown) : '',
    ]),
    ...table(
      '⌛ Expired, and another secret of the client works',
      ['Expired', 'Client', 'Created for'],
      expired,
      row => [when(row.secret, markdown), nameOf(row.client, markdown), madeFor(row.secret, markdown)],
    ),
    ...table('⚠️ Dangerous settings', ['Client', 'Finding', 'Fix'], risky, row => [
      ...found(row, markdown),
      fix(row, markdown),
    ]),
    ...table('❔ Could not be checked', ['Client', 'Why'], unread, row => found(row, markdown)),
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

function nameOf({ clientId }: AuditedClient, markdown: Markdown): Fragment {
  return markdown.code(clientId, 60);
}

function idOf({ id }: AuditedSecret, markdown: Markdown): Fragment {
  return markdown.code(shortId(id));
}

function madeFor({ createdFor }: AuditedSecret, markdown: Markdown): Fragment {
  return createdFor ? markdown.code(createdFor.repository, 60) : markdown.text('not by this action');
}

function found({ client, finding }: FindingRow, markdown: Markdown): readonly [Fragment, Fragment] {
  return [nameOf(client, markdown), markdown.prose(markdown.short(finding.text))];
}

function fix({ finding }: FindingRow, markdown: Markdown): Fragment {
  return markdown.prose(FIXES[finding.kind] ?? '');
}
