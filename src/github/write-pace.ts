import { pause, startSignalOf, type TimeBudget } from '../http/deadline.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * "No more than 80 content-generating requests per minute and no more than 500 content-generating requests per hour"
 * (GitHub, secondary rate limits), with a margin.
 */
const WHOLE: Rate = { perMinute: 70, perHour: 450 };

export interface Rate {
  readonly perMinute: number;
  readonly perHour: number;
}

export interface PaceTime {
  /** Milliseconds since any start. */
  readonly now: () => number;
  readonly pause: typeof pause;
}

const REAL_TIME: PaceTime = { now: () => performance.now(), pause };

/** When the writes of a run start: no more in any minute and in any hour than GitHub allows. */
class Schedule {
  readonly rate: Rate;
  /** The starts of the last hour, and those that are reserved, in order. */
  readonly #starts: number[] = [];
  /** Those that were reserved and given back, in order. */
  #free: number[] = [];

  constructor(rate: Rate) {
    this.rate = rate;
  }

  /** Reserves the next turn. @returns when it starts. */
  next(now: number): number {
    while ((this.#starts[0] ?? now) <= now - HOUR) {
      this.#starts.shift();
    }
    for (const missed of this.#free.filter(start => start < now)) {
      this.#remove(missed);
    }
    this.#free = this.#free.filter(start => start >= now);
    const free = this.#free.shift();
    if (free !== undefined) {
      return free;
    }
    const { perMinute, perHour } = this.rate;
    const [inMinute = -Infinity, inHour = -Infinity] = [this.#starts.at(-perMinute), this.#starts.at(-perHour)];
    const start = Math.max(now, inMinute + MINUTE, inHour + HOUR);
    this.#starts.push(start);
    return start;
  }

  /** Notes that a write did not start at its turn but later. */
  move(start: number, to: number): void {
    this.#remove(start);
    const after = this.#starts.findLastIndex(other => other <= to);
    this.#starts.splice(after + 1, 0, to);
  }

  giveBack(starts: readonly number[]): void {
    this.#free = [...this.#free, ...starts].sort((one, other) => one - other);
  }

  #remove(start: number): void {
    const index = this.#starts.indexOf(start);
    if (index >= 0) {
      this.#starts.splice(index, 1);
    }
  }
}

/**
 * The pace of the writes to GitHub. Each client of a run has its own, and all of them share what GitHub allows. So a client
 * can reserve its turns before it creates a secret, and no other client takes them.
 */
export class WritePace {
  readonly #schedule: Schedule;
  readonly #time: PaceTime;
  /** When the reserved turns start, in order. */
  #turns: number[] = [];

  private constructor(time: PaceTime, schedule: Schedule) {
    this.#time = time;
    this.#schedule = schedule;
  }

  /** @param jobs how many jobs write at the same time with the same rights. They share what GitHub allows. */
  static open(jobs = 1, time = REAL_TIME): WritePace {
    const share = (rate: number) => Math.max(1, Math.floor(rate / jobs));
    return new WritePace(time, new Schedule({ perMinute: share(WHOLE.perMinute), perHour: share(WHOLE.perHour) }));
  }

  /** The pace for another client of the run. */
  forAnother(): WritePace {
    return new WritePace(this.#time, this.#schedule);
  }

  get rate(): Rate {
    return this.#schedule.rate;
  }

  /** The milliseconds that the last of a number of writes waits for its turn, if nothing else is written. */
  timeUntilLast(writes: number): number {
    const { perMinute, perHour } = this.rate;
    const before = Math.max(writes - 1, 0);
    return Math.floor(before / perHour) * HOUR + Math.floor((before % perHour) / perMinute) * MINUTE;
  }

  /** Reserves turns, those that are reserved already included. @returns the milliseconds until the last one starts. */
  reserve(writes: number): number {
    const now = this.#time.now();
    while (this.#turns.length < writes) {
      this.#turns.push(this.#schedule.next(now));
    }
    this.#turns.sort((one, other) => one - other);
    // Rounded, because adding and subtracting a time that has a fraction is not exact.
    return Math.max(0, Math.round((this.#turns[writes - 1] ?? now) - now));
  }

  /** The milliseconds until the first reserved turn starts. 0 if none is reserved. */
  timeUntilFirst(): number {
    return Math.max(0, (this.#turns[0] ?? 0) - this.#time.now());
  }

  /** Gives back the turns that were reserved and not taken. */
  release(): void {
    this.#schedule.giveBack(this.#turns);
    this.#turns = [];
  }

  /** Waits until the first reserved turn starts. @returns false if the budget ended first. */
  async ready(budget: TimeBudget): Promise<boolean> {
    return this.#until(this.#turns[0] ?? 0, budget);
  }

  /** Waits for the next turn and takes it. @returns false if the budget ended first. */
  async turn(budget: TimeBudget): Promise<boolean> {
    const start = this.#turns.shift() ?? this.#schedule.next(this.#time.now());
    if (!(await this.#until(start, budget))) {
      this.#schedule.giveBack([start]);
      return false;
    }
    this.#schedule.move(start, Math.max(start, this.#time.now()));
    return true;
  }

  async #until(start: number, budget: TimeBudget): Promise<boolean> {
    const wait = start - this.#time.now();
    return wait > 0 ? this.#time.pause(Math.ceil(wait), budget) : !startSignalOf(budget).aborted;
  }
}
