import type { ClientRequest, ClientSettings } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import type { Read, ReadableClient } from '../model/vantage.ts';
import { type Comparison, compareClient } from './drift.ts';
import { assertNoCredentials, settingsToWrite } from './write-back.ts';

/** What to do about the client. */
export type ClientStep =
  /** It is missing or cannot be read; which of them, the answer to its creation tells. */
  | { readonly step: 'create'; readonly settings: ClientSettings; readonly why: string }
  | { readonly step: 'keep'; readonly comparison: Comparison; readonly client: ReadableClient }
  /** `client` is what to write: the settings that were read, with the drifted ones as declared. */
  | { readonly step: 'update'; readonly comparison: Comparison; readonly client: ReadableClient };

/**
 * What to do about a client that was, or could not be, read.
 *
 * @throws Failure `conflict`, or `unsupported` where no update is safe.
 */
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

/** The failure of `if-exists: fail`. */
export function clientExists(clientId: string): Failure {
  return new Failure('conflict', {
    operation: `creating client "${clientId}"`,
    reason: 'it exists already',
    advice: 'Choose another client-id, or set `if-exists` to adopt or update.',
  });
}

/** The failure of `if-exists: fail` where it is not known whose the client is. */
export function clientMayBeOurs(clientId: string, at: string | undefined): Failure {
  return new Failure('conflict', {
    operation: `creating client "${clientId}"`,
    ...(at === undefined ? {} : { request: at }),
    reason:
      'it exists, and whose it is cannot be told: the answer to an earlier attempt of this very request was lost, and that attempt may have created it',
    outcomeUnknown: true,
    advice:
      'No secret was created for it. Look at the client in Vantage: if nobody else made it, run the step again with `if-exists: adopt`; else choose another client-id.',
  });
}
