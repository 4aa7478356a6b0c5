/** 0: only the documented POST requests. 1: also the requests that the user interface of Vantage suggests. */
export type Tier = 0 | 1;
export const TIERS: readonly Tier[] = [0, 1];
