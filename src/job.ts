import type { Request } from './model/request.ts';
import { newAuditRecord } from './modes/audit/record.ts';
import { newDeleteRecord } from './modes/delete/record.ts';
import { newEnsureRecord } from './modes/ensure/record.ts';
import type { RunRecord } from './modes/record.ts';
import type { StepContext } from './modes/step-context.ts';
import { newSweepRecord } from './modes/sweep/record.ts';

/** What a request asks for, ready to be done. */
export interface Job {
  /** Told of all that is done, as it is done. */
  readonly record: RunRecord;
  /** @throws Failure */
  readonly work: (context: StepContext) => Promise<void>;
}

/** The work of the request's mode. Its code is imported when it begins. */
export function openJob(request: Request): Job {
  switch (request.mode) {
    case 'ensure': {
      const record = newEnsureRecord(request.client.clientId);
      return {
        record,
        work: async context => (await import('./modes/ensure/run.ts')).ensure(request, context, record),
      };
    }
    case 'delete': {
      const record = newDeleteRecord(request.clientId);
      return {
        record,
        work: async context => (await import('./modes/delete/run.ts')).deleteClient(request, context, record),
      };
    }
    case 'sweep': {
      const record = newSweepRecord();
      return { record, work: async context => (await import('./modes/sweep/run.ts')).sweep(request, context, record) };
    }
    case 'audit': {
      const record = newAuditRecord();
      return { record, work: async context => (await import('./modes/audit/run.ts')).audit(request, context, record) };
    }
  }
}
