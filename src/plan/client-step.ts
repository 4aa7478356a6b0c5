import type { ClientRequest, ClientSettings } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import type { Read, ReadableClient } from '../model/vantage.ts';
import { type Comparison, compareClient, SETTINGS } from './drift.ts';

export type ClientStep =
  /** The client does not exist or cannot be read. The response to its creation shows which. */
  | { readonly step: 'create'; readonly settings: ClientSettings; readonly why: string }
  | { readonly step: 'keep'; readonly comparison: Comparison; readonly client: ReadableClient }
  /** `client` contains the settings to write: those that were read, with the declared values in place of drifted ones. */
  | { readonly step: 'update'; readonly comparison: Comparison; readonly client: ReadableClient };

/** @throws Failure `conflict` if it exists and `if-exists` is `fail`, `unsupported` if an update is not safe. */
export function planClient(wanted: ClientRequest, read: Read<ReadableClient>): ClientStep {
  if (read.kind === 'unreadable') {
    return { step: 'create', settings: wanted.initial, why: read.reason };
  }
  if (wanted.ifExists === 'fail') {
    throw clientExists(wanted.clientId);
  }
  const comparison = compareClient(wanted.declared, read.found);
  const drifted = Object.keys(comparison.drift);
  if (wanted.ifExists === 'adopt' || drifted.length === 0) {
    return { step: 'keep', comparison, client: read.found };
  }
  assertNoCredentials(read.found);
  const changes = Object.entries(wanted.declared).filter(([field]) => drifted.includes(field));
  return { step: 'update', comparison, client: settingsToWrite(read.found, Object.fromEntries(changes)) };
}

/** The failure of `if-exists: fail` if the client exists. */
export function clientExists(clientId: string): Failure {
  return new Failure('conflict', {
    operation: `creating client "${clientId}"`,
    reason: 'it already exists',
    advice: 'Choose another `client-id`, or set `if-exists` to `adopt` or `update`.',
  });
}

/** The failure of `if-exists: fail` if it is not known whether this run created the client. */
export function clientMayBeFromThisRun(clientId: string, at: string | undefined): Failure {
  return new Failure('conflict', {
    operation: `creating client "${clientId}"`,
    request: at,
    reason:
      'it exists, and its creator is not known: the response to an earlier attempt of this request was lost, and that attempt may have created it',
    outcomeUnknown: true,
    advice:
      'No secret was created for it. Check the client in Vantage: if nobody else created it, run the step again with `if-exists: adopt`. Otherwise choose another `client-id`.',
  });
}

const CREDENTIAL = /secret|passw|passphrase|credential|key|token|hash/iu;

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

/** Whether a text contains a secret that this run knows. */
type IsSecret = (text: string) => boolean;

/**
 * Asserts that a client contains no credentials before an update writes it back. To write credentials back could remove or
 * clear secrets. To leave them out could do the same because an update replaces the whole client. No update is safe then.
 *
 * @throws Failure `unsupported` that names the fields, but not their values.
 */
export function assertNoCredentials(client: ReadableClient, isSecret: IsSecret = () => false): void {
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
function findCredentials(name: string, value: unknown, place: string, isSecret: IsSecret): readonly string[] {
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
