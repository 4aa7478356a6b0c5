import type { Failure } from '../../model/failure.ts';
import type { SweepStep } from '../../plan/sweep.ts';
import type { Outcome, ReportedRun, RunRecord } from '../../report/outputs.ts';
import type { ListRecord } from '../reads.ts';

/** What happened to a client that matches the pattern. */
export interface SweptClient extends SweepStep {
  readonly fate: 'kept' | 'to be deleted' | 'deleted' | 'gone' | 'failed';
  /** Set if it is kept because its pull request cannot be read. */
  readonly unreadable?: true;
  /** Why its deletion failed, if it did. */
  readonly failure?: Failure;
}

/** What a run of `mode: sweep` has done so far. */
export interface SweepRecord extends RunRecord, ListRecord {
  readonly mode: 'sweep';
  listed: number;
  clients: readonly SweptClient[];
}

/** The record of a run that has done nothing yet. */
export function newSweepRecord(): SweepRecord {
  return { mode: 'sweep', listed: 0, clients: [], changed: false };
}

/** The outputs of `mode: sweep`. */
export function reportSweep(record: SweepRecord): ReportedRun {
  return {
    record,
    outputs: () => ({}),
    results: () => record.clients.map(resultOf),
    firstResults: 'those of the oldest pull requests',
  };
}

function resultOf(client: SweptClient) {
  const { clientId, pullRequest, step, why, unproven, fate, failure } = client;
  return {
    clientId,
    outcome: outcomeOf(client),
    errorCode: failure?.code ?? '',
    pullRequest,
    step,
    why,
    ...(unproven ? { unproven } : {}),
    fate,
  };
}

function outcomeOf({ fate, failure }: SweptClient): Outcome {
  const outcomes: Partial<Record<SweptClient['fate'], Outcome>> = { deleted: 'deleted', gone: 'absent' };
  return outcomes[fate] ?? (failure?.outcomeUnknown ? 'unknown' : 'kept');
}
