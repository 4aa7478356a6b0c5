import { sha256 } from '../model/digest.ts';
import { isOwnMark, type Mark } from '../model/mark.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import type { GitHubAccess, WorkflowRun } from '../model/request.ts';
import { type SecretScope, targetKey } from '../model/target.ts';
import { githubHost } from '../model/url.ts';

/** Where a secret is delivered, as marks identify it: a target, or the output of one step. */
export interface Destination {
  /** What identifies it in a new mark. */
  readonly digest: string;
  /** Whether a mark names it, whoever created the mark. */
  readonly isNamedBy: (mark: Mark) => boolean;
  /** Absent for an output. */
  readonly prepared?: PreparedTarget;
}

/** The destinations of the secrets of a step: its targets, which are on a GitHub, and its output. */
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

/** A mark that the workflow's repository created under a former name also contains that name in its digests. */
function targetDestination(prepared: PreparedTarget, workflow: WorkflowRun, host: string): Destination {
  const { target } = prepared;
  const { repository } = workflow;
  const digestAt = (scope: SecretScope) => digestOf([host, targetKey({ ...target, scope })]);
  const digest = digestAt(target.scope);
  // On another GitHub, the names of the repository mean nothing.
  const isRenamed = (mark: Mark) =>
    host === workflow.host && isOwnMark(mark, workflow) && !isSameName(mark.repository, repository);
  const isNamedByFormerName = (mark: Mark) => {
    const scope = scopeUnderFormerName(target.scope, repository, mark.repository);
    return scope !== undefined && mark.digests.includes(digestAt(scope));
  };
  return {
    digest,
    isNamedBy: mark => (isRenamed(mark) ? isNamedByFormerName(mark) : mark.digests.includes(digest)),
    prepared,
  };
}

function outputDestination({ host, repositoryId, repository, step }: WorkflowRun): Destination {
  const digest = digestOf(['output', host, String(repositoryId ?? repository), step]);
  return { digest, isNamedBy: ({ digests }) => digests.includes(digest) };
}

/**
 * A place with the name that it had when the workflow's repository had its former name. Returns undefined if another
 * repository has the former name now. An organization keeps its name here: if the repository's owner changed, it is not
 * known whether the organization was renamed or is another one, and the first one may still hold its secret.
 */
function scopeUnderFormerName(scope: SecretScope, repository: string, former: string): SecretScope | undefined {
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

/** Names on GitHub are not case-sensitive. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** 8 hex digits. */
function digestOf(parts: readonly string[]): string {
  return sha256(parts.join('\n')).slice(0, 8);
}
