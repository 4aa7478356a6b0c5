import { serveTasks } from '../threads.ts';
import { playYear, type Year, type YearOptions } from './play.ts';
import type { Variant } from './scenario.ts';

/** The arguments of `playYear`. */
export type YearTask = readonly [variant: Variant, options: YearOptions];

serveTasks<YearTask, Year>(task => playYear(...task));
