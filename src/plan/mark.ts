import { createHash } from 'node:crypto';
import { MARK_OPENING } from '../request/secret.ts';
import type { WorkflowRun } from '../request/workflow-run.ts';

/** What stands for the targets of a secret that is handed to the job alone. */
const OUTPUT = 'output';

const MARK = /\[vantage-client (?<repository>\S+) to=(?<digest>[\da-f]{8}) run=\d+\.\d+ (?<nonce>[\da-f]{16})\]$/u;

/** The same as a text that is a mark and nothing else. */
const WHOLE_MARK =
  /^\[vantage-client (?<repository>[\w.-]+\/[\w.-]+) to=[\da-f]{8} run=(?<runId>\d+)\.(?<runAttempt>\d+) [\da-f]{16}\]$/u;

/** Whose a secret is, and when it was minted, as its mark tells. */
export interface Mark {
  readonly repository: string;
  readonly digest: string;
  /** By the clock that `clockOfMarks` names, to the second. */
  readonly mintedAt: Date;
}

/**
 * The ownership mark that ends the description of every secret that the action mints:
 * `[vantage-client OWNER/REPO to=DIGEST run=ID.ATTEMPT NONCE]`.
 *
 * @param digest `targetDigest` of where the secret goes.
 * @param nonce tells the secrets of one run apart.
 */
export function ownershipMark(run: WorkflowRun, digest: string, nonce: string): string {
  const { repository, runId, runAttempt } = run;
  return `${MARK_OPENING}${repository} to=${digest} run=${runId}.${runAttempt} ${nonce}]`;
}

/**
 * 16 hex digits: the time in seconds, then chance. No list of Vantage's is documented to tell when a secret was made, so
 * its mark does.
 *
 * @param random 8 hex digits.
 */
export function markNonce(now: Date, random: string): string {
  return (
    Math.floor(now.getTime() / 1000)
      .toString(16)
      .padStart(8, '0') + random
  );
}

/** Reads the mark at the end of a description, or gives undefined where there is none. */
export function readMark(description: string | null | undefined): Mark | undefined {
  const { repository, digest, nonce } = MARK.exec(description ?? '')?.groups ?? {};
  return repository && digest && nonce
    ? { repository, digest, mintedAt: new Date(Number.parseInt(nonce.slice(0, 8), 16) * 1000) }
    : undefined;
}

/** Whether a text is a whole mark, from its start to its end, that this attempt of this run gave. */
export function isMarkOf(run: WorkflowRun, text: string): boolean {
  const { repository, runId, runAttempt } = WHOLE_MARK.exec(text)?.groups ?? {};
  return repository === run.repository && runId === run.runId && runAttempt === run.runAttempt;
}

/** Whether a description is one that `markedDescription` gave for this very mark. */
export function bearsMark(description: string | null | undefined, mark: string): boolean {
  return description === mark || description?.endsWith(` ${mark}`) === true;
}

/**
 * 8 hex digits that stand for a set of targets, whatever their order.
 *
 * @param targets `targetKey` of each; none for a step output.
 */
export function targetDigest(targets: readonly string[]): string {
  const named = targets.length > 0 ? [...targets].sort() : [OUTPUT];
  return createHash('sha256').update(named.join('\n')).digest('hex').slice(0, 8);
}

/** The description of a secret: the workflow's own words, then the mark. */
export function markedDescription(words: string | undefined, mark: string): string {
  return words === undefined ? mark : `${words} ${mark}`;
}
