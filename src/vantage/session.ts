import type { TimeBudget } from '../http/deadline.ts';
import { messageOf } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { Secret } from '../model/secret.ts';
import type { adviceFor } from './failures.ts';

/** An access token, and until when it may be used, by `performance.now()`. */
export interface AccessToken {
  readonly token: Secret;
  readonly usableUntil: number;
}

/** Milliseconds before its expiration that a token is renewed, unless a tenth of its lifetime is shorter. */
const MARGIN = 60_000;

/** Until when a token may be used. If its lifetime is unknown or not positive, it is used until Vantage refuses it. */
export function usableUntil(requested: number, seconds: number | undefined): number {
  const lifetime = (seconds ?? 0) * 1000;
  return lifetime > 0 ? requested + lifetime - Math.min(MARGIN, lifetime / 10) : Number.POSITIVE_INFINITY;
}

/** A session at Vantage for the whole step. The access token is renewed before it expires. */
export class Session {
  readonly advice: ReturnType<typeof adviceFor>;
  readonly #log: Log;
  readonly #renew: ((budget: TimeBudget) => Promise<AccessToken>) | undefined;
  #current: AccessToken;
  #renewal: Promise<void> | undefined;

  /** @param renew requests and masks a new token. Without credentials there is none. */
  constructor(
    first: AccessToken,
    log: Log,
    advice: Session['advice'],
    renew?: (budget: TimeBudget) => Promise<AccessToken>,
  ) {
    this.#current = first;
    this.#log = log;
    this.advice = advice;
    this.#renew = renew;
  }

  /** Whether further requests may use this token. */
  uses(token: Secret): boolean {
    return this.#current.token === token;
  }

  /** The token for a request. Never throws: a token that cannot be renewed is used as it is. */
  async token(budget: TimeBudget): Promise<Secret> {
    if (performance.now() >= this.#current.usableUntil) {
      await this.#renewOnce('is about to expire', budget);
    }
    return this.#current.token;
  }

  /** A token that replaces the one that Vantage refused, or undefined if there is none. Never throws. */
  async replace(refused: Secret, budget: TimeBudget): Promise<Secret | undefined> {
    if (this.#current.token === refused) {
      await this.#renewOnce('was refused', budget);
    }
    return this.#current.token === refused ? undefined : this.#current.token;
  }

  /** Renews the token once for all requests that wait for it. */
  #renewOnce(reason: string, budget: TimeBudget): Promise<void> {
    this.#renewal ??= this.#tryToRenew(reason, budget).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #tryToRenew(reason: string, budget: TimeBudget): Promise<void> {
    try {
      if (this.#renew) {
        this.#current = await this.#renew(budget);
        this.#log.info(`Signed in again, because the access token ${reason}.`);
      }
    } catch (error) {
      // The request is sent with the old token, and its response decides.
      this.#log.info(`The access token ${reason} and could not be renewed: ${messageOf(error)}`);
    }
  }
}
