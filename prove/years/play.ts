import type { ActionRun } from '../../emulator/runner.ts';
import { usesProcesses } from '../where.ts';
import { calendarOf, type PlannedRun, START } from './calendar.ts';
import { idealOf } from './ideal.ts';
import { DAY, holdersOf, type Variant, variantId, WEEKS } from './scenario.ts';
import { type Tally, tallyOf, titleOf, violationsOf } from './tally.ts';
import { Watch } from './watch.ts';
import { World } from './world.ts';

/** The result of a year. */
export interface Year {
  readonly variant: Variant;
  readonly tally: Tally;
  /** What did not hold, as sentences. */
  readonly violations: readonly string[];
  /** The output of each run, with its title, as the page of a run shows it. */
  readonly logs: readonly string[];
}

/** How to play a year. */
export interface YearOptions {
  /** The script of the action. */
  readonly entry: string;
  /** The seed of the hours, the order and the failures of vaults. */
  readonly seed: string;
  /** The number of weeks. Default: all of the year. */
  readonly weeks?: number;
}

/** Plays the runs of a year one after the other, and checks every stored secret before and after each. */
export async function playYear(variant: Variant, { entry, seed, weeks = WEEKS }: YearOptions): Promise<Year> {
  const { scenario } = variant;
  await using world = await World.open(variant);
  const runs = calendarOf(scenario, seed, weeks);
  const ideal = idealOf(variant, runs);
  const watch = new Watch(world, variant);
  const logs: string[] = [];
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1]?.week ?? -1;
    for (const happening of scenario.happenings ?? []) {
      if (happening.week > before && happening.week <= run.week) {
        world.happen(happening);
      }
    }
    world.setTime(run.at);
    await watch.look(run, 'before');
    const here = !usesProcesses(`${variantId(variant)} ${titleOf(run)}`);
    const result = await world.run(entry, run, { here });
    store(world, run, result);
    watch.note(run, result);
    await watch.look(run, 'after');
    logs.push(`--- ${titleOf(run)}: exit code ${result.exitCode}\n${result.log.trimEnd()}`);
  }
  const end = START + 7 * weeks * DAY;
  world.setTime(end);
  const tally = tallyOf(variant, world, watch, ideal, end);
  return { variant, tally, violations: violationsOf(variant, world, watch, ideal, tally), logs };
}

/** The step after the action: stores the output in the vault, unless the step fails. */
function store({ vaults }: World, { workflow, stores }: PlannedRun, { outputs }: ActionRun): void {
  const value = outputs['client-secret'];
  for (const { key, isVault } of holdersOf(workflow)) {
    if (isVault && stores && value) {
      vaults.set(key, { secret: value, rotationDue: outputs['rotation-due'] ?? '' });
    }
  }
}
