import fc from 'fast-check';
import { messageOf } from '../src/model/failure.ts';
import { planPrune } from '../src/plan/prune.ts';
import { aScenario } from './interleavings/scenario.ts';
import { type Deed, World } from './interleavings/world.ts';

/** How to explore. */
export interface Exploring {
  /** The number of schedules to try. */
  readonly schedules: number;
  /** The seed of the random worlds and schedules. Default: a random one. */
  readonly seed?: number;
  /** The rule that decides which secrets to prune. Default: the rule of the action. */
  readonly prune?: typeof planPrune;
}

/** What exploring found. */
export interface Exploration {
  /** The number of schedules that were tried, up to the first violation. */
  readonly schedules: number;
  /** How often the runs did what in all schedules. It shows that the model does something. */
  readonly done: Readonly<Record<Deed, number>>;
  readonly violation: Violation | undefined;
}

/** A schedule that breaks a rule. */
export interface Violation {
  /** The rule, and what broke it. */
  readonly why: string;
  /** The smallest such schedule, step by step, with the seed and the path to reproduce it. */
  readonly schedule: string;
}

/**
 * Runs two or three runs of two repositories at the same time, in random orders of their steps, then one more run. Their
 * targets can be the same or overlap. The runs read, decide, create a secret, write and prune. They decide by the rules of
 * the action.
 *
 * Four rules must hold. A target never gets a deleted secret. No secret that a target holds is deleted. Nobody else's
 * secret is deleted. In the end, every target that held a secret before, or was written, holds a valid secret.
 */
export async function exploreInterleavings({ schedules, seed, prune = planPrune }: Exploring): Promise<Exploration> {
  const done: Record<Deed, number> = { created: 0, wrote: 0, pruned: 0, 'not due': 0, 'timed out': 0, killed: 0 };
  const property = fc.asyncProperty(fc.scheduler(), aScenario, async (scheduler, scenario) => {
    const world = new World(scenario, prune, deed => {
      done[deed] += 1;
    });
    const turn = (label: string) => scheduler.schedule(Promise.resolve(), label).then(() => world.pass());
    await scheduler.waitFor(Promise.all(scenario.runs.map((run, index) => world.carryOut(`run ${index}`, run, turn))));
    world.pass(scenario.last.after);
    await world.carryOut('last run', scenario.last, async () => world.pass());
    world.expectAllWork();
  });
  const result = await fc.check(property, { numRuns: schedules, ...(seed === undefined ? {} : { seed }) });
  const schedule = fc.defaultReportMessage(result);
  return {
    schedules: result.numRuns,
    done,
    violation: schedule === undefined ? undefined : { why: messageOf(result.errorInstance), schedule },
  };
}
