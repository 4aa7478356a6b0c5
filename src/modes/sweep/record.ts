import type { Failure } from '../../model/failure.ts';
import type { SweepStep } from '../../plan/sweep.ts';
import type { RunRecord } from '../record.ts';

/** What happened to a client that matches the pattern. */
export interface SweptClient extends SweepStep {
  readonly fate: 'kept' | 'to be deleted' | 'deleted' | 'gone' | 'failed';
  /** Why its deletion failed, if it did. */
  readonly failure?: Pick<Failure, 'code' | 'outcomeUnknown'>;
}

/** What a run of `mode: sweep` has done so far. */
export interface SweepRecord extends RunRecord {
  readonly mode: 'sweep';
  /** How many clients Vantage lists. */
  listed: number;
  /** Set if Vantage may have cut the list. */
  cut?: true;
  clients: readonly SweptClient[];
}

/** The record of a run that has done nothing yet. */
export function newSweepRecord(): SweepRecord {
  return { mode: 'sweep', listed: 0, clients: [], changed: false };
}
