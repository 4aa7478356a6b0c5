import type { ClientRequest, ClientSettings } from '../../model/client.ts';
import { asFailure, excerpt, Failure, messageOf } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { ReadableClient } from '../../model/vantage.ts';
import { type Read, unreadable } from '../../model/vantage.ts';
import { type ClientStep, clientExists, clientMayBeOurs, planClient } from '../../plan/client-step.ts';
import { compareClient, type Drift } from '../../plan/drift.ts';
import type { Newness } from '../../plan/plan.ts';
import { assertNoCredentials } from '../../plan/write-back.ts';
import type { Creation } from '../../vantage/clients.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/** The client as the run goes on with it. */
export interface EnsuredClient {
  /** As far as they are known. */
  readonly settings: ReadableClient | ClientSettings;
  /** Whether this run created it, so that no secret that was there before can work. */
  readonly isNew: Newness;
  /** Why Vantage did not create it, in words that do not say whether it exists: the next request tells. */
  readonly refusal?: Failure;
}

/**
 * Creates, updates or adopts the client as planned.
 *
 * @throws Failure
 */
export async function applyToClient(
  wanted: ClientRequest,
  planned: ClientStep,
  tenant: Tenant,
  context: StepContext,
  record: EnsureRecord,
): Promise<EnsuredClient> {
  switch (planned.step) {
    case 'keep':
      reportComparison(planned, record, context.log);
      return { settings: planned.client, isNew: 'no' };
    case 'update':
      return { settings: await update(wanted, planned, tenant, record, context.log), isNew: 'no' };
    case 'create':
      return create(wanted, planned.why, tenant, context, record);
  }
}

/** Writes the client back, and looks at what Vantage took of it: an answer of "done" does not say. */
async function update(
  { clientId, declared }: ClientRequest,
  { client, comparison: { drift } }: Extract<ClientStep, { step: 'update' }>,
  tenant: Tenant,
  record: EnsureRecord,
  log: Log,
): Promise<ReadableClient> {
  assertNoCredentials(client, text => log.redact(text) !== text);
  await tenant.clients.update(clientId, client).catch((error: unknown) => {
    const { code, outcomeUnknown } = asFailure(error);
    if (outcomeUnknown || code === 'not-found') {
      record.clientFound = undefined;
    }
    throw error;
  });
  record.clientUpdated = true;
  record.changed = true;
  record.drift = drift;
  const held = await readUpdated(clientId, tenant);
  const left = held.kind === 'found' ? compareClient(declared, held.found).drift : {};
  const taken = Object.keys(drift).filter(field => !(field in left));
  log.info(`Updated client "${clientId}": ${taken.join(', ') || 'Vantage took none of its settings'}.`);
  if (held.kind === 'unreadable') {
    log.info(`Whether Vantage took them was not checked: ${held.reason}.`);
    return client;
  }
  record.driftLeft = Object.keys(left).length > 0;
  if (record.driftLeft) {
    record.drift = left;
    log.warning(describeUntaken(clientId, left, log));
  }
  return held.found;
}

/** The update is done, whatever a read then answers or does, so none of that may end the step. */
async function readUpdated(clientId: string, tenant: Tenant): Promise<Read<ReadableClient>> {
  try {
    return await tenant.clients.read(clientId);
  } catch (error) {
    return unreadable(messageOf(error).replace(/\.$/u, ''));
  }
}

function describeUntaken(clientId: string, left: Drift, log: Log): string {
  const settings = Object.entries(left).map(
    ([field, [wanted, found]]) => `${field} (wanted ${shown(wanted, log)}, found ${shown(found, log)})`,
  );
  return (
    `Vantage answered that it updated client "${clientId}", but did not take ${settings.join(', ')}. Change it in ` +
    'Vantage, or remove it from the workflow: until then each run with `if-exists: update` writes it again.'
  );
}

/** Tells how a client that is left as it is differs from what the workflow declares. */
export function reportComparison(
  { comparison }: Pick<Extract<ClientStep, { step: 'keep' }>, 'comparison'>,
  record: EnsureRecord,
  log: Log,
): void {
  reportDrift(comparison.drift, record, log);
  if (Object.keys(comparison.drift).length === 0) {
    log.info(`Client "${record.clientId}" exists, with the settings that are declared.`);
  }
  if (comparison.unreported.length > 0) {
    log.info(`Vantage does not tell its ${comparison.unreported.join(', ')}, so that was not compared.`);
  }
}

