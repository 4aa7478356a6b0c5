import type { AdminApi } from './admin-api.ts';
import { Clients } from './clients.ts';
import { ClientSecrets } from './secrets.ts';

/** A tenant of Vantage, as the account of a session may administer it. */
export interface Tenant {
  readonly clients: Clients;
  readonly secrets: ClientSecrets;
}

/** @param listsOnce whether its clients are listed only once. Only for a run that changes nothing. */
export function openTenant(api: AdminApi, listsOnce = false): Tenant {
  return { clients: new Clients(api, listsOnce), secrets: new ClientSecrets(api) };
}
