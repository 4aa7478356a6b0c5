import type { AuditedClient, AuditedSecret } from '../../plan/audit.ts';
import type { Markdown } from '../../report/summary.ts';

/** More bars than this make the picture unreadable. */
const MAX_BARS = 30;

/** How many days before and after now the picture shows. Next to a secret of three years, all others would be tiny. */
const SHOWN_DAYS = { before: 90, after: 365 };

/** For how many days an expired secret is shown. */
const SHOWN_AFTER_EXPIRATION = 30;

/** The width of a letter in the name of a section, in pixels. */
const LETTER_WIDTH = 7;

const DAY = 24 * 60 * 60 * 1000;

/** How Mermaid draws each state: `crit` is red, `active` is in full color. */
const TAGS = { expired: 'crit, ', expiring: 'crit, ', valid: 'active, ', 'not yet valid': '' } as const;

/**
 * Draws the secrets that expire next as a Mermaid Gantt chart, which GitHub renders: a section for each client, a bar for
 * each secret, and a line at the time of reading.
 *
 * @param now the chart shows only the time around it.
 */
export function drawTimeline(clients: readonly AuditedClient[], now: Date, markdown: Markdown): readonly string[] {
  const bars = clients
    .flatMap(client => (client.secrets ?? []).map(secret => ({ client, secret })))
    .filter(({ secret }) => isShown(secret, now))
    .sort((one, other) => expirationOf(one.secret) - expirationOf(other.secret));
  const expired = bars.filter(({ secret }) => secret.state === 'expired');
  const alive = bars.slice(expired.length, expired.length + MAX_BARS);
  // The secrets that expired last fill the bars that are left.
  const shown = [...expired.slice(Math.max(0, expired.length - (MAX_BARS - alive.length))), ...alive];
  if (shown.length === 0) {
    return [];
  }
  const sections = Map.groupBy(shown, ({ client }) => markdown.label(client.clientId));
  const widest = Math.max(...[...sections.keys()].map(({ length }) => length));
  return [
    '',
    '```mermaid',
    `%%{init: {"gantt": {"leftPadding": ${30 + widest * LETTER_WIDTH}}}}%%`,
    'gantt',
    `    title ${bars.length > shown.length ? `The ${shown.length} of ${bars.length} secrets that expire next` : 'When the secrets are valid'}`,
    '    dateFormat YYYY-MM-DD',
    '    axisFormat %Y-%m',
    `    tickInterval ${monthsOf(shown.map(({ secret }) => lifeOf(secret, now))) > 6 ? 3 : 1}month`,
    ...[...sections].flatMap(([name, group]) => [
      `    section ${name}`,
      ...group.map(({ secret }) => `    ${bar(secret, now, markdown)}`),
    ]),
    '```',
  ];
}

/** Nothing depends on a superseded secret, or on one that expired long ago. */
function isShown({ expiration, superseded }: AuditedSecret, now: Date): boolean {
  return (
    !superseded && (expiration === undefined || Date.parse(expiration) > now.getTime() - SHOWN_AFTER_EXPIRATION * DAY)
  );
}

function bar(secret: AuditedSecret, now: Date, markdown: Markdown): string {
  const { id, state, startTime, expiration } = secret;
  const { start, end } = lifeOf(secret, now);
  const what = state === 'not yet valid' ? 'from' : state === 'expired' ? 'expired' : 'expires';
  const when = state === 'not yet valid' ? startTime : expiration;
  return `${nameOf(id, markdown)} ${when ? `${what} ${when.slice(0, 10)}` : 'expiration not reported'} :${TAGS[state]}${day(start)}, ${day(end)}`;
}

/** The part of the secret's life that the picture shows, in milliseconds since 1970. */
function lifeOf({ startTime, expiration }: AuditedSecret, now: Date): { readonly start: number; readonly end: number } {
  const first = now.getTime() - SHOWN_DAYS.before * DAY;
  const last = now.getTime() + SHOWN_DAYS.after * DAY;
  const start = Math.min(Math.max(first, Date.parse(startTime ?? '') || first), last - DAY);
  return { start, end: Math.max(start + DAY, Math.min(last, Date.parse(expiration ?? '') || last)) };
}

function monthsOf(lives: readonly { readonly start: number; readonly end: number }[]): number {
  const first = Math.min(...lives.map(({ start }) => start));
  const last = Math.max(...lives.map(({ end }) => end));
  return (last - first) / (30 * DAY);
}

/** Later than any time if Vantage reports none. Finite, because two of these are subtracted. */
function expirationOf({ expiration }: AuditedSecret): number {
  return expiration === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(expiration);
}

/** A name that begins like a word may be a keyword of Mermaid, such as `section` or `click`. No keyword looks like hex. */
function nameOf(id: string, markdown: Markdown): string {
  const name = markdown.label(id).slice(0, 8);
  return /^[\da-f-]+$/iu.test(name) ? name : `·${name}`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
