import { availableParallelism } from 'node:os';
import { type Scripts, withBuildCopy } from '../build-copy.ts';
import { eachOf } from '../each-of.ts';
import { GROUNDS, type Ground, type Point, pointId, pointsOf, samplePoints } from './points.ts';
import type { PointTask } from './thread.ts';
import { runUndisturbed, type Undisturbed } from './try-point.ts';

/** Which points to try. */
export interface SweepOptions {
  /** Only points whose ID contains this text. Default: all. */
  readonly only?: string | undefined;
  /** The number of points to try. Default: all. */
  readonly sample?: number | undefined;
  /** The folder of the build to break. Default: `dist`. */
  readonly dist?: string | undefined;
  /** The seed of the sample. */
  readonly seed: string;
  /** The number of undisturbed runs at the same time, at most. */
  readonly atOnce: number;
}

/** The points of the crash sweep. */
export interface Sweep {
  readonly all: readonly Point[];
  /** The chosen points, with what `tryPoint` needs. */
  readonly tasks: readonly PointTask[];
}

/**
 * The crash sweep breaks runs of the built action at every point. It uses a copy of the build, so that a build that starts
 * meanwhile has no effect.
 */
export async function withSweep<Result>(
  { only = '', sample, dist, seed, atOnce }: SweepOptions,
  work: (sweep: Sweep) => Promise<Result>,
): Promise<Result> {
  return withBuildCopy(dist, async scripts => {
    const references = await allUndisturbed(scripts, atOnce);
    const all = GROUNDS.flatMap(ground => pointsOf(ground, referenceOf(references, ground).events));
    const fitting = all.filter(point => pointId(point).includes(only));
    const chosen = sample === undefined ? fitting : samplePoints(fitting, sample, seed);
    return work({ all, tasks: mixed(chosen).map(point => [point, scripts, referenceOf(references, point)]) });
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
