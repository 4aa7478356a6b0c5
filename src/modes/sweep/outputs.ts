import type { Outcome, ReportedRun } from '../../report/outputs.ts';
import type { SweepRecord, SweptClient } from './record.ts';

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
  switch (fate) {
    case 'deleted':
      return 'deleted';
    case 'gone':
      return 'absent';
    case 'failed':
      return failure?.outcomeUnknown ? 'unknown' : 'kept';
    default:
      return 'kept';
  }
}
