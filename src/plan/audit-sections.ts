import { countText, directionText, distanceText } from '../model/dates.ts';
import type { FailOn } from '../model/request.ts';
import { type Duration, later } from '../model/time.ts';
import type { AuditedClient, AuditedSecret } from './audit.ts';
import { type Finding, shortId } from './findings.ts';

interface SecretRow {
  readonly client: AuditedClient;
  readonly secret: AuditedSecret;
}

export interface FindingRow {
  readonly client: AuditedClient;
  readonly finding: Finding;
}

export type AuditSections = ReturnType<typeof sectionsOf>;

/**
 * What an audit found, in the order in which a person acts on it. Each problem is in one section, once: a client whose only
 * secret has expired is one row, although its `results` have two findings.
 */
export function sectionsOf(clients: readonly AuditedClient[]) {
  const rows = clients.flatMap(client => client.findings.map(finding => ({ client, finding })));
  const ofKind = (kind: Finding['kind']) => rows.filter(({ finding }) => finding.kind === kind);
  const isDead = new Set(ofKind('no-valid-secret').map(({ client }) => client));
  const soon = secretsOf(ofKind('expiring')).sort((one, other) => endOf(one.secret) - endOf(other.secret));
  const late = secretsOf(ofKind('expired').filter(({ client }) => !isDead.has(client)));
  return {
    /** The secrets that expire soon and that this action did not create, so that nothing replaces them. Soonest first. */
    expiring: soon.filter(({ secret }) => !secret.createdFor),
    /** The secrets that expire soon and that this action created. The next run of their workflow replaces them. */
    rotating: soon.filter(({ secret }) => secret.createdFor),
    /** The clients without a working secret, with the one that expired last. The latest to lose it first. */
    dead: ofKind('no-valid-secret')
      .map(({ client, finding }) => ({ client, finding, last: lastExpired(client) }))
      .sort((one, other) => endOf(other.last) - endOf(one.last)),
    /** The expired secrets of clients that have another one. Latest first. */
    expired: late.sort((one, other) => endOf(other.secret) - endOf(one.secret)),
    risky: rows.filter(({ finding }) => finding.class === 'risky'),
    /** The clients that could not be checked completely. */
    unread: ofKind('unreadable'),
  };
}

function secretsOf(rows: readonly FindingRow[]): SecretRow[] {
  return rows.flatMap(({ client, finding }) => {
    const secret = client.secrets?.find(({ id }) => id === finding.secretId);
    return secret ? [{ client, secret }] : [];
  });
}

/** In milliseconds since 1970. 0 if there is none, before every expiration. */
function endOf(secret: AuditedSecret | undefined): number {
  return Date.parse(secret?.expiration ?? '') || 0;
}

function lastExpired({ secrets = [] }: AuditedClient): AuditedSecret | undefined {
  return secrets.filter(({ state }) => state === 'expired').sort((one, other) => endOf(other) - endOf(one))[0];
}

/** Counts what an audit found, as one sentence without its end: the title and the error of the step. '' if nothing. */
export function auditVerdict(sections: AuditSections, within: string, failOn: FailOn = 'any'): string {
  const { expiring, rotating, dead, expired, risky, unread } = sections;
  const [isExpiring, isRisky] = [failOn !== 'risky', failOn !== 'expiring'];
  const soon = expiring.length + rotating.length;
  const parts: readonly (readonly [boolean, number, string])[] = [
    [isExpiring, soon, `${countText(soon, 'secret expires', 'secrets expire')} within ${within}`],
    [isExpiring, dead.length, `${countText(dead.length, 'client has', 'clients have')} no working secret`],
    [isExpiring, expired.length, `${countText(expired.length, 'other secret has', 'other secrets have')} expired`],
    [isRisky, risky.length, countText(risky.length, 'dangerous setting')],
    [failOn === 'any', unread.length, `${countText(unread.length, 'check')} not possible`],
  ];
  return parts
    .filter(([isCounted, count]) => isCounted && count > 0)
    .map(([, , text]) => text)
    .join(', ');
}

/** Most lines of one section in the log. A tenant can have a million redirect URIs. */
const MAX_LINES = 1000;

/** One line for the log about each thing that an audit found, section by section. */
export function auditLines(sections: AuditSections, within: string, now: Date): readonly AuditLines[] {
  const { expiring, rotating, dead, expired, risky, unread } = sections;
  const ends = (verb: string, { client, secret: { id, expiration, createdFor } }: SecretRow) => {
    const madeFor = createdFor ? `, created for ${createdFor.repository}` : '';
    return `Client "${client.clientId}": secret ${shortId(id)} ${verb} ${inText(expiration, now)}${madeFor}.`;
  };
  const found = ({ client, finding }: FindingRow) => `Client "${client.clientId}": ${finding.text}.`;
  return [
    { title: `Expire within ${within}`, lines: expiring.map(row => ends('expires', row)) },
    { title: `Expire within ${within}, created by this action`, lines: rotating.map(row => ends('expires', row)) },
    {
      title: 'No working secret',
      lines: dead.map(({ client, finding, last }) => {
        const since = last ? ` since ${inText(last.expiration, now)}` : '';
        return `Client "${client.clientId}" has no working secret${since}: ${finding.text}.`;
      }),
    },
    { title: 'Expired, and another secret works', lines: expired.map(row => ends('expired', row)) },
    { title: 'Dangerous settings', lines: risky.map(found) },
    { title: 'Could not be checked', lines: unread.map(found) },
  ];
}

interface AuditLines {
  readonly title: string;
  readonly lines: readonly string[];
}

/** The lines of a section that the log shows. */
export function shownLines(lines: readonly string[]): readonly string[] {
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `And ${more} more.`] : lines;
}

function inText(time: string | undefined, now: Date): string {
  return time === undefined ? 'at an unknown time' : `${time.slice(0, 10)} (${directionText(new Date(time), now)})`;
}

/**
 * The lines to show as annotations, of which a step has few: half of them what expires next, which a person can still
 * prevent, and half what broke last. The rest of the findings fills what is left.
 */
export function mostUrgent(all: readonly AuditLines[], most: number): readonly string[] {
  const [expiring = [], rotating = [], dead = [], ...others] = all.map(({ lines }) => lines);
  const half = Math.ceil(most / 2);
  const soon = [...expiring, ...rotating];
  const late = [...dead, ...others.flat()];
  const first = soon.slice(0, Math.max(half, most - late.length));
  return [...first, ...late.slice(0, most - first.length)];
}

/** How far an audit looks ahead, in words: `30 days`. */
export function withinText(expiringWithin: Duration, now: Date): string {
  return distanceText(later(now, expiringWithin), now);
}
