import type { PreparedTarget } from '../../src/github/preflight.ts';
import type { Clocks } from '../../src/plan/clocks.ts';
import { decideDue } from '../../src/plan/due.ts';
import { markNonce, ownershipMark, targetDigest } from '../../src/plan/mark.ts';
import { ownSecrets } from '../../src/plan/own-secrets.ts';
import type { planPrune } from '../../src/plan/prune.ts';
import type { SecretRequest } from '../../src/request/secret.ts';
import { parseTarget, type Target, targetKey } from '../../src/request/targets.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';
import { DAY, SECOND } from '../properties/time.ts';
import { LINES, type RunPlan, type Scenario } from './scenario.ts';

/** What a run of the model does, or comes to. */
export type Deed = 'minted' | 'wrote' | 'pruned' | 'not due' | 'timed out' | 'killed';

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

const TARGETS = LINES.map(line => parseTarget(line, REPOSITORY, 'VANTAGE_CLIENT_SECRET')).filter(
  (target): target is Target => typeof target !== 'string',
);
const DIGEST = targetDigest(TARGETS.map(targetKey));

/** Stops a run where it stands. */
class Stop extends Error {}

/** What Vantage and GitHub hold, and what time it is. */
export class World {
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
      const id = this.#mint(this.#clocks().github.getTime());
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
    try {
      await this.#act(run, step);
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
      if (expiration === undefined || new Date(expiration) <= this.#clocks().vantage) {
        throw new Error(`In the end ${LINES[index]} holds the secret ${id}, which does not work`);
      }
    });
  }

  async #act(run: RunPlan, step: (label: string) => Promise<void>): Promise<void> {
    await step('looks at the targets');
    const targets = TARGETS.map((target, index): PreparedTarget => {
      const { updatedAt } = this.#held[index] ?? {};
      return { target, site: { place: target.place }, ...(updatedAt ? { updatedAt } : {}) };
    });
    await step('lists the secrets');
    const listed = [...this.#secrets.values()];
    const own = ownSecrets(listed, { repository: REPOSITORY, digest: DIGEST });
    const now = this.#clocks(run.reading);
    const secrets = { kind: 'found', found: listed, whole: true } as const;
    const { due } = decideDue(WANTED, { currentSecret: undefined, secrets, own, targets, clientId: 'invoices' }, now);
    const superseded = this.#prune(run.pruneAfter, { listed, own, targets, isNeeded: () => false }, now);
    if (due || run.rotate === 'always') {
      const marked = this.#clocks(run.reading).github.getTime();
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

  /** What time it is by each server's clock, as a run takes them that is ahead of them by so much. */
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

  /** @param marked what the run took for GitHub's time when it wrote the mark: there are targets. */
  #mint(marked: number): string {
    const nonce = markNonce(new Date(marked), this.#minted.toString(16).padStart(8, '0'));
    const mark = ownershipMark({ repository: REPOSITORY, runId: '1', runAttempt: '1' }, DIGEST, nonce);
    this.#minted += 1;
    return this.#add(`own ${this.#minted}`, mark, this.#clocks().vantage.getTime());
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
    const seconds = Math.floor(this.#clocks(this.#scenario.dating).github.getTime() / SECOND);
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
