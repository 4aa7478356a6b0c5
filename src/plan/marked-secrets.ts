import { isOwnMark, isTruncatedMark, type Mark, readMark } from '../model/mark.ts';
import type { WorkflowRun } from '../model/request.ts';
import { inUtc } from '../model/time.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import type { Destination } from './destinations.ts';

/**
 * Two times of one server that are closer than this can be in the wrong order, in milliseconds. A run reads the clock of a
 * server only to the second, and from a response that was in transit for some time.
 */
export const CLOCK_SKEW = 5 * 60_000;

/** The longest time from the creation of a secret to its last write in one run, in milliseconds: the maximum of `timeout`. */
export const LONGEST_RUN = 24 * 60 * 60_000;

/** A secret that the action created, for this repository or for another one. */
export interface MarkedSecret {
  readonly id: string;
  readonly mark: Mark;
  /** Absent if Vantage does not report it. */
  readonly startTime: Date | undefined;
  readonly expiration: Date | undefined;
}

/** The secrets with a mark, whoever created them. Newest first. */
export function markedSecrets(listed: readonly ListedSecret[]): readonly MarkedSecret[] {
  return listed
    .flatMap(({ id, description, ...times }) => {
      const mark = readMark(description);
      return mark ? [{ id, mark, ...lifeOf(times) }] : [];
    })
    .sort((one, other) => other.mark.createdAt.getTime() - one.mark.createdAt.getTime());
}

/** When a listed secret starts and expires, as far as Vantage reports it. */
export function lifeOf({ startTime, expiration }: Pick<ListedSecret, 'startTime' | 'expiration'>) {
  return { startTime: parseVantageTime(startTime), expiration: parseVantageTime(expiration) };
}

/** Whether a list shows the mark of every secret that the action created: it is complete, with whole descriptions. */
export function marksAreReadable(
  secrets: ReadList<ListedSecret> | undefined,
): secrets is Extract<ReadList<ListedSecret>, { kind: 'found' }> {
  return (
    secrets?.kind === 'found' &&
    secrets.whole &&
    secrets.found.every(({ description }) => description !== undefined && !isTruncatedMark(description))
  );
}

/** The secrets whose mark names a destination. */
export function secretsFor({ isNamedBy }: Destination, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  return secrets.filter(({ mark }) => isNamedBy(mark));
}

/**
 * The secrets whose mark names a target and of which it holds one, from the time of its last write. A run creates a secret
 * shortly before it writes the target, so they were created at most `longestRun` before the write. There can be several
 * because simultaneous runs can write in either order. If there are none, the secret was deleted or is not from this action.
 *
 * @param longestRun in milliseconds. A value that is too short can only make a new secret due earlier than necessary.
 */
export function likelyHeldSecrets(
  updatedAt: Date,
  secrets: readonly MarkedSecret[],
  longestRun = LONGEST_RUN,
): readonly MarkedSecret[] {
  return secrets.filter(({ mark }) => isWithinOneRun(mark.createdAt, updatedAt, longestRun));
}

/**
 * All secrets that a target could hold, from the time of the last write to the target: the newest one created before the
 * write, however old, and all that were created at most `LONGEST_RUN` before the write. Of two simultaneous runs, the one
 * that created its secret first can be the one that wrote last.
 */
export function possiblyHeldSecrets(updatedAt: Date, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  return secrets
    .filter(({ mark }) => mark.createdAt.getTime() <= updatedAt.getTime() + CLOCK_SKEW)
    .filter(({ mark }, index) => index === 0 || isWithinOneRun(mark.createdAt, updatedAt));
}

/** Whether a secret is valid at a time. A start or an expiration that Vantage does not report does not limit it. */
export function isValid({ startTime, expiration }: Pick<MarkedSecret, 'startTime' | 'expiration'>, now: Date): boolean {
  return (startTime === undefined || startTime <= now) && (expiration === undefined || expiration > now);
}

/** Parses a time from Vantage. Returns undefined if it is not a time, or is the default of .NET: 1 January of the year 1. */
export function parseVantageTime(text: string | undefined): Date | undefined {
  const date = new Date(inUtc(text ?? ''));
  return date.getTime() > 0 ? date : undefined;
}

/** A secret that this action created for another client. */
export interface OtherSecret {
  readonly clientId: string;
  readonly mark: Mark;
}

/**
 * A secret, whose mark names a target, of another client that the last write to the target could have stored: one run
 * could have created the secret, after `since`, and written the target.
 */
export function otherSecretWrittenAt(
  updatedAt: Date,
  others: readonly OtherSecret[],
  since?: Date,
): OtherSecret | undefined {
  return others.find(
    ({ mark: { createdAt } }) => isWithinOneRun(createdAt, updatedAt) && (since === undefined || createdAt > since),
  );
}

function isWithinOneRun(createdAt: Date, writtenAt: Date, longestRun = LONGEST_RUN): boolean {
  const duration = writtenAt.getTime() - createdAt.getTime();
  return duration >= -CLOCK_SKEW && duration <= longestRun + CLOCK_SKEW;
}

/** The number of live secrets of one owner that rotation alone does not explain. */
export const MANY_SECRETS = 10;

interface LiveSecretFacts {
  /** The ids of the live secrets before the run. Absent if not all of them are known. */
  readonly liveBefore?: readonly string[] | undefined;
  readonly secret?: { readonly fate: string } | undefined;
  /** Whether the run may have created another secret whose value nobody has. */
  readonly secretLost?: boolean;
  readonly pruned: readonly string[];
}

/**
 * The ids of the secrets that the action created for this repository and that have not expired, for any target. Returns
 * undefined if the list does not show all of them.
 */
export function liveOwnSecrets(
  secrets: ReadList<ListedSecret> | undefined,
  workflow: WorkflowRun,
  now: Date,
): readonly string[] | undefined {
  if (!marksAreReadable(secrets)) {
    return undefined;
  }
  // If all descriptions are null, the list may replace every description with null.
  const { found } = secrets;
  const hasDescriptions = found.length === 0 || found.some(({ description }) => description !== null);
  const isLive = (one: ListedSecret) => (parseVantageTime(one.expiration) ?? Number.POSITIVE_INFINITY) > now;
  return hasDescriptions
    ? found.filter(one => isOwnSecret(one, workflow) && isLive(one)).map(({ id }) => id)
    : undefined;
}

/** The number of live secrets of this repository after the run, or undefined if it is not known. */
export function countLiveSecrets({ liveBefore, secret, secretLost, pruned }: LiveSecretFacts): number | undefined {
  if (liveBefore === undefined || secretLost) {
    return undefined;
  }
  const created = secret && secret.fate !== 'revoked' ? 1 : 0;
  return liveBefore.filter(id => !pruned.includes(id)).length + created;
}

/** Whether a listed secret has a mark of the workflow's repository. */
export function isOwnSecret({ description }: ListedSecret, workflow: WorkflowRun): boolean {
  const mark = readMark(description);
  return mark !== undefined && isOwnMark(mark, workflow);
}
