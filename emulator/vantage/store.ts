import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../http/clock.ts';
import type { ClientSettings } from './client-settings.ts';
import type { Shapes } from './shapes.ts';

/** A secret as Vantage holds it. Times are RFC 3339 in UTC with milliseconds. */
export interface StoredSecret extends SecretSettings {
  id: string;
  value: string;
  createdAt: string;
}

/** A client as Vantage holds it, with all of its secrets, oldest first. */
export interface StoredClient extends ClientSettings {
  createdAt: string;
  secrets: StoredSecret[];
}

/** The clients of one tenant. */
export interface Store {
  /** Every client, in the order of their making. */
  all(): StoredClient[];
  find(clientId: string): StoredClient | undefined;
  /** Adds a client. The caller has seen to it that the id is free. */
  add(settings: ClientSettings): StoredClient;
  /** Gives a client these settings in place of its own. */
  replace(client: StoredClient, settings: ClientSettings): void;
  remove(client: StoredClient): void;
  /** Adds a secret to a client, with a new random value and a new id if none is given. */
  mint(client: StoredClient, settings: SecretSettings & { value?: string; id?: string }): StoredSecret;
  /** Lets a client have these secrets alone, in place of all that it had. */
  replaceSecrets(client: StoredClient, secrets: StoredSecret[]): void;
  revoke(client: StoredClient, secret: StoredSecret): void;
}

/** An empty store, whose times of creation come from the clock. `onMint` is told of every secret. */
export function openStore(
  clock: Clock,
  onMint: (secret: StoredSecret) => void,
  secretIds: Shapes['secretIds'] = 'guid',
): Store {
  // Odd ones alone: every other number beyond 2^53 is one that a double holds.
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
    mint: (client, settings) => {
      const secret: StoredSecret = { value: newValue(), id: newId(), ...settings, createdAt: now() };
      client.secrets.push(secret);
      onMint(secret);
      return secret;
    },
    replaceSecrets: (client, secrets) => void client.secrets.splice(0, client.secrets.length, ...secrets),
    revoke: (client, secret) => void client.secrets.splice(client.secrets.indexOf(secret), 1),
  };
}

/** 44 characters of base64 that hold a `+`, a `/` and a `=`: those that URL, form and base64url encodings change. */
function newValue(): string {
  for (;;) {
    const value = randomBytes(32).toString('base64');
    if (value.includes('+') && value.includes('/')) return value;
  }
}

/** What a mint may ask for. Times are RFC 3339 in UTC with milliseconds. */
export interface SecretSettings {
  description: string | null;
  startTime: string;
  expiration: string;
}
