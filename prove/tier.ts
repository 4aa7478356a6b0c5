/** 0: the documented POSTs alone. 1: what the user interface suggests as well. */
export type Tier = 0 | 1;
export const TIERS: readonly Tier[] = [0, 1];
