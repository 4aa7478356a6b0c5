import type { KeptItem } from '../../plan/deletion.ts';
import type { CommonRecord } from '../record.ts';

/** What a run that deletes a client has done so far. */
export interface DeleteRecord extends CommonRecord {
  readonly mode: 'delete';
  readonly clientId: string;
  /** `unknown`: it was not yet found out, this Vantage does not tell, or the answer to the deletion was lost. */
  client: 'unknown' | 'there' | 'gone' | 'deleted';
  /** What was deleted from GitHub, in words. */
  deletedFromGitHub: readonly string[];
  /** What of the targets stays, as it serves another client. Absent where nothing does. */
  kept?: readonly KeptItem[];
}

/** The ledger of a deletion that has not begun. */
export function newDeleteRecord(clientId: string): DeleteRecord {
  return { mode: 'delete', clientId, client: 'unknown', deletedFromGitHub: [], changed: false };
}
