import fc from 'fast-check';
import { messageOf } from '../src/model/failure.ts';
import { planPrune } from '../src/plan/prune.ts';
import { aScenario } from './interleavings/scenario.ts';
import { type Deed, World } from './interleavings/world.ts';

/** How to explore. */
export interface Exploring {
  /** How many schedules to try. */
  readonly schedules: number;
  /** Where the random worlds and schedules begin; the same seed tries the same ones. Default: a random one. */
  readonly seed?: number;
  /** The rule that decides what is pruned. Default: the action's own. */
  readonly prune?: typeof planPrune;
}

/** What exploring found. */
export interface Exploration {
  /** Schedules that were tried: all of them, or as many as it took to find a violation. */
  readonly schedules: number;
  /** What the runs did in all of these schedules together, so that nobody takes a model that does nothing for a proof. */
  readonly done: Readonly<Record<Deed, number>>;
  readonly violation: Violation | undefined;
}

/** A schedule that breaks a rule. */
export interface Violation {
  /** Which rule, and by what. */
  readonly why: string;
  /** The smallest such schedule, step by step, with the seed and the path that find it again. */
  readonly schedule: string;
}

/**
 * Lets two or three runs of two repositories go at once, whose targets may be the same or overlap, step by step in every order that a random scheduler comes upon, and
 * one more when they are over. They read, decide, mint, write and prune; what they decide, the action's own rules decide.
 *
 * Four rules must hold: a target never gets a secret that was deleted; none is deleted that a target holds; nothing
 * foreign is deleted; and in the end every target that held a secret before, or was written, holds one that works.
 */
export async function exploreInterleavings({ schedules, seed, prune = planPrune }: Exploring): Promise<Exploration> {
  const done: Record<Deed, number> = { minted: 0, wrote: 0, pruned: 0, 'not due': 0, 'timed out': 0, killed: 0 };
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
