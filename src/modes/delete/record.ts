import type { KeptItem } from '../../plan/deletion.ts';
import type { CommonLedger } from '../record.ts';

/** What a run that deletes a client has done so far. */
export interface DeleteLedger extends CommonLedger {
  readonly mode: 'delete';
  readonly clientId: string;
  /** `unknown`: it was not yet found out, this Vantage does not tell, or the answer to the deletion was lost. */
  client: 'unknown' | 'there' | 'gone' | 'deleted';
  /** What was deleted from GitHub, in words. */
  cleared: readonly string[];
  /** What of the targets stays, as it serves another client. Absent where nothing does. */
  kept?: readonly KeptItem[];
}

/** The ledger of a deletion that has not begun. */
export function openDeleteLedger(clientId: string): DeleteLedger {
  return { mode: 'delete', clientId, client: 'unknown', cleared: [], changed: false };
}
