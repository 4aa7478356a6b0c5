import type { AuditRecord } from './audit/record.ts';
import type { DeleteRecord } from './delete/record.ts';
import type { EnsureRecord } from './ensure/record.ts';
import type { SweepRecord } from './sweep/record.ts';

/** What every mode tells. It is written as things happen, so that a failure reports them as truly as a success. */
export interface CommonRecord {
  /** The plan as the `plan` output shows it. */
  plan?: Record<string, unknown>;
  /** Whether anything in Vantage or GitHub is other than before. */
  changed: boolean;
}

/** What a run has done so far. */
export type RunRecord = EnsureRecord | DeleteRecord | SweepRecord | AuditRecord;
