import { availableParallelism } from 'node:os';
import { type Scripts, withBuildCopy } from '../build-copy.ts';
import { eachOf } from '../each-of.ts';
import { GROUNDS, type Ground, type Point, pointId, pointsOf, samplePoints } from './points.ts';
import { runUndisturbed, type Trial, tryPoint, type Undisturbed } from './try-point.ts';

/** Which points to try, and how. */
export interface SweepOptions {
  /** Only points whose ID contains this text. Default: all. */
  readonly only?: string | undefined;
  /** The number of points to try. Default: all. */
  readonly sample?: number | undefined;
  /** The folder of the build to break. Default: `dist`. */
  readonly dist?: string | undefined;
  /** The seed of the sample. */
  readonly seed: string;
  /** The number of points to try at the same time. */
  readonly atOnce: number;
  /** Tries a point. Default: in this thread. */
  readonly try?: typeof tryPoint;
  /** Called once with the points to try. */
  readonly onPlan?: (chosen: readonly Point[], all: readonly Point[]) => void;
  /** Called after each point. */
  readonly onTrial?: (trial: Trial, done: number) => void;
}

/**
 * The crash sweep: breaks runs of the built action at every point, and checks what must always hold. It uses a copy of
 * the build, so that a build that starts meanwhile has no effect.
 */
export async function sweep({
  only = '',
  sample,
  dist,
  seed,
  atOnce,
  try: tryIt = tryPoint,
  ...callbacks
}: SweepOptions): Promise<readonly Trial[]> {
  return withBuildCopy(dist, async scripts => {
    const references = await allUndisturbed(scripts, atOnce);
    const all = GROUNDS.flatMap(ground => pointsOf(ground, referenceOf(references, ground).events));
    const fitting = all.filter(point => pointId(point).includes(only));
    const chosen = sample === undefined ? fitting : samplePoints(fitting, sample, seed);
    callbacks.onPlan?.(chosen, all);
    let done = 0;
    return eachOf(mixed(chosen), atOnce, async point => {
      const trial = await tryIt(point, scripts, referenceOf(references, point));
      done += 1;
      callbacks.onTrial?.(trial, done);
      return trial;
    });
  });
}

/** With points of all scenarios at any time, because the runs of one scenario mostly wait, and those of others never do. */
function mixed(points: readonly Point[]): readonly Point[] {
  const groups = Map.groupBy(points, groundKey);
  return [...groups.values()]
    .flatMap(group => group.map((point, index) => ({ point, place: (index + 1 / 2) / group.length })))
    .sort((one, other) => one.place - other.place)
    .map(({ point }) => point);
}

type References = ReadonlyMap<string, Undisturbed>;

async function allUndisturbed(scripts: Scripts, atOnce: number): Promise<References> {
  // On a busy machine, a run could do something that it does not always do.
  const pairs = await eachOf(GROUNDS, Math.min(atOnce, availableParallelism()), async ground => {
    return [groundKey(ground), await runUndisturbed(ground, scripts)] as const;
  });
  return new Map(pairs);
}

function referenceOf(references: References, ground: Ground): Undisturbed {
  const found = references.get(groundKey(ground));
  if (!found) {
    throw new Error(`tier ${ground.tier}, ${ground.scenario} was not run undisturbed`);
  }
  return found;
}

function groundKey({ tier, scenario }: Ground): string {
  return `${tier} ${scenario}`;
}
