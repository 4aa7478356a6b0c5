import { Failure, messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import { compareClient, type Drift } from '../plan/drift.ts';
import { type ClientStep, clientExists, planClient } from '../plan/plan.ts';
import { assertNoCredentials } from '../plan/write-back.ts';
import type { ClientRequest, ClientSettings } from '../request/client.ts';
import { type Read, unreadable } from '../vantage/admin-api.ts';
import type { ReadableClient } from '../vantage/schema.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { EnsureLedger } from './ledger.ts';

/**
 * Creates, updates or adopts the client as planned.
 *
 * @returns its settings, as far as they are known.
 * @throws Failure
 */
export async function applyToClient(
  wanted: ClientRequest,
  planned: ClientStep,
  tenant: Tenant,
  ledger: EnsureLedger,
  log: Log,
): Promise<ReadableClient | ClientSettings> {
  switch (planned.step) {
    case 'keep':
      reportComparison(planned, ledger, log);
      return planned.client;
    case 'update':
      return update(wanted, planned, tenant, ledger, log);
    case 'create':
      return create(wanted, planned.why, tenant, ledger, log);
  }
}

/** Writes the client back, and looks at what Vantage took of it: an answer of "done" does not say. */
async function update(
  { clientId, declared }: ClientRequest,
  { client, comparison: { drift } }: Extract<ClientStep, { step: 'update' }>,
  tenant: Tenant,
  ledger: EnsureLedger,
  log: Log,
): Promise<ReadableClient> {
  assertNoCredentials(client, text => log.redact(text) !== text);
  await tenant.clients.update(clientId, client);
  ledger.clientUpdated = true;
  ledger.changed = true;
  ledger.drift = drift;
  const held = await readUpdated(clientId, tenant);
  const left = held.kind === 'found' ? compareClient(declared, held.found).drift : {};
  const taken = Object.keys(drift).filter(field => !(field in left));
  log.info(`Updated client "${clientId}": ${taken.join(', ') || 'Vantage took none of its settings'}.`);
  if (held.kind === 'unreadable') {
    log.info(`Whether Vantage took them was not checked: ${held.why}.`);
    return client;
  }
  if (Object.keys(left).length > 0) {
    ledger.drift = left;
    ledger.driftLeft = true;
    log.warning(describeUntaken(clientId, left));
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

function describeUntaken(clientId: string, left: Drift): string {
  const settings = Object.entries(left).map(
    ([field, [wanted, found]]) => `${field} (wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)})`,
  );
  return (
    `Vantage answered that it updated client "${clientId}", but did not take ${settings.join(', ')}. Change it in ` +
    'Vantage, or remove it from the workflow: until then each run with `if-exists: update` writes it again.'
  );
}

/** Tells how a client that is left as it is differs from what the workflow declares. */
export function reportComparison(
  { comparison }: Pick<Extract<ClientStep, { step: 'keep' }>, 'comparison'>,
  ledger: EnsureLedger,
  log: Log,
): void {
  reportDrift(comparison.drift, ledger, log);
  if (Object.keys(comparison.drift).length === 0) {
    log.info(`Client "${ledger.clientId}" exists, with the settings that are declared.`);
  }
  if (comparison.untold.length > 0) {
    log.info(`Vantage does not tell its ${comparison.untold.join(', ')}, so that was not compared.`);
  }
}

function reportDrift(drift: Drift, ledger: EnsureLedger, log: Log): void {
  ledger.drift = drift;
  for (const [field, [wanted, found]] of Object.entries(drift)) {
    log.warning(
      `Client "${ledger.clientId}" has another ${field}: wanted ${JSON.stringify(wanted)}, found ${JSON.stringify(found)}.`,
    );
  }
}

async function create(
  wanted: ClientRequest,
  whyUnread: string,
  tenant: Tenant,
  ledger: EnsureLedger,
  log: Log,
): Promise<ReadableClient | ClientSettings> {
  const { clientId } = wanted;
  const creation = await tenant.clients.create(clientId, wanted.initial);
  if (creation.kind === 'created') {
    ledger.clientCreated = true;
    ledger.changed = true;
    log.info(`Created client "${clientId}".`);
    if (creation.found) {
      // A setting that Vantage took and then holds otherwise must not go unnoticed.
      reportDrift(compareClient(wanted.initial, creation.found).drift, ledger, log);
    }
    return wanted.initial;
  }
  if (wanted.ifExists === 'fail') {
    throw clientExists(clientId);
  }
  if (wanted.ifExists === 'update' && Object.keys(wanted.declared).length > 0) {
    return updateTaken(wanted, tenant, ledger, log);
  }
  log.info(`Client "${clientId}" exists. Its settings were not compared: ${whyUnread}.`);
  return wanted.initial;
}

/** A client that could not be read, but is there: read it again, as another run may have made it in between. */
async function updateTaken(
  wanted: ClientRequest,
  tenant: Tenant,
  ledger: EnsureLedger,
  log: Log,
): Promise<ReadableClient | ClientSettings> {
  const planned = planClient(wanted, await tenant.clients.read(wanted.clientId));
  if (planned.step === 'create') {
    throw new Failure('unsupported', {
      what: `updating client "${wanted.clientId}"`,
      why: `it exists, but its settings cannot be read: ${planned.why}`,
      todo: 'Set `if-exists` to adopt and change the client in the user interface of Vantage.',
    });
  }
  return applyToClient(wanted, planned, tenant, ledger, log);
}
