import { availableParallelism } from 'node:os';
import { withBuildCopy } from '../build-copy.ts';
import type { BuiltOptions } from '../options.ts';
import { TIERS } from '../tier.ts';
import { PROCESSES_PART } from '../where.ts';
import { calendarOf, clocksOf } from '../years/calendar.ts';
import type { Year } from '../years/play.ts';
import { renderYear, renderYears } from '../years/print.ts';
import { type Variant, variantId } from '../years/scenario.ts';
import { SCENARIOS } from '../years/scenarios.ts';
import type { YearTask } from '../years/thread.ts';
import { tryAll } from './try-all.ts';
import { secondsSince, type Verdict, verdictOf } from './verdict.ts';

const AT_ONCE = availableParallelism() + 1;

function variantsOf(seed: string): readonly Variant[] {
  return SCENARIOS.flatMap(scenario =>
    TIERS.flatMap(tier => clocksOf(tier, scenario, seed).map(clocks => ({ scenario, tier, clocks }))),
  );
}

/** Runs the years. Prints a table of all, and how to reproduce each year that did not hold. */
export async function proveYears({ only = '', seed, atOnce = AT_ONCE, dist, logs }: BuiltOptions): Promise<Verdict> {
  const started = performance.now();
  const all = variantsOf(seed);
  const chosen = all.filter(variant => variantId(variant).includes(only));
  const planned = chosen.reduce((sum, { scenario }) => sum + calendarOf(scenario, seed).length, 0);
  console.log(`${chosen.length} of ${all.length} years, of ${planned} runs.`);
  console.log(`The runs are executed in this process. But ${PROCESSES_PART} is a process of its own.`);
  const years = await withBuildCopy(dist, ({ main: entry }) =>
    tryAll<YearTask, Year>({
      tasks: chosen.map(variant => [variant, { entry, seed }]),
      thread: new URL('../years/thread.ts', import.meta.url),
      atOnce,
      report: year => [...(logs ? ['', variantId(year.variant), ...year.logs] : []), renderYear(year, seed)],
      progress: { every: 1, unit: 'years', started },
    }),
  );
  console.log(`\n${renderYears(years)}\n\nThey took ${secondsSince(started)} s.`);
  return verdictOf('years', years);
}

/** Prints the IDs of the years. */
export function listYears({ only = '', seed }: BuiltOptions): void {
  console.log(
    variantsOf(seed)
      .map(variantId)
      .filter(id => id.includes(only))
      .join('\n'),
  );
}
