import { AGAIN_PROPERTIES } from './again.ts';
import { CLOCK_PROPERTIES } from './clocks.ts';
import { DELETE_PROPERTIES } from './delete.ts';
import { DRIFT_PROPERTIES } from './drift.ts';
import { DUE_PROPERTIES } from './due.ts';
import { HELD_PROPERTIES } from './held.ts';
import { INCOMPLETE_LIST_PROPERTIES } from './incomplete-lists.ts';
import { OWNER_PROPERTIES } from './owners.ts';
import type { Property } from './property.ts';
import { PRUNE_PROPERTIES } from './prune.ts';
import { SWEEP_PROPERTIES } from './sweep.ts';
import { VARIABLE_PROPERTIES } from './variables.ts';

/** The rules that the plan follows in every world. */
export const PROPERTIES: readonly Property[] = [
  ...DRIFT_PROPERTIES,
  ...DUE_PROPERTIES,
  ...HELD_PROPERTIES,
  ...PRUNE_PROPERTIES,
  ...OWNER_PROPERTIES,
  ...INCOMPLETE_LIST_PROPERTIES,
  ...CLOCK_PROPERTIES,
  ...VARIABLE_PROPERTIES,
  ...AGAIN_PROPERTIES,
  ...SWEEP_PROPERTIES,
  ...DELETE_PROPERTIES,
];
