import type { PreparedTarget, ScopeVariables } from '../../src/model/prepared-target.ts';
import type { Clocks } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { type MarkedSecret, markedSecrets, secretsFor } from '../../src/plan/marked-secrets.ts';
import type { History, HistorySecret } from './history.ts';
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
import { DAY, SECOND } from './time.ts';
import { variablesNextTo } from './variable-states.ts';

/** Identifies another step of the same repository. */
const OTHER_STEP = '["ci.yml","deploy","vantage",[["os","linux"]]]';

/** What a run sees of the history, and what is really true. */
export interface ObservedHistory {
  /** The time of each server, as this run reads it. */
  readonly now: Clocks;
  readonly listed: readonly ListedSecret[];
  /** The GitHub that the targets are on. */
  readonly github: GitHubAt;
  readonly targets: readonly PreparedTarget[];
  /** For each target, the secrets whose mark names it, as the action reads the marks. Newest first. */
  readonly named: readonly (readonly MarkedSecret[])[];
  /** For each target, the ID of the secret that it really holds. */
  readonly heldBy: readonly (string | undefined)[];
  /** The IDs of the secrets that any target really holds, including targets that this workflow does not know. */
  readonly held: ReadonlySet<string>;
  /** The IDs of the secrets that another run will still write. */
  readonly pending: ReadonlySet<string>;
}

/** Observes the result of a history. Some secrets start with the same characters if `sharePrefixes` is set. */
export function observe(
  history: History,
  { sharePrefixes }: { readonly sharePrefixes: boolean } = { sharePrefixes: true },
): ObservedHistory {
  const listed = history.secrets.flatMap((secret, index) => {
    const valueDisplay = history.showsPrefixes ? prefixOf(index, sharePrefixes) : undefined;
    return secret.isDeleted ? [] : [listedSecret(history, secret, index, valueDisplay)];
  });
  const writes = writesOf(history);
  const latest = new Map(
    [...Map.groupBy(writes, ({ scope }) => scope)].map(([scope, ofPlace]) => [
      scope,
      ofPlace.filter(({ at }) => at <= history.now).reduce(later, undefined),
    ]),
  );
  const { github, vantage } = history.clocks;
  const now = history.now + history.clockError;
  const targets = range(history.targets).map(index => targetOf(history, index, latest.get(String(index))));
  const marked = markedSecrets(listed);
  return {
    now: { github: new Date(now + github), vantage: new Date(now + vantage) },
    listed,
    github: history.github,
    targets,
    named: targets.flatMap(target =>
      destinationsOf([target], WORKFLOW, history.github).map(one => secretsFor(one, marked)),
    ),
    heldBy: targets.map((_, index) => latest.get(String(index))?.id),
    held: new Set([...latest.values()].flatMap(write => (write ? [write.id] : []))),
    pending: new Set(writes.flatMap(({ at, id }) => (at > history.now ? [id] : []))),
  };
}

/** The time of both clocks, some milliseconds later. */
export function after(milliseconds: number, { github, vantage }: Clocks): Clocks {
  return {
    github: new Date(github.getTime() + milliseconds),
    vantage: new Date(vantage.getTime() + milliseconds),
  };
}

/** How far the clock of the marks is ahead: GitHub's clock if there are targets. Shares no code with the plan. */
export function clockOfMarks(targets: number, { clocks }: Pick<History, 'clocks'>): number {
  return targets > 0 ? clocks.github : clocks.vantage;
}

/** The first characters of a secret, by its index in the history. */
export function prefixOf(index: number, sharePrefixes: boolean): string {
  return sharePrefixes ? `be${index % 4}` : `b-${index}`;
}

/** The targets that a secret is really delivered to. Empty if it is an output. */
export function deliveredTargets({ targets }: History, { maker, deliveredTo }: HistorySecret): readonly number[] {
  return (deliveredTo === 'step' ? range(targets) : deliveredTo).filter(target => canName(maker, target));
}

