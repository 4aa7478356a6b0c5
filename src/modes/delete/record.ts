import type { KeptItem } from '../../plan/deletion.ts';
import type { PlanLine } from '../../plan/plan-lines.ts';
import type { Outcome, ReportedRun, RunRecord } from '../../report/outputs.ts';

/** What a run of `mode: delete` has done so far. */
export interface DeleteRecord extends RunRecord {
  readonly mode: 'delete';
  readonly clientId: string;
  /** `unknown`: nobody asked yet, this Vantage does not say, or the response to the deletion was lost. */
  client: 'unknown' | 'present' | 'absent' | 'deleted';
  /** The secrets and variables that were deleted from GitHub, in the words of the outputs. */
  deletedFromGitHub: readonly string[];
  /** What could not be deleted from GitHub, or may not have been, and what is kept because of that. Absent if there is none. */
  notDeleted?: readonly KeptItem[];
  /** What GitHub still stores because it serves another client, or may. Absent if there is none. */
  kept?: readonly KeptItem[];
  /** What a run would delete. Only of a dry run. */
  lines?: readonly PlanLine[];
}

/** The record of a run that has done nothing yet. */
export function newDeleteRecord(clientId: string): DeleteRecord {
  return { mode: 'delete', clientId, client: 'unknown', deletedFromGitHub: [], changed: false };
}

/** The outputs of `mode: delete`. */
export function reportDelete(record: DeleteRecord): ReportedRun {
  return {
    record,
    outputs: () => ({ 'client-id': record.clientId, 'client-deleted': String(record.client === 'deleted') }),
    results: failure => [
      {
        clientId: record.clientId,
        outcome: (record.client === 'present' ? 'kept' : record.client) satisfies Outcome,
        errorCode: failure?.code ?? '',
        cleared: record.deletedFromGitHub,
        ...(record.kept ? { kept: record.kept } : {}),
      },
    ],
  };
}
