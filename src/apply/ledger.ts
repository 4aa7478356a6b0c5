import type { Drift } from '../plan/drift.ts';

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

/** What the run has done so far. It is written as things happen, so that a failure reports them as truly as a success. */
export interface Ledger {
  readonly clientId: string;
  /** The plan as the `plan` output shows it. */
  plan?: Record<string, unknown>;
  clientCreated: boolean;
  clientUpdated: boolean;
  /** Absent where the client's settings could not be read. */
  drift?: Drift;
  secret?: SecretRecord;
  /** The targets that hold the new secret, as `targetLine` names them. */
  written: readonly string[];
  /** What was made in GitHub beside the secrets, in words: environments and variables. */
  beside: readonly string[];
  /** Ids of the secrets that were deleted as superseded. */
  pruned: readonly string[];
  /** Whether anything in Vantage or GitHub is other than before. */
  changed: boolean;
}

/** The ledger of a run that has done nothing yet. */
export function openLedger(clientId: string): Ledger {
  return { clientId, clientCreated: false, clientUpdated: false, written: [], beside: [], pruned: [], changed: false };
}
