import { createHash } from 'node:crypto';
import type { PreparedTarget } from '../github/preflight.ts';
import { githubHost } from '../request/github-host.ts';
import type { GitHubAccess } from '../request/hand-off.ts';
import { type Place, targetKey } from '../request/targets.ts';
import type { WorkflowRun } from '../request/workflow-run.ts';
import { isOwnMark, type Mark } from './mark.ts';

/** Where a secret goes, as marks name it: a target, or the output of one step. */
export interface Destination {
  /** What a mark of today names it by. */
  readonly digest: string;
  /** Whether a mark names it, whoever gave that mark. */
  readonly isNamedBy: (mark: Mark) => boolean;
  /** Absent for an output. */
  readonly prepared?: PreparedTarget;
}

/**
 * Where the secrets of a step go: to its targets, or where it has none to its output.
 *
 * @param github the one that the targets are on.
 */
export function destinationsOf(
  targets: readonly PreparedTarget[],
  workflow: WorkflowRun,
  github: Pick<GitHubAccess, 'apiUrl'> | undefined,
): readonly Destination[] {
  return github && targets.length > 0
    ? targets.map(prepared => targetDestination(prepared, workflow, githubHost(github.apiUrl)))
    : [outputDestination(workflow)];
}

/** A target as marks name it. Those that its own repository gave under a former name name its places by that one. */
function targetDestination(prepared: PreparedTarget, workflow: WorkflowRun, host: string): Destination {
  const { target } = prepared;
  const digest = digestOf([host, targetKey(target)]);
  const isRenamed = (mark: Mark) => isOwnMark(mark, workflow) && mark.repository !== workflow.repository;
  const formerDigest = ({ repository }: Mark) =>
    digestOf([host, targetKey({ ...target, place: placeUnder(target.place, workflow.repository, repository) })]);
  return {
    digest,
    isNamedBy: mark => mark.digests.includes(digest) || (isRenamed(mark) && mark.digests.includes(formerDigest(mark))),
    prepared,
  };
}

function outputDestination({ host, repositoryId, repository, step }: WorkflowRun): Destination {
  const digest = digestOf(['output', host, String(repositoryId ?? repository), step]);
  return { digest, isNamedBy: ({ digests }) => digests.includes(digest) };
}

/** The place under the names of the workflow's repository and its owner from before. */
function placeUnder(place: Place, repository: string, former: string): Place {
  const [owner = '', repo = ''] = repository.toLowerCase().split('/');
  const [formerOwner = '', formerRepo = ''] = former.split('/');
  if (place.kind === 'organization') {
    return place.org.toLowerCase() === owner ? { ...place, org: formerOwner } : place;
  }
  const isOwn = place.owner.toLowerCase() === owner && place.repo.toLowerCase() === repo;
  return isOwn ? { ...place, owner: formerOwner, repo: formerRepo } : place;
}

/** 8 hex digits. */
function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
}
