import { AGAIN_PROPERTIES } from './again.ts';
import { DRIFT_PROPERTIES } from './drift.ts';
import { DUE_PROPERTIES } from './due.ts';
import { HELD_PROPERTIES } from './held.ts';
import type { Property } from './property.ts';
import { PRUNE_PROPERTIES } from './prune.ts';

/** What holds of the plan in every world. */
export const PROPERTIES: readonly Property[] = [
  ...DRIFT_PROPERTIES,
  ...DUE_PROPERTIES,
  ...HELD_PROPERTIES,
  ...PRUNE_PROPERTIES,
  ...AGAIN_PROPERTIES,
];
