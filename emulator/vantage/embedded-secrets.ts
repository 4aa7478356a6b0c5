import { createHash } from 'node:crypto';
import type { Shapes } from './shapes.ts';
import type { Store, StoredClient } from './store.ts';

/** The secrets of a client as a read of it embeds them: what IdentityServer's own model of a client holds. */
export function describeEmbeddedSecrets(client: StoredClient, shapes: Shapes): Record<string, unknown> {
  if (shapes.embeddedSecrets === 'none') return {};
  const clientSecrets = client.secrets.map(({ id, description, value, expiration }) => ({
    id,
    description,
    value: shapes.embeddedSecrets === 'hashed' ? hashOf(value) : '',
    expiration,
    type: 'SharedSecret',
  }));
  return { clientSecrets };
}

/** A PUT replaces them too: what its body leaves out is gone, and what it gives another value has that from now on. */
export function replaceEmbeddedSecrets(client: StoredClient, given: unknown, store: Store, shapes: Shapes): void {
  if (shapes.embeddedSecrets === 'none') return;
  const named: { id?: unknown; value?: unknown }[] = Array.isArray(given) ? given : [];
  for (const secret of [...client.secrets]) {
    const kept = named.find(({ id }) => id === secret.id);
    if (!kept) store.revoke(client, secret);
    else if (kept.value !== hashOf(secret.value)) secret.value = String(kept.value ?? '');
  }
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('base64');
}
