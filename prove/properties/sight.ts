import type { PreparedTarget, ScopeVariables } from '../../src/model/prepared-target.ts';
import type { Clocks } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { type MarkedSecret, markedSecrets, secretsFor } from '../../src/plan/marked-secrets.ts';
import { variablesBeside } from './beside.ts';
import {
  canName,
  digestsFor,
  type GitHubAt,
  isMarker,
  isOwnId,
  markBy,
  placeFor,
  targetAt,
  WORKFLOW,
} from './makers.ts';
import type { Past, PastSecret } from './past.ts';
import { DAY, SECOND } from './time.ts';

/** What tells another step of the same repository from this one. */
const OTHER_STEP = '["ci.yml","deploy","vantage",[["os","linux"]]]';

/** What a run sees of the past, and what is true of it. */
export interface Sight {
  /** What this run takes for the time of each server. */
  readonly now: Clocks;
  readonly listed: readonly ListedSecret[];
  /** The GitHub that the targets are on. */
  readonly github: GitHubAt;
  readonly targets: readonly PreparedTarget[];
  /** For each of these targets, the secrets whose mark names it, as the action tells. Newest first. */
  readonly named: readonly (readonly MarkedSecret[])[];
  /** For each of them, the id of the secret that it truly holds. */
  readonly heldBy: readonly (string | undefined)[];
  /** Ids of the secrets that some target truly holds, one that this workflow does not know among them. */
  readonly held: ReadonlySet<string>;
  /** Ids of the secrets that a run under way is still going to write. */
  readonly underWay: ReadonlySet<string>;
}

/** Looks at what a past has left. Some secrets begin alike, unless they are told to differ. */
export function look(past: Past, { beginAlike }: { readonly beginAlike: boolean } = { beginAlike: true }): Sight {
  const listed = past.secrets.flatMap((secret, index) => {
    const valueDisplay = past.showsBeginnings ? beginningOf(index, beginAlike) : undefined;
    return secret.isDeleted ? [] : [listedSecret(past, secret, index, valueDisplay)];
  });
  const writes = writesOf(past);
  const latest = new Map(
    [...Map.groupBy(writes, ({ scope }) => scope)].map(([scope, ofPlace]) => [
      scope,
      ofPlace.filter(({ at }) => at <= past.now).reduce(later, undefined),
    ]),
  );
  const { github, vantage } = past.clocks;
  const now = past.now + past.reading;
  const targets = range(past.targets).map(index => targetOf(past, index, latest.get(String(index))));
  const marked = markedSecrets(listed);
  return {
    now: { github: new Date(now + github), vantage: new Date(now + vantage) },
    listed,
    github: past.github,
    targets,
    named: targets.flatMap(target =>
      destinationsOf([target], WORKFLOW, past.github).map(one => secretsFor(one, marked)),
    ),
    heldBy: targets.map((_, index) => latest.get(String(index))?.id),
    held: new Set([...latest.values()].flatMap(write => (write ? [write.id] : []))),
    underWay: new Set(writes.flatMap(({ at, id }) => (at > past.now ? [id] : []))),
  };
}

/** So many milliseconds later by both clocks. */
export function after(milliseconds: number, { github, vantage }: Clocks): Clocks {
  return {
    github: new Date(github.getTime() + milliseconds),
    vantage: new Date(vantage.getTime() + milliseconds),
  };
}

/** How far the clock is ahead that dates marks for so many targets: GitHub's, where there are any. Shares no code with the plan. */
export function clockOfMarks(targets: number, { clocks }: Pick<Past, 'clocks'>): number {
  return targets > 0 ? clocks.github : clocks.vantage;
}

/** How the value of a secret begins, by its place in the past. */
export function beginningOf(index: number, beginAlike: boolean): string {
  return beginAlike ? `be${index % 4}` : `b-${index}`;
}

/** The targets that a secret truly goes to: none of a workflow's where it goes to an output. */
export function goalsOf({ targets }: Past, { maker, goesTo }: PastSecret): readonly number[] {
  return (goesTo === 'step' ? range(targets) : goesTo).filter(target => canName(maker, target));
}

/** Where a secret truly goes: the same text for the same target, or the same output of a step. */
export function placesOf(past: Past, secret: PastSecret): readonly string[] {
  const { maker, goesTo } = secret;
  const goals = goalsOf(past, secret);
  const step = goesTo === 'step' ? 'this' : 'another';
  return goals.length > 0
    ? goals.map(target => placeFor(maker, target, past.github))
    : [`output of ${step} step of ${isOwnId(maker) ? 'this repository' : maker}`];
}

