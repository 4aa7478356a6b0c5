import type { ClientRequest, ClientSettings } from '../model/client.ts';
import { Failure } from '../model/failure.ts';
import type { Read, ReadableClient } from '../model/vantage.ts';
import { type Comparison, compareClient } from './drift.ts';
import { assertNoCredentials, settingsToWrite } from './write-back.ts';

/** What to do about the client. */
export type ClientStep =
  /** The client does not exist or cannot be read. The response to its creation shows which. */
  | { readonly step: 'create'; readonly settings: ClientSettings; readonly why: string }
  | { readonly step: 'keep'; readonly comparison: Comparison; readonly client: ReadableClient }
  /** `client` contains the settings to write: those that were read, with the declared values in place of drifted ones. */
  | { readonly step: 'update'; readonly comparison: Comparison; readonly client: ReadableClient };

/**
 * Decides what to do about the client.
 *
 * @throws Failure `conflict` if the client exists and `if-exists` is `fail`, `unsupported` if an update is not safe.
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
    ...(at === undefined ? {} : { request: at }),
    reason:
      'it exists, and its creator is not known: the response to an earlier attempt of this request was lost, and that attempt may have created it',
    outcomeUnknown: true,
    advice:
      'No secret was created for it. Check the client in Vantage: if nobody else created it, run the step again with `if-exists: adopt`. Otherwise choose another `client-id`.',
  });
}
