import type { StoredSecret } from './store.ts';

/** The placeholder for the value of a secret. */
const HIDDEN = '***NOT_SHOWN***';

/** The member of a client that contains its secrets, as in IdentityServer's model of a client. */
export function embedSecrets(secrets: readonly StoredSecret[]): { clientSecrets: Record<string, unknown>[] } {
  return {
    clientSecrets: secrets.map(({ id, description, expiration }) => ({
      id,
      description,
      expiration,
      type: 'SharedSecret',
      value: HIDDEN,
    })),
  };
}

/**
 * The secrets of a client after a PUT: those that its body names by ID, each with the value in the body, whatever that
 * is. A body without the member leaves none, because a PUT replaces the whole client.
 */
export function readEmbeddedSecrets(body: unknown, secrets: readonly StoredSecret[]): StoredSecret[] {
  const { clientSecrets } = body as { clientSecrets?: { id?: unknown; value?: unknown }[] | null };
  return secrets.flatMap(secret => {
    const written = clientSecrets?.find(({ id }) => id === secret.id);
    return written ? [{ ...secret, value: String(written.value ?? '') }] : [];
  });
}
