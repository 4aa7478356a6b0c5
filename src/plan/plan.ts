import { Failure } from '../failure.ts';
import type { PreparedTarget } from '../github/preflight.ts';
import type { ClientRequest, ClientSettings } from '../request/client.ts';
import { resolveLife, type SecretRequest } from '../request/secret.ts';
import { targetLine } from '../request/targets.ts';
import type { Read } from '../vantage/admin.ts';
import type { ListedSecret, ReadableClient } from '../vantage/schema.ts';
import { type Comparison, compareClient } from './drift.ts';

/** What Vantage and GitHub let themselves be asked before anything changed. */
export interface Observation {
  readonly client: Read<ReadableClient>;
  /** Not asked for where no secret is to be minted. */
  readonly secrets: Read<readonly ListedSecret[]> | undefined;
  /** The targets of the new secret, as GitHub showed them. */
  readonly targets: readonly PreparedTarget[];
}

/** What to do about the client. */
export type ClientStep =
  /** It is missing or cannot be read; which of them, the answer to its creation tells. */
  | { readonly step: 'create'; readonly settings: ClientSettings; readonly why: string }
  | { readonly step: 'keep'; readonly comparison: Comparison; readonly client: ReadableClient }
  /** `client` is what was read, with the drifted settings as declared. */
  | { readonly step: 'update'; readonly comparison: Comparison; readonly client: ReadableClient };

/** The life to ask for. What is absent is Vantage's to choose. */
export interface SecretLife {
  readonly startTime?: Date;
  readonly expiration?: Date;
}

/** What a run is going to do. */
export interface Plan {
  readonly client: ClientStep;
  /** Absent where no secret is minted. */
  readonly mint?: SecretLife;
  readonly targets: readonly PreparedTarget[];
}

/**
 * Decides what to do, from what is wanted, what was found and what time it is, and from nothing else.
 *
 * @throws Failure `conflict` where the client exists and the workflow wants it not to.
 */
export function planEnsure(
  wanted: { readonly client: ClientRequest; readonly secret: SecretRequest },
  observed: Observation,
  now: Date,
): Plan {
  const client = planClient(wanted.client, observed.client);
  const { targets } = observed;
  return wanted.secret.rotate === 'never'
    ? { client, targets: [] }
    : { client, mint: resolveLife(wanted.secret, now), targets };
}

/**
 * What to do about a client that was, or could not be, read.
 *
 * @throws Failure `conflict`
 */
export function planClient(wanted: ClientRequest, read: Read<ReadableClient>): ClientStep {
  if (read.kind === 'unreadable') {
    return { step: 'create', settings: wanted.initial, why: read.why };
  }
  if (wanted.ifExists === 'fail') {
    throw clientExists(wanted.clientId);
  }
  const comparison = compareClient(wanted.declared, read.found);
  const drifted = Object.keys(comparison.drift);
  if (wanted.ifExists === 'adopt' || drifted.length === 0) {
    return { step: 'keep', comparison, client: read.found };
  }
  const changes = Object.entries(wanted.declared).filter(([field]) => drifted.includes(field));
  return { step: 'update', comparison, client: { ...read.found, ...Object.fromEntries(changes) } };
}

/** The failure of `if-exists: fail`. */
export function clientExists(clientId: string): Failure {
  return new Failure('conflict', {
    what: `creating client "${clientId}"`,
    why: 'it exists already',
    todo: 'Choose another client-id, or set `if-exists` to adopt or update.',
  });
}

/** The plan as the `plan` output shows it. */
export function describePlan(
  { clientId, ifExists }: ClientRequest,
  { client, mint, targets }: Plan,
): Record<string, unknown> {
  return {
    clientId,
    client: client.step,
    ifExists,
    ...(client.step === 'create' ? { settings: client.settings } : { drift: client.comparison.drift }),
    secret: mint ? 'mint' : 'none',
    ...(mint?.startTime ? { startTime: mint.startTime.toISOString() } : {}),
    ...(mint?.expiration ? { expiration: mint.expiration.toISOString() } : {}),
    ...(targets.length > 0 ? { writeTo: targets.map(describeTarget) } : {}),
  };
}

function describeTarget({ target, site, audience }: PreparedTarget): Record<string, unknown> {
  return {
    target: targetLine(target),
    ...(site.key ? {} : { environment: 'create' }),
    ...(audience ? { visibility: audience.visibility } : {}),
    ...(site.variable ? { variable: site.variable.name } : {}),
  };
}
