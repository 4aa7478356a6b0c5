import type { AdminApi } from './admin-api.ts';
import { Clients } from './clients.ts';
import { ClientSecrets } from './secrets.ts';

/** A tenant of Vantage, as the account of a session may administer it. */
export interface Tenant {
  readonly clients: Clients;
  readonly secrets: ClientSecrets;
}

/** The tenant of an admin API. */
export function openTenant(api: AdminApi): Tenant {
  return { clients: new Clients(api), secrets: new ClientSecrets(api) };
}
