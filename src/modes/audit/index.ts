import { defineMode, type ModeRun } from '../mode.ts';
import { type AuditRequest, readAudit } from './inputs.ts';
import { newAuditRecord, reportAudit } from './record.ts';

/** `mode: audit`: checks all clients and secrets of the tenant, and changes nothing. */
export const auditMode = defineMode(readAudit, startAudit);

function startAudit(request: AuditRequest): ModeRun {
  const record = newAuditRecord();
  return {
    ...reportAudit(record),
    request,
    github: undefined,
    execute: async context => (await import('./run.ts')).audit(request, context, record),
    loadSummary: async () => {
      const { summarizeAudit } = await import('./summary.ts');
      return (markdown, failure) => summarizeAudit(request, record, markdown, failure);
    },
  };
}
