import type { Log } from '../../model/log.ts';

/** Milliseconds between two lines, at most, and the share of the clients after which there is a line sooner. */
const EVERY = { milliseconds: 10_000, share: 0.05, clients: 20 };

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Shows how far a fleet is, in a line from time to time. */
export class Progress implements Disposable {
  readonly #total: number;
  readonly #log: Log;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #ended = 0;
  #failed = 0;
  #shown = { ended: 0, at: performance.now() };

  /** @param total the number of clients. */
  constructor(total: number, log: Log) {
    this.#total = total;
    this.#log = log;
    this.#timer = setInterval(() => this.#isTime() && this.#show(), EVERY.milliseconds);
    // The work itself keeps the process alive.
    this.#timer.unref();
  }

  /** Counts a client that has ended. */
  count(hasFailed: boolean): void {
    this.#ended += 1;
    this.#failed += hasFailed ? 1 : 0;
    const isStep = this.#ended - this.#shown.ended >= Math.max(this.#total * EVERY.share, EVERY.clients);
    if (isStep || this.#isTime()) {
      this.#show();
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #isTime(): boolean {
    return performance.now() - this.#shown.at >= EVERY.milliseconds;
  }

  #show(): void {
    const [now, ended, total] = [performance.now(), this.#ended, this.#total];
    this.#shown = { ended, at: now };
    if (ended < total) {
      const left = ended === 0 ? '' : ` About ${inWords(((now - this.#began) / ended) * (total - ended))} left.`;
      this.#log.info(
        `${ended} of ${total} clients done (${Math.floor((ended / total) * 100)} %), ${this.#failed} failed.${left}`,
      );
    }
  }
}

function inWords(milliseconds: number): string {
  return milliseconds < 2 * MINUTE
    ? `${Math.ceil(milliseconds / SECOND)} s`
    : `${Math.ceil(milliseconds / MINUTE)} min`;
}
