import { isSameClient } from '../model/client.ts';
import { patternText } from '../model/client-id-pattern.ts';
import { Failure } from '../model/failure.ts';
import { isOwnMark, MARK_OPENING, readMark } from '../model/mark.ts';
import { type SweepRequest, signedInClient, type WorkflowRun } from '../model/request.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';

/** A client that the pattern picks, and what was found out about it. */
export interface PreviewClient {
  readonly clientId: string;
  readonly pullRequest: number;
  readonly state: PullRequestState;
  /** Its secrets, which prove whose it is. Absent where it stays anyway. */
  readonly secrets?: ReadList<ListedSecret>;
}

/** What GitHub says of a pull request, or why it says nothing. */
export type PullRequestState = 'open' | 'closed' | Failure;

/** What to do about one client, and why. */
export interface SweepStep {
  readonly clientId: string;
  readonly pullRequest: number;
  readonly step: 'delete' | 'keep';
  readonly why: string;
  /** Set where it stays because nothing proves that it is this repository's. */
  readonly unproven?: true;
}

/** Names that an error line lists; the log and the `plan` output have all. */
const MOST_NAMED = 100;

/**
 * Decides which of the clients go: those of pull requests that are closed, and no other. One is kept whose pull request
 * cannot be read, whose secrets do not prove that it is this repository's, or that the step signs in with.
 */
export function planSweep(
  { workflow, signIn }: Pick<SweepRequest, 'workflow' | 'signIn'>,
  previewClients: readonly PreviewClient[],
): readonly SweepStep[] {
  const signedIn = signedInClient(signIn);
  return previewClients.map(({ clientId, pullRequest, state, secrets }) => {
    const keep = (why: string): SweepStep => ({ clientId, pullRequest, step: 'keep', why });
    if (state === 'open') {
      return keep(`pull request ${pullRequest} is open`);
    }
    if (state !== 'closed') {
      return keep(`pull request ${pullRequest} cannot be read: ${state.message}`);
    }
    if (signedIn !== undefined && isSameClient(signedIn, clientId)) {
      return keep('the step signs in with it');
    }
    const doubt = secrets ? doubtOfOwnership(secrets, workflow) : 'its secrets were not asked for';
    return doubt === undefined
      ? { clientId, pullRequest, step: 'delete', why: `pull request ${pullRequest} is closed` }
      : { ...keep(doubt), unproven: true };
  });
}

/** @throws Failure `too-many-deletes` where the plan would delete more than the workflow allows; it names them. */
export function assertWithinLimit(
  { maxDeletes, pattern }: Pick<SweepRequest, 'maxDeletes' | 'pattern'>,
  steps: readonly SweepStep[],
): void {
  const toDelete = steps.filter(({ step }) => step === 'delete').map(({ clientId }) => clientId);
  if (toDelete.length > maxDeletes) {
    const more = toDelete.length > MOST_NAMED ? ` and ${toDelete.length - MOST_NAMED} more` : '';
    throw new Failure('too-many-deletes', {
      operation: `sweeping ${patternText(pattern)}`,
      reason: `it would delete ${toDelete.length} clients, and \`max-deletes\` is ${maxDeletes}: ${toDelete.slice(0, MOST_NAMED).join(', ')}${more}`,
      advice: 'Nothing was deleted. If all of them may go, raise `max-deletes` for one run.',
    });
  }
}

/**
 * Why the secrets of a client do not prove that the client is this repository's, or undefined where they do: all of them
 * are known, at least one bears the repository's mark, and none bears another one's.
 */
export function doubtOfOwnership(secrets: ReadList<ListedSecret>, workflow: WorkflowRun): string | undefined {
  if (secrets.kind === 'unreadable') {
    return `its secrets cannot be listed, so nothing proves whose it is: ${secrets.reason}`;
  }
  if (!secrets.whole) {
    return 'its list of secrets may be cut, so nothing proves whose it is';
  }
  const descriptions = secrets.found.map(({ description }) => description);
  if (descriptions.includes(undefined)) {
    return 'the descriptions of its secrets are not told, so nothing proves whose it is';
  }
  const marks = descriptions.filter(description => description?.includes(MARK_OPENING)).map(readMark);
  if (marks.length === 0) {
    return 'none of its secrets bears an ownership mark';
  }
  if (marks.includes(undefined)) {
    return 'a secret of it bears an ownership mark that cannot be read';
  }
  if (workflow.repositoryId === undefined) {
    return 'the runner does not tell the id of this repository (GITHUB_REPOSITORY_ID), so nothing proves whose it is';
  }
  const stranger = marks.find(mark => mark && !isOwnMark(mark, workflow));
  return stranger && `its secrets were created for ${stranger.repository} (${stranger.owner})`;
}
