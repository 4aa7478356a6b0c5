import { parseTarget } from '../../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import type { Target } from '../../src/model/target.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';

/** Who made a secret: this repository, or somebody whose secrets it must not touch. */
export type Maker =
  | 'own'
  // Under names that it had before.
  | 'own renamed'
  | 'own re-cased'
  | 'own transferred'
  | 'other repository'
  // One that had this very name, and was deleted.
  | 'recreated'
  // One with this very name and number, on another GitHub.
  | 'other host'
  // One that took the name which this repository had before.
  | 'heir of the name'
  | 'copied mark'
  | 'by hand'
  | 'no words'
  | 'untold'
  // Made by this repository; but its description is not told, so nothing proves it.
  | 'unproven own';

/** Makers whose secrets bear a whole mark that can be read. */
type Marker = Exclude<Maker, 'copied mark' | 'by hand' | 'no words' | 'untold' | 'unproven own'>;

/** The targets of these worlds, as `write-to` names them. A workflow names the first few of them. */
const LINES = [
  ...['repository', 'environment production', 'organization octo-org'],
  // Another repository has this name, which was this one's before.
  'repository octo-org/former-repo',
  'dependabot repository',
];
/** How many targets there are. */
export const ALL_TARGETS = LINES.length;
/** How many of them a workflow names at most: one always is of another step. */
export const MOST_TARGETS = ALL_TARGETS - 1;
const REPOSITORY = 0;
const ORGANIZATION = 2;
/** The one that has the name which this repository had before. */
export const FORMER = 3;

/** A GitHub that targets are on. */
export interface GitHubAt {
  readonly apiUrl: string;
}

/** The workflow's own. */
export const GITHUB: GitHubAt = { apiUrl: 'https://api.github.com' };
/** Another one: on it no repository was ever renamed. */
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
  'heir of the name': { ...WORKFLOW, repository: 'octo-org/former-repo', repositoryId: 1004 },
};

/** The id of a secret tells who made it, so that it can be judged without its mark. */
export function isOwnId(id: string): boolean {
  return /^own\b/u.test(id);
}

export function isMarker(maker: Maker): maker is Marker {
  return maker in WORKFLOWS;
}

/**
 * Where a secret goes that somebody writes to a target: the same text for the same place. What the name of a repository
 * leads to goes with it when it is renamed; what that of an organization leads to stays when its repository goes.
 */
export function placeFor(maker: Maker, target: number, github: GitHubAt): string {
  const hasFormerName = ['own renamed', 'heir of the name'].includes(maker);
  const hadAnotherName = hasFormerName || maker === 'own transferred';
  const goesWithIt = isOwnId(maker) && github === GITHUB;
  if (target === ORGANIZATION) {
    return maker === 'own transferred' ? 'organization of before' : String(target);
  }
  if (target === FORMER || !hadAnotherName || goesWithIt) {
    return String(target);
  }
  return hasFormerName && target === REPOSITORY ? String(FORMER) : `${target} by the name of before`;
}

/** Whether a maker can name a target beside its own repository: to one that has its name it is that very repository. */
export function canName(maker: Maker, target: number): boolean {
  return target !== FORMER || !['own renamed', 'heir of the name'].includes(maker);
}

/** A target as this workflow names it. */
export function targetAt(index: number): Target {
  return named(index, WORKFLOW.repository);
}

/** What marks of this maker call these targets; or where there is none the output of a step, this one or another. */
export function digestsFor(
  maker: Marker,
  targets: readonly number[],
  { step = STEP, github = GITHUB } = {},
): readonly string[] {
  const workflow = { ...WORKFLOWS[maker], step };
  const prepared = targets.map((index): PreparedTarget => {
    const target = nameOf(maker, index);
    return { target, resolved: { scope: target.scope } };
  });
  return destinationsOf(prepared, workflow, github).map(({ digest }) => digest);
}

/** What ends the description of a secret that was minted at that time by the clock of its run. */
export function markBy(maker: Marker, digests: readonly string[], createdAt: number): string {
  return ownershipMark(WORKFLOWS[maker], digests, markNonce(new Date(createdAt), '00000000'));
}

/** A target as its maker names it: by its own name, where it is of this repository; others write out the whole of it. */
function nameOf(maker: Marker, index: number): Target {
  const isOfOwn = isOwnId(maker) || maker === 'heir of the name';
  if (maker === 'own transferred' && index === ORGANIZATION) {
    return parsed('organization former-org', WORKFLOW.repository);
  }
  return named(index, isOfOwn ? WORKFLOWS[maker].repository : WORKFLOW.repository);
}

function named(index: number, repository: string): Target {
  return parsed(LINES[index] ?? '', repository);
}

function parsed(line: string, repository: string): Target {
  const target = parseTarget(line, repository, 'VANTAGE_CLIENT_SECRET');
  if (typeof target === 'string') {
    throw new Error(`${line}: ${target}`);
  }
  return target;
}
