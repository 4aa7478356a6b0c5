import type { PlannedRun } from './calendar.ts';
import { DAY, type Holder, holdersOf, LIFE, ROTATE_BEFORE, type Scenario, type Variant } from './scenario.ts';

/** The minimum that a year needs: nothing is done too early, too late or twice. */
export interface Ideal {
  readonly secrets: number;
  /** How often each holder gets a secret. */
  readonly deliveries: ReadonlyMap<string, number>;
  /** How each run ends. Either way if a target that cannot be written is not due. */
  readonly ends: ReadonlyMap<PlannedRun, 'green' | 'red' | 'either'>;
}

/** Plays the calendar with full knowledge: a run creates a secret only if a target that it can write is due. */
export function idealOf({ scenario, tier }: Variant, runs: readonly PlannedRun[]): Ideal {
  const endsAt = new Map<string, number>();
  const deliveries = new Map<string, number>();
  const ends = new Map<PlannedRun, 'green' | 'red' | 'either'>();
  let secrets = 0;
  for (const run of runs) {
    const holders = holdersOf(run.workflow);
    const isDue = ({ key }: Holder) => (endsAt.get(key) ?? 0) - ROTATE_BEFORE * DAY <= run.at;
    const hopeless = holders.filter(holder => isHopeless(scenario, holder, run.week));
    const due = holders.filter(holder => isDue(holder) && !hopeless.includes(holder));
    secrets += due.length > 0 ? 1 : 0;
    for (const { key, isVault } of due) {
      if (run.stores || !isVault) {
        endsAt.set(key, run.at + LIFE * DAY);
        deliveries.set(key, (deliveries.get(key) ?? 0) + 1);
      }
    }
    const isUnsupported = run.workflow.inputs.mode === 'sweep' && tier === 0;
    const isRed = isUnsupported || hopeless.some(isDue);
    ends.set(run, isRed ? 'red' : hopeless.length > 0 ? 'either' : 'green');
  }
  return { secrets, deliveries, ends };
}

/** Whether nobody can write it any more. */
export function isHopeless({ hopeless }: Scenario, { key }: Holder, week: number): boolean {
  return hopeless !== undefined && key === hopeless.line && week >= hopeless.from;
}
