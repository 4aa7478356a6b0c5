import type { StoredClient, StoredSecret } from './store.ts';

/**
 * The token endpoint learns late of a secret: so many milliseconds of real time after the mint, or with the token
 * request of its client that comes after so many others. IdentityServer's stores may be cached for up to 15 minutes.
 */
export type Lateness = { ms: number } | { requests: number };

/** What the token endpoint knows of the secrets that there are. */
export interface SecretCache {
  /** Makes the endpoint late to hear of the secrets minted from now on; undefined makes it know them all at once. */
  setLateness(lateness: Lateness | undefined): void;
  /** Tells it of a mint. */
  watch(secret: StoredSecret): void;
  /** Tells it of a token request that names the client, before any of its secrets is asked for. */
  countRequest(client: StoredClient): void;
  /** Whether the endpoint has heard of the secret by now. */
  knows(secret: StoredSecret): boolean;
}

/** A cache that is up to date until it is made late. */
export function openSecretCache(): SecretCache {
  let lateness: Lateness | undefined;
  let unheard = new WeakMap<StoredSecret, { lateness: Lateness; mintedAt: number; requests: number }>();
  return {
    setLateness: wanted => {
      lateness = wanted;
      if (!wanted) unheard = new WeakMap();
    },
    watch: secret => {
      if (lateness) unheard.set(secret, { lateness, mintedAt: performance.now(), requests: 0 });
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
      if ('ms' in news.lateness) return performance.now() - news.mintedAt >= news.lateness.ms;
      return news.requests > news.lateness.requests;
    },
  };
}
