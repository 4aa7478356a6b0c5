import type { AuditedClient } from '../../plan/audit.ts';
import type { ReportedRun, RunRecord } from '../../report/outputs.ts';
import type { ListRecord } from '../reads.ts';

/** What a run of `mode: audit` has found so far. */
export interface AuditRecord extends RunRecord, ListRecord {
  readonly mode: 'audit';
  /** The clients that were checked, those with the most severe findings first. */
  clients: readonly AuditedClient[];
  /** When the audit began: by the clock of Vantage, once its first response shows it. */
  auditedAt: Date;
}

/** The outputs of `mode: audit`. */
export function reportAudit(record: AuditRecord): ReportedRun {
  return {
    record,
    outputs: () => ({}),
    // An audit changes nothing, and sees only clients that exist.
    results: () =>
      record.clients.map(({ clientId, ...found }) => ({ clientId, outcome: 'kept', errorCode: '', ...found })),
    firstResults: 'those with the most severe findings',
  };
}
