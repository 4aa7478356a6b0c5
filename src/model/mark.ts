import type { WorkflowRun } from './request.ts';

/** How an ownership mark starts. A workflow may not use these characters in its own description. */
export const MARK_PREFIX = '[vantage-client ';

const MARK =
  /\[vantage-client (?<repository>\S+) id=(?<owner>[^\s/]+\/\d+) to=(?<digests>[\da-f]{8}(?:,[\da-f]{8})*) run=\d+\.\d+ (?<nonce>[\da-f]{16})\]$/u;

/** An ownership mark: who owns a secret, where the secret was delivered and when it was created. */
export interface Mark {
  /** The owner's name when the secret was created. It is only for people: a repository can be renamed, and its name reused. */
  readonly repository: string;
  /** `HOST/REPOSITORY_ID` */
  readonly owner: string;
  /** One digest for each destination of the secret. */
  readonly digests: readonly string[];
  /** Taken from the clock that `clockOfMarks` names, to the second. */
  readonly createdAt: Date;
  /** Distinguishes the secrets of one run. See `markNonce`. */
  readonly nonce: string;
}

/**
 * The ownership mark at the end of the description of every secret that the action creates:
 * `[vantage-client OWNER/REPO id=HOST/REPOSITORY_ID to=DIGEST,DIGEST… run=ID.ATTEMPT NONCE]`.
 */
export function ownershipMark(run: WorkflowRun, digests: readonly string[], nonce: string): string {
  const { repository, runId, runAttempt } = run;
  const owner = `${run.host}/${run.repositoryId ?? 0}`;
  return `${MARK_PREFIX}${repository} id=${owner} to=${digests.join(',')} run=${runId}.${runAttempt} ${nonce}]`;
}

/** 16 hex digits: the time in seconds, which Vantage does not document to report, then 8 random digits. */
export function markNonce(now: Date, random: string): string {
  const seconds = Math.floor(now.getTime() / 1000);
  return seconds.toString(16).padStart(8, '0') + random;
}

/**
 * Parses the mark at the end of a description. Returns undefined if there is no mark, or more than one: then nothing proves
 * whose secret it is.
 */
export function readMark(description: string | null | undefined): Mark | undefined {
  const text = description ?? '';
  const { repository, owner, digests, nonce } = MARK.exec(text)?.groups ?? {};
  const isOnlyMark = text.indexOf(MARK_PREFIX) === text.lastIndexOf(MARK_PREFIX);
  if (!isOnlyMark || !repository || !owner || !digests || !nonce) {
    return undefined;
  }
  const createdAt = new Date(Number.parseInt(nonce.slice(0, 8), 16) * 1000);
  return { repository, owner, digests: digests.split(','), createdAt, nonce };
}

/** Whether a description stops in the middle of a mark because Vantage truncated it. */
export function isTruncatedMark(description: string | null): boolean {
  const tail = description?.slice(description.lastIndexOf('[')) ?? '';
  return tail.startsWith('[') && !tail.includes(']') && (tail.startsWith(MARK_PREFIX) || MARK_PREFIX.startsWith(tail));
}

/** Whether the workflow's repository owns the mark. False if the runner does not report the id of the repository. */
export function isOwnMark({ owner }: Mark, { host, repositoryId }: WorkflowRun): boolean {
  return repositoryId !== undefined && owner === `${host}/${repositoryId}`;
}

/** Whether the whole text is a mark that this attempt of this run created. */
export function isMarkOfRun(run: WorkflowRun, text: string): boolean {
  const mark = readMark(text);
  return mark !== undefined && text === ownershipMark(run, mark.digests, mark.nonce);
}

/** Whether a description is one that `markedDescription` returns for this mark. */
export function hasMark(description: string | null | undefined, mark: string): boolean {
  return description === mark || description?.endsWith(` ${mark}`) === true;
}

/** The description of a secret: the text from the workflow, then the mark. */
export function markedDescription(text: string | undefined, mark: string): string {
  return text === undefined ? mark : `${text} ${mark}`;
}
