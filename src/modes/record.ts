import type { AuditLedger } from './audit/record.ts';
import type { DeleteLedger } from './delete/record.ts';
import type { EnsureLedger } from './ensure/record.ts';
import type { SweepLedger } from './sweep/record.ts';

/** What every mode tells. It is written as things happen, so that a failure reports them as truly as a success. */
export interface CommonLedger {
  /** The plan as the `plan` output shows it. */
  plan?: Record<string, unknown>;
  /** Whether anything in Vantage or GitHub is other than before. */
  changed: boolean;
}

/** What a run has done so far. */
export type Ledger = EnsureLedger | DeleteLedger | SweepLedger | AuditLedger;
