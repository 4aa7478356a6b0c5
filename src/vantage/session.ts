import type { TimeBudget } from '../http/deadline.ts';
import { messageOf } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { Secret } from '../model/secret.ts';

/** An access token, and until when it may be used by this process's `performance.now()`. */
export interface AccessToken {
  readonly token: Secret;
  readonly usableUntil: number;
}

/** A token is renewed this long before its end, in milliseconds, or a tenth of its life before, whichever is less. */
const MARGIN = 60_000;

/**
 * Until when a token may be used.
 *
 * @param asked when it was asked for: it began to live after that.
 * @param seconds that it lives. A life that is not told, or is none, has no end that could be foreseen.
 */
export function usableUntil(asked: number, seconds: number | undefined): number {
  const life = (seconds ?? 0) * 1000;
  return life > 0 ? asked + life - Math.min(MARGIN, life / 10) : Number.POSITIVE_INFINITY;
}

/** Somebody who is signed in to Vantage, for as long as the step takes: the access token is renewed before it ends. */
export class Session {
  readonly #log: Log;
  readonly #renew: ((budget: TimeBudget) => Promise<AccessToken>) | undefined;
  #current: AccessToken;
  #renewal: Promise<void> | undefined;

  /** @param renew gets another token, masked; left out where the token was given and there are no credentials. */
  constructor(first: AccessToken, log: Log, renew?: (budget: TimeBudget) => Promise<AccessToken>) {
    this.#current = first;
    this.#log = log;
    this.#renew = renew;
  }

  /** Whether there are credentials to get another token with. */
  get isRenewable(): boolean {
    return this.#renew !== undefined;
  }

  /** The token for a request that is about to be sent. Never throws: a token that cannot be renewed is tried as it is. */
  async token(budget: TimeBudget): Promise<Secret> {
    if (performance.now() >= this.#current.usableUntil) {
      await this.#renewOnce('is about to end', budget);
    }
    return this.#current.token;
  }

  /** Another token than the one that Vantage refused, or undefined where there is none. Never throws. */
  async replace(refused: Secret, budget: TimeBudget): Promise<Secret | undefined> {
    if (this.#current.token === refused) {
      await this.#renewOnce('was refused', budget);
    }
    return this.#current.token === refused ? undefined : this.#current.token;
  }

  /** Renews the token, once for all requests that wait for it. */
  #renewOnce(why: string, budget: TimeBudget): Promise<void> {
    this.#renewal ??= this.#tryToRenew(why, budget).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #tryToRenew(why: string, budget: TimeBudget): Promise<void> {
    if (!this.#renew) {
      return;
    }
    try {
      this.#current = await this.#renew(budget);
      this.#log.info(`Signed in again, as the access token ${why}.`);
    } catch (error) {
      // The request goes out with the old token, and what it is answered is what counts; this is why.
      this.#log.info(`The access token ${why} and could not be renewed: ${messageOf(error)}`);
    }
  }
}
