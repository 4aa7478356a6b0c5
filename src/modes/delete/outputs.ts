import type { Outcome, ReportedRun } from '../../report/outputs.ts';
import type { DeleteRecord } from './record.ts';

const OUTCOMES = {
  unknown: 'unknown',
  present: 'kept',
  absent: 'absent',
  deleted: 'deleted',
} as const satisfies Record<DeleteRecord['client'], Outcome>;

/** The outputs of `mode: delete`. */
export function reportDelete(record: DeleteRecord): ReportedRun {
  return {
    record,
    outputs: () => ({ 'client-id': record.clientId, 'client-deleted': String(record.client === 'deleted') }),
    results: failure => [
      {
        clientId: record.clientId,
        outcome: OUTCOMES[record.client],
        errorCode: failure?.code ?? '',
        cleared: record.deletedFromGitHub,
        ...(record.kept ? { kept: record.kept } : {}),
      },
    ],
  };
}
