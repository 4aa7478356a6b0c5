import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../model/failure.ts';

/** The part of the time, and the most of it in milliseconds, that is kept back for cleaning up. */
const KEPT_BACK = { part: 0.1, most: 5000 };

/** A runner that cancels sends SIGINT, 7.5 s later SIGTERM and 2.5 s later kills: cleaning up ends before that. */
const CLEAN_UP_AFTER_CANCEL = 5000;

/** The part of the time for cleaning up, and the most of it, for the answer to a creation that is under way at a stop. */
const FOR_ANSWER = { part: 0.5, most: 2500 };

/** What ended the work before its end. */
export type StopCode = 'timeout' | 'cancelled';

/** The time that the whole step has: most of it for the work, the rest for cleaning up what the work left. */
export class Deadline {
  readonly #work = new AbortController();
  readonly #creation = new AbortController();
  readonly #cleanUp = new AbortController();
  readonly #timeout: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #workEnds: number;
  #cleanUpEnds: number;
  #stopCode: StopCode | undefined;

  /** @param timeout milliseconds from now that the whole step may take. */
  constructor(timeout: number) {
    this.#timeout = timeout;
    const forWork = timeout - Math.min(timeout * KEPT_BACK.part, KEPT_BACK.most);
    this.#workEnds = performance.now() + forWork;
    this.#cleanUpEnds = performance.now() + timeout;
    this.#timers.push(
      setTimeout(() => this.#stop('timeout'), forWork),
      setTimeout(() => this.#cleanUp.abort(), timeout),
    );
  }

  /** Ends the work at once. What is left to clean up has a few seconds more. */
  cancel(): void {
    if (this.#work.signal.aborted && this.#cleanUp.signal.aborted) {
      return;
    }
    this.#timers.push(setTimeout(() => this.#cleanUp.abort(), CLEAN_UP_AFTER_CANCEL));
    this.#cleanUpEnds = Math.min(this.#cleanUpEnds, performance.now() + CLEAN_UP_AFTER_CANCEL);
    this.#stop('cancelled');
  }

  /** Ends everything that is still under way, and lets go of the timers, so that the process can end. */
  close(): void {
    this.#work.abort();
    this.#creation.abort();
    this.#cleanUp.abort();
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
  }

  /** Why the work was ended early, if it was. */
  get stopCode(): StopCode | undefined {
    return this.#stopCode;
  }

  /** Ends with the time for the work. */
  get work(): TimeBudget {
    return {
      signal: this.#work.signal,
      remaining: () => (this.#work.signal.aborted ? 0 : Math.max(0, this.#workEnds - performance.now())),
    };
  }

  /** A part of the time for the work: it ends after so many milliseconds, or with the work. */
  within(milliseconds: number): TimeBudget {
    const ends = performance.now() + milliseconds;
    const { signal, remaining } = this.work;
    return {
      signal: AbortSignal.any([signal, AbortSignal.timeout(Math.floor(milliseconds))]),
      remaining: () => Math.max(0, Math.min(remaining(), ends - performance.now())),
    };
  }

  /** Ends with the time for cleaning up. Attempts are cut short by it, so it need not tell what remains. */
  get cleanUp(): TimeBudget {
    return { signal: this.#cleanUp.signal, remaining: () => (this.#cleanUp.signal.aborted ? 0 : KEPT_BACK.most) };
  }

  /** For a hand-off: a request under way has the time for cleaning up as well, but no pause outlasts the work. */
  get delivery(): TimeBudget {
    return { signal: this.cleanUp.signal, remaining: () => this.work.remaining() };
  }

  /**
   * For the creation of a secret: one that is under way as the work is stopped has a part of the time for cleaning up, as
   * its answer, which is shown once, may be on its way. Nothing new is begun by then.
   */
  get creation(): TimeBudget {
    return { ...this.work, signal: this.#creation.signal, begin: this.#work.signal };
  }

  /** The failure to end with where the work was ended early. */
  failure(operation: string, { request, outcomeUnknown = false, service = 'Vantage' }: EndedRequest = {}): Failure {
    const where = { operation, ...(request === undefined ? {} : { request }), outcomeUnknown };
    return this.#stopCode === 'cancelled'
      ? new Failure('cancelled', { ...where, reason: 'the workflow was cancelled' })
      : new Failure('timeout', {
          ...where,
          reason: `the step's timeout of ${this.#timeout / 1000} s ran out`,
          advice: `Raise \`timeout\` if ${service} needs longer, or run the step again.`,
        });
  }

  #stop(code: StopCode): void {
    if (this.#work.signal.aborted) {
      return;
    }
    this.#stopCode = code;
    this.#work.abort();
    const forAnswer = Math.min((this.#cleanUpEnds - performance.now()) * FOR_ANSWER.part, FOR_ANSWER.most);
    // A process that wakes up late has less than no time left.
    this.#timers.push(setTimeout(() => this.#creation.abort(), Math.max(0, forAnswer)));
  }
}

/** What is known of a request that the end of the work cut short. */
export interface EndedRequest {
  readonly request?: string;
  /** Whether it may have been carried out. */
  readonly outcomeUnknown?: boolean;
  /** Who was to answer it. */
  readonly service?: 'Vantage' | 'GitHub';
}

/** A stretch of time that requests and pauses must end with. */
export interface TimeBudget {
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** Ends with the time to begin anything, a pause or an attempt, where that is less. */
  readonly begin?: AbortSignal;
  /** Milliseconds left. */
  remaining(): number;
}

/** Waits, and gives false where the span ended first. */
export async function pause(milliseconds: number, budget: TimeBudget): Promise<boolean> {
  const signal = beginningOf(budget);
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) {
      return false;
    }
    throw error;
  }
}

/** Ends with the time to begin anything. */
export function beginningOf({ signal, begin = signal }: TimeBudget): AbortSignal {
  return begin;
}
