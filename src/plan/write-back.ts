import type { ClientSettings } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import type { ReadableClient } from '../model/vantage.ts';
import { SETTINGS } from './drift.ts';

const CREDENTIAL = /secret|passw|passphrase|credential|key|token|hash/iu;

/** What a server notes of a client by itself. */
const NOTED_BY_SERVER =
  /^(?:id|non_?editable|(?:date_?)?(?:created|creation|updated|modified|changed|last_?(?:accessed|changed|modified|updated|used))(?:_?(?:at|by|date|on|time|utc))*)$/iu;

/** Settings of IdentityServer that are named after tokens, and hold a word or a length of time. */
const ABOUT_TOKENS =
  /^(?:identityTokenLifetime|absoluteRefreshTokenLifetime|slidingRefreshTokenLifetime|accessTokenType|refreshTokenUsage|refreshTokenExpiration|allowedIdentityTokenSigningAlgorithms)$/iu;

const WORD_OR_LENGTH = /^[A-Za-z\d.:]{1,24}$/u;

/**
 * What an update sends: the client as it was read, with the changes, and without what the server notes by itself. Settings
 * that are not documented are kept, as an update replaces the whole.
 */
export function settingsToWrite(client: ReadableClient, changes: ClientSettings): ReadableClient {
  const kept = Object.entries(client).filter(([field]) => !NOTED_BY_SERVER.test(field));
  return { ...Object.fromEntries(kept), ...changes, clientId: client.clientId };
}

/**
 * Makes sure that a client that is to be written back holds no credentials. Written back they could remove or blank
 * secrets; left out they could do the same, as an update replaces the whole. So there is no safe update.
 *
 * @param isSecret whether a text holds a secret that this run knows.
 * @throws Failure `unsupported` that names where they are, and nothing of them.
 */
export function assertNoCredentials(client: ReadableClient, isSecret: (text: string) => boolean = () => false): void {
  const unknown = Object.entries(client).filter(([field]) => field !== 'clientId' && !SETTINGS.includes(field));
  const places = unknown.flatMap(([field, value]) => findCredentials(field, value, field, isSecret));
  if (places.length > 0) {
    throw new Failure('unsupported', {
      operation: `updating client "${client.clientId}"`,
      reason: `Vantage’s answer embeds what may be credentials (${places.join(', ')}), and an update writes the whole client back, which could remove or blank them`,
      advice: 'The update was not sent. Change the settings in Vantage, or set `if-exists` to adopt.',
    });
  }
}

/** The places of what may be credentials: by its name, by the type that stands beside it, or as a known secret. */
function findCredentials(
  name: string,
  value: unknown,
  place: string,
  isSecret: (text: string) => boolean,
): readonly string[] {
  if (typeof value === 'boolean' || typeof value === 'number') {
    return [];
  }
  if (CREDENTIAL.test(name) && !(ABOUT_TOKENS.test(name) && isWordOrLength(value))) {
    return [place];
  }
  if (typeof value === 'string') {
    return isSecret(value) || (/^type$/iu.test(name) && CREDENTIAL.test(value)) ? [place] : [];
  }
  if (Array.isArray(value)) {
    return unique(value.flatMap(item => findCredentials(name, item, place, isSecret)));
  }
  return Object.entries(value ?? {}).flatMap(([key, item]) => findCredentials(key, item, `${place}.${key}`, isSecret));
}

function isWordOrLength(value: unknown): boolean {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.every(item => item === null || (typeof item === 'string' && WORD_OR_LENGTH.test(item)));
}

function unique(places: readonly string[]): readonly string[] {
  return [...new Set(places)];
}
