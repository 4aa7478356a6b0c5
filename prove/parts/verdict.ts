/** The result of a part of the proof. */
export interface Verdict {
  readonly tried: number;
  readonly held: number;
  /** What was tried, in the plural. */
  readonly unit: string;
  /** False if anything did not hold, or if the trial proves nothing. */
  readonly holds: boolean;
}

/** The result of trials: each held if it has no violations. Without any, nothing is proven. */
export function verdictOf(unit: string, trials: readonly { readonly violations: readonly unknown[] }[]): Verdict {
  const tried = trials.length;
  const held = trials.filter(({ violations }) => violations.length === 0).length;
  return { tried, held, unit, holds: tried > 0 && held === tried };
}

/** All results in one line. */
export function renderVerdicts(verdicts: readonly Verdict[]): string {
  const counts = verdicts.map(({ tried, held, unit }) => `${held} of ${tried} ${unit}`).join(', ');
  return `${verdicts.every(({ holds }) => holds) ? 'Everything held' : 'Not everything held'}: ${counts}.`;
}

/** The seconds since a time of `performance.now()`. */
export function secondsSince(started: number): string {
  return ((performance.now() - started) / 1000).toFixed(0);
}
