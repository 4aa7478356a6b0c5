import type { PreparedTarget, SiteVariables } from '../../src/github/preflight.ts';
import type { Clocks } from '../../src/plan/clocks.ts';
import { markNonce, ownershipMark, targetDigest } from '../../src/plan/mark.ts';
import { type OwnSecret, ownSecrets } from '../../src/plan/own-secrets.ts';
import { parseTarget, type Target, targetKey } from '../../src/request/targets.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';
import { variablesBeside } from './beside.ts';
import { type Maker, MOST_TARGETS, type Past, type PastSecret } from './past.ts';
import { DAY, SECOND } from './time.ts';

export const REPOSITORY = 'octo-org/octo-repo';

const TARGETS = ['repository', 'environment production']
  .map(line => parseTarget(line, REPOSITORY, 'VANTAGE_CLIENT_SECRET'))
  .filter((target): target is Target => typeof target !== 'string');
/** The digests of no target, the first, the first two. */
const DIGESTS = Array.from({ length: MOST_TARGETS + 1 }, (_, count) =>
  targetDigest(TARGETS.slice(0, count).map(targetKey)),
);

/** What a run sees of the past, and what is true of it. */
export interface Sight {
  /** What this run takes for the time of each server. */
  readonly now: Clocks;
  readonly listed: readonly ListedSecret[];
  readonly targets: readonly PreparedTarget[];
  /** The action's own secrets, as it tells them apart. */
  readonly own: readonly OwnSecret[];
  /** Ids of the secrets that targets truly hold. */
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
  const writes = TARGETS.slice(0, past.targets).map((_, index) => writesOf(past, index));
  const latest = writes.map(ofTarget => ofTarget.filter(({ at }) => at <= past.now).reduce(later, undefined));
  const { github, vantage } = past.clocks;
  const now = past.now + past.reading;
  return {
    now: { github: new Date(now + github), vantage: new Date(now + vantage) },
    listed,
    targets: latest.map((write, index) => targetOf(past, index, write)),
    own: ownSecrets(listed, { repository: REPOSITORY, digest: digestOf(past.targets) }),
    held: new Set(latest.flatMap(write => (write ? [write.id] : []))),
    underWay: new Set(writes.flat().flatMap(({ at, id }) => (at > past.now ? [id] : []))),
  };
}

/** So many milliseconds later by both clocks. */
export function after(milliseconds: number, { github, vantage }: Clocks): Clocks {
  return {
    github: new Date(github.getTime() + milliseconds),
    vantage: new Date(vantage.getTime() + milliseconds),
  };
}

/** How far the clock is ahead that dates marks: GitHub's, where there are targets. Shares no code with the plan. */
export function clockOfMarks({ targets, clocks }: Pick<Past, 'targets' | 'clocks'>): number {
  return targets > 0 ? clocks.github : clocks.vantage;
}

/** The id of a secret tells who made it, so that it can be judged without its mark. */
export function isOwnId(id: string): boolean {
  return id.startsWith('own ');
}

/** How the value of a secret begins, by its place in the past. */
export function beginningOf(index: number, beginAlike: boolean): string {
  return beginAlike ? `be${index % 4}` : `b-${index}`;
}

/** `targetDigest` of the first so many targets. */
export function digestOf(targets: number): string {
  return DIGESTS[targets] ?? '';
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
  variables: SiteVariables = {},
): PreparedTarget {
  const target = TARGETS[index] as Target;
  const age = updatedAt === undefined ? {} : { updatedAt: new Date(Math.floor(updatedAt / SECOND) * SECOND) };
  return { target, site: { place: target.place, variables }, ...age };
}

/** The description of an own secret of these targets, minted at that time by the clock of its run. */
export function ownDescription(targets: number, mintedAt: number, repository = REPOSITORY): string {
  const nonce = markNonce(new Date(mintedAt), '00000000');
  return ownershipMark({ repository, runId: '1', runAttempt: '1' }, digestOf(targets), nonce);
}

interface Write {
  readonly at: number;
  readonly id: string;
  /** When what is written ends, by Vantage's clock; absent where Vantage does not tell. */
  readonly end: number | undefined;
}

function targetOf({ now, clocks, dating, beside }: Past, index: number, write: Write | undefined): PreparedTarget {
  const writtenAt = write && write.at + clocks.github + dating;
  const besideIt = beside[index] ?? { names: 'not asked for', ends: 'not asked for' };
  const variables = variablesBeside(besideIt, { writtenAt, end: write?.end, now: now + clocks.vantage });
  return preparedTarget(index, writtenAt, variables);
}

function writesOf(past: Past, target: number): readonly Write[] {
  return target === past.unwritten
    ? []
    : past.secrets.flatMap((secret, index) => {
        const later = secret.wroteAfter[target];
        const { end } = lifeOf(past, secret);
        return typeof later === 'number' ? [{ at: past.now - secret.ago + later, id: idOf(secret, index), end }] : [];
      });
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
  const markedAt = past.now - secret.ago + clockOfMarks(past) + secret.clock;
  const { start, end } = lifeOf(past, secret);
  return {
    id: idOf(secret, index),
    description: describe(secret.maker, past.targets, markedAt),
    valueDisplay,
    startTime: secret.startsAfter === null ? undefined : new Date(start).toISOString(),
    expiration: end === undefined ? undefined : new Date(end).toISOString(),
  };
}

function describe(maker: Maker, targets: number, mintedAt: number): string | null | undefined {
  switch (maker) {
    case 'own':
      return `Staging deployment ${ownDescription(targets, mintedAt)}`;
    case 'other targets':
      return ownDescription((targets + 1) % DIGESTS.length, mintedAt);
    case 'other repository':
      return ownDescription(targets, mintedAt, 'octo-org/octo-repo-2');
    case 'copied mark':
      return `${ownDescription(targets, mintedAt)} copied`;
    case 'by hand':
      return 'Made by hand';
    case 'no words':
      return null;
    case 'untold':
    case 'unproven own':
      return undefined;
  }
}
