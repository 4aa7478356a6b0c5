import type { Failure } from '../model/failure.ts';
import type { AuditRecord } from '../modes/audit/record.ts';
import type { DeleteRecord } from '../modes/delete/record.ts';
import type { EnsureRecord } from '../modes/ensure/record.ts';
import type { RunRecord } from '../modes/record.ts';
import type { SweepRecord, SweptClient } from '../modes/sweep/record.ts';
import { SCHEMA_VERSION } from '../plan/describe-plan.ts';
import { countLiveSecrets } from '../plan/marked-secrets.ts';

/** A step that has come to its end. */
export interface StepEnd {
  readonly record: RunRecord;
  /** The id of the tenant, as it was used. */
  readonly tenant: string;
  /** Why the step failed, if it did. */
  readonly failure: Failure | undefined;
}

/** One object a client, as the `results` output shows it: what became of it. `schema/results.v1.json` describes it. */
export function resultsOf({ record, tenant, failure }: StepEnd): readonly object[] {
  const head = { schemaVersion: SCHEMA_VERSION, mode: record.mode, tenant };
  switch (record.mode) {
    case 'ensure':
      return [{ ...head, ...resultOfEnsure(record, failure) }];
    case 'delete':
      return [{ ...head, ...resultOfDelete(record, failure) }];
    case 'sweep':
      return resultsOfSweep(record).map(result => ({ ...head, ...result }));
    case 'audit':
      return resultsOfAudit(record).map(result => ({ ...head, ...result }));
  }
}

/** The new secret, unless it exists no more. */
export function lastingSecret({ secret }: EnsureRecord): EnsureRecord['secret'] {
  return secret?.fate === 'revoked' ? undefined : secret;
}

function resultOfEnsure(record: EnsureRecord, failure: Failure | undefined) {
  const { clientId, plan, rotationDue, written, pruned } = record;
  const secret = lastingSecret(record);
  const { id, startTime, expiration, fate, verified } = secret ?? {};
  return {
    clientId,
    outcome: outcomeOfEnsure(record),
    errorCode: failure?.code ?? '',
    reason: plan?.reason ?? null,
    expiration: (fate === 'handed-out' ? expiration : undefined) ?? null,
    rotationDue: rotationDue ?? null,
    liveSecrets: countLiveSecrets(record) ?? null,
    ...(secret ? { secret: { id, startTime, expiration, fate, verified } } : {}),
    written,
    pruned,
  };
}

function resultOfDelete(record: DeleteRecord, failure: Failure | undefined) {
  const { clientId, deletedFromGitHub, kept } = record;
  return {
    clientId,
    outcome: outcomeOfDelete(record),
    errorCode: failure?.code ?? '',
    cleared: deletedFromGitHub,
    ...(kept ? { kept } : {}),
  };
}

function resultsOfSweep({ clients }: SweepRecord) {
  return clients.map(client => {
    const { clientId, pullRequest, step, why, unproven, fate, failure } = client;
    return {
      clientId,
      outcome: outcomeOfSweep(client),
      errorCode: failure?.code ?? '',
      pullRequest,
      step,
      why,
      ...(unproven ? { unproven } : {}),
      fate,
    };
  });
}

/** An audit changes nothing, and looks at clients that the tenant has. */
function resultsOfAudit({ clients }: AuditRecord) {
  return clients.map(({ clientId, ...found }) => ({ clientId, outcome: 'kept', errorCode: '', ...found }));
}

/** What became of a client, as far as the run knows. The README's table tells what each means. */
export type Outcome = 'created' | 'updated' | 'kept' | 'deleted' | 'absent' | 'unknown';

/** What became of a client that was to be ensured. */
export function outcomeOfEnsure(record: EnsureRecord): Outcome {
  if (record.clientCreated) {
    return 'created';
  }
  if (record.clientUnknown) {
    return 'unknown';
  }
  return record.clientUpdated ? 'updated' : (record.clientFound ?? 'unknown');
}

/** What became of a client that was to be deleted. */
export function outcomeOfDelete({ client }: DeleteRecord): Outcome {
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
      return failure?.outcomeUnknown ? 'unknown' : 'kept';
    default:
      return 'kept';
  }
}
