import type { StoredSecret } from './store.ts';

/** What stands for the value of a secret that is not to be seen. */
const HIDDEN = '***NOT_SHOWN***';

/** The member of a client that holds its secrets, as IdentityServer's model of a client has it. */
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
 * The secrets that a client has after a PUT: those that its body names by id, each with the value that stands there,
 * whatever that is. A body without the member leaves none, as a PUT replaces the whole.
 */
export function readEmbeddedSecrets(body: unknown, secrets: readonly StoredSecret[]): StoredSecret[] {
  const { clientSecrets } = body as { clientSecrets?: { id?: unknown; value?: unknown }[] | null };
  return secrets.flatMap(secret => {
    const written = clientSecrets?.find(({ id }) => id === secret.id);
    return written ? [{ ...secret, value: String(written.value ?? '') }] : [];
  });
}
