import { createHash } from 'node:crypto';
import { isOwnMark, type Mark } from '../model/mark.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import type { GitHubAccess, WorkflowRun } from '../model/request.ts';
import { type SecretScope, targetKey } from '../model/target.ts';
import { githubHost } from '../model/url.ts';

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
 * Where the secrets of a step go: to its targets, and to its output.
 *
 * @param github the one that the targets are on.
 */
export function destinationsOf(
  targets: readonly PreparedTarget[],
  workflow: WorkflowRun,
  github: Pick<GitHubAccess, 'apiUrl'> | undefined,
  hasOutput = targets.length === 0,
): readonly Destination[] {
  const host = github && githubHost(github.apiUrl);
  return [
    ...(host === undefined ? [] : targets.map(prepared => targetDestination(prepared, workflow, host))),
    ...(hasOutput ? [outputDestination(workflow)] : []),
  ];
}

/** A target as marks name it. Those that its own repository gave under a former name name its places by that one. */
function targetDestination(prepared: PreparedTarget, workflow: WorkflowRun, host: string): Destination {
  const { target } = prepared;
  const { repository } = workflow;
  const digestAt = (scope: SecretScope) => digestOf([host, targetKey({ ...target, scope })]);
  const digest = digestAt(target.scope);
  // Another GitHub knows nothing of the repository's names.
  const isRenamed = (mark: Mark) =>
    host === workflow.host && isOwnMark(mark, workflow) && !isSameName(mark.repository, repository);
  const isNamedBefore = (mark: Mark) => {
    const scope = scopeBefore(target.scope, repository, mark.repository);
    return scope !== undefined && mark.digests.includes(digestAt(scope));
  };
  return {
    digest,
    isNamedBy: mark => (isRenamed(mark) ? isNamedBefore(mark) : mark.digests.includes(digest)),
    prepared,
  };
}

function outputDestination({ host, repositoryId, repository, step }: WorkflowRun): Destination {
  const digest = digestOf(['output', host, String(repositoryId ?? repository), step]);
  return { digest, isNamedBy: ({ digests }) => digests.includes(digest) };
}

/**
 * A place by the name that it had when the workflow's repository had its former one. Undefined where that former name is
 * another repository's by now. Where the owner changed as well, an organization may be renamed, or be another one: it
 * counts as another, as the first may hold its secret still.
 */
function scopeBefore(scope: SecretScope, repository: string, former: string): SecretScope | undefined {
  if (scope.kind === 'organization') {
    return scope;
  }
  const name = `${scope.owner}/${scope.repo}`;
  if (isSameName(name, former)) {
    return undefined;
  }
  const [owner = '', repo = ''] = former.split('/');
  return isSameName(name, repository) ? { ...scope, owner, repo } : scope;
}

/** GitHub does not tell upper from lower case. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** 8 hex digits. */
function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
}
