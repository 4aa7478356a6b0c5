import type { WorkflowRun } from '../request/workflow-run.ts';
import type { ReadList } from '../vantage/admin-api.ts';
import type { ListedSecret } from '../vantage/schema.ts';
import { tellsMarks } from './ends.ts';
import { isOwnMark, readMark } from './mark.ts';
import { instant } from './marked-secrets.ts';

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
