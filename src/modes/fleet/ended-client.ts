import { countText } from '../../model/dates.ts';
import type { Failure } from '../../model/failure.ts';
import { shortPlan } from '../../plan/describe-plan.ts';
import { type EnsureRecord, leftDrift, resultOf } from '../ensure/record.ts';
import { PLANNING_DELIVERY } from '../ensure/write-turns.ts';
import type { EndedClient } from './record.ts';

/** What is left of the run of a client once it has ended. It is small, because a fleet may have thousands of clients. */
export function endOf(
  record: EnsureRecord,
  line: number,
  isDryRun: boolean,
  failure: Failure | undefined,
  redact: (text: string) => string,
): EndedClient & { readonly hasChanged: boolean } {
  const { clientId, changed } = record;
  const step = stepOf(record, redact);
  const differs = leftDrift(record);
  // A client that the run created before it got no turn has begun: its targets may hold a secret that no longer works.
  const isLeft = !changed && failure?.code === 'timeout' && failure.parts.operation === PLANNING_DELIVERY;
  const state = isLeft ? 'left' : failure ? 'failed' : changed ? 'changed' : isDryRun && step ? 'planned' : 'unchanged';
  return {
    clientId,
    line,
    state,
    hasChanged: changed,
    changes: changesOf(record),
    result: resultOf(record, failure),
    ...(failure ? { failure } : {}),
    ...(differs.length > 0 ? { differs } : {}),
    ...(record.secretLost && !failure ? { secretLost: true as const } : {}),
    ...(step ? { step } : {}),
    ...(step && record.preview ? { lines: record.preview.lines } : {}),
  };
}

/** The end of a client in a few words, for the title of its lines in the log. */
export function verdictOf({ state, changes, failure }: EndedClient): string {
  const verdicts: Record<EndedClient['state'], string> = {
    failed: `failed (${[failure?.code, ...changes].join(', ')})`,
    changed: changes.join(', ') || 'changed',
    planned: 'a run would change it',
    unchanged: 'unchanged',
    left: 'not begun',
  };
  return verdicts[state];
}

function changesOf({ clientCreated, clientUpdated, secret, written, otherWrites, pruned }: EnsureRecord): string[] {
  const inWords = {
    minted: ['new secret that was not delivered'],
    'handed-out': [`new secret in ${countText(written.length, 'place')}`],
    revoked: [],
  };
  return [
    ...(clientCreated ? ['client created'] : []),
    ...(clientUpdated ? ['client updated'] : []),
    ...(secret ? inWords[secret.fate] : []),
    ...otherWrites,
    ...(pruned.length > 0 ? [`${countText(pruned.length, 'superseded secret')} deleted`] : []),
  ];
}

/** The plan of one client without what all of them have in common. Undefined if there is nothing to do. */
function stepOf({ plan }: EnsureRecord, redact: (text: string) => string): Record<string, unknown> | undefined {
  if (plan === undefined) {
    return undefined;
  }
  const { schemaVersion: _version, mode: _mode, ...step } = shortPlan(plan, redact);
  const { client, secret, variables, prune } = step;
  const isIdle = client === 'keep' && secret !== 'mint' && variables === undefined && prune === undefined;
  return isIdle ? undefined : step;
}
