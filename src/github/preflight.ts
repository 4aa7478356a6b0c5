import { asFailure, type ErrorCode, Failure } from '../failure.ts';
import type { GitHubRequest } from '../request/hand-off.ts';
import type { WorkflowRun } from '../request/request.ts';
import { type Place, placeLine, type Target } from '../request/targets.ts';
import type { PublicKey } from './schema.ts';
import type { Audience, GitHubStore } from './store.ts';

/** One place that secrets are written to, as it was found. */
export interface Site {
  readonly place: Place;
  /** Absent while its environment is still to be created. */
  readonly key?: PublicKey;
  /** Absent where no variable is asked for. */
  readonly variable?: { readonly name: string; readonly exists: boolean };
}

/** One secret to write, as its place was found. */
export interface PreparedTarget {
  readonly target: Target;
  readonly site: Site;
  /** Who is to read an organization's secret. */
  readonly audience?: Audience;
  /** When the secret was last written. Absent where there is none yet, or where it was not asked for. */
  readonly updatedAt?: Date;
}

/** What the targets are asked beside what a write needs. */
export interface PreflightQuestions {
  readonly workflow: WorkflowRun;
  /** Whether to ask how old their secrets are. */
  readonly ages: boolean;
}

/** Gravest first: what all the problems together are called. */
const GRAVITY: readonly ErrorCode[] = ['cancelled', 'timeout', 'github-permission', 'not-found'];

/**
 * Asks every target for all that a write will need, before there is a secret to lose: its public key, its environment,
 * what it holds now. Changes nothing.
 *
 * @throws Failure one that names everything that is wrong.
 */
export async function preflight(
  github: GitHubRequest,
  questions: PreflightQuestions,
  store: GitHubStore,
): Promise<readonly PreparedTarget[]> {
  const places = new Map(github.targets.map(({ place }) => [placeLine(place).toLowerCase(), place]));
  const sites = new Map([...places].map(([key, place]) => [key, prepareSite(place, github, store)]));
  // Loaded while GitHub answers, as sealing needs it at once when there is a secret.
  const sealing = import('./seal.ts');
  const prepared = await Promise.allSettled(
    github.targets.map(async (target): Promise<PreparedTarget> => {
      const site = sites.get(placeLine(target.place).toLowerCase());
      const [prepared, held] = await Promise.all([site, askTarget(target, questions, site, store)]);
      if (!prepared) {
        throw new Error(`${placeLine(target.place)} was not prepared`);
      }
      return { target, site: prepared, ...held };
    }),
  );
  await sealing;
  const problems = prepared.flatMap(result => (result.status === 'rejected' ? [asFailure(result.reason)] : []));
  if (problems.length > 0) {
    throw together('checking the targets in write-to', problems);
  }
  return prepared.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}

/** Several failures as one, with each one's line. */
export function together(what: string, failures: readonly Failure[]): Failure {
  const [first] = failures;
  const lines = [...new Set(failures.map(({ message }) => message))];
  const code =
    GRAVITY.find(grave => failures.some(failure => failure.code === grave)) ?? first?.code ?? 'internal-error';
  return lines.length === 1 && first ? first : new Failure(code, { what, why: lines.join(' · ') }, { cause: first });
}

async function prepareSite(place: Place, github: GitHubRequest, store: GitHubStore): Promise<Site> {
  if (place.kind === 'environment' && !(await store.environmentExists(place))) {
    if (!github.createEnvironments) {
      throw new Failure('not-found', {
        what: `looking for ${placeLine(place)}`,
        why: 'the repository has no such environment',
        todo: 'Create it, or set `create-environments` to true.',
      });
    }
    const name = github.clientIdVariable;
    return { place, ...(name === undefined ? {} : { variable: { name, exists: false } }) };
  }
  const [key, variable] = await Promise.all([store.publicKey(place), findVariable(place, github, store)]);
  return { place, key, ...(variable ? { variable } : {}) };
}

async function findVariable(place: Place, { clientIdVariable: name }: GitHubRequest, store: GitHubStore) {
  return name === undefined || place.app !== 'actions'
    ? undefined
    : { name, exists: await store.variableExists(place, name) };
}

/** Asks for what a target holds now, where that is needed: in an environment that is missing there is nothing to ask. */
async function askTarget(
  target: Target,
  { workflow, ages }: PreflightQuestions,
  site: Promise<Site> | undefined,
  store: GitHubStore,
): Promise<Pick<PreparedTarget, 'audience' | 'updatedAt'>> {
  const { place } = target;
  const mayBeMissing = place.kind === 'environment';
  if (!(ages || place.kind === 'organization') || (mayBeMissing && (await site)?.key === undefined)) {
    return {};
  }
  const stored = await store.readSecret(target);
  return {
    ...(stored ? { updatedAt: stored.updatedAt } : {}),
    ...(place.kind === 'organization' ? { audience: audienceOf(place, workflow, stored?.audience) } : {}),
  };
}

/**
 * An existing secret keeps its readers unless the line names others; a new one is private. One that becomes `selected`
 * begins with the repository of the workflow, where that is of the organization.
 */
function audienceOf(
  { org, visibility }: Extract<Place, { kind: 'organization' }>,
  workflow: WorkflowRun,
  found: Audience | undefined,
): Audience {
  return visibility === undefined || visibility === found?.visibility
    ? (found ?? { visibility: 'private', repositories: [] })
    : { visibility, repositories: visibility === 'selected' ? ownRepository(org, workflow) : [] };
}

function ownRepository(org: string, { repository, repositoryId }: WorkflowRun): readonly number[] {
  const isOwn = repository.toLowerCase().startsWith(`${org.toLowerCase()}/`);
  return isOwn && repositoryId !== undefined ? [repositoryId] : [];
}
