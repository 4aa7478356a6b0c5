import { parseTarget } from '../../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import type { Target } from '../../src/model/target.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';

/** Who created a secret: this repository, or somebody else, whose secrets it must not touch. */
export type Maker =
  | 'own'
  // This repository, under names that it had before.
  | 'own renamed'
  | 'own re-cased'
  | 'own transferred'
  | 'other repository'
  // A deleted repository that had this name.
  | 'recreated'
  // A repository with the same name and ID on another GitHub.
  | 'other host'
  // A repository that now has a former name of this one.
  | 'reused name'
  | 'copied mark'
  | 'by hand'
  | 'no description'
  | 'hidden description'
  // This repository, but nothing proves it because Vantage does not report the description.
  | 'unproven own';

/** Makers whose secrets have a complete mark. */
type Marker = Exclude<Maker, 'copied mark' | 'by hand' | 'no description' | 'hidden description' | 'unproven own'>;

/** The targets of these worlds, as lines of `write-to`. A workflow names the first few of them. */
const LINES = [
  ...['repository', 'environment production', 'organization octo-org'],
  // Another repository, which now has a former name of this one.
  'repository octo-org/former-repo',
  'dependabot repository',
];
export const ALL_TARGETS = LINES.length;
/** The maximum number of targets of a workflow. At least one belongs to another step. */
export const MOST_TARGETS = ALL_TARGETS - 1;
const REPOSITORY = 0;
const ORGANIZATION = 2;
/** The index of the target in the repository that now has a former name of this one. */
export const FORMER = 3;

/** The GitHub that targets are on. */
export interface GitHubAt {
  readonly apiUrl: string;
}

/** The workflow's own GitHub. */
export const GITHUB: GitHubAt = { apiUrl: 'https://api.github.com' };
/** Another GitHub. No repository on it was ever renamed. */
export const OTHER_GITHUB: GitHubAt = { apiUrl: 'https://ghe.example/api/v3' };

const STEP = '["ci.yml","deploy","vantage",null]';
export const WORKFLOW = {
  ...{ host: 'github.com', repository: 'octo-org/octo-repo', repositoryId: 1001, runId: '1', runAttempt: '1' },
  step: STEP,
} as const satisfies WorkflowRun;

const WORKFLOWS: Readonly<Record<Marker, WorkflowRun>> = {
  own: WORKFLOW,
  'own renamed': { ...WORKFLOW, repository: 'octo-org/former-repo' },
  'own re-cased': { ...WORKFLOW, repository: 'Octo-Org/Octo-Repo' },
  'own transferred': { ...WORKFLOW, repository: 'former-org/octo-repo' },
  'other repository': { ...WORKFLOW, repository: 'octo-org/octo-repo-2', repositoryId: 1002 },
  recreated: { ...WORKFLOW, repositoryId: 1003 },
  'other host': { ...WORKFLOW, host: 'ghe.example' },
  'reused name': { ...WORKFLOW, repository: 'octo-org/former-repo', repositoryId: 1004 },
};

/** The ID of a secret contains its maker, so that the rules can be checked without its mark. */
export function isOwnId(id: string): boolean {
  return /^own\b/u.test(id);
}

export function isMarker(maker: Maker): maker is Marker {
  return maker in WORKFLOWS;
}

/**
 * The place in which a maker writes a target: the same text for the same place. The secrets of a repository are kept when
 * the repository is renamed. The secrets of an organization stay with it when a repository is transferred.
 */
export function placeFor(maker: Maker, target: number, github: GitHubAt): string {
  const hasFormerName = ['own renamed', 'reused name'].includes(maker);
  const hadAnotherName = hasFormerName || maker === 'own transferred';
  const isRenamed = isOwnId(maker) && github === GITHUB;
  if (target === ORGANIZATION) {
    return maker === 'own transferred' ? 'former organization' : String(target);
  }
  if (target === FORMER || !hadAnotherName || isRenamed) {
    return String(target);
  }
  return hasFormerName && target === REPOSITORY ? String(FORMER) : `${target} under the former name`;
}

/** Whether a maker can name a target as another repository. If it has the name of that repository, it is its own. */
export function canName(maker: Maker, target: number): boolean {
  return target !== FORMER || !['own renamed', 'reused name'].includes(maker);
}

/** A target as this workflow names it. */
export function targetAt(index: number): Target {
  return named(index, WORKFLOW.repository);
}

/** Made once, as the targets below, because all worlds have the same few. */
const digests = new Map<string, readonly string[]>();
const parsedTargets = new Map<string, Target>();

/** The digests of targets in marks of this maker. Without targets: the digest of the output of a step. */
export function digestsFor(
  maker: Marker,
  targets: readonly number[],
  { step = STEP, github = GITHUB } = {},
): readonly string[] {
  const key = [maker, github.apiUrl, step, ...targets].join('\n');
  const known = digests.get(key);
  if (known) {
    return known;
  }
  const workflow = { ...WORKFLOWS[maker], step };
  const prepared = targets.map((index): PreparedTarget => {
    const target = nameOf(maker, index);
    return { target, resolved: { scope: target.scope } };
  });
  const made = destinationsOf(prepared, workflow, github).map(({ digest }) => digest);
  digests.set(key, made);
  return made;
}

/** The mark of a secret that was created at a time from the clock of its run. */
export function markBy(maker: Marker, digests: readonly string[], createdAt: number): string {
  return ownershipMark(WORKFLOWS[maker], digests, markNonce(new Date(createdAt), '00000000'));
}

/** A target as its maker names it. This repository uses its name at that time; others write out the current name. */
function nameOf(maker: Marker, index: number): Target {
  const isOfOwn = isOwnId(maker) || maker === 'reused name';
  if (maker === 'own transferred' && index === ORGANIZATION) {
    return parsed('organization former-org', WORKFLOW.repository);
  }
  return named(index, isOfOwn ? WORKFLOWS[maker].repository : WORKFLOW.repository);
}

function named(index: number, repository: string): Target {
  return parsed(LINES[index] ?? '', repository);
}

function parsed(line: string, repository: string): Target {
  const key = `${line} of ${repository}`;
  const target = parsedTargets.get(key) ?? parseTarget(line, repository, 'VANTAGE_CLIENT_SECRET');
  if (typeof target === 'string') {
    throw new Error(`${line}: ${target}`);
  }
  parsedTargets.set(key, target);
  return target;
}
