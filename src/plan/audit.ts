import { type Mark, readMark } from '../model/mark.ts';
import { LONGEST_LIFE } from '../model/secret-life.ts';
import { type Duration, later } from '../model/time.ts';
import type { ListedSecret, ReadableClient, ReadList } from '../model/vantage.ts';
import { type Finding, findInSettings, finding } from './findings.ts';
import { isValid, parseVantageTime } from './marked-secrets.ts';

/** A secret in an audit. Times are RFC 3339 in UTC, and absent if Vantage does not report them. */
export interface AuditedSecret {
  readonly id: string;
  readonly state: 'valid' | 'expiring' | 'expired' | 'not yet valid';
  readonly startTime?: string;
  readonly expiration?: string;
  /** The repository that this action created it for, by name and ID, and the digests of its destinations. */
  readonly createdFor?: Pick<Mark, 'repository' | 'owner' | 'digests'>;
  /** Whether a newer secret is valid for each of its destinations, so that nothing depends on this one. */
  readonly superseded: boolean;
}

/** A client in an audit. */
export interface AuditedClient {
  readonly clientId: string;
  readonly clientName?: string;
  /** Absent if they could not be listed. */
  readonly secrets?: readonly AuditedSecret[];
  readonly findings: readonly Finding[];
}

/** The criteria of an audit. */
export interface AuditTerms {
  readonly now: Date;
  /** A secret is expiring if less than this is left of its life. */
  readonly expiringWithin: Duration;
}

const DAY = 24 * 60 * 60;

/** What Vantage reports about a client. */
export interface ClientReading {
  /** With all known settings. */
  readonly client: ReadableClient;
  /** Why the settings cannot be read. Absent if they were read. */
  readonly unreadSettings?: string;
  readonly secrets: ReadList<ListedSecret>;
}

/** Audits a client by what Vantage reports about it and its secrets. */
export function auditClient(reading: ClientReading, terms: AuditTerms): AuditedClient {
  const { client, unreadSettings, secrets: read } = reading;
  const listed = read.kind === 'found' ? { secrets: auditSecrets(read.found, terms), whole: read.whole } : undefined;
  const name = client.clientName;
  return {
    clientId: client.clientId,
    ...(typeof name === 'string' && name !== '' && name !== client.clientId ? { clientName: name } : {}),
    ...(listed ? { secrets: listed.secrets } : {}),
    findings: [
      ...(read.kind === 'unreadable' ? [unreadableFinding('its secrets cannot be listed', read.reason)] : []),
      ...(unreadSettings === undefined ? [] : [unreadableFinding('its settings cannot be read', unreadSettings)]),
      ...(listed ? findInSecrets(client, listed, terms) : []),
      ...findInSettings(client),
    ],
  };
}

/** Sorts clients: those with expiring secrets first, then risky ones, then others. Within a class by expiration, then by ID. */
export function mostSevereFirst(clients: readonly AuditedClient[]): readonly AuditedClient[] {
  const severity = ({ findings }: AuditedClient) =>
    Math.min(3, ...findings.map(one => ['expiring', 'risky', 'other'].indexOf(one.class)));
  const firstExpiration = ({ findings, secrets = [] }: AuditedClient) => {
    const affected = secrets.filter(({ id }) => findings.some(({ secretId }) => secretId === id));
    return affected.map(({ expiration }) => expiration ?? '9999').sort()[0] ?? '9999';
  };
  return clients.toSorted(
    (one, other) =>
      severity(one) - severity(other) ||
      firstExpiration(one).localeCompare(firstExpiration(other), 'en') ||
      one.clientId.localeCompare(other.clientId, 'en'),
  );
}

