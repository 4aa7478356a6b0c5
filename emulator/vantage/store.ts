import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../http/clock.ts';
import type { ClientSettings } from './client-settings.ts';
import type { Shapes } from './shapes.ts';

/** A secret as Vantage stores it. Times are RFC 3339 in UTC with milliseconds. */
export interface StoredSecret extends SecretSettings {
  id: string;
  value: string;
  createdAt: string;
}

/** A client as Vantage stores it, with all its secrets, oldest first. */
export interface StoredClient extends ClientSettings {
  createdAt: string;
  secrets: StoredSecret[];
}

/** The clients of one tenant. */
export interface Store {
  /** Every client, oldest first. */
  all(): StoredClient[];
  find(clientId: string): StoredClient | undefined;
  /** Adds a client. The caller has checked that the ID is free. */
  add(settings: ClientSettings): StoredClient;
  /** Replaces the settings of a client. */
  replace(client: StoredClient, settings: ClientSettings): void;
  remove(client: StoredClient): void;
  /** Adds a secret to a client, with a new random value, and a new ID if none is given. */
  createSecret(client: StoredClient, settings: SecretSettings & { value?: string; id?: string }): StoredSecret;
  /** Replaces all secrets of a client. */
  replaceSecrets(client: StoredClient, secrets: StoredSecret[]): void;
  revoke(client: StoredClient, secret: StoredSecret): void;
}

/** An empty store, whose creation times come from the clock. `onCreate` is called with every new secret. */
export function openStore(
  clock: Clock,
  onCreate: (secret: StoredSecret) => void,
  secretIds: Shapes['secretIds'] = 'guid',
): Store {
  // Only odd ones: a double can represent every even number in this range.
  let number = 2n ** 53n - 1n;
  const newId = () => {
    number += 2n;
    return secretIds === 'guid' ? randomUUID() : String(number);
  };
  const clients = new Map<string, StoredClient>();
  const now = () => new Date(clock.now()).toISOString();
  return {
    all: () => [...clients.values()],
    find: clientId => clients.get(clientId),
    add: settings => {
      const client: StoredClient = { ...settings, createdAt: now(), secrets: [] };
      clients.set(client.clientId, client);
      return client;
    },
    replace: (client, settings) => void Object.assign(client, settings),
    remove: client => void clients.delete(client.clientId),
    createSecret: (client, settings) => {
      const secret: StoredSecret = { value: newValue(), id: newId(), ...settings, createdAt: now() };
      client.secrets.push(secret);
      onCreate(secret);
      return secret;
    },
    replaceSecrets: (client, secrets) => void client.secrets.splice(0, client.secrets.length, ...secrets),
    revoke: (client, secret) => void client.secrets.splice(client.secrets.indexOf(secret), 1),
  };
}

/** 44 characters of base64 that contain a `+`, a `/` and a `=`, which URL, form and base64url encodings change. */
function newValue(): string {
  for (;;) {
    const value = randomBytes(32).toString('base64');
    if (value.includes('+') && value.includes('/')) return value;
  }
}

/** The settings of a new secret. Times are RFC 3339 in UTC with milliseconds. */
export interface SecretSettings {
  description: string | null;
  startTime: string;
  expiration: string;
}
