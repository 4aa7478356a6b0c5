import type { Failure } from '../failure.ts';
import type { AuditedClient } from '../plan/audit.ts';
import type { KeptItem } from '../plan/delete.ts';
import type { Drift } from '../plan/drift.ts';
import type { SweepStep } from '../plan/sweep.ts';

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

/** What every mode tells. It is written as things happen, so that a failure reports them as truly as a success. */
interface CommonLedger {
  /** The plan as the `plan` output shows it. */
  plan?: Record<string, unknown>;
  /** Whether anything in Vantage or GitHub is other than before. */
  changed: boolean;
}

/** What a run that ensures a client has done so far. */
export interface EnsureLedger extends CommonLedger {
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
  beside: readonly string[];
  /** Ids of the secrets that were deleted as superseded. */
  pruned: readonly string[];
}

/** What a run that deletes a client has done so far. */
export interface DeleteLedger extends CommonLedger {
  readonly mode: 'delete';
  readonly clientId: string;
  /** `unknown`: it was not yet found out, this Vantage does not tell, or the answer to the deletion was lost. */
  client: 'unknown' | 'there' | 'gone' | 'deleted';
  /** What was deleted from GitHub, in words. */
  cleared: readonly string[];
  /** What of the targets stays, as it serves another client. Absent where nothing does. */
  kept?: readonly KeptItem[];
}

/** What became of a client that the pattern picked. */
export interface SweptClient extends SweepStep {
  readonly fate: 'kept' | 'to be deleted' | 'deleted' | 'gone' | 'failed';
  /** Why its deletion failed, where it did. */
  readonly failure?: Pick<Failure, 'code' | 'unsettled'>;
}

/** What a sweep has done so far. */
export interface SweepLedger extends CommonLedger {
  readonly mode: 'sweep';
  /** How many clients the tenant has. */
  listed: number;
  /** Set where the tenant may have more of them, as this Vantage does not tell how many there are. */
  cut?: true;
  clients: readonly SweptClient[];
}

/** What an audit has found so far. */
export interface AuditLedger extends CommonLedger {
  readonly mode: 'audit';
  /** How many clients the tenant has. Absent where they could not be listed. */
  listed?: number;
  /** Set where the tenant may have more of them, as this Vantage does not tell how many there are. */
  cut?: true;
  /** Those that were looked at, gravest first. */
  clients: readonly AuditedClient[];
  /** When Vantage was asked. */
  /** By Vantage's clock, once that is known. */
  auditedAt: Date;
}

/** What a run has done so far. */
export type Ledger = EnsureLedger | DeleteLedger | SweepLedger | AuditLedger;

/** The ledger of a run that has done nothing yet. */
export function openEnsureLedger(clientId: string): EnsureLedger {
  return {
    mode: 'ensure',
    clientId,
    clientCreated: false,
    clientUpdated: false,
    written: [],
    beside: [],
    pruned: [],
    changed: false,
  };
}

/** The ledger of a deletion that has not begun. */
export function openDeleteLedger(clientId: string): DeleteLedger {
  return { mode: 'delete', clientId, client: 'unknown', cleared: [], changed: false };
}

/** The ledger of a sweep that has not begun. */
export function openSweepLedger(): SweepLedger {
  return { mode: 'sweep', listed: 0, clients: [], changed: false };
}

/** The ledger of an audit that has not begun. */
export function openAuditLedger(): AuditLedger {
  return { mode: 'audit', clients: [], auditedAt: new Date(), changed: false };
}
