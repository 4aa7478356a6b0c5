import type { ReportedRun } from '../../report/outputs.ts';
import type { AuditRecord } from './record.ts';

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