function auditSecrets(listed: readonly ListedSecret[], { now, expiringWithin }: AuditTerms): readonly AuditedSecret[] {
  const expiringBefore = later(now, expiringWithin);
  const dated = listed.map(secret => ({
    id: secret.id,
    startTime: parseVantageTime(secret.startTime),
    expiration: parseVantageTime(secret.expiration),
    mark: readMark(secret.description),
  }));
  const valid = dated.filter(one => isValid(one, now));
  return dated.map(({ id, startTime, expiration, mark }) => ({
    id,
    state: stateOf(startTime, expiration, now, expiringBefore),
    ...(startTime ? { startTime: startTime.toISOString() } : {}),
    ...(expiration ? { expiration: expiration.toISOString() } : {}),
    ...(mark ? { createdFor: { repository: mark.repository, owner: mark.owner, digests: mark.digests } } : {}),
    superseded: isSuperseded(mark, valid),
  }));
}

/** Repositories can share targets, so it does not matter who created the newer secrets. */
function isSuperseded(mark: Mark | undefined, valid: readonly { readonly mark: Mark | undefined }[]): boolean {
  const newer = valid.flatMap(other => (mark && other.mark && other.mark.createdAt > mark.createdAt ? other.mark : []));
  return mark?.digests.every(digest => newer.some(({ digests }) => digests.includes(digest))) === true;
}

function stateOf(
  startTime: Date | undefined,
  expiration: Date | undefined,
  now: Date,
  expiringBefore: Date,
): AuditedSecret['state'] {
  if (expiration && expiration <= now) {
    return 'expired';
  }
  if (startTime && startTime > now) {
    return 'not yet valid';
  }
  return expiration && expiration < expiringBefore ? 'expiring' : 'valid';
}

function findInSecrets(
  client: ReadableClient,
  { secrets, whole }: { readonly secrets: readonly AuditedSecret[]; readonly whole: boolean },
  { now }: AuditTerms,
): readonly Finding[] {
  const hasValid = secrets.some(({ state }) => state === 'valid' || state === 'expiring');
  const needsValid = client.requireClientSecret !== false && !hasValid;
  return [
    ...(needsValid ? [finding('no-valid-secret', noValidSecret(secrets, whole))] : []),
    ...secrets.flatMap(secret => findInSecret(secret, now)),
  ];
}

function noValidSecret(secrets: readonly AuditedSecret[], whole: boolean): string {
  const [only, ...more] = secrets;
  if (only === undefined) {
    return 'it has no secret';
  }
  if (!whole) {
    return `no secret that Vantage lists is valid, and its list of ${secrets.length} may be incomplete`;
  }
  return more.length === 0 ? 'its only secret is not valid' : `none of its ${secrets.length} secrets is valid`;
}

function findInSecret(secret: AuditedSecret, now: Date): readonly Finding[] {
  const { id, state, startTime, expiration, superseded } = secret;
  if (expiration === undefined) {
    return [finding('no-end', `secret ${shortId(id)} has no expiration that Vantage reports`, id)];
  }
  if ((state === 'expired' || state === 'expiring') && !superseded) {
    const verb = state === 'expired' ? 'expired' : 'expires';
    return [
      finding(
        state,
        `secret ${shortId(id)} ${verb} ${expiration.slice(0, 10)} (${distanceInDays(expiration, now)})`,
        id,
      ),
    ];
  }
  const start = state === 'not yet valid' && startTime ? new Date(startTime) : now;
  return new Date(expiration) > later(start, { ...LONGEST_LIFE, days: 1 })
    ? [finding('no-end', `secret ${shortId(id)} expires ${expiration.slice(0, 10)}, later than Vantage documents`, id)]
    : [];
}

/** The reason can be the message of a failure, which ends in a period. */
function unreadableFinding(what: string, why: string): Finding {
  return finding('unreadable', `${what}: ${why.replace(/\.$/u, '')}`);
}

/** The start of a long ID, which is enough to distinguish it from the others of its client. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}

function distanceInDays(time: string, now: Date): string {
  const days = Math.floor(Math.abs(new Date(time).getTime() - now.getTime()) / (DAY * 1000));
  const count = days === 1 ? '1 day' : `${days} days`;
  if (days === 0) {
    return 'today';
  }
  return new Date(time) > now ? `in ${count}` : `${count} ago`;
}
