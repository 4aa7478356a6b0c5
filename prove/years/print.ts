import type { Year } from './play.ts';
import { variantId } from './scenario.ts';

const COLUMNS = ['tier', 'clocks', 'created', 'ideal', 'allowed', 'pruned', 'revoked', 'live', 'left over'] as const;
const MORE = ['writes', 'ideal', 'dead', 'red', 'expected'] as const;

/** A table with one line for each year. */
export function renderYears(years: readonly Year[]): string {
  const rows = years.map(({ variant: { scenario, tier, clocks }, tally }) => [
    ...[scenario.name, tier, clocks.name, tally.created, tally.ideal, tally.ideal + scenario.spare.secrets],
    ...[tally.pruned, tally.takenBack, tally.live, tally.leftOver],
    ...[tally.writes, tally.idealWrites, tally.dead, tally.red, tally.redExpected],
  ]);
  return table([['scenario', ...COLUMNS, ...MORE], ...rows].map(row => row.map(String)));
}

/** What did not hold in a year, and how to reproduce it. */
export function renderYear({ variant, tally, violations }: Year, seed: string): string {
  const { created, ideal, dead, writes } = tally;
  return [
    `${variantId(variant)}: ${created} secrets created (ideal: ${ideal}), ${writes} writes, ${dead} dead targets`,
    ...violations.map(what => `  ${what}`),
    ...(violations.length > 0
      ? [`  npm run prove -- --part years --seed '${seed}' --only '${variantId(variant)}' --logs`]
      : []),
  ].join('\n');
}

/** Aligns text to the left and numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => {
      const isNumber = /^\d+$/u.test(rows[1]?.[column] ?? '');
      return isNumber ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
    });
  return rows.map(row => line(row).join('  ').trimEnd()).join('\n');
}
