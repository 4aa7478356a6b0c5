import type { Drift } from '../../plan/drift.ts';
import type { RunRecord } from '../record.ts';

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
  /** The targets that store the new secret, in the words of the outputs. */
  written: readonly string[];
  /** The environments and variables that the run created or updated in GitHub, as text. */
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
    written: [],
    otherWrites: [],
    pruned: [],
    changed: false,
  };
}
