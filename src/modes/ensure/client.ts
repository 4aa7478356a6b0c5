import type { ClientRequest, ClientSettings } from '../../model/client.ts';
import { asFailure, clause, excerpt, Failure, messageOf } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import { type Read, type ReadableClient, unreadable } from '../../model/vantage.ts';
import {
  assertNoCredentials,
  type ClientStep,
  clientExists,
  clientMayBeFromThisRun,
  planClient,
} from '../../plan/client-step.ts';
import { compareClient, type Drift } from '../../plan/drift.ts';
import type { Newness } from '../../plan/plan.ts';
import type { Creation } from '../../vantage/clients.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/** The client that the run continues with. */
export interface EnsuredClient {
  /** As far as they are known. */
  readonly settings: ReadableClient | ClientSettings;
  /** Whether this run created it. Then no earlier secret works. */
  readonly isNew: Newness;
  /** Why Vantage did not create it, if the answer does not say whether it exists. The next request shows that. */
  readonly refusal?: Failure;
  /** Set if Vantage reports that the id is taken. The client may belong to another tenant. */
  readonly isTaken?: boolean;
}

type NotCreated = Exclude<Creation, { kind: 'created' }>;

/**
 * Creates, updates or adopts the client as planned.
 *
 * @throws Failure
 */
export async function applyClientStep(
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

/** Writes the client and reads it again, because Vantage can report success and still not apply a setting. */
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
  const updated = await readUpdated(clientId, tenant);
  const unapplied = updated.kind === 'found' ? compareClient(declared, updated.found).drift : {};
  const applied = Object.keys(drift).filter(field => !(field in unapplied));
  log.info(`Updated client "${clientId}": ${applied.join(', ') || 'Vantage applied none of the settings'}.`);
  if (updated.kind === 'unreadable') {
    log.info(`Could not check whether Vantage applied the settings: ${updated.reason}.`);
    return client;
  }
  record.driftLeft = Object.keys(unapplied).length > 0;
  if (record.driftLeft) {
    record.drift = unapplied;
    log.warning(describeUnapplied(clientId, unapplied, log), 'settings differ');
  }
  return updated.found;
}

/** Never throws: the update is done, so a failed read must not fail the step. */
async function readUpdated(clientId: string, tenant: Tenant): Promise<Read<ReadableClient>> {
  try {
    return await tenant.clients.read(clientId);
  } catch (error) {
    return unreadable(clause(messageOf(error)));
  }
}

function describeUnapplied(clientId: string, unapplied: Drift, log: Log): string {
  const settings = Object.entries(unapplied).map(
    ([field, [wanted, found]]) => `${field} (wanted ${formatValue(wanted, log)}, found ${formatValue(found, log)})`,
  );
  return (
    `Vantage reported that it updated client "${clientId}", but it did not apply ${settings.join(', ')}. Change this in ` +
    'Vantage, or remove it from the workflow. Otherwise each run with `if-exists: update` writes it again.'
  );
}

/** Reports how a client that is kept as it is differs from the settings that the workflow declares. */
export function reportComparison(
  { comparison }: Pick<Extract<ClientStep, { step: 'keep' }>, 'comparison'>,
  record: EnsureRecord,
  log: Log,
): void {
  reportDrift(comparison.drift, record, log);
  if (Object.keys(comparison.drift).length === 0) {
    log.info(`Client "${record.clientId}" exists and has the declared settings.`);
  }
  if (comparison.unreported.length > 0) {
    log.info(`Vantage does not report ${comparison.unreported.join(', ')}. These settings were not compared.`);
  }
}

function reportDrift(drift: Drift, record: EnsureRecord, log: Log): void {
  record.drift = drift;
  for (const [field, [wanted, found]] of Object.entries(drift)) {
    log.warning(
      `Client "${record.clientId}" has a different ${field}: wanted ${formatValue(wanted, log)}, found ${formatValue(found, log)}.`,
      'settings differ',
    );
  }
}

/** A value as JSON, shortened: the server chooses its length. */
function formatValue(value: unknown, log: Log): string {
  return excerpt(JSON.stringify(value), text => log.redact(text));
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
      // Vantage can accept a setting and store another value.
      reportDrift(compareClient(initial, creation.found).drift, record, log);
    }
    return { settings: initial, isNew: 'yes' };
  }
  record.clientFound = creation.kind === 'taken' ? 'kept' : undefined;
  if (wanted.ifExists === 'fail') {
    throw whyNotCreated(creation, clientId);
  }
  const mayBeOurs = creation.kind === 'maybe-created' || (creation.kind === 'refused' && creation.maybeOurs);
  const isNew = mayBeOurs ? 'maybe' : 'no';
  if (creation.kind !== 'taken') {
    record.clientUnknown = true;
    record.changed ||= mayBeOurs;
  }
  if (wanted.ifExists === 'update' && Object.keys(wanted.declared).length > 0) {
    return { ...(await updateUnread(wanted, creation, tenant, context, record)), isNew };
  }
  if (creation.kind === 'refused') {
    return { settings: initial, isNew, refusal: creation.refusal };
  }
  const doubt = mayBeOurs ? ' It is not known whether this step created it, because an answer was lost.' : '';
  log.info(`Client "${clientId}" exists.${doubt} Its settings were not compared: ${whyUnread}.`);
  return { settings: initial, isNew, ...(creation.kind === 'taken' ? { isTaken: true } : {}) };
}

/** What Vantage answered instead of creating the client, as a sentence. */
export function describeRefusal({ parts: { request, reason } }: Failure, clientId: string): string {
  return `Vantage refused to create client "${clientId}" (${request}): ${reason}.`;
}

function whyNotCreated({ kind, refusal }: NotCreated, clientId: string): Failure {
  switch (kind) {
    case 'taken':
      return clientExists(clientId);
    case 'maybe-created':
      return clientMayBeFromThisRun(clientId, refusal.parts.request);
    case 'refused':
      return refusal;
  }
}

/** Reads a client again that could not be read before and may exist: another run may have created it in the meantime. */
async function updateUnread(
  wanted: ClientRequest,
  creation: NotCreated,
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
    return applyClientStep(wanted, planned, tenant, context, record);
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
