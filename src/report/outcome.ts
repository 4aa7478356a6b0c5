import type { DeleteLedger, EnsureLedger, SweptClient } from '../apply/ledger.ts';

/** What became of a client, as far as the run knows. The README's table tells what each means. */
export type Outcome = 'created' | 'updated' | 'kept' | 'deleted' | 'absent' | 'unknown';

/** What became of a client that was to be ensured. */
export function outcomeOfEnsure(ledger: EnsureLedger): Outcome {
  if (ledger.clientCreated) {
    return 'created';
  }
  if (ledger.clientUnknown) {
    return 'unknown';
  }
  return ledger.clientUpdated ? 'updated' : (ledger.clientFound ?? 'unknown');
}

/** What became of a client that was to be deleted. */
export function outcomeOfDelete({ client }: DeleteLedger): Outcome {
  return ({ unknown: 'unknown', there: 'kept', gone: 'absent', deleted: 'deleted' } as const)[client];
}

/** What became of a client of a sweep. */
export function outcomeOfSweep({ fate, failure }: SweptClient): Outcome {
  switch (fate) {
    case 'deleted':
      return 'deleted';
    case 'gone':
      return 'absent';
    case 'failed':
      return failure?.unsettled ? 'unknown' : 'kept';
    default:
      return 'kept';
  }
}
