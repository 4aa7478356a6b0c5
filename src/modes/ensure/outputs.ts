import type { Failure } from '../../model/failure.ts';
import { type Drift, longSettings, shortDrift } from '../../plan/drift.ts';
import { countLiveSecrets } from '../../plan/marked-secrets.ts';
import { fits, type Hide, hideAll, type Outcome, type Outputs, type ReportedRun } from '../../report/outputs.ts';
import type { EnsureRecord, SecretRecord } from './record.ts';

/** The outputs of `mode: ensure`. */
export function reportEnsure(record: EnsureRecord): ReportedRun {
  return {
    record,
    outputs: hide => outputsOf(record, hide),
    results: failure => [resultOf(record, failure)],
    cutOutputs: hide => cutDrift(record, hide),
  };
}

function outputsOf(record: EnsureRecord, hide: Hide): Outputs {
  const { clientId, drift, clientCreated, rotationDue, written, pruned, secret } = record;
  const { id, startTime, expiration, fate } = existingSecret(record) ?? {};
  return {
    'client-id': clientId,
    'client-created': String(clientCreated),
    'client-drift': drift ? driftJson(drift, hide) : '',
    'client-drifted': isDrifted(record),
    'secret-created': String(fate === 'handed-out'),
    'secret-id': hide(id ?? ''),
    'secret-start-time': hide(startTime ?? ''),
    'secret-expiration': hide(expiration ?? ''),
    'rotation-due': rotationDue ?? '',
    verified: secret?.verified ?? 'skipped',
    written: JSON.stringify(written),
    pruned: JSON.stringify(pruned.map(hide)),
  };
}

function resultOf(record: EnsureRecord, failure: Failure | undefined) {
  const { clientId, plan, rotationDue, written, pruned } = record;
  const secret = existingSecret(record);
  const { id, startTime, expiration, fate, verified } = secret ?? {};
  return {
    clientId,
    outcome: outcomeOf(record),
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

/** The new secret, unless it was revoked. */
function existingSecret({ secret }: EnsureRecord): SecretRecord | undefined {
  return secret?.fate === 'revoked' ? undefined : secret;
}

function outcomeOf({ clientCreated, clientUnknown, clientUpdated, clientFound }: EnsureRecord): Outcome {
  if (clientCreated) {
    return 'created';
  }
  if (clientUnknown) {
    return 'unknown';
  }
  return clientUpdated ? 'updated' : (clientFound ?? 'unknown');
}

function isDrifted({ drift, clientUpdated, driftLeft }: EnsureRecord): string {
  const drifted = clientUpdated ? driftLeft : drift && Object.keys(drift).length > 0;
  return drifted === undefined ? '' : String(drifted);
}

function driftJson(drift: Drift, hide: Hide): string {
  const whole = JSON.stringify(hideAll(drift, hide));
  return fits(whole) ? whole : JSON.stringify(hideAll(shortDrift(drift, hide), hide));
}

function cutDrift({ drift = {} }: EnsureRecord, hide: Hide): string | undefined {
  return fits(JSON.stringify(hideAll(drift, hide)))
    ? undefined
    : `The \`client-drift\` and \`plan\` outputs are too small for all of ${longSettings(drift).join(', ')}. A value that is cut ends with "…".`;
}
