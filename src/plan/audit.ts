import { directionText } from '../model/dates.ts';
import { clause } from '../model/failure.ts';
import { type Mark, readMark } from '../model/mark.ts';
import { LONGEST_LIFE } from '../model/secret.ts';
import { type Duration, earlier, later } from '../model/time.ts';
import type { ListedSecret, ReadableClient, ReadList } from '../model/vantage.ts';
import { dueTime } from './due-dates.ts';
import { type Finding, findInSettings, finding, shortId } from './findings.ts';
import { isValid, lifeOf, type MarkedSecret } from './marked-secrets.ts';

/** A secret in an audit. Times are RFC 3339 in UTC, and absent if Vantage does not report them. */
export interface AuditedSecret {
  readonly id: string;
  readonly state: 'valid' | 'expiring' | 'expired' | 'not yet valid';
  readonly startTime?: string | undefined;
  readonly expiration?: string | undefined;
  /** The repository that this action created it for, by name and id, and the digests of its destinations. */
  readonly createdFor?: Pick<Mark, 'repository' | 'owner' | 'digests'>;
  /** Whether a newer secret is valid for each of its destinations, so that nothing depends on this one. */
  readonly superseded: boolean;
}

export interface AuditedClient {
  readonly clientId: string;
  readonly clientName?: string;
  /** Absent if they could not be listed. */
  readonly secrets?: readonly AuditedSecret[];
  readonly findings: readonly Finding[];
}

interface AuditTerms {
  readonly now: Date;
  readonly expiringWithin: Duration;
}

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
  const { clientId, clientName } = client;
  const listed = read.kind === 'found' ? { secrets: auditSecrets(read.found, terms), whole: read.whole } : undefined;
  const hasName = typeof clientName === 'string' && clientName !== '' && clientName !== clientId;
  return {
    clientId,
    ...(hasName && { clientName }),
    ...(listed && { secrets: listed.secrets }),
    findings: [
      ...(read.kind === 'unreadable' ? [unreadableFinding('its secrets cannot be listed', read.reason)] : []),
      ...(unreadSettings === undefined ? [] : [unreadableFinding('its settings cannot be read', unreadSettings)]),
      ...(listed ? findInSecrets(client, listed.secrets, listed.whole, terms.now) : []),
      ...findInSettings(client),
    ],
  };
}

/**
 * Sorts clients: those with secrets that expire soon first, the soonest first. Then those with expired secrets, the latest
 * first, because the longest dead are the least urgent. Then risky ones, then others. Otherwise by id.
 */
export function mostSevereFirst(clients: readonly AuditedClient[]): readonly AuditedClient[] {
  return clients
    .map(client => ({ client, ...severityOf(client) }))
    .sort(
      (one, other) =>
        one.rank - other.rank ||
        one.order - other.order ||
        one.client.clientId.localeCompare(other.client.clientId, 'en'),
    )
    .map(({ client }) => client);
}

function severityOf({ findings, secrets = [] }: AuditedClient): { readonly rank: number; readonly order: number } {
  const ends = (kind: Finding['kind']) =>
    secrets
      .filter(({ id }) => findings.some(one => one.kind === kind && one.secretId === id))
      .flatMap(({ expiration }) => (expiration === undefined ? [] : Date.parse(expiration)));
  if (findings.some(({ kind }) => kind === 'expiring')) {
    return { rank: 0, order: Math.min(...ends('expiring')) };
  }
  if (findings.some(one => one.class === 'expiring')) {
    // Finite, because two of these are subtracted.
    return { rank: 1, order: -Math.max(0, ...ends('expired')) };
  }
  const isRisky = findings.some(one => one.class === 'risky');
  return { rank: isRisky ? 2 : findings.length > 0 ? 3 : 4, order: 0 };
}

function auditSecrets(listed: readonly ListedSecret[], terms: AuditTerms): readonly AuditedSecret[] {
  const { now } = terms;
  const dated = listed.map(secret => ({ id: secret.id, ...lifeOf(secret), mark: readMark(secret.description) }));
  const validMarks = dated.flatMap(one => (one.mark && isValid(one, now) ? one.mark : []));
  return dated.map(({ id, startTime, expiration, mark }) => {
    const life = {
      startTime: startTime?.toISOString(),
      expiration: expiration?.toISOString(),
      ...(mark && { createdFor: { repository: mark.repository, owner: mark.owner, digests: mark.digests } }),
    };
    const state = stateOf({ startTime, expiration }, isForOneJob(life), terms);
    return { id, state, ...life, superseded: mark !== undefined && isSuperseded(mark, validMarks) };
  });
}

/** Repositories can share targets, so it does not matter who created the newer secrets. */
function isSuperseded(mark: Mark, validMarks: readonly Mark[]): boolean {
  const newer = validMarks.filter(({ createdAt }) => createdAt > mark.createdAt);
  return mark.digests.every(digest => newer.some(({ digests }) => digests.includes(digest)));
}

/** A secret of this action that lives no longer than this is for one job, and nobody replaces it, in milliseconds. */
const LIFE_FOR_ONE_JOB = 2 * 24 * 60 * 60_000;

function stateOf(
  { startTime, expiration }: Pick<MarkedSecret, 'startTime' | 'expiration'>,
  forOneJob: boolean,
  { now, expiringWithin }: AuditTerms,
): AuditedSecret['state'] {
  if (expiration && expiration <= now) {
    return 'expired';
  }
  if (startTime && startTime > now) {
    return 'not yet valid';
  }
  if (expiration === undefined || forOneJob) {
    return 'valid';
  }
  // A secret whose whole life is shorter would be expiring from the start: it is in the second half of its life.
  const from = startTime ? dueTime(startTime, expiration, expiringWithin) : earlier(expiration, expiringWithin);
  return now > from ? 'expiring' : 'valid';
}

/** Whether this action created the secret for the steps of one job. It is to expire, and no other one replaces it. */
function isForOneJob({ startTime, expiration, createdFor }: Partial<AuditedSecret>): boolean {
  if (!createdFor || !startTime || !expiration) {
    return false;
  }
  const life = Date.parse(expiration) - Date.parse(startTime);
  return life > 0 && life <= LIFE_FOR_ONE_JOB;
}

function findInSecrets(client: ReadableClient, secrets: readonly AuditedSecret[], whole: boolean, now: Date) {
  const hasValid = secrets.some(({ state }) => state === 'valid' || state === 'expiring');
  // A client whose secrets are for one job each has none between its jobs.
  const isIdle = secrets.length > 0 && secrets.every(isForOneJob);
  const needsValid = client.requireClientSecret !== false && !hasValid && !isIdle;
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
  if ((state === 'expired' || state === 'expiring') && !superseded && !isForOneJob(secret)) {
    const verb = state === 'expired' ? 'expired' : 'expires';
    const when = `${expiration.slice(0, 10)} (${directionText(new Date(expiration), now)})`;
    return [finding(state, `secret ${shortId(id)} ${verb} ${when}`, id)];
  }
  const start = state === 'not yet valid' && startTime ? new Date(startTime) : now;
  return new Date(expiration) > later(start, { ...LONGEST_LIFE, days: 1 })
    ? [finding('no-end', `secret ${shortId(id)} expires ${expiration.slice(0, 10)}, later than Vantage documents`, id)]
    : [];
}

function unreadableFinding(what: string, why: string): Finding {
  return finding('unreadable', `${what}: ${clause(why)}`);
}
