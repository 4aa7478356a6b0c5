import { createHash } from 'node:crypto';
import type { WorkflowRun } from '../request/request.ts';
import { MARK_OPENING } from '../request/secret.ts';

/** What stands for the targets of a secret that is handed to the job alone. */
const OUTPUT = 'output';

/**
 * The ownership mark that ends the description of every secret that the action mints:
 * `[vantage-client OWNER/REPO to=DIGEST run=ID.ATTEMPT NONCE]`.
 *
 * @param targets where the secret goes, each with its name; none for a step output.
 * @param nonce tells the secrets of one run apart.
 */
export function ownershipMark(run: WorkflowRun, targets: readonly string[], nonce: string): string {
  const { repository, runId, runAttempt } = run;
  return `${MARK_OPENING}${repository} to=${targetDigest(targets)} run=${runId}.${runAttempt} ${nonce}]`;
}

/** 8 hex digits that stand for a set of targets, whatever their order. */
export function targetDigest(targets: readonly string[]): string {
  const named = targets.length > 0 ? [...targets].sort() : [OUTPUT];
  return createHash('sha256').update(named.join('\n')).digest('hex').slice(0, 8);
}

/** The description of a secret: the workflow's own words, then the mark. */
export function markedDescription(words: string | undefined, mark: string): string {
  return words === undefined ? mark : `${words} ${mark}`;
}
