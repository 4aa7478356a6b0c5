import type { Scripts } from '../build-copy.ts';
import { serveTasks } from '../threads.ts';
import type { Point } from './points.ts';
import { type Trial, tryPoint, type Undisturbed } from './try-point.ts';

/** The arguments of `tryPoint`. */
export type PointTask = readonly [point: Point, scripts: Scripts, undisturbed: Undisturbed];

serveTasks<PointTask, Trial>(task => tryPoint(...task));
