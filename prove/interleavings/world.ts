import { parseTarget } from '../../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import type { SecretRequest } from '../../src/model/secret-life.ts';
import type { Target } from '../../src/model/target.ts';
import type { Clocks } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { decideDue } from '../../src/plan/due.ts';
import { markedSecrets, secretsFor } from '../../src/plan/marked-secrets.ts';
import type { planPrune } from '../../src/plan/prune.ts';
import { DAY, SECOND } from '../properties/time.ts';
import { LINES, type RunPlan, type Scenario, type StepPlan } from './scenario.ts';

/** What a run of the model does, or how it ends. */
export type Deed = 'created' | 'wrote' | 'pruned' | 'not due' | 'timed out' | 'killed';

/** When the runs of the model start. */
const START = Date.UTC(2027, 0, 31, 9);
/** The maximum of `timeout`: an older run does not write any more. */
const LONGEST_RUN = DAY;
const GITHUB = { apiUrl: 'https://api.github.com' };
const IDS = { 'octo-org/octo-repo': 1001, 'octo-org/website': 1002, 'octo-org/other': 1003 };
const WANTED: SecretRequest = {
  rotate: 'when-due',
  rotateBefore: { days: 100 },
  revokeAtJobEnd: false,
  // So long that no secret expires during the model: a secret that stops working was deleted.
  expiration: { after: { days: 400 } },
  verify: true,
};

const TARGETS = LINES.map(line => parseTarget(line, 'octo-org/octo-repo', 'VANTAGE_CLIENT_SECRET')).filter(
  (target): target is Target => typeof target !== 'string',
);

/** What a target holds. */
interface Held {
  readonly id: string;
  readonly updatedAt: Date;
}

/** Stops a run at once. */
class Stop extends Error {}

/** What Vantage and GitHub store, and their time. */
export class World {
  readonly #scenario: Scenario;
  readonly #prune: typeof planPrune;
  readonly #note: (deed: Deed) => void;
  readonly #secrets = new Map<string, ListedSecret>();
  /** By the indexes of the targets in `LINES`. */
  readonly #held = new Map<number, Held>();
  #now = START;
  #steps = 0;
  #created = 0;

  constructor(scenario: Scenario, prune: typeof planPrune, note: (deed: Deed) => void) {
    this.#scenario = scenario;
    this.#prune = prune;
    this.#note = note;
    this.#add('foreign', 'Made by hand', START - 300 * DAY);
    this.#add('of another repository', markOf('octo-org/other', TARGETS, '0000000000000000'), START);
    for (const { daysAgo, wrote, ...run } of scenario.earlier) {
      this.#now = START - daysAgo * DAY;
      const step = this.#stepOf(run);
      const id = this.#rotation(step.repository, step.targets, this.#clocks().github.getTime());
      for (const index of step.targets.slice(0, wrote)) {
        this.#write(index, id);
      }
    }
    this.#now = START;
  }

