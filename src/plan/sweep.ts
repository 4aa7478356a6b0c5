import { isSameClient, patternText } from '../model/client.ts';
import { clause, Failure } from '../model/failure.ts';
import { isOwnMark, MARK_PREFIX, readMark } from '../model/mark.ts';
import { type SweepRequest, signedInClient, type WorkflowRun } from '../model/request.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';

export interface PreviewClient {
  readonly clientId: string;
  readonly pullRequest: number;
  readonly state: PullRequestState;
  /** Its secrets, whose marks prove who owns the client. Absent if it is kept in any case. */
  readonly secrets?: ReadList<ListedSecret> | undefined;
}

/** The state of a pull request, or why it cannot be read. */
export type PullRequestState = 'open' | 'closed' | Failure;

export interface SweepStep extends Pick<PreviewClient, 'clientId' | 'pullRequest'> {
  readonly step: 'delete' | 'keep';
  readonly why: string;
  /** Set if the client is kept because nothing proves that this repository owns it. */
  readonly unproven?: true;
}

/** The maximum number of names in an error. The log and the `plan` output contain all names. */
const MOST_NAMED = 100;

/**
 * Decides which clients to delete: only those whose pull request is closed. A client is kept if its pull request cannot be
 * read, if its secrets do not prove that this repository owns it, or if the step signs in with it.
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
      return keep(`pull request ${pullRequest} cannot be read: ${clause(state.message)}`);
    }
    if (signedIn !== undefined && isSameClient(signedIn, clientId)) {
      return keep('the step signs in with it');
    }
    const doubt = secrets ? doubtOfOwnership(secrets, workflow) : 'its secrets were not read';
    return doubt === undefined
      ? { clientId, pullRequest, step: 'delete', why: `pull request ${pullRequest} is closed` }
      : { ...keep(doubt), unproven: true };
  });
}

/** @throws Failure `too-many-deletes` if the plan deletes more clients than `max-deletes`. It names them. */
export function assertWithinLimit(
  { maxDeletes, pattern }: Pick<SweepRequest, 'maxDeletes' | 'pattern'>,
  steps: readonly SweepStep[],
): void {
  const toDelete = steps.filter(({ step }) => step === 'delete').map(({ clientId }) => clientId);
  if (toDelete.length > maxDeletes) {
    const more = toDelete.length > MOST_NAMED ? ` and ${toDelete.length - MOST_NAMED} more` : '';
    throw new Failure('too-many-deletes', {
      operation: `sweeping ${patternText(pattern)}`,
      reason: `the plan deletes ${toDelete.length} clients, and \`max-deletes\` is ${maxDeletes}: ${toDelete.slice(0, MOST_NAMED).join(', ')}${more}`,
      advice: 'Nothing was deleted. To delete all of them, increase `max-deletes` for one run.',
    });
  }
}

/**
 * Says why the secrets of a client do not prove that this repository owns the client. Returns undefined if they prove it:
 * all of them are known, at least one has the repository's mark, and none has the mark of another repository.
 */
export function doubtOfOwnership(secrets: ReadList<ListedSecret>, workflow: WorkflowRun): string | undefined {
  if (secrets.kind === 'unreadable') {
    return `its secrets cannot be listed, so nothing proves who owns it: ${secrets.reason}`;
  }
  if (!secrets.whole) {
    return 'its list of secrets may be incomplete, so nothing proves who owns it';
  }
  const descriptions = secrets.found.map(({ description }) => description);
  if (descriptions.includes(undefined)) {
    return 'Vantage does not report the descriptions of its secrets, so nothing proves who owns it';
  }
  const marks = descriptions.filter(description => description?.includes(MARK_PREFIX)).map(readMark);
  if (marks.length === 0) {
    return 'none of its secrets has an ownership mark';
  }
  if (marks.includes(undefined)) {
    return 'one of its secrets has an ownership mark that cannot be read';
  }
  if (workflow.repositoryId === undefined) {
    return 'the runner does not report the ID of this repository (GITHUB_REPOSITORY_ID), so nothing proves who owns it';
  }
  const foreign = marks.find(mark => mark && !isOwnMark(mark, workflow));
  return foreign && `its secrets were created for ${foreign.repository} (${foreign.owner})`;
}
