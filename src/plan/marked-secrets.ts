import { isOwnMark, type Mark, readMark } from '../model/mark.ts';
import type { WorkflowRun } from '../model/request.ts';
import { inUtc } from '../model/time.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import type { Destination } from './destinations.ts';
import { tellsMarks } from './ends.ts';

/**
 * How far two times of one clock may lie apart and still be in either order, in milliseconds: a run learns a server's
 * clock to the second, and from an answer that took its time.
 */
export const CLOCK_SKEW = 5 * 60_000;

/** The longest that a run may take from the creation of its secret to its last write, in milliseconds: the most that `timeout` takes. */
export const LONGEST_RUN = 24 * 60 * 60_000;

/** A secret that the action created, for this repository or another one. */
export interface MarkedSecret {
  readonly id: string;
  readonly mark: Mark;
  /** Absent where Vantage does not tell it. */
  readonly startTime: Date | undefined;
  readonly expiration: Date | undefined;
}

/** The secrets that bear a mark, whoever created them. Newest first. */
export function markedSecrets(listed: readonly ListedSecret[]): readonly MarkedSecret[] {
  return listed
    .flatMap(({ id, description, startTime, expiration }): MarkedSecret[] => {
      const mark = readMark(description);
      return mark ? [{ id, mark, startTime: instant(startTime), expiration: instant(expiration) }] : [];
    })
    .sort((one, other) => other.mark.createdAt.getTime() - one.mark.createdAt.getTime());
}

/** Those of the secrets whose mark names a destination. */
export function secretsFor({ isNamedBy }: Destination, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  return secrets.filter(({ mark }) => isNamedBy(mark));
}

/**
 * The secrets of which a target holds one that was last written at that time: the newest one that was created before,
 * but not longer before than a run takes, and those created so shortly before that runs beside each other may have written
 * them in either order. Where there is none, it was deleted, or it is not the action's.
 *
 * @param secrets those whose mark names the target.
 * @param longestRun in milliseconds. Too short a one only lets a secret be created earlier than it need be.
 */
export function heldSince(
  updatedAt: Date,
  secrets: readonly MarkedSecret[],
  longestRun = LONGEST_RUN,
): readonly MarkedSecret[] {
  const earliest = updatedAt.getTime() - longestRun - CLOCK_SKEW;
  return createdBefore(updatedAt, secrets).filter(({ mark }) => mark.createdAt.getTime() >= earliest);
}

/**
 * Every secret that such a target may hold: the newest that was created before, however long before; and of two runs at
 * once the one that created first may have written last, so all that were created within the longest run before as well.
 */
export function maybeHeldSince(updatedAt: Date, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  const earliest = updatedAt.getTime() - LONGEST_RUN - CLOCK_SKEW;
  return createdBefore(updatedAt, secrets).filter(
    ({ mark }, index) => index === 0 || mark.createdAt.getTime() >= earliest,
  );
}

function createdBefore(time: Date, secrets: readonly MarkedSecret[]): readonly MarkedSecret[] {
  return secrets.filter(({ mark }) => mark.createdAt.getTime() <= time.getTime() + CLOCK_SKEW);
}

/** Whether a secret works at that time, as far as Vantage tells. */
export function isValid({ startTime, expiration }: Pick<MarkedSecret, 'startTime' | 'expiration'>, now: Date): boolean {
  return (startTime === undefined || startTime <= now) && (expiration === undefined || expiration > now);
}

/** A time as Vantage tells it, or undefined where it tells none: .NET's default, 1 January of the year 1, is none. */
export function instant(text: string | undefined): Date | undefined {
  const date = new Date(inUtc(text ?? ''));
  return date.getTime() > 0 ? date : undefined;
}

/** A secret that this action created for another client. */
export interface OtherSecret {
  readonly clientId: string;
  readonly mark: Mark;
}

/**
 * The secret of another client that a target may have got when it was last written: a run that wrote it then can have
 * created that secret.
 *
 * @param others those whose mark names the target.
 * @param since leaves out what was created before.
 */
export function secretOfWrite(updatedAt: Date, others: readonly OtherSecret[], since?: Date): OtherSecret | undefined {
  return others.find(
    ({ mark: { createdAt } }) => isOfRun(createdAt, updatedAt) && (since === undefined || createdAt > since),
  );
}

/** Whether one run can have created a secret at the one time and have written it at the other. */
function isOfRun(createdAt: Date, writtenAt: Date): boolean {
  const took = writtenAt.getTime() - createdAt.getTime();
  return took >= -CLOCK_SKEW && took <= LONGEST_RUN + CLOCK_SKEW;
}

/** So many live secrets of one owner are more than rotation alone explains. */
export const MANY_SECRETS = 10;

/** What a run knows of the live secrets of its owner. */
export interface LiveEvidence {
  /** The ids of those that were there before. Absent where nothing tells all of them. */
  readonly liveBefore?: readonly string[] | undefined;
  /** The one that the run created. */
  readonly secret?: { readonly fate: string } | undefined;
  /** Whether the run may have created one more, whose value nobody has. */
  readonly secretLost?: boolean;
  readonly pruned: readonly string[];
}

/**
 * The ids of the secrets that the action created for this owner, whatever their targets, and that have not ended.
 * Undefined where the list does not tell all of them.
 */
export function liveOwnSecrets(
  secrets: ReadList<ListedSecret> | undefined,
  workflow: WorkflowRun,
  now: Date,
): readonly string[] | undefined {
  return secrets?.kind === 'found' && tellsMarks(secrets) && tellsWords(secrets.found)
    ? secrets.found.filter(one => isOwn(one, workflow) && !hasEnded(one, now)).map(({ id }) => id)
    : undefined;
}

/** How many live secrets of this owner the client has once the run is over, where that is known. */
export function countLiveSecrets({ liveBefore, secret, secretLost, pruned }: LiveEvidence): number | undefined {
  if (liveBefore === undefined || secretLost) {
    return undefined;
  }
  const created = secret && secret.fate !== 'revoked' ? 1 : 0;
  return liveBefore.filter(id => !pruned.includes(id)).length + created;
}

/** A list that shows every description as null may do so whatever they are. */
function tellsWords(listed: readonly ListedSecret[]): boolean {
  return listed.length === 0 || listed.some(({ description }) => description !== null);
}

function isOwn({ description }: ListedSecret, workflow: WorkflowRun): boolean {
  const mark = readMark(description);
  return mark !== undefined && isOwnMark(mark, workflow);
}

function hasEnded({ expiration }: ListedSecret, now: Date): boolean {
  const end = instant(expiration);
  return end !== undefined && end <= now;
}
