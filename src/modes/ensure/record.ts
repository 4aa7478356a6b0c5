import type { Failure } from '../../model/failure.ts';
import { type Drift, longSettings, shortDrift } from '../../plan/drift.ts';
import { countLiveSecrets } from '../../plan/marked-secrets.ts';
import type { PlanLine } from '../../plan/plan-lines.ts';
import {
  fits,
  type Hide,
  hideAll,
  type Outcome,
  type Outputs,
  type ReportedRun,
  type RunRecord,
} from '../../report/outputs.ts';

/** What happened to the new secret. Never contains its value. */
export interface SecretRecord {
  /** The ownership mark in its description. */
  readonly mark: string;
  /** Absent if Vantage does not report it, as its documentation does not promise to. */
  readonly id?: string | undefined;
  /** RFC 3339, as Vantage reports it. */
  readonly startTime?: string | undefined;
  readonly expiration?: string | undefined;
  readonly verified: 'true' | 'false' | 'skipped';
  /** `minted`: it exists, and it was not delivered. */
  readonly fate: 'minted' | 'handed-out' | 'revoked';
}

/** A secret that may exist although nobody has its value. */
export interface LostSecret {
  readonly mark: string;
  /** When it would expire (RFC 3339). */
  readonly expiration: string;
}

/** A target that was to get the new secret and did not, or may not have. */
export interface UnwrittenTarget {
  /** In the words of the outputs. */
  readonly line: string;
  readonly why: string;
  /** Whether it may hold the secret all the same, because the response was lost. */
  readonly maybe: boolean;
}

/** A row of the README's table of what Vantage may offer, and whether this tenant does. */
export interface Offer {
  readonly what: string;
  /** `not tried`: only a change would show it. */
  readonly offered: 'yes' | 'no' | 'not tried' | 'not known';
  /** As part of a sentence. */
  readonly why?: string;
}

/** What a run of `mode: ensure` has done so far. */
export interface EnsureRecord extends RunRecord {
  readonly mode: 'ensure';
  readonly clientId: string;
  clientCreated: boolean;
  clientUpdated: boolean;
  /** Set if it is not known whether this run created the client, or whether the client exists at all. */
  clientUnknown?: boolean;
  /** The state of a client that this run neither created nor updated. Absent if it is not known. */
  clientFound?: 'kept' | 'absent' | undefined;
  /** The ids of the live secrets of this owner before the run. Absent if Vantage does not show all of them. */
  liveBefore?: readonly string[] | undefined;
  /** When the delivered secret, or otherwise the one in use, becomes due (RFC 3339). Absent if it is not known. */
  rotationDue?: string | undefined;
  /** Absent if the settings of the client could not be read. */
  drift?: Drift;
  /**
   * Set after an update. `true`: Vantage did not apply all of it, and `drift` is what is left. `false`: it applied all of
   * it, and `drift` is what the update changed. Absent if that is not known.
   */
  driftLeft?: boolean;
  secret?: SecretRecord;
  /** Set if a further secret may exist whose value nobody has. */
  secretLost?: boolean;
  /** Those secrets. */
  lost: readonly LostSecret[];
  /** The targets that were to get the new secret and did not, or may not have. */
  unwritten: readonly UnwrittenTarget[];
  /** Of a dry run: what a run changes, and what the tenant offers, if somebody asked. */
  preview?: { readonly lines: readonly PlanLine[]; readonly offers?: readonly Offer[] };
  /** The targets that store the new secret, in the words of the outputs. */
  written: readonly string[];
  /** The environments, variables and access that the run created or updated in GitHub, in prose. */
  otherWrites: readonly string[];
  /** The ids of the superseded secrets that were deleted. */
  pruned: readonly string[];
}

/** The record of a run that has done nothing yet. */
export function newEnsureRecord(clientId: string): EnsureRecord {
  return {
    mode: 'ensure',
    clientId,
    clientCreated: false,
    clientUpdated: false,
    lost: [],
    unwritten: [],
    written: [],
    otherWrites: [],
    pruned: [],
    changed: false,
  };
}

/** The outputs of `mode: ensure`. */
export function reportEnsure(record: EnsureRecord): ReportedRun {
  return {
    record,
    outputs: hide => outputsOf(record, hide),
    results: failure => [resultOf(record, failure)],
    cutOutputs: hide => cutDrift(record, hide),
  };
}

function outputsOf(record: EnsureRecord, hide: Hide): Outputs {
  const { clientId, drift, clientCreated, rotationDue, written, pruned, secret } = record;
  const { id, startTime, expiration, fate } = existingSecret(record) ?? {};
  return {
    'client-id': clientId,
    'client-created': String(clientCreated),
    'client-drift': drift ? driftJson(drift, hide) : '',
    'client-drifted': isDrifted(record),
    'secret-created': String(fate === 'handed-out'),
    'secret-id': hide(id ?? ''),
    'secret-start-time': hide(startTime ?? ''),
    'secret-expiration': hide(expiration ?? ''),
    'rotation-due': rotationDue ?? '',
    verified: secret?.verified ?? 'skipped',
    written: JSON.stringify(written),
    pruned: JSON.stringify(pruned.map(hide)),
  };
}

/** The object of one client in the `results` output. */
export function resultOf(record: EnsureRecord, failure: Failure | undefined) {
  const { clientId, plan, rotationDue, written, pruned } = record;
  const secret = existingSecret(record);
  const { id, startTime, expiration, fate, verified } = secret ?? {};
  return {
    clientId,
    outcome: outcomeOf(record),
    errorCode: failure?.code ?? '',
    reason: plan?.reason ?? null,
    expiration: (fate === 'handed-out' ? expiration : undefined) ?? null,
    rotationDue: rotationDue ?? null,
    liveSecrets: countLiveSecrets(record) ?? null,
    ...(secret ? { secret: { id, startTime, expiration, fate, verified } } : {}),
    written,
    pruned,
  };
}

function existingSecret({ secret }: EnsureRecord): SecretRecord | undefined {
  return secret?.fate === 'revoked' ? undefined : secret;
}

function outcomeOf({ clientCreated, clientUnknown, clientUpdated, clientFound }: EnsureRecord): Outcome {
  if (clientCreated) {
    return 'created';
  }
  if (clientUnknown) {
    return 'unknown';
  }
  return clientUpdated ? 'updated' : (clientFound ?? 'unknown');
}

/** The settings that differ now. */
export function leftDrift({ drift = {}, clientUpdated, driftLeft }: EnsureRecord): readonly string[] {
  return clientUpdated && !driftLeft ? [] : Object.keys(drift);
}

function isDrifted({ drift, clientUpdated, driftLeft }: EnsureRecord): string {
  const drifted = clientUpdated ? driftLeft : drift && Object.keys(drift).length > 0;
  return drifted === undefined ? '' : String(drifted);
}

function driftJson(drift: Drift, hide: Hide): string {
  const whole = JSON.stringify(hideAll(drift, hide));
  return fits(whole) ? whole : JSON.stringify(hideAll(shortDrift(drift, hide), hide));
}

function cutDrift({ drift = {} }: EnsureRecord, hide: Hide): string | undefined {
  return fits(JSON.stringify(hideAll(drift, hide)))
    ? undefined
    : `The \`client-drift\` and \`plan\` outputs are too small for all of ${longSettings(drift).join(', ')}. A value that is cut ends with "…".`;
}
