import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, type FailureParts } from '../model/failure.ts';

/** The part of the timeout that is reserved for cleaning up, and its maximum in milliseconds. */
const RESERVED = { part: 0.1, most: 5000 };

/** Milliseconds. The runner sends SIGINT, SIGTERM 7.5 s later, and kills the process after another 2.5 s. */
const CLEAN_UP_AFTER_CANCEL = 5000;

/** The part of the time for cleaning up that a creation under way may wait for its response, and its maximum. */
const FOR_CREATION = { part: 0.5, most: 2500 };

export type StopCode = 'timeout' | 'cancelled';

/** The time of the whole step: most of it for the work, the rest for cleaning up after the work. */
export class Deadline {
  readonly #work = new AbortController();
  readonly #creation = new AbortController();
  readonly #cleanUp = new AbortController();
  readonly #timeout: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #workEnds: number;
  #cleanUpEnds: number;
  #stopCode: StopCode | undefined;

  /** @param timeout milliseconds from now for the whole step. */
  constructor(timeout: number) {
    this.#timeout = timeout;
    const forWork = timeout - Math.min(timeout * RESERVED.part, RESERVED.most);
    this.#workEnds = performance.now() + forWork;
    this.#cleanUpEnds = performance.now() + timeout;
    this.#timers.push(
      setTimeout(() => this.#stop('timeout'), forWork),
      setTimeout(() => this.#cleanUp.abort(), timeout),
    );
  }

  /** Ends the work at once. Cleaning up gets a few more seconds. */
  cancel(): void {
    if (this.#work.signal.aborted && this.#cleanUp.signal.aborted) {
      return;
    }
    this.#timers.push(setTimeout(() => this.#cleanUp.abort(), CLEAN_UP_AFTER_CANCEL));
    this.#cleanUpEnds = Math.min(this.#cleanUpEnds, performance.now() + CLEAN_UP_AFTER_CANCEL);
    this.#stop('cancelled');
  }

  /** Ends everything that is under way, and clears the timers, so that the process can exit. */
  close(): void {
    this.#work.abort();
    this.#creation.abort();
    this.#cleanUp.abort();
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
  }

  get stopCode(): StopCode | undefined {
    return this.#stopCode;
  }

  get work(): TimeBudget {
    return {
      signal: this.#work.signal,
      remaining: () => (this.#work.signal.aborted ? 0 : Math.max(0, this.#workEnds - performance.now())),
    };
  }

  /** A part of the time for the work: it ends after a number of milliseconds, unless it is held, or earlier with the work. */
  within(milliseconds: number): TimeBudget {
    return new PartOfWork(this.work, milliseconds);
  }

  /** The time for cleaning up. Its signal ends what is under way, so `remaining` need not be exact. */
  get cleanUp(): TimeBudget {
    return { signal: this.#cleanUp.signal, remaining: () => (this.#cleanUp.signal.aborted ? 0 : RESERVED.most) };
  }

  /** The time for delivering a secret: a request under way may use the time for cleaning up, but a pause may not. */
  get delivery(): TimeBudget {
    return { signal: this.cleanUp.signal, remaining: () => this.work.remaining() };
  }

  /**
   * The time for creating a secret. Vantage shows the secret once, so a creation that is under way when the work ends may
   * use a part of the time for cleaning up to wait for its response. No attempt and no pause starts after the work ends.
   */
  get creation(): TimeBudget {
    return { ...this.work, signal: this.#creation.signal, startSignal: this.#work.signal };
  }

  /** The failure of an operation that ended because the work ended early. */
  failure(operation: string, { request, outcomeUnknown = false, service = 'Vantage' }: EndedRequest = {}): Failure {
    const known = { operation, request, outcomeUnknown };
    return this.#stopCode === 'cancelled'
      ? new Failure('cancelled', { ...known, reason: 'the workflow was cancelled' })
      : new Failure('timeout', {
          ...known,
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
    const forCreation = Math.min((this.#cleanUpEnds - performance.now()) * FOR_CREATION.part, FOR_CREATION.most);
    // Less than zero if the process was suspended.
    this.#timers.push(setTimeout(() => this.#creation.abort(), Math.max(0, forCreation)));
  }
}

class PartOfWork implements TimeBudget {
  readonly signal: AbortSignal;
  readonly #work: TimeBudget;
  readonly #end = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** When it ends, or what is left of it while it is held. */
  #ends: number;
  #holders = 0;

  constructor(work: TimeBudget, milliseconds: number) {
    this.#work = work;
    this.#ends = performance.now() + milliseconds;
    this.signal = AbortSignal.any([work.signal, this.#end.signal]);
    this.#start(milliseconds);
  }

  remaining(): number {
    const left = this.#holders > 0 ? Number.POSITIVE_INFINITY : this.#ends - performance.now();
    return Math.max(0, Math.min(this.#work.remaining(), left));
  }

  hold(): () => void {
    this.#holders += 1;
    if (this.#holders === 1) {
      clearTimeout(this.#timer);
      this.#ends -= performance.now();
    }
    return () => {
      this.#holders -= 1;
      if (this.#holders === 0) {
        this.#start(this.#ends);
        this.#ends += performance.now();
      }
    };
  }

  #start(milliseconds: number): void {
    // As that of `AbortSignal.timeout`.
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    this.#timer = setTimeout(() => this.#end.abort(error), Math.max(0, Math.floor(milliseconds)));
    // A read that has ended must not keep the process alive.
    this.#timer.unref();
  }
}

/** A request that ended because the work ended early, and the service that did not respond to it. */
type EndedRequest = Pick<FailureParts, 'request' | 'outcomeUnknown'> & { readonly service?: 'Vantage' | 'GitHub' };

/** A limit for the time of requests and pauses. */
export interface TimeBudget {
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  /** Aborts when no attempt or pause may start any more, if that is earlier. */
  readonly startSignal?: AbortSignal;
  /** The milliseconds that are left. */
  remaining(): number;
  /** Stops the clock of a part of the time, for a wait that says nothing about the server. @returns what starts it again. */
  hold?(): () => void;
}

/** Waits. @returns false if the budget ended first. */
export function pause(milliseconds: number, budget: TimeBudget): Promise<boolean> {
  return sleep(milliseconds, true, { signal: startSignalOf(budget) }).catch(() => false);
}

/** The signal that aborts when no attempt or pause may start any more. */
export function startSignalOf({ signal, startSignal = signal }: TimeBudget): AbortSignal {
  return startSignal;
}
