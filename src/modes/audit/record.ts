import type { AuditedClient } from '../../plan/audit.ts';
import type { ReportedRun, RunRecord } from '../../report/outputs.ts';

/** What a run of `mode: audit` has found so far. */
export interface AuditRecord extends RunRecord {
  readonly mode: 'audit';
  /** How many clients Vantage lists. Absent if it did not list them. */
  listed?: number;
  /** Set if Vantage may have cut the list. */
  cut?: true;
  /** The clients that were checked, those with the most severe findings first. */
  clients: readonly AuditedClient[];
  /** When the audit began: by the clock of Vantage, once its first response shows it. */
  auditedAt: Date;
}

/** The record of a run that has found nothing yet. */
export function newAuditRecord(): AuditRecord {
  return { mode: 'audit', clients: [], auditedAt: new Date(), changed: false };
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
