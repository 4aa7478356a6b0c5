import { countText, dateText } from '../../model/dates.ts';
import type { AuditedClient, AuditedSecret } from '../../plan/audit.ts';
import type { Markdown } from '../../report/markdown.ts';

/** More bars than this make the picture unreadable. */
const MAX_BARS = 30;

/** How many days before and after now the picture shows. Next to a secret of three years, all others would be tiny. */
const SHOWN_DAYS = { before: 90, after: 365 };

/** For how many days an expired secret is shown. */
const SHOWN_AFTER_EXPIRATION = 30;

/** The size of letters, and the width of one in the name of a section, in pixels. */
const LETTER = { size: 12, width: 7.5 };

/** The text on every bar is white. Its contrast with these colors is 6 or more, on a light and on a dark page. */
const COLORS = { crit: '#a40e26', activeTask: '#0550ae', task: '#57606a' };

const DAY = 24 * 60 * 60 * 1000;

/** How Mermaid draws each state: `crit` is red, `active` is blue. */
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
    '```mermaid',
    `%%{init: ${JSON.stringify(settings(widest))}}%%`,
    'gantt',
    '    accTitle: When the secrets expire',
    `    accDescr: ${countText(shown.length, 'secret')} of ${countText(sections.size, 'client')}, each as a bar from its start to its expiration`,
    `    title ${bars.length > shown.length ? `The ${shown.length} of ${bars.length} secrets that expire next` : 'When the secrets are valid'}`,
    '    dateFormat YYYY-MM-DD',
    '    axisFormat %Y-%m',
    `    tickInterval ${monthsOf(shown.map(({ secret }) => lifeOf(secret, now))) > 6 ? 3 : 1}month`,
    ...[...sections].flatMap(([name, group]) => [
      `    section ${name}`,
      ...group.map(({ secret }) => `    ${bar(secret, now)}`),
    ]),
    '```',
  ];
}

/** What Mermaid is to draw otherwise than by default. @param widest the number of letters of the longest name. */
function settings(widest: number) {
  const colors = Object.entries(COLORS).flatMap(([name, color]) => [
    [`${name}BkgColor`, color],
    [`${name}BorderColor`, color],
  ]);
  return {
    gantt: { leftPadding: Math.ceil(30 + widest * LETTER.width), fontSize: LETTER.size, sectionFontSize: LETTER.size },
    themeVariables: { ...Object.fromEntries(colors), taskTextColor: '#ffffff', taskTextDarkColor: '#ffffff' },
  };
}

/** Nothing depends on a superseded secret, or on one that expired long ago. */
function isShown(secret: AuditedSecret, now: Date): boolean {
  return !secret.superseded && expirationOf(secret) > now.getTime() - SHOWN_AFTER_EXPIRATION * DAY;
}

/** Its section has the name of the client, so the bar only says when. */
function bar(secret: AuditedSecret, now: Date): string {
  const { state, startTime, expiration } = secret;
  const { start, end } = lifeOf(secret, now);
  const what = state === 'not yet valid' ? 'from' : state === 'expired' ? 'expired' : 'expires';
  const when = state === 'not yet valid' ? startTime : expiration;
  const text = when ? `${what} ${dateText(new Date(when))}` : 'expiration not reported';
  return `${text} :${TAGS[state]}${day(start)}, ${day(end)}`;
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

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
