import type { Drift } from '../../plan/drift.ts';
import type { CommonRecord } from '../record.ts';

/** What became of the new secret. Never its value. */
export interface SecretRecord {
  /** The ownership mark in its description. */
  readonly mark: string;
  /** Not documented, so not always known. */
  readonly id?: string | undefined;
  /** RFC 3339, as Vantage tells it. */
  readonly startTime?: string | undefined;
  readonly expiration?: string | undefined;
  readonly verified: 'true' | 'false' | 'skipped';
  /** `minted`: it exists, and nobody was given it. */
  readonly fate: 'minted' | 'handed-out' | 'revoked';
}

/** What a run that ensures a client has done so far. */
export interface EnsureRecord extends CommonRecord {
  readonly mode: 'ensure';
  readonly clientId: string;
  clientCreated: boolean;
  clientUpdated: boolean;
  /** Whether it is not known if this run created it, or if it exists at all. Absent: it is known. */
  clientUnknown?: boolean;
  /** What the client is where this run neither created nor updated it. Absent: that was not found out. */
  clientFound?: 'kept' | 'absent' | undefined;
  /** The ids of the live secrets of this owner that were there before. Absent where nothing tells all of them. */
  liveBefore?: readonly string[] | undefined;
  /** When the delivered secret becomes due, or else the one in use (RFC 3339). Absent where it is not known. */
  rotationDue?: string | undefined;
  /** Absent where the client's settings could not be read. */
  drift?: Drift;
  /**
   * After an update: whether Vantage left some of it undone, which `drift` is then; else it is what there was before.
   * Absent where that could not be found out.
   */
  driftLeft?: boolean;
  secret?: SecretRecord;
  /** Whether one more may have been created, whose value nobody has. */
  secretLost?: boolean;
  /** The targets that hold the new secret, as `targetLine` names them. */
  written: readonly string[];
  /** What was made in GitHub beside the secrets, in words: environments and variables. */
  otherWrites: readonly string[];
  /** Ids of the secrets that were deleted as superseded. */
  pruned: readonly string[];
}

/** The ledger of a run that has done nothing yet. */
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
