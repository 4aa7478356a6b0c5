import type { WorkflowRun } from './request.ts';

const MARK =
  /\[vantage-client (?<repository>\S+) id=(?<owner>[^\s/]+\/\d+) to=(?<digests>[\da-f]{8}(?:,[\da-f]{8})*) run=\d+\.\d+ (?<nonce>[\da-f]{16})\]$/u;

/** Whose a secret is, where it went and when it was created, as its mark tells. */
export interface Mark {
  /** The owner's name when the secret was created. It is for people: a name can change, or go to somebody else. */
  readonly repository: string;
  /** `HOST/REPOSITORY_ID` */
  readonly owner: string;
  /** One for each place that the secret went to. */
  readonly digests: readonly string[];
  /** By the clock that `clockOfMarks` names, to the second. */
  readonly createdAt: Date;
  readonly nonce: string;
}

/**
 * The ownership mark that ends the description of every secret that the action creates:
 * `[vantage-client OWNER/REPO id=HOST/REPOSITORY_ID to=DIGEST,DIGEST… run=ID.ATTEMPT NONCE]`.
 *
 * @param digests one for each place that the secret goes to.
 * @param nonce tells the secrets of one run apart.
 */
export function ownershipMark(run: WorkflowRun, digests: readonly string[], nonce: string): string {
  const { repository, runId, runAttempt } = run;
  const owner = `${run.host}/${run.repositoryId ?? 0}`;
  return `${MARK_OPENING}${repository} id=${owner} to=${digests.join(',')} run=${runId}.${runAttempt} ${nonce}]`;
}

/**
 * 16 hex digits: the time in seconds, then chance. No list of Vantage's is documented to tell when a secret was created,
 * so its mark does.
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
  const { repository, owner, digests, nonce } = MARK.exec(description ?? '')?.groups ?? {};
  return repository && owner && digests && nonce
    ? {
        repository,
        owner,
        digests: digests.split(','),
        createdAt: new Date(Number.parseInt(nonce.slice(0, 8), 16) * 1000),
        nonce,
      }
    : undefined;
}

/** Whether a description ends within a mark, as Vantage keeps no more of it. */
export function isCutMark(description: string | null): boolean {
  const tail = description?.slice(description.lastIndexOf('[')) ?? '';
  return (
    tail.startsWith('[') && !tail.includes(']') && (tail.startsWith(MARK_OPENING) || MARK_OPENING.startsWith(tail))
  );
}

/** Whether a mark is of the workflow's repository. Where the runner does not tell its id, none provably is. */
export function isOwnMark({ owner }: Mark, { host, repositoryId }: WorkflowRun): boolean {
  return repositoryId !== undefined && owner === `${host}/${repositoryId}`;
}

/** Whether a text is a whole mark, from its start to its end, that this attempt of this run gave. */
export function isMarkOf(run: WorkflowRun, text: string): boolean {
  const mark = readMark(text);
  return mark !== undefined && text === ownershipMark(run, mark.digests, mark.nonce);
}

/** Whether a description is one that `markedDescription` gave for this very mark. */
export function bearsMark(description: string | null | undefined, mark: string): boolean {
  return description === mark || description?.endsWith(` ${mark}`) === true;
}

/** The description of a secret: the workflow's own words, then the mark. */
export function markedDescription(words: string | undefined, mark: string): string {
  return words === undefined ? mark : `${words} ${mark}`;
}

/** Where the ownership mark begins in a description. A workflow may not write one of its own. */
export const MARK_OPENING = '[vantage-client ';
