import type { Failure } from '../model/failure.ts';
import type { AuditLedger } from '../modes/audit/record.ts';
import type { DeleteLedger } from '../modes/delete/record.ts';
import type { EnsureLedger } from '../modes/ensure/record.ts';
import type { Ledger } from '../modes/record.ts';
import type { SweepLedger, SweptClient } from '../modes/sweep/record.ts';
import { SCHEMA_VERSION } from '../plan/describe-plan.ts';
import { countLiveSecrets } from '../plan/marked-secrets.ts';

/** A step that has come to its end. */
export interface StepEnd {
  readonly ledger: Ledger;
  /** The id of the tenant, as it was used. */
  readonly tenant: string;
  /** Why the step failed, if it did. */
  readonly failure: Failure | undefined;
}

/** One object a client, as the `results` output shows it: what became of it. `schema/results.v1.json` describes it. */
export function resultsOf({ ledger, tenant, failure }: StepEnd): readonly object[] {
  const head = { schemaVersion: SCHEMA_VERSION, mode: ledger.mode, tenant };
  switch (ledger.mode) {
    case 'ensure':
      return [{ ...head, ...resultOfEnsure(ledger, failure) }];
    case 'delete':
      return [{ ...head, ...resultOfDelete(ledger, failure) }];
    case 'sweep':
      return resultsOfSweep(ledger).map(result => ({ ...head, ...result }));
    case 'audit':
      return resultsOfAudit(ledger).map(result => ({ ...head, ...result }));
  }
}

/** The new secret, unless it exists no more. */
export function lastingSecret({ secret }: EnsureLedger): EnsureLedger['secret'] {
  return secret?.fate === 'revoked' ? undefined : secret;
}

function resultOfEnsure(ledger: EnsureLedger, failure: Failure | undefined) {
  const { clientId, plan, rotationDue, written, pruned } = ledger;
  const secret = lastingSecret(ledger);
  const { id, startTime, expiration, fate, verified } = secret ?? {};
  return {
    clientId,
    outcome: outcomeOfEnsure(ledger),
    errorCode: failure?.code ?? '',
    reason: plan?.reason ?? null,
    expiration: (fate === 'handed-out' ? expiration : undefined) ?? null,
    rotationDue: rotationDue ?? null,
    liveSecrets: countLiveSecrets(ledger) ?? null,
    ...(secret ? { secret: { id, startTime, expiration, fate, verified } } : {}),
    written,
    pruned,
  };
}

function resultOfDelete(ledger: DeleteLedger, failure: Failure | undefined) {
  const { clientId, cleared, kept } = ledger;
  return {
    clientId,
    outcome: outcomeOfDelete(ledger),
    errorCode: failure?.code ?? '',
    cleared,
    ...(kept ? { kept } : {}),
  };
}

function resultsOfSweep({ clients }: SweepLedger) {
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
function resultsOfAudit({ clients }: AuditLedger) {
  return clients.map(({ clientId, ...found }) => ({ clientId, outcome: 'kept', errorCode: '', ...found }));
}

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
