import type { Request } from './model/request.ts';
import { openAuditLedger } from './modes/audit/record.ts';
import { openDeleteLedger } from './modes/delete/record.ts';
import { openEnsureLedger } from './modes/ensure/record.ts';
import type { Ledger } from './modes/record.ts';
import type { Workbench } from './modes/step-context.ts';
import { openSweepLedger } from './modes/sweep/record.ts';

/** What a request asks for, ready to be done. */
export interface Job {
  /** Told of all that is done, as it is done. */
  readonly ledger: Ledger;
  /** @throws Failure */
  readonly work: (bench: Workbench) => Promise<void>;
}

/** The work of the request's mode. Its code is imported when it begins. */
export function openJob(request: Request): Job {
  switch (request.mode) {
    case 'ensure': {
      const ledger = openEnsureLedger(request.client.clientId);
      return { ledger, work: async bench => (await import('./modes/ensure/run.ts')).ensure(request, bench, ledger) };
    }
    case 'delete': {
      const ledger = openDeleteLedger(request.clientId);
      return {
        ledger,
        work: async bench => (await import('./modes/delete/run.ts')).deleteClient(request, bench, ledger),
      };
    }
    case 'sweep': {
      const ledger = openSweepLedger();
      return { ledger, work: async bench => (await import('./modes/sweep/run.ts')).sweep(request, bench, ledger) };
    }
    case 'audit': {
      const ledger = openAuditLedger();
      return { ledger, work: async bench => (await import('./modes/audit/run.ts')).audit(request, bench, ledger) };
    }
  }
}
