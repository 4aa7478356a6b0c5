import { type Mark, readMark } from '../model/mark.ts';
import { LONGEST_LIFE } from '../model/secret-life.ts';
import { type Duration, later } from '../model/time.ts';
import type { ListedSecret, ReadableClient, ReadList } from '../model/vantage.ts';
import { type Finding, findInSettings, finding } from './findings.ts';
import { instant, isValid } from './marked-secrets.ts';

/** A secret as the audit found it. Times are RFC 3339 in UTC; absent where Vantage tells none. */
export interface AuditedSecret {
  readonly id: string;
  readonly state: 'valid' | 'expiring' | 'expired' | 'not yet valid';
  readonly startTime?: string;
  readonly expiration?: string;
  /** Whom this action created it for: the repository by its name and its id, and the digests of where it went. */
  readonly createdFor?: Pick<Mark, 'repository' | 'owner' | 'digests'>;
  /** Whether later ones are valid for everything that it went to, so that nothing depends on this one. */
  readonly superseded: boolean;
}

/** A client as the audit found it. */
export interface AuditedClient {
  readonly clientId: string;
  readonly clientName?: string;
  /** Absent where they could not be listed. */
  readonly secrets?: readonly AuditedSecret[];
  readonly findings: readonly Finding[];
}

/** What the audit measures by. */
export interface AuditTerms {
  readonly now: Date;
  /** A secret is expiring once less than this is left of its life. */
  readonly expiringWithin: Duration;
}

const DAY = 24 * 60 * 60;

/** Stands for an end that Vantage does not tell: the last moment that there is. */
const NEVER = new Date(8.64e15);

/** What Vantage told of a client. */
export interface ClientReading {
  /** With all the settings that are known. */
  readonly client: ReadableClient;
  /** Why not all settings are known, where they are not. */
  readonly unreadSettings?: string;
  readonly secrets: ReadList<ListedSecret>;
}

/** Says what is wrong with a client, from what Vantage tells of it and of its secrets. */
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

/** Gravest first: what expires, then what is risky, then the rest; among these what ends first, then by name. */
export function byGravity(clients: readonly AuditedClient[]): readonly AuditedClient[] {
  const gravity = ({ findings }: AuditedClient) =>
    Math.min(3, ...findings.map(one => ['expiring', 'risky', 'other'].indexOf(one.class)));
  const end = ({ findings, secrets = [] }: AuditedClient) => {
    const about = secrets.filter(({ id }) => findings.some(({ secretId }) => secretId === id));
    return about.map(({ expiration }) => expiration ?? '9999').sort()[0] ?? '9999';
  };
  return clients.toSorted(
    (one, other) =>
      gravity(one) - gravity(other) ||
      end(one).localeCompare(end(other), 'en') ||
      one.clientId.localeCompare(other.clientId, 'en'),
  );
}

function auditSecrets(listed: readonly ListedSecret[], { now, expiringWithin }: AuditTerms): readonly AuditedSecret[] {
  const window = later(now, expiringWithin);
  const dated = listed.map(secret => ({
    id: secret.id,
    startTime: instant(secret.startTime),
    expiration: instant(secret.expiration),
    mark: readMark(secret.description),
  }));
  return dated.map(({ id, startTime, expiration, mark }) => ({
    id,
    state: stateOf(now, window, { startTime, expiration }),
    ...(startTime ? { startTime: startTime.toISOString() } : {}),
    ...(expiration ? { expiration: expiration.toISOString() } : {}),
    ...(mark ? { createdFor: { repository: mark.repository, owner: mark.owner, digests: mark.digests } } : {}),
    superseded: isSuperseded(
      mark,
      dated.filter(other => isValid(other, now)),
    ),
  }));
}

/** Targets may be shared, so it does not matter who created the later ones. */
function isSuperseded(mark: Mark | undefined, valid: readonly { readonly mark: Mark | undefined }[]): boolean {
  const later = valid.flatMap(other => (mark && other.mark && other.mark.createdAt > mark.createdAt ? other.mark : []));
  return mark?.digests.every(digest => later.some(({ digests }) => digests.includes(digest))) === true;
}

function stateOf(
  now: Date,
  window: Date,
  {
    startTime = now,
    expiration = NEVER,
  }: { readonly startTime: Date | undefined; readonly expiration: Date | undefined },
): AuditedSecret['state'] {
  if (expiration <= now) {
    return 'expired';
  }
  if (startTime > now) {
    return 'not yet valid';
  }
  return expiration < window ? 'expiring' : 'valid';
}

function findInSecrets(
  client: ReadableClient,
  { secrets, whole }: { readonly secrets: readonly AuditedSecret[]; readonly whole: boolean },
  { now }: AuditTerms,
): readonly Finding[] {
  const works = secrets.some(({ state }) => state === 'valid' || state === 'expiring');
  const lacking = client.requireClientSecret !== false && !works;
  return [
    ...(lacking ? [finding('no-valid-secret', lackOf(secrets, whole))] : []),
    ...secrets.flatMap(secret => findInSecret(secret, now)),
  ];
}

function lackOf(secrets: readonly AuditedSecret[], whole: boolean): string {
  const [only, ...more] = secrets;
  if (only === undefined) {
    return 'it has no secret';
  }
  if (!whole) {
    return `no secret that this Vantage lists is valid, and its list of ${secrets.length} may be cut`;
  }
  return more.length === 0 ? 'its only secret is not valid' : `none of its ${secrets.length} secrets is valid`;
}

function findInSecret(secret: AuditedSecret, now: Date): readonly Finding[] {
  const { id, state, startTime, expiration, superseded } = secret;
  if (expiration === undefined) {
    return [finding('no-end', `secret ${shortId(id)} has no end that Vantage tells`, id)];
  }
  if ((state === 'expired' || state === 'expiring') && !superseded) {
    const verb = state === 'expired' ? 'ended' : 'ends';
    return [
      finding(state, `secret ${shortId(id)} ${verb} ${expiration.slice(0, 10)} (${distance(expiration, now)})`, id),
    ];
  }
  const start = state === 'not yet valid' && startTime ? new Date(startTime) : now;
  return new Date(expiration) > later(start, { ...LONGEST_LIFE, days: 1 })
    ? [finding('no-end', `secret ${shortId(id)} ends ${expiration.slice(0, 10)}, later than Vantage documents`, id)]
    : [];
}

/** The reason may be whole sentences, of a failure. */
function unreadableFinding(what: string, why: string): Finding {
  return finding('unreadable', `${what}: ${why.replace(/\.$/u, '')}`);
}

/** As much of an id as tells it from the others of its client. */
export function shortId(id: string): string {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}

/** How far a time lies from now, in whole days. */
function distance(time: string, now: Date): string {
  const days = Math.floor(Math.abs(new Date(time).getTime() - now.getTime()) / (DAY * 1000));
  const count = days === 1 ? '1 day' : `${days} days`;
  if (days === 0) {
    return 'today';
  }
  return new Date(time) > now ? `in ${count}` : `${count} ago`;
}
