import type { AuditedClient, AuditedSecret } from '../../plan/audit.ts';
import type { Markdown } from '../../report/markdown.ts';

/** Bars that still read as a picture. */
const MOST_BARS = 30;

/** How far the picture reaches to either side of now, in days: a secret of three years would dwarf all others. */
const REACH = { before: 90, after: 365 };

/** For how long a secret that has ended is still shown, in days. */
const SHOWN_AFTER_END = 30;

/** What Mermaid needs for a letter of a section's name, in pixels. */
const LETTER = 7;

const DAY = 24 * 60 * 60 * 1000;

/** How Mermaid draws each state: `crit` red, `active` in full color, `done` grey. */
const TAGS = { expired: 'crit, ', expiring: 'crit, ', valid: 'active, ', 'not yet valid': '' } as const;

/**
 * The lives of the secrets that end next, as a Gantt chart that GitHub draws: one section a client, one bar a secret,
 * and a line where the reader is now.
 *
 * @param now cuts what lies too far from it.
 */
export function drawTimeline(clients: readonly AuditedClient[], now: Date, markdown: Markdown): readonly string[] {
  const bars = clients
    .flatMap(client => (client.secrets ?? []).map(secret => ({ client, secret })))
    .filter(({ secret }) => isInSight(secret, now))
    .sort((one, other) => endOf(one.secret) - endOf(other.secret));
  const ended = bars.filter(({ secret }) => secret.state === 'expired');
  const alive = bars.slice(ended.length, ended.length + MOST_BARS);
  // What ended last fills the room that is left.
  const shown = [...ended.slice(Math.max(0, ended.length - (MOST_BARS - alive.length))), ...alive];
  if (shown.length === 0) {
    return [];
  }
  const sections = Map.groupBy(shown, ({ client }) => markdown.label(client.clientId));
  const widest = Math.max(...[...sections.keys()].map(({ length }) => length));
  return [
    '',
    '```mermaid',
    `%%{init: {"gantt": {"leftPadding": ${30 + widest * LETTER}}}}%%`,
    'gantt',
    `    title ${bars.length > shown.length ? `The ${shown.length} of ${bars.length} secrets that end next` : 'When the secrets work'}`,
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

/** What ended long ago, and what nothing depends on any more, would only take the room of what matters. */
function isInSight({ expiration, superseded }: AuditedSecret, now: Date): boolean {
  return !superseded && (expiration === undefined || Date.parse(expiration) > now.getTime() - SHOWN_AFTER_END * DAY);
}

function bar(secret: AuditedSecret, now: Date, markdown: Markdown): string {
  const { id, state, startTime, expiration } = secret;
  const { start, end } = lifeOf(secret, now);
  const what = state === 'valid' || state === 'expiring' ? 'ends' : state === 'expired' ? 'ended' : 'from';
  const when = state === 'not yet valid' ? startTime : expiration;
  return `${nameOf(id, markdown)} ${when ? `${what} ${when.slice(0, 10)}` : 'no end told'} :${TAGS[state]}${day(start)}, ${day(end)}`;
}

/** The part of a life that the picture shows, in milliseconds since 1970. */
function lifeOf({ startTime, expiration }: AuditedSecret, now: Date): { readonly start: number; readonly end: number } {
  const first = now.getTime() - REACH.before * DAY;
  const last = now.getTime() + REACH.after * DAY;
  const start = Math.min(Math.max(first, Date.parse(startTime ?? '') || first), last - DAY);
  return { start, end: Math.max(start + DAY, Math.min(last, Date.parse(expiration ?? '') || last)) };
}

function monthsOf(lives: readonly { readonly start: number; readonly end: number }[]): number {
  const first = Math.min(...lives.map(({ start }) => start));
  const last = Math.max(...lives.map(({ end }) => end));
  return (last - first) / (30 * DAY);
}

/** Later than any time where none is told; finite, as two of these are compared. */
function endOf({ expiration }: AuditedSecret): number {
  return expiration === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(expiration);
}

/** What begins like a word may be one of Mermaid's own: `section`, say, or `click`. Ids in hex begin none of these. */
function nameOf(id: string, markdown: Markdown): string {
  const name = markdown.label(id).slice(0, 8);
  return /^[\da-f-]+$/iu.test(name) ? name : `·${name}`;
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