  /** Advances the time by the duration of the next step, or by a number of milliseconds. */
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
    try {
      await this.#act(run, step);
    } catch (error) {
      if (!(error instanceof Stop)) {
        throw error;
      }
    }
  }

  /** Every target that ever got a secret holds a valid one. */
  expectAllWork(): void {
    for (const [index, { id }] of this.#held) {
      const { expiration } = this.#secrets.get(id) ?? {};
      if (expiration === undefined || new Date(expiration) <= this.#clocks().vantage) {
        throw new Error(`In the end ${LINES[index]} holds the secret ${id}, which does not work`);
      }
    }
  }

  async #act(run: RunPlan, step: (label: string) => Promise<void>): Promise<void> {
    const { repository, targets: indices } = this.#stepOf(run);
    const workflow = workflowOf(repository);
    await step('reads the targets');
    const targets = indices.map((index): PreparedTarget => prepared(index, this.#held.get(index)?.updatedAt));
    const destinations = destinationsOf(targets, workflow, GITHUB);
    await step('lists the secrets');
    const listed = [...this.#secrets.values()];
    const marked = markedSecrets(listed);
    const now = this.#clocks(run.reading);
    const facts = {
      ...{ currentSecret: undefined, targets, clientId: 'invoices' },
      secrets: { kind: 'found', found: listed, whole: true } as const,
      secretsFor: (target: PreparedTarget) =>
        destinations.filter(one => one.prepared === target).flatMap(one => secretsFor(one, marked)),
    };
    const due = decideDue(WANTED, facts, now);
    const superseded = this.#prune(
      run.pruneAfter,
      { workflow, listed, marked, destinations, mayBeInUse: () => false, marksNow: now.github },
      now.vantage,
    );
    if (due.due || run.rotate === 'always') {
      const gets = due.due && run.rotate === 'when-due' ? due.targets : targets;
      const written = indices.filter((_, index) => gets.some(target => target === targets[index]));
      const marked = this.#clocks(run.reading).github.getTime();
      await step('creates');
      const id = this.#rotation(repository, written, marked);
      this.#note('created');
      for (const index of written) {
        await step(`writes ${LINES[index]}`);
        this.#write(index, id);
        this.#note('wrote');
      }
    } else {
      this.#note('not due');
    }
    for (const { id } of superseded) {
      await step(`deletes ${id}`);
      this.#delete(id, repository);
    }
  }

  #stepOf({ step }: Pick<RunPlan, 'step'>): StepPlan {
    const { steps } = this.#scenario;
    return steps[step % steps.length] as StepPlan;
  }

  /** The time of each server, as a run reads it whose reading is ahead by some milliseconds. */
  #clocks(reading = 0): Clocks {
    const { github, vantage } = this.#scenario.clocks;
    return { github: new Date(this.#now + github + reading), vantage: new Date(this.#now + vantage + reading) };
  }

  #stopIf(isOver: boolean, why: Deed): void {
    if (isOver) {
      this.#note(why);
      throw new Stop(why);
    }
  }

  /** @param marked GitHub's time, which the mark contains because there are targets, as the run read it. */
  #rotation(repository: StepPlan['repository'], written: readonly number[], marked: number): string {
    const nonce = markNonce(new Date(marked), this.#created.toString(16).padStart(8, '0'));
    const mark = markOf(
      repository,
      TARGETS.filter((_, index) => written.includes(index)),
      nonce,
    );
    this.#created += 1;
    return this.#add(`${this.#created} of ${repository}`, mark, this.#clocks().vantage.getTime());
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
    // GitHub reports whole seconds from its own clock.
    const seconds = Math.floor(this.#clocks(this.#scenario.dating).github.getTime() / SECOND);
    this.#held.set(index, { id, updatedAt: new Date(seconds * SECOND) });
  }

  #delete(id: string, repository: StepPlan['repository']): void {
    const [holder] = [...this.#held].find(([, held]) => held.id === id) ?? [];
    if (holder !== undefined) {
      throw new Error(`The secret ${id} is deleted, which ${LINES[holder]} holds`);
    }
    if (!id.endsWith(` of ${repository}`)) {
      throw new Error(`The secret ${id} is deleted by ${repository}, to which it is foreign`);
    }
    // If another run has deleted it already, Vantage answers 404, which is a warning.
    if (this.#secrets.delete(id)) {
      this.#note('pruned');
    }
  }
}

function workflowOf(repository: keyof typeof IDS): WorkflowRun {
  return {
    ...{ host: 'github.com', repository, repositoryId: IDS[repository], runId: '1', runAttempt: '1' },
    step: '["ci.yml","deploy","vantage",null]',
  };
}

function prepared(index: number, updatedAt?: Date): PreparedTarget {
  const target = TARGETS[index] as Target;
  return { target, resolved: { scope: target.scope }, ...(updatedAt ? { updatedAt } : {}) };
}

function markOf(repository: keyof typeof IDS, targets: readonly Target[], nonce: string): string {
  const workflow = workflowOf(repository);
  const all = targets.map((target): PreparedTarget => ({ target, resolved: { scope: target.scope } }));
  const digests = destinationsOf(all, workflow, GITHUB).map(({ digest }) => digest);
  return ownershipMark(workflow, digests, nonce);
}
