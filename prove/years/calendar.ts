import { createHash } from 'node:crypto';
import type { Tier } from '../tier.ts';
import { type Clocks, DAY, HOUR, type Scenario, WEEKS, type Workflow } from './scenario.ts';

const MINUTE = HOUR / 60;
/** A Monday. */
export const START = Date.UTC(2027, 0, 4);

/** How often the step after the action fails to store its secret. */
const FAILS_ONE_IN = 3;
/** The maximum in a row. With one more, no action could keep the stored secret valid. */
const MOST_FAILURES = 3;

/** One run of a workflow. */
export interface PlannedRun {
  readonly workflow: Workflow;
  readonly week: number;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Whether the next step stores the secret in the vault. */
  readonly stores: boolean;
}

/** All runs of the year in order: each week at another hour and in another order. The same for the same seed. */
export function calendarOf({ name, workflows }: Scenario, seed: string, weeks: number = WEEKS): readonly PlannedRun[] {
  const chance = (...of: readonly unknown[]) =>
    createHash('sha256')
      .update([seed, name, ...of].join(' '))
      .digest()
      .readUInt32BE() /
    2 ** 32;
  const failed = new Map<Workflow, number>();
  return Array.from({ length: weeks }, (_, week) => week).flatMap(week => {
    const running = workflows.filter(({ from = 0, until = WEEKS }) => week >= from && week < until);
    const order = running
      .map(workflow => ({ workflow, rank: chance('order', week, workflow.name) }))
      .sort((one, other) => one.rank - other.rank);
    const share = 24 / Math.max(1, order.length);
    return order.map(({ workflow }, index): PlannedRun => {
      const hour = Math.floor(share * (index + chance('hour', week, index)));
      const before = failed.get(workflow) ?? 0;
      const stores = before >= MOST_FAILURES || chance('store', week, workflow.name) >= 1 / FAILS_ONE_IN;
      failed.set(workflow, stores ? 0 : before + 1);
      const minute = Math.floor(60 * chance('minute', week, workflow.name));
      return { workflow, week, at: START + 7 * week * DAY + hour * HOUR + minute * MINUTE, stores };
    });
  });
}

/** Clocks that agree, and clocks of which one server is an hour ahead. */
export function clocksOf(tier: Tier, { name }: Scenario, seed: string): readonly Clocks[] {
  return [
    { name: 'agree', vantage: 0, github: 0 },
    chanceOf(seed, name, 'clocks', tier) < 1 / 2
      ? { name: 'Vantage +1 h', vantage: HOUR, github: 0 }
      : { name: 'GitHub +1 h', vantage: 0, github: HOUR },
  ];
}

/** A number from 0 to 1, the same for the same text. */
function chanceOf(...of: readonly unknown[]): number {
  return createHash('sha256').update(of.join(' ')).digest().readUInt32BE() / 2 ** 32;
}
