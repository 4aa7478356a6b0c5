/** The part of what a server accepted that is used of it, so that the next requests stay below its limit. */
const MARGIN = 0.95;

/** How much faster the requests get after a window without a refusal, doubled for each further one. */
const GROWTH = 0.08;

/** The shortest and the longest window, in milliseconds. */
const WINDOW = { shortest: 5000, longest: 60_000 };

/** Milliseconds to wait after a refusal that does not say how long, doubled for each further one, up to the longest. */
const WAIT = { first: 1000, longest: 60_000 };

/** From so many requests in a millisecond on, there is no limit to keep. */
const FASTEST = 1;

/**
 * Learns from the refusals of a server how many requests it accepts. There is no limit until the first refusal. Then the
 * requests start evenly, at the rate that the server accepted so far, and slowly faster until the next refusal.
 */
export class LearnedPace {
  /** Requests in a millisecond. Infinite without a limit. */
  #rate = Number.POSITIVE_INFINITY;
  #next = 0;
  /** What the server has accepted, and since when. */
  #accepted = { count: 0, since: 0 };
  /** The same for the last refusal after which the server had accepted something. */
  #measured = this.#accepted;
  /** How long a limit lasts, as far as is known: until requests get faster again. */
  #window = WINDOW.longest;
  #growth = GROWTH;
  #grewAt = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  #inRow = 0;

  /** The milliseconds until the next request may start. */
  left(now: number): number {
    return Math.max(0, this.#next - now);
  }

  /** Notes that a request starts. */
  start(now: number): void {
    if (this.#accepted.since === 0) {
      this.#accepted.since = now;
    }
    if (this.#rate === Number.POSITIVE_INFINITY) {
      return;
    }
    if (now - this.#grewAt >= this.#window) {
      this.#rate *= 1 + this.#growth;
      this.#growth *= 2;
      this.#grewAt = now;
      if (this.#rate >= FASTEST) {
        this.#rate = Number.POSITIVE_INFINITY;
      }
    }
    this.#next = Math.max(this.#next, now) + 1 / this.#rate;
  }

  /** Notes that the server accepted a request. */
  accept(): void {
    this.#accepted.count += 1;
    this.#inRow = 0;
  }

  /** One that started before the last refusal shows nothing new. @returns the milliseconds to wait. */
  refuse(startedAt: number, now: number, wait = this.#defaultWait()): number {
    if (startedAt <= this.#refusedAt) {
      return wait;
    }
    if (this.#accepted.count > 0) {
      this.#measured = this.#accepted;
    }
    const { count, since } = this.#measured;
    const end = now + wait;
    this.#window = Math.min(this.#window, Math.max(end - since, WINDOW.shortest));
    this.#rate = (Math.max(count, 1) / Math.max(end - since, 1)) * MARGIN;
    this.#growth = GROWTH;
    this.#grewAt = end;
    this.#accepted = { count: 0, since: end };
    this.#next = end;
    this.#refusedAt = now;
    this.#inRow += 1;
    return wait;
  }

  get perMinute(): number {
    return this.#rate * 60_000;
  }

  #defaultWait(): number {
    return Math.min(WAIT.first * 2 ** this.#inRow, WAIT.longest);
  }
}
