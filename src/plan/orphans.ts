import type { WorkflowRun } from '../model/request.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import { isOwnSecret, liveOwnSecrets } from './marked-secrets.ts';

/** A client that this repository created a secret for, and that the manifest does not name. */
export interface OrphanedClient {
  readonly clientId: string;
  /** The secrets of this repository that have not expired. Null if the list does not show all of them. */
  readonly liveSecrets: number | null;
}

/** Whether a client is an orphan: one of its secrets has a mark of this repository. */
export function findOrphan(
  clientId: string,
  secrets: ReadList<ListedSecret>,
  workflow: WorkflowRun,
  now: Date,
): OrphanedClient | undefined {
  const isOwn = secrets.kind === 'found' && secrets.found.some(secret => isOwnSecret(secret, workflow));
  return isOwn ? { clientId, liveSecrets: liveOwnSecrets(secrets, workflow, now)?.length ?? null } : undefined;
}

/** The clients of the tenant that are none of these, in the order of the tenant. Vantage may tell upper from lower case, or not. */
export function othersOf(listed: readonly string[], named: readonly string[]): readonly string[] {
  const known = new Set(named.map(clientId => clientId.toLowerCase()));
  return listed.filter(clientId => !known.has(clientId.toLowerCase()));
}
