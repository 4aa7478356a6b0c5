import type { ClientSettings } from '../../model/client.ts';
import { asFailure, clause, excerpt, Failure, messageOf } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import { type ReadableClient, unreadable } from '../../model/vantage.ts';
import {
  assertNoCredentials,
  type ClientStep,
  clientExists,
  clientMayBeFromThisRun,
  planClient,
} from '../../plan/client-step.ts';
import { type Comparison, compareClient, type Drift } from '../../plan/drift.ts';
import type { Newness } from '../../plan/plan.ts';
import type { Creation } from '../../vantage/clients.ts';
import { readIfPossible } from '../reads.ts';
import type { EnsureRun } from './observe.ts';

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

/** Creates, updates or adopts the client as planned. @throws Failure */
export async function applyClientStep(run: EnsureRun, planned: ClientStep): Promise<EnsuredClient> {
  switch (planned.step) {
    case 'keep':
      reportComparison(run, planned.comparison);
      return { settings: planned.client, isNew: 'no' };
    case 'update':
      return { settings: await update(run, planned.client, planned.comparison.drift), isNew: 'no' };
    case 'create':
      return create(run, planned.why);
  }
}

/** Writes the client and reads it again, because Vantage can report success and still not apply a setting. */
async function update(run: EnsureRun, client: ReadableClient, drift: Drift): Promise<ReadableClient> {
  const { request, observed, context, record } = run;
  const { clientId, declared } = request.client;
  const { clients } = observed.tenant;
  const { log } = context;
  assertNoCredentials(client, text => log.redact(text) !== text);
  await clients.update(clientId, client).catch((error: unknown) => {
    const { code, outcomeUnknown } = asFailure(error);
    if (outcomeUnknown || code === 'not-found') {
      record.clientFound = undefined;
    }
    throw error;
  });
  record.clientUpdated = true;
  record.changed = true;
  record.drift = drift;
  // The update is done, so a failed read must not fail the step.
  const updated = await clients.read(clientId).catch((error: unknown) => unreadable(clause(messageOf(error))));
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
    const settings = driftTexts(unapplied, log).map(([field, values]) => `${field} (${values})`);
    log.warning(
      `Vantage reported that it updated client "${clientId}", but it did not apply ${settings.join(', ')}. Change this in Vantage, or remove it from the workflow. Otherwise each run with \`if-exists: update\` writes it again.`,
      'settings differ',
    );
  }
  return updated.found;
}

/** Reports how a client that is kept as it is differs from the settings that the workflow declares. */
export function reportComparison(run: EnsureRun, { drift, unreported }: Comparison): void {
  const { log } = run.context;
  reportDrift(run, drift);
  if (Object.keys(drift).length === 0) {
    log.info(`Client "${run.record.clientId}" exists and has the declared settings.`);
  }
  if (unreported.length > 0) {
    log.info(`Vantage does not report ${unreported.join(', ')}. These settings were not compared.`);
  }
}

function reportDrift({ context: { log }, record }: EnsureRun, drift: Drift): void {
  record.drift = drift;
  for (const [field, values] of driftTexts(drift, log)) {
    log.warning(`Client "${record.clientId}" has a different ${field}: ${values}.`, 'settings differ');
  }
}

/** Each field with its values as JSON, shortened: the server chooses their length. */
function driftTexts(drift: Drift, log: Log): readonly (readonly [field: string, values: string])[] {
  const short = (value: unknown) => excerpt(JSON.stringify(value), text => log.redact(text));
  return Object.entries(drift).map(([field, [wanted, found]]) => [
    field,
    `wanted ${short(wanted)}, found ${short(found)}`,
  ]);
}

async function create(run: EnsureRun, whyUnread: string): Promise<EnsuredClient> {
  const { request, observed, context, record } = run;
  const { clientId, initial, declared, ifExists } = request.client;
  const { log } = context;
  const creation = await observed.tenant.clients.create(clientId, initial);
  if (creation.kind === 'created') {
    record.clientCreated = true;
    record.changed = true;
    log.info(`Created client "${clientId}".`);
    if (creation.found) {
      // Vantage can accept a setting and store another value.
      reportDrift(run, compareClient(initial, creation.found).drift);
    }
    return { settings: initial, isNew: 'yes' };
  }
  record.clientFound = creation.kind === 'taken' ? 'kept' : undefined;
  if (ifExists === 'fail') {
    throw whyNotCreated(creation, clientId);
  }
  const mayBeOurs = creation.kind === 'maybe-created' || (creation.kind === 'refused' && creation.maybeOurs);
  const isNew = mayBeOurs ? 'maybe' : 'no';
  if (creation.kind !== 'taken') {
    record.clientUnknown = true;
    record.changed ||= mayBeOurs;
  }
  if (ifExists === 'update' && Object.keys(declared).length > 0) {
    return { ...(await updateUnread(run, creation)), isNew };
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
async function updateUnread(run: EnsureRun, creation: NotCreated): Promise<EnsuredClient> {
  const { request, observed, context, record } = run;
  const { clientId } = request.client;
  const read = await readIfPossible(budget => observed.tenant.clients.read(clientId, budget), context.deadline);
  const planned = planClient(request.client, read);
  if (planned.step !== 'create') {
    record.clientFound = 'kept';
    if (creation.kind === 'refused') {
      record.clientUnknown = creation.refusal.outcomeUnknown;
    }
    return applyClientStep(run, planned);
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