/** The places that the workflow knows: its targets, or where it has none its output. */
export function knownPlaces({ targets }: Past): readonly string[] {
  return targets > 0 ? range(targets).map(String) : ['output of this step of this repository'];
}

/** The secret of a past that an id is of. */
export function secretOf({ secrets }: Past, id: string): PastSecret {
  return secrets[Number(id.split(' ').at(-1))] as PastSecret;
}

/** Whether a secret works at that time of Vantage's. Shares no code with the rules that it judges. */
export function works({ startTime, expiration }: ListedSecret, { vantage: now }: Clocks): boolean {
  const from = startTime === undefined ? Number.NEGATIVE_INFINITY : Date.parse(startTime);
  const to = expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiration);
  return from <= now.getTime() && now.getTime() < to;
}

/** A target as the preflight finds it. GitHub tells whole seconds. */
export function preparedTarget(
  index: number,
  updatedAt: number | undefined,
  variables: ScopeVariables = {},
): PreparedTarget {
  const target = targetAt(index);
  const age = updatedAt === undefined ? {} : { updatedAt: new Date(Math.floor(updatedAt / SECOND) * SECOND) };
  return { target, resolved: { scope: target.scope, variables }, ...age };
}

interface Write {
  readonly scope: string;
  readonly at: number;
  readonly id: string;
  /** When what is written ends, by Vantage's clock; absent where Vantage does not tell. */
  readonly end: number | undefined;
}

function targetOf({ now, clocks, dating, otherWrites }: Past, index: number, write: Write | undefined): PreparedTarget {
  const writtenAt = write && write.at + clocks.github + dating;
  const besideIt = otherWrites[index] ?? { names: 'not asked for', ends: 'not asked for' };
  const variables = variablesBeside(besideIt, { writtenAt, end: write?.end, now: now + clocks.vantage });
  return preparedTarget(index, writtenAt, variables);
}

function writesOf(past: Past): readonly Write[] {
  return past.secrets.flatMap((secret, index) =>
    goalsOf(past, secret).flatMap((target): Write[] => {
      const later = secret.wroteAfter[target];
      const { end } = lifeOf(past, secret);
      const scope = placeFor(secret.maker, target, past.github);
      return typeof later === 'number' && target !== past.unwritten
        ? [{ scope, at: past.now - secret.ago + later, id: idOf(secret, index), end }]
        : [];
    }),
  );
}

/** When a secret starts and ends, by Vantage's clock. */
function lifeOf({ now, clocks }: Past, { ago, startsAfter, life }: PastSecret) {
  const start = now - ago + (startsAfter ?? 0) * DAY + clocks.vantage;
  return { start, end: life === null ? undefined : start + life * DAY };
}

function later(one: Write | undefined, other: Write): Write {
  return one && one.at > other.at ? one : other;
}

function idOf({ maker }: PastSecret, index: number): string {
  return `${maker} ${index}`;
}

function listedSecret(past: Past, secret: PastSecret, index: number, valueDisplay: string | undefined): ListedSecret {
  const goals = goalsOf(past, secret);
  const markedAt = past.now - secret.ago + clockOfMarks(goals.length, past) + secret.clock;
  const { start, end } = lifeOf(past, secret);
  return {
    id: idOf(secret, index),
    description: describe(secret, goals, past.github, markedAt),
    valueDisplay,
    startTime: secret.startsAfter === null ? undefined : new Date(start).toISOString(),
    expiration: end === undefined ? undefined : new Date(end).toISOString(),
  };
}

function describe(
  { maker, goesTo }: PastSecret,
  goals: readonly number[],
  github: GitHubAt,
  at: number,
): string | null | undefined {
  if (isMarker(maker)) {
    const step = goesTo === 'step' ? WORKFLOW.step : OTHER_STEP;
    return `Staging deployment ${markBy(maker, digestsFor(maker, goals, { step, github }), at)}`;
  }
  switch (maker) {
    case 'copied mark':
      return `${markBy('own', digestsFor('own', goals), at)} copied`;
    case 'by hand':
      return 'Made by hand';
    case 'no words':
      return null;
    case 'untold':
    case 'unproven own':
      return undefined;
  }
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