/** The places that a secret is really delivered to: the same text for the same target, or for the same output. */
export function placesOf(history: History, secret: HistorySecret): readonly string[] {
  const { maker, deliveredTo } = secret;
  const delivered = deliveredTargets(history, secret);
  const step = deliveredTo === 'step' ? 'this' : 'another';
  return delivered.length > 0
    ? delivered.map(target => placeFor(maker, target, history.github))
    : [`output of ${step} step of ${isOwnId(maker) ? 'this repository' : maker}`];
}

/** The places that the workflow knows: its targets, or its output if it has none. */
export function knownPlaces({ targets }: History): readonly string[] {
  return targets > 0 ? range(targets).map(String) : ['output of this step of this repository'];
}

/** The secret of a history with an ID. */
export function secretOf({ secrets }: History, id: string): HistorySecret {
  return secrets[Number(id.split(' ').at(-1))] as HistorySecret;
}

/** Whether a secret is valid now, from Vantage's clock. Shares no code with the plan. */
export function works({ startTime, expiration }: ListedSecret, { vantage: now }: Clocks): boolean {
  const from = startTime === undefined ? Number.NEGATIVE_INFINITY : Date.parse(startTime);
  const to = expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiration);
  return from <= now.getTime() && now.getTime() < to;
}

/** A target as the preflight finds it. GitHub reports whole seconds. */
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
  /** When the secret expires, from Vantage's clock. Absent if Vantage does not report it. */
  readonly end: number | undefined;
}

function targetOf(
  { now, clocks, dateSkew, variableStates }: History,
  index: number,
  write: Write | undefined,
): PreparedTarget {
  const writtenAt = write && write.at + clocks.github + dateSkew;
  const states = variableStates[index] ?? { names: 'not requested', ends: 'not requested' };
  const variables = variablesNextTo(states, { writtenAt, end: write?.end, now: now + clocks.vantage });
  return preparedTarget(index, writtenAt, variables);
}

function writesOf(history: History): readonly Write[] {
  return history.secrets.flatMap((secret, index) =>
    deliveredTargets(history, secret).flatMap((target): Write[] => {
      const later = secret.writtenAfter[target];
      const { end } = lifeOf(history, secret);
      const scope = placeFor(secret.maker, target, history.github);
      return typeof later === 'number' && target !== history.unwritten
        ? [{ scope, at: history.now - secret.ago + later, id: idOf(secret, index), end }]
        : [];
    }),
  );
}

/** When a secret starts and expires, from Vantage's clock. */
function lifeOf({ now, clocks }: History, { ago, startsAfter, life }: HistorySecret) {
  const start = now - ago + (startsAfter ?? 0) * DAY + clocks.vantage;
  return { start, end: life === null ? undefined : start + life * DAY };
}

function later(one: Write | undefined, other: Write): Write {
  return one && one.at > other.at ? one : other;
}

function idOf({ maker }: HistorySecret, index: number): string {
  return `${maker} ${index}`;
}

function listedSecret(
  history: History,
  secret: HistorySecret,
  index: number,
  valueDisplay: string | undefined,
): ListedSecret {
  const delivered = deliveredTargets(history, secret);
  const markedAt = history.now - secret.ago + clockOfMarks(delivered.length, history) + secret.clock;
  const { start, end } = lifeOf(history, secret);
  return {
    id: idOf(secret, index),
    description: describe(secret, delivered, history.github, markedAt),
    valueDisplay,
    startTime: secret.startsAfter === null ? undefined : new Date(start).toISOString(),
    expiration: end === undefined ? undefined : new Date(end).toISOString(),
  };
}

function describe(
  { maker, deliveredTo }: HistorySecret,
  delivered: readonly number[],
  github: GitHubAt,
  at: number,
): string | null | undefined {
  if (isMarker(maker)) {
    const step = deliveredTo === 'step' ? WORKFLOW.step : OTHER_STEP;
    return `Staging deployment ${markBy(maker, digestsFor(maker, delivered, { step, github }), at)}`;
  }
  switch (maker) {
    case 'copied mark':
      return `${markBy('own', digestsFor('own', delivered), at)} copied`;
    case 'by hand':
      return 'Made by hand';
    case 'no description':
      return null;
    case 'hidden description':
    case 'unproven own':
      return undefined;
  }
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
