import type { StoredClient, StoredSecret } from './store.ts';

/**
 * The token endpoint learns of a secret late: a number of milliseconds of real time after its creation, or with a later
 * token request of its client. IdentityServer's stores can be cached for up to 15 minutes.
 */
export type Lateness = { ms: number } | { requests: number };

/** What the token endpoint knows of the existing secrets. */
export interface SecretCache {
  /**
   * Makes the endpoint learn late of secrets that are created from now on. With undefined, it knows all of them at
   * once.
   */
  setLateness(lateness: Lateness | undefined): void;
  /** Reports a new secret. */
  watch(secret: StoredSecret): void;
  /** Reports a token request that names the client, before any of its secrets is looked up. */
  countRequest(client: StoredClient): void;
  /** Whether the endpoint knows the secret by now. */
  knows(secret: StoredSecret): boolean;
}

/** A cache that is up to date until it is made late. */
export function openSecretCache(): SecretCache {
  let lateness: Lateness | undefined;
  let unheard = new WeakMap<StoredSecret, { lateness: Lateness; createdAt: number; requests: number }>();
  return {
    setLateness: wanted => {
      lateness = wanted;
      if (!wanted) unheard = new WeakMap();
    },
    watch: secret => {
      if (lateness) unheard.set(secret, { lateness, createdAt: performance.now(), requests: 0 });
    },
    countRequest: client => {
      for (const secret of client.secrets) {
        const news = unheard.get(secret);
        if (news) news.requests += 1;
      }
    },
    knows: secret => {
      const news = unheard.get(secret);
      if (!news) return true;
      if ('ms' in news.lateness) return performance.now() - news.createdAt >= news.lateness.ms;
      return news.requests > news.lateness.requests;
    },
  };
}
