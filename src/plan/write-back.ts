import type { ClientSettings } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import type { ReadableClient } from '../model/vantage.ts';
import { SETTINGS } from './drift.ts';

const CREDENTIAL = /secret|passw|passphrase|credential|key|token|hash/iu;

/** Fields that the server maintains. */
const SERVER_FIELD =
  /^(?:id|non_?editable|(?:date_?)?(?:created|creation|updated|modified|changed|last_?(?:accessed|changed|modified|updated|used))(?:_?(?:at|by|date|on|time|utc))*)$/iu;

/** Settings of IdentityServer with `token` in their name whose value is a word or a duration. */
const TOKEN_SETTING =
  /^(?:identityTokenLifetime|absoluteRefreshTokenLifetime|slidingRefreshTokenLifetime|accessTokenType|refreshTokenUsage|refreshTokenExpiration|allowedIdentityTokenSigningAlgorithms)$/iu;

const WORD_OR_DURATION = /^[A-Za-z\d.:]{1,24}$/u;

/**
 * The body of an update: the client as it was read, with the changes, and without the fields that the server maintains.
 * Undocumented settings are kept because an update replaces the whole client.
 */
export function settingsToWrite(client: ReadableClient, changes: ClientSettings): ReadableClient {
  const kept = Object.entries(client).filter(([field]) => !SERVER_FIELD.test(field));
  return { ...Object.fromEntries(kept), ...changes, clientId: client.clientId };
}

/**
 * Asserts that a client contains no credentials before an update writes it back. To write credentials back could remove or
 * clear secrets. To leave them out could do the same because an update replaces the whole client. No update is safe then.
 *
 * @param isSecret whether a text contains a secret that this run knows.
 * @throws Failure `unsupported` that names the fields, but not their values.
 */
export function assertNoCredentials(client: ReadableClient, isSecret: (text: string) => boolean = () => false): void {
  const unknown = Object.entries(client).filter(([field]) => field !== 'clientId' && !SETTINGS.includes(field));
  const places = unknown.flatMap(([field, value]) => findCredentials(field, value, field, isSecret));
  if (places.length > 0) {
    throw new Failure('unsupported', {
      operation: `updating client "${client.clientId}"`,
      reason: `Vantage’s response contains possible credentials (${places.join(', ')}), and an update writes the whole client back, which could remove or clear them`,
      advice: 'The update was not sent. Change the settings in Vantage, or set `if-exists` to adopt.',
    });
  }
}

/** The paths of possible credentials: by their name, by a `type` field next to them, or because a value is a known secret. */
function findCredentials(
  name: string,
  value: unknown,
  place: string,
  isSecret: (text: string) => boolean,
): readonly string[] {
  if (typeof value === 'boolean' || typeof value === 'number') {
    return [];
  }
  if (CREDENTIAL.test(name) && !(TOKEN_SETTING.test(name) && isWordOrDuration(value))) {
    return [place];
  }
  if (typeof value === 'string') {
    return isSecret(value) || (/^type$/iu.test(name) && CREDENTIAL.test(value)) ? [place] : [];
  }
  if (Array.isArray(value)) {
    return [...new Set(value.flatMap(item => findCredentials(name, item, place, isSecret)))];
  }
  return Object.entries(value ?? {}).flatMap(([key, item]) => findCredentials(key, item, `${place}.${key}`, isSecret));
}

function isWordOrDuration(value: unknown): boolean {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.every(item => item === null || (typeof item === 'string' && WORD_OR_DURATION.test(item)));
}
