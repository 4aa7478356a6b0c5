import { type Ledger, openAuditLedger, openDeleteLedger, openEnsureLedger, openSweepLedger } from './apply/ledger.ts';
import type { Workbench } from './apply/workbench.ts';
import type { Request } from './request/request.ts';

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
      return { ledger, work: async bench => (await import('./apply/ensure.ts')).ensure(request, bench, ledger) };
    }
    case 'delete': {
      const ledger = openDeleteLedger(request.clientId);
      return { ledger, work: async bench => (await import('./apply/delete.ts')).deleteClient(request, bench, ledger) };
    }
    case 'sweep': {
      const ledger = openSweepLedger();
      return { ledger, work: async bench => (await import('./apply/sweep.ts')).sweep(request, bench, ledger) };
    }
    case 'audit': {
      const ledger = openAuditLedger();
      return { ledger, work: async bench => (await import('./apply/audit.ts')).audit(request, bench, ledger) };
    }
  }
}