/** A value as JSON, of which a server may have chosen any amount. */
function shown(value: unknown, log: Log): string {
  return excerpt(JSON.stringify(value), text => log.redact(text));
}

function reportDrift(drift: Drift, record: EnsureRecord, log: Log): void {
  record.drift = drift;
  for (const [field, [wanted, found]] of Object.entries(drift)) {
    log.warning(
      `Client "${record.clientId}" has another ${field}: wanted ${shown(wanted, log)}, found ${shown(found, log)}.`,
    );
  }
}

async function create(
  wanted: ClientRequest,
  whyUnread: string,
  tenant: Tenant,
  context: StepContext,
  record: EnsureRecord,
): Promise<EnsuredClient> {
  const { clientId, initial } = wanted;
  const { log } = context;
  const creation = await tenant.clients.create(clientId, initial);
  if (creation.kind === 'created') {
    record.clientCreated = true;
    record.changed = true;
    log.info(`Created client "${clientId}".`);
    if (creation.found) {
      // A setting that Vantage took and then holds otherwise must not go unnoticed.
      reportDrift(compareClient(initial, creation.found).drift, record, log);
    }
    return { settings: initial, isNew: 'yes' };
  }
  record.clientFound = creation.kind === 'taken' ? 'kept' : undefined;
  if (wanted.ifExists === 'fail') {
    throw failureOf(creation, clientId);
  }
  const mayBeOurs = creation.kind === 'maybe-created' || (creation.kind === 'refused' && creation.maybeOurs);
  const isNew = mayBeOurs ? 'maybe' : 'no';
  if (creation.kind !== 'taken') {
    record.clientUnknown = true;
    record.changed ||= mayBeOurs;
  }
  const refusal = creation.kind === 'refused' ? { refusal: creation.refusal } : {};
  if (wanted.ifExists === 'update' && Object.keys(wanted.declared).length > 0) {
    return { ...(await updateUnread(wanted, creation, tenant, context, record)), isNew };
  }
  if (creation.kind !== 'refused') {
    const origin = isNew === 'maybe' ? '. Whether this step created it is not known, as an answer was lost' : '';
    log.info(`Client "${clientId}" exists${origin}. Its settings were not compared: ${whyUnread}.`);
  }
  return { settings: initial, isNew, ...refusal };
}

/** What Vantage said instead of creating the client, as a sentence. */
export function describeRefusal({ parts: { request: at, reason: why } }: Failure, clientId: string): string {
  return `Vantage refused to create client "${clientId}" (${at}): ${why}.`;
}

/** The failure of `if-exists: fail`. */
function failureOf({ kind, refusal }: Exclude<Creation, { kind: 'created' }>, clientId: string): Failure {
  switch (kind) {
    case 'taken':
      return clientExists(clientId);
    case 'maybe-created':
      return clientMayBeOurs(clientId, refusal.parts.request);
    case 'refused':
      return refusal;
  }
}

/** A client that could not be read, but may be there: read it again, as another run may have made it in between. */
async function updateUnread(
  wanted: ClientRequest,
  creation: Exclude<Creation, { kind: 'created' }>,
  tenant: Tenant,
  context: StepContext,
  record: EnsureRecord,
): Promise<EnsuredClient> {
  const { clientId } = wanted;
  const planned = planClient(
    wanted,
    await readIfPossible(budget => tenant.clients.read(clientId, budget), context.deadline),
  );
  if (planned.step !== 'create') {
    record.clientFound = 'kept';
    if (creation.kind === 'refused') {
      record.clientUnknown = creation.refusal.outcomeUnknown;
    }
    return applyToClient(wanted, planned, tenant, context, record);
  }
  if (creation.kind === 'refused') {
    throw creation.refusal;
  }
  throw new Failure('unsupported', {
    operation: `updating client "${clientId}"`,
    reason: `it exists, but its settings cannot be read: ${planned.why}`,
    advice: 'Set `if-exists` to adopt and change the client in the user interface of Vantage.',
  });
}
