import { timeUntilLast } from '../../github/rate-limits.ts';
import { Failure } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';

const MINUTE = 60_000;

/** The minutes that the rest of a step may need, in addition to the waits of its writes. */
const MARGIN = 2;

/** The largest `timeout`, in minutes. */
const MAX_TIMEOUT = 24 * 60;

/** The requests that write a secret to these targets, create their environments, write their variables and give access. */
export function countWrites(targets: readonly PreparedTarget[]): number {
  const resolvedScopes = [...new Set(targets.map(({ resolved }) => resolved))];
  const environments = resolvedScopes.filter(({ scope, key }) => scope.kind === 'environment' && key === undefined);
  const variables = resolvedScopes.flatMap(resolved =>
    [resolved.variables?.clientId, resolved.variables?.expiration].filter(Boolean),
  );
  const readers = targets.filter(
    ({ repositoryAccess, ownReader }) => ownReader && !repositoryAccess?.repositories.includes(ownReader.id),
  );
  return targets.length + readers.length + environments.length + variables.length;
}

/**
 * Refuses a delivery that cannot end in time, before there is a secret to lose.
 *
 * @param remaining milliseconds that the step has left.
 * @throws Failure `invalid-input`
 */
export function assertTimeToWrite(targets: readonly PreparedTarget[], remaining: number): void {
  const writes = countWrites(targets);
  const wait = timeUntilLast(writes);
  if (wait < remaining || wait === 0) {
    return;
  }
  const minutes = Math.ceil(wait / MINUTE);
  const enough = minutes + MARGIN;
  throw new Failure('invalid-input', {
    operation: 'planning the delivery to GitHub',
    reason: `\`timeout\` is too short: the delivery needs ${writes} writes, and at the pace that GitHub allows (450 an hour, 70 a minute) the last one starts after ${minutes} min`,
    advice:
      enough > MAX_TIMEOUT
        ? 'No `timeout` is long enough: spread the targets over several runs. Nothing was created.'
        : `Set \`timeout\` to ${enough}m, or spread the targets over several runs. Nothing was created.`,
  });
}
