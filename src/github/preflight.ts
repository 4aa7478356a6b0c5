import { asFailure, Failure, together } from '../model/failure.ts';
import type { Audience, HeldVariable, PreparedTarget, Site } from '../model/prepared-target.ts';
import type { TargetsRequest, WorkflowRun } from '../model/request.ts';
import { type OrganizationPlace, type Place, placeKey, placeLine, type Target } from '../model/target.ts';
import { audienceOf } from './access.ts';
import type { GitHub } from './github.ts';
import { findObstacles } from './obstacles.ts';

/** What the targets are asked beside what a write needs. */
export interface PreflightQuestions {
  readonly workflow: WorkflowRun;
  /** Whether to ask when their secrets were last written. */
  readonly ages: boolean;
  /** Whether their secrets are to be written. */
  readonly writes: boolean;
  /** Whether an environment may be missing. */
  readonly missingEnvironments: 'refused' | 'allowed';
}

/** What the targets answered. */
export interface Preflight {
  /** Those that a write would reach. */
  readonly ready: readonly PreparedTarget[];
  /** Names everything that is wrong with the others. */
  readonly problem?: Failure;
}

/**
 * Asks every target for all that a write will need, before there is a secret to lose: its public key, its environment,
 * what it holds now. Changes nothing.
 */
export async function preflight(
  wanted: TargetsRequest,
  questions: PreflightQuestions,
  github: GitHub,
): Promise<Preflight> {
  const places = new Map(wanted.targets.map(({ place }) => [placeKey(place), place]));
  const sites = new Map([...places].map(([key, place]) => [key, prepareSite(place, wanted, questions, github)]));
  const own = wanted.isOwn ? questions.workflow : undefined;
  const preparing = Promise.allSettled(
    wanted.targets.map(async (target): Promise<PreparedTarget> => {
      const site = sites.get(placeKey(target.place));
      const [prepared, held] = await Promise.all([site, askTarget(target, own, questions, site, github)]);
      if (!prepared) {
        throw new Error(`${placeLine(target.place)} was not prepared`);
      }
      return { target, site: prepared, ...held };
    }),
  );
  const isAsked = (place: Place) => isAskedFor(place, questions);
  const ready = preparing.then(fulfilled);
  const obstacles = questions.writes ? findObstacles(wanted.targets, own?.repository, isAsked, ready, github) : [];
  const [prepared, cleared] = await Promise.all([preparing, Promise.allSettled(obstacles.map(one => one.cleared))]);
  const problems = [...prepared, ...cleared].flatMap(result =>
    result.status === 'rejected' ? [asFailure(result.reason)] : [],
  );
  const met = obstacles.filter((_, index) => cleared[index]?.status === 'rejected');
  return {
    ready: fulfilled(prepared).filter(target => !met.some(({ blocks }) => blocks(target))),
    ...(problems.length > 0 ? { problem: together('checking the targets in write-to', problems) } : {}),
  };
}

function fulfilled<Value>(results: readonly PromiseSettledResult<Value>[]): readonly Value[] {
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
}

async function prepareSite(
  place: Place,
  wanted: TargetsRequest,
  { missingEnvironments }: PreflightQuestions,
  github: GitHub,
): Promise<Site> {
  if (place.kind === 'environment' && !(await github.environments.exists(place))) {
    if (missingEnvironments === 'refused') {
      throw new Failure('not-found', {
        what: `looking for ${placeLine(place)}`,
        why: 'the repository has no such environment',
        todo: 'Create it, or set `create-environments` to true.',
      });
    }
    return withVariables({ place }, wanted, async name => ({ name }));
  }
  const hold = async (name: string) => ({ name, ...(await github.variables.read(place, name)) });
  const [key, site] = await Promise.allSettled([
    github.secrets.publicKey(place),
    withVariables({ place }, wanted, hold),
  ]);
  // First, as where the token does not see the place, its variables seem not to be offered.
  if (key.status === 'rejected') {
    throw key.reason;
  }
  if (site.status === 'rejected') {
    throw site.reason;
  }
  return { ...site.value, key: key.value };
}

/** A site with the variables that the workflow names; only Actions has any. */
async function withVariables(
  site: Site,
  { clientIdVariable, expirationVariable }: TargetsRequest,
  hold: (name: string) => Promise<HeldVariable>,
): Promise<Site> {
  if (site.place.app !== 'actions' || (clientIdVariable ?? expirationVariable) === undefined) {
    return site;
  }
  const [clientId, expiration] = await Promise.all([
    clientIdVariable === undefined ? undefined : hold(clientIdVariable),
    expirationVariable === undefined ? undefined : hold(expirationVariable),
  ]);
  return { ...site, variables: { ...(clientId ? { clientId } : {}), ...(expiration ? { expiration } : {}) } };
}

/** Whether the targets of a place are asked for what they hold now. An organization's secret is, for who may read it. */
function isAskedFor(place: Place, { ages }: PreflightQuestions): boolean {
  return ages || place.kind === 'organization';
}

/** Asks for what a target holds now, where that is needed: in an environment that is missing there is nothing to ask. */
async function askTarget(
  target: Target,
  own: WorkflowRun | undefined,
  questions: PreflightQuestions,
  site: Promise<Site> | undefined,
  github: GitHub,
): Promise<Omit<PreparedTarget, 'target' | 'site'>> {
  const { place } = target;
  const mayBeMissing = place.kind === 'environment';
  if (!isAskedFor(place, questions) || (mayBeMissing && (await site)?.key === undefined)) {
    return {};
  }
  const stored = await github.secrets.read(target);
  return {
    ...(stored ? { updatedAt: stored.updatedAt } : {}),
    ...(place.kind === 'organization' ? readersOf(place, stored?.audience, own) : {}),
  };
}

/** Who is to read an organization's secret, and whether the workflow's own repository is one that is missing. */
function readersOf(
  place: OrganizationPlace,
  found: Audience | undefined,
  own: WorkflowRun | undefined,
): Pick<PreparedTarget, 'audience' | 'ownReader'> {
  const id = place.visibility === 'selected' ? own && idIn(place, own) : undefined;
  const isMissing = found?.visibility === 'selected' && id !== undefined && !found.repositories.includes(id);
  return { audience: audienceOf(place, found), ...(id === undefined ? {} : { ownReader: { id, isMissing } }) };
}

/** The number of the workflow's own repository, where that is of the organization: no other may read its secrets. */
function idIn({ org }: OrganizationPlace, { repository, repositoryId }: WorkflowRun): number | undefined {
  return repository.toLowerCase().startsWith(`${org.toLowerCase()}/`) ? repositoryId : undefined;
}
