/** A clock that runs fast while this process waits, and the timers that go by it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

// Saved before anything replaces them.
const { clearTimeout, setImmediate, setTimeout } = globalThis;
const realNow = performance.now.bind(performance);

/** How often a fast clock moves on, in milliseconds. */
const PULSE = 1;
/** A process that other processes keep from running looks idle. It counts as idle only this long at a time. */
const MOST_IDLE = 2 * PULSE;
/** After so many pulses without data, it is likely that none comes before the next timer ends. */
const QUIET = 8;
/** The clock then runs faster by this factor at each pulse. A busy machine can delay data by some pulses. */
const GROWTH = 1.2;
/** How many times as fast it runs then, at most. */
const MOST_GROWTH = 256;
/** Work for this process that is done elsewhere, however long that takes. A server that does not answer is none. */
const DONE_ELSEWHERE = /^(?:FSReq|GetAddrInfo|GetNameInfo|QueryReq|Process|Worker)/u;
/** A thread that does such work, and a busy machine keeps it from running as it does this one: `16 (libuv-worker) R`. */
const WORKING_THREAD = /^\d+ \(libuv-worker\) [^S]/u;
/** The threads of this process. Only Linux shows them. */
const THREADS = '/proc/self/task';

/**
 * Shows the real time, in milliseconds, until it runs fast. Then it counts the processor time of this thread once, and
 * the time of other processes not at all: no limit is over sooner on a busy machine. The time that the thread waits
 * counts as many times as the rate says, if it waits for nothing but timers: it counts once while data comes, and more
 * and more often if none has come for a while. The clock stops at each timer until that has ended, so timers end in
 * order and on time.
 */
export class FastClock {
  #rate = 1;
  /** How far it is ahead of the real time while it does not run fast. */
  #lead = 0;
  /** What it shows while it runs fast. */
  #time = 0;
  #last = readings();
  /** How many pulses there were since data came, a timer ended, or work was done elsewhere. */
  #quietPulses = 0;
  readonly #pending = new Set<FastTimer>();
  #stopPulse = () => {};

  get isFast(): boolean {
    return this.#rate > 1;
  }

  now(): number {
    if (!this.isFast) {
      return realNow() + this.#lead;
    }
    const { processor, idle, events } = this.#last;
    this.#last = readings();
    if (this.#last.events !== events) {
      this.#quietPulses = 0;
    }
    const next = this.#next();
    const rate = this.#last.events === events ? this.#rate * this.#growth() : 1;
    const waited = Math.min(this.#last.idle - idle, MOST_IDLE) * rate;
    const time = this.#time + this.#last.processor - processor + waited;
    this.#time = Math.max(this.#time, Math.min(time, next?.due ?? time));
    return this.#time;
  }

  /** @param rate how many times waiting counts. 1: the clock shows the time that really passes from now on. */
  run(rate: number): void {
    this.#time = this.now();
    this.#lead = this.#time - realNow();
    this.#rate = rate;
    this.#last = readings();
    this.#schedulePulse();
  }

  /** Calls the callback when so many milliseconds have passed, in the asynchronous context of now. */
  startTimer(callback: () => void, delay: number): FastTimer {
    const inContext = AsyncLocalStorage.snapshot();
    return new FastTimer(this, this.#pending, () => inContext(callback), delay);
  }

  /** Takes notice of a change of the timers. A fast clock does so soon anyway. */
  notice(): void {
    if (!this.isFast) {
      this.#schedulePulse();
    }
  }

  /** The timer that ends first. */
  #next(): FastTimer | undefined {
    let first: FastTimer | undefined;
    for (const timer of this.#pending) {
      if (first === undefined || timer.due < first.due) {
        first = timer;
      }
    }
    return first;
  }

  /** How many times as fast it runs because nothing has come for a while. */
  #growth(): number {
    return Math.min(GROWTH ** Math.max(0, this.#quietPulses - QUIET), MOST_GROWTH);
  }

  #schedulePulse(): void {
    this.#stopPulse();
    const next = this.#next();
    const left = next === undefined ? Infinity : next.due - this.now();
    if (left <= 0) {
      const pulse = setImmediate(() => this.#pulse());
      this.#stopPulse = () => clearImmediate(pulse);
    } else if (this.isFast || next !== undefined) {
      const pulse = setTimeout(() => this.#pulse(), this.isFast ? PULSE : Math.ceil(left));
      if (!this.isFast && ![...this.#pending].some(timer => timer.hasRef())) {
        pulse.unref();
      }
      this.#stopPulse = () => clearTimeout(pulse);
    }
  }

  /** Ends one timer at most: as with real timers, promises go on before the next one ends. */
  #pulse(): void {
    const next = this.#next();
    const ended = next !== undefined && next.due <= this.now() ? next : undefined;
    this.#quietPulses += 1;
    if (ended) {
      this.#pending.delete(ended);
    }
    if (ended || next === undefined || (this.#quietPulses > QUIET && isWorkDoneElsewhere())) {
      this.#quietPulses = 0;
    }
    this.#schedulePulse();
    ended?.callback();
  }
}

/** What `setTimeout` returns while time passes fast. */
export class FastTimer {
  readonly callback: () => void;
  readonly #clock: FastClock;
  readonly #pending: Set<FastTimer>;
  readonly #delay: number;
  #hasRef = true;
  /** When it ends, by its clock. */
  due = 0;

  constructor(clock: FastClock, pending: Set<FastTimer>, callback: () => void, delay: number) {
    this.callback = callback;
    this.#clock = clock;
    this.#pending = pending;
    this.#delay = Math.max(1, delay || 0);
    this.refresh();
  }

  refresh(): this {
    this.due = this.#clock.now() + this.#delay;
    // Of two timers that end at the same time, the one that was started first ends first.
    this.#pending.delete(this);
    this.#pending.add(this);
    this.#clock.notice();
    return this;
  }

  close(): this {
    this.#pending.delete(this);
    this.#clock.notice();
    return this;
  }

  hasRef(): boolean {
    return this.#hasRef;
  }

  ref(): this {
    this.#hasRef = true;
    this.#clock.notice();
    return this;
  }

  unref(): this {
    this.#hasRef = false;
    this.#clock.notice();
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The processor time of this thread and the time that it has waited, in milliseconds, and what came from elsewhere. */
function readings() {
  const { user, system } = process.threadCpuUsage();
  const { events } = performance.nodeTiming.uvMetricsInfo;
  return { processor: (user + system) / 1000, idle: performance.eventLoopUtilization().idle, events };
}

/** Whether this process waits for more than timers and servers. True if this system does not show it. */
function isWorkDoneElsewhere(): boolean {
  return (
    process.getActiveResourcesInfo().some(name => DONE_ELSEWHERE.test(name)) ||
    !existsSync(THREADS) ||
    readdirSync(THREADS).some(thread => WORKING_THREAD.test(stateOf(thread)))
  );
}

function stateOf(thread: string): string {
  try {
    return readFileSync(`${THREADS}/${thread}/stat`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) {
      return ''; // It has ended.
    }
    throw error;
  }
}
