import { readRotateBefore } from '../../inputs/secret.ts';
import { type AuditRequest, FINDING_CLASSES } from '../../model/request.ts';
import { defineMode, type FieldsOf, type InputReading } from '../mode.ts';
import { type AuditRecord, reportAudit } from './record.ts';

/** `mode: audit`: checks all clients and secrets of the tenant, and changes nothing. */
export const auditMode = defineMode(readAudit, request => {
  const record: AuditRecord = { mode: 'audit', clients: [], auditedAt: new Date(), changed: false };
  return {
    ...reportAudit(record),
    request,
    github: undefined,
    execute: async context => (await import('./run.ts')).audit(request, context, record),
    loadSummary: async () => {
      const { summarizeAudit } = await import('./summary.ts');
      return (markdown, failure) => summarizeAudit({ request, record, markdown, failure });
    },
  };
});

function readAudit({ input, now }: InputReading): FieldsOf<AuditRequest> {
  return {
    expiringWithin: readRotateBefore(input, now),
    failOn: input.choice('fail-on', ['none', ...FINDING_CLASSES, 'any']),
    concurrency: input.count('concurrency', 1, 50),
  };
}
