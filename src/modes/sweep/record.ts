import type { Failure } from '../../model/failure.ts';
import type { SweepStep } from '../../plan/sweep.ts';
import type { CommonRecord } from '../record.ts';

/** What became of a client that the pattern picked. */
export interface SweptClient extends SweepStep {
  readonly fate: 'kept' | 'to be deleted' | 'deleted' | 'gone' | 'failed';
  /** Why its deletion failed, where it did. */
  readonly failure?: Pick<Failure, 'code' | 'outcomeUnknown'>;
}

/** What a sweep has done so far. */
export interface SweepRecord extends CommonRecord {
  readonly mode: 'sweep';
  /** How many clients the tenant has. */
  listed: number;
  /** Set where the tenant may have more of them, as this Vantage does not tell how many there are. */
  cut?: true;
  clients: readonly SweptClient[];
}

/** The ledger of a sweep that has not begun. */
export function newSweepRecord(): SweepRecord {
  return { mode: 'sweep', listed: 0, clients: [], changed: false };
}
