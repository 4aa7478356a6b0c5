import fc from 'fast-check';
import { messageOf } from '../src/failure.ts';
import type { PreparedTarget } from '../src/github/preflight.ts';
import { decideDue } from '../src/plan/due.ts';
import { markNonce, ownershipMark, targetDigest } from '../src/plan/mark.ts';
import { ownSecrets } from '../src/plan/own-secrets.ts';
import { planPrune } from '../src/plan/prune.ts';
import type { SecretRequest } from '../src/request/secret.ts';
import { parseTarget, type Target, targetKey } from '../src/request/targets.ts';
import type { Duration } from '../src/request/time.ts';
import type { ListedSecret } from '../src/vantage/schema.ts';

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

/** What a run of the model does, or comes to. */
export type Deed = 'minted' | 'wrote' | 'pruned' | 'not due' | 'timed out' | 'killed';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** When the runs of the model begin to arrive. */
const START = Date.UTC(2027, 0, 31, 9);
/** The most that `timeout` takes: a run that is older writes no more. */
const LONGEST_RUN = DAY;
const REPOSITORY = 'octo-org/octo-repo';
const WANTED: SecretRequest = {
  rotate: 'when-due',
  rotateBefore: { days: 100 },
  revokeAtJobEnd: false,
  // So long that no secret of the model comes to its end: whatever stops working was deleted.
  expiration: { after: { days: 400 } },
  verify: true,
};

const LINES = ['repository', 'environment production', 'dependabot repository'];
const TARGETS = LINES.map(line => parseTarget(line, REPOSITORY, 'VANTAGE_CLIENT_SECRET')).filter(
  (target): target is Target => typeof target !== 'string',
);
/** How many steps a run takes before it decides: it looks at the targets, and lists the secrets. */
const READS = 2;
const DIGEST = targetDigest(TARGETS.map(targetKey));

/** One run to be. */
interface RunPlan {
  readonly rotate: 'always' | 'when-due';
  readonly pruneAfter: Duration;
  /** How far its clock is ahead, in milliseconds. */
  readonly clock: number;
  /** After how many of its steps it is killed; most are not. */
  readonly killedAfter: number;
}

/** A run that was over before the model begins. */
interface EarlierRun {
  readonly daysAgo: number;
  /** How many of the targets it wrote, in their order, before it ended. */
  readonly wrote: number;
}

interface Scenario {
  readonly earlier: readonly EarlierRun[];
  readonly runs: readonly RunPlan[];
  readonly githubClock: number;
  /** How long the steps take, one after the other, whoever takes them. */
  readonly gaps: readonly number[];
  /** A run that comes when all the others are over, and how much later. */
  readonly last: RunPlan & { readonly after: number };
}

/** Five minutes is the most that the clocks may lie apart. */
const aClock = fc.constantFrom(0, 0, 150 * SECOND, 5 * MINUTE, 5 * MINUTE);
const aRun: fc.Arbitrary<RunPlan> = fc.record({
  rotate: fc.constantFrom('always', 'always', 'when-due'),
  pruneAfter: fc.constantFrom({ days: 1 }, { days: 1 }, { hours: 36 }, { days: 7 }),
  clock: aClock,
  // A run that is killed between its mint and its first write leaves a secret that supersedes, and that nobody holds.
  killedAfter: fc.oneof(
    { weight: 6, arbitrary: fc.constant(99) },
    { weight: 2, arbitrary: fc.constant(READS + 1) },
    { weight: 1, arbitrary: fc.nat(12) },
  ),
});
const aShortGap = fc.constantFrom(0, 0, 0, 1, SECOND, MINUTE);
/** By these the limits of a run and of pruning are met, or just missed. */
const aLongGap = fc.constantFrom(DAY - 5 * MINUTE, DAY - 4 * MINUTE, DAY, DAY + 5 * MINUTE, 2 * DAY);
/** Mostly short, so that runs overlap: short ones and a long one between them, or all kinds. */
const gaps = fc.oneof(
  fc
    .tuple(fc.array(aShortGap, { minLength: 3, maxLength: 12 }), aLongGap, fc.array(aShortGap, { minLength: 24 }))
    .map(([before, long, after]) => [...before, long, ...after]),
  fc.array(
    fc.oneof(
      { weight: 24, arbitrary: aShortGap },
      { weight: 6, arbitrary: fc.constantFrom(4 * MINUTE, 10 * MINUTE, 2 * HOUR, 12 * HOUR) },
      { weight: 1, arbitrary: aLongGap },
    ),
    { minLength: 8, maxLength: 48 },
  ),
);
const aScenario: fc.Arbitrary<Scenario> = fc.record({
  earlier: fc
    .uniqueArray(fc.record({ daysAgo: fc.integer({ min: 1, max: 320 }), wrote: fc.nat(TARGETS.length) }), {
      selector: ({ daysAgo }) => daysAgo,
      maxLength: 3,
    })
    .map(earlier => earlier.toSorted((one, other) => other.daysAgo - one.daysAgo)),
  runs: fc.array(aRun, { minLength: 2, maxLength: 3 }),
  githubClock: aClock,
  gaps,
  last: fc
    .tuple(aRun, fc.constantFrom(0, DAY - 5 * MINUTE, DAY, 2 * DAY, 8 * DAY))
    .map(([run, after]) => ({ ...run, killedAfter: 99, after })),
});

/**
 * Lets two or three runs of one workflow go at once, step by step in every order that a random scheduler comes upon, and
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

/** Stops a run where it stands. */
class Stop extends Error {}

