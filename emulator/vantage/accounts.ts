import { randomBytes } from 'node:crypto';
import type { Clock } from '../http/clock.ts';
import { DEFAULTS, SCOPES } from './client-settings.ts';
import type { Store } from './store.ts';

/** Credentials of a Tenant Administrator: a client of the tenant, and a user who can sign in through it. */
export interface Administrator {
  clientId: string;
  clientSecret: string;
  username: string;
  password: string;
}

/** What a user may do. Only a Tenant Administrator may create clients. */
export type Role = 'tenant-administrator' | 'processing-supervisor';

/** A user who can sign in with a password. */
export interface User {
  username: string;
  password: string;
  role: Role;
}

/** The accounts of a new tenant. */
export interface Accounts {
  administrator: Administrator;
  users: User[];
}

/**
 * Opens a tenant with two users and one client, through which an administrator signs in by client credentials or with a
 * password. Every credential is random. The client is like any other one of the tenant: it is listed, and it can get
 * further secrets. Only its first secret, which exists from the start, expires in the year 9999.
 *
 * @param tokenLifetime the life of an access token of that client, in seconds
 */
export function openAccounts(
  store: Store,
  clock: Clock,
  tokenLifetime: number = DEFAULTS.accessTokenLifetime,
): Accounts {
  const client = store.add({
    ...structuredClone(DEFAULTS),
    clientId: `administrator-${randomBytes(4).toString('hex')}`,
    clientName: 'Tenant administration',
    allowRopc: true,
    allowedGrantTypes: ['client_credentials', 'password'],
    allowedScopes: [...SCOPES],
    accessTokenLifetime: tokenLifetime,
  });
  const secret = store.createSecret(client, {
    description: null,
    startTime: new Date(Math.min(clock.now(), 0)).toISOString(),
    expiration: '9999-12-31T23:59:59.999Z',
  });
  const user = (name: string, role: Role): User => ({
    username: `${name}-${randomBytes(4).toString('hex')}@tenant.example`,
    password: randomBytes(18).toString('base64'),
    role,
  });
  const administrator = user('administrator', 'tenant-administrator');
  return {
    administrator: {
      clientId: client.clientId,
      clientSecret: secret.value,
      username: administrator.username,
      password: administrator.password,
    },
    users: [administrator, user('supervisor', 'processing-supervisor')],
  };
}