/** What Vantage and GitHub hold, and what time it is. */
class World {
  readonly #scenario: Scenario;
  readonly #prune: typeof planPrune;
  readonly #note: (deed: Deed) => void;
  readonly #secrets = new Map<string, ListedSecret>();
  readonly #held: { readonly id: string; readonly updatedAt: Date }[] = [];
  #now = START;
  #steps = 0;
  #minted = 0;

  constructor(scenario: Scenario, prune: typeof planPrune, note: (deed: Deed) => void) {
    this.#scenario = scenario;
    this.#prune = prune;
    this.#note = note;
    this.#add('foreign', 'Made by hand', START - 300 * DAY);
    this.#add('of another workflow', `[vantage-client octo-org/other to=${DIGEST} run=1.1 0000000000000000]`, START);
    for (const { daysAgo, wrote } of scenario.earlier) {
      this.#now = START - daysAgo * DAY;
      const id = this.#mint(this.#now);
      TARGETS.slice(0, wrote).forEach((_, index) => {
        this.#write(index, id);
      });
    }
    this.#now = START;
  }

  /** Lets as much time go by as the next step takes, or so many milliseconds. */
  pass(milliseconds?: number): void {
    const { gaps } = this.#scenario;
    this.#now += milliseconds ?? gaps[this.#steps++ % gaps.length] ?? 0;
  }

  /** One run, from its first read to its last deletion. Waits for its turn before each step. */
  async carryOut(name: string, run: RunPlan, turn: (label: string) => Promise<void>): Promise<void> {
    let steps = 0;
    let endsAt = Number.POSITIVE_INFINITY;
    const step = async (label: string) => {
      await turn(`${name} ${label}`);
      steps += 1;
      endsAt = Math.min(endsAt, this.#now + LONGEST_RUN);
      this.#stopIf(steps > run.killedAfter, 'killed');
      this.#stopIf(this.#now > endsAt, 'timed out');
    };
    const clock = () => new Date(this.#now + run.clock);
    try {
      await this.#act(run, clock, step);
    } catch (error) {
      if (!(error instanceof Stop)) {
        throw error;
      }
    }
  }

  /** Every target that ever got a secret holds one that works. */
  expectAllWork(): void {
    this.#held.forEach(({ id }, index) => {
      const { expiration } = this.#secrets.get(id) ?? {};
      if (expiration === undefined || new Date(expiration).getTime() <= this.#now) {
        throw new Error(`In the end ${LINES[index]} holds the secret ${id}, which does not work`);
      }
    });
  }

  async #act(run: RunPlan, clock: () => Date, step: (label: string) => Promise<void>): Promise<void> {
    await step('looks at the targets');
    const targets = TARGETS.map((target, index): PreparedTarget => {
      const { updatedAt } = this.#held[index] ?? {};
      return { target, site: { place: target.place }, ...(updatedAt ? { updatedAt } : {}) };
    });
    await step('lists the secrets');
    const listed = [...this.#secrets.values()];
    const own = ownSecrets(listed, { repository: REPOSITORY, digest: DIGEST });
    const now = { github: clock(), vantage: clock() };
    const secrets = { kind: 'found', found: listed } as const;
    const { due } = decideDue(WANTED, { currentSecret: undefined, secrets, own, targets, clientId: 'invoices' }, now);
    const superseded = this.#prune(run.pruneAfter, { listed, own, targets, isNeeded: () => false }, now);
    if (due || run.rotate === 'always') {
      const marked = clock().getTime();
      await step('mints');
      const id = this.#mint(marked);
      this.#note('minted');
      for (const [index, line] of LINES.entries()) {
        await step(`writes ${line}`);
        this.#write(index, id);
        this.#note('wrote');
      }
    } else {
      this.#note('not due');
    }
    for (const { id } of superseded) {
      await step(`deletes ${id}`);
      this.#delete(id);
    }
  }

  #stopIf(isOver: boolean, why: Deed): void {
    if (isOver) {
      this.#note(why);
      throw new Stop(why);
    }
  }

  /** @param marked what the run's own clock showed when it wrote the mark. */
  #mint(marked: number): string {
    const nonce = markNonce(new Date(marked), this.#minted.toString(16).padStart(8, '0'));
    const mark = ownershipMark({ repository: REPOSITORY, runId: '1', runAttempt: '1' }, DIGEST, nonce);
    this.#minted += 1;
    return this.#add(`own ${this.#minted}`, mark, this.#now);
  }

  #add(id: string, description: string, start: number): string {
    const [startTime, expiration] = [start, start + 400 * DAY].map(time => new Date(time).toISOString());
    this.#secrets.set(id, { id, description, startTime, expiration });
    return id;
  }

  #write(index: number, id: string): void {
    if (!this.#secrets.has(id)) {
      throw new Error(`${LINES[index]} gets the secret ${id}, which was deleted before`);
    }
    // GitHub tells whole seconds, by its own clock.
    const seconds = Math.floor((this.#now + this.#scenario.githubClock) / SECOND);
    this.#held[index] = { id, updatedAt: new Date(seconds * SECOND) };
  }

  #delete(id: string): void {
    const holder = this.#held.findIndex(held => held.id === id);
    if (holder >= 0) {
      throw new Error(`The secret ${id} is deleted, which ${LINES[holder]} holds`);
    }
    if (!id.startsWith('own')) {
      throw new Error(`The secret ${id} is deleted, which is foreign`);
    }
    // Another run may have deleted it already; Vantage then answers 404, and that is a warning.
    if (this.#secrets.delete(id)) {
      this.#note('pruned');
    }
  }
}
