import { timeUntilLast } from '../../github/rate-limits.ts';
import { Failure } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';

const MINUTE = 60_000;

/** What the rest of a step may well take beside the waits of its writes, in minutes. */
const TO_SPARE = 2;

/** The most minutes that `timeout` takes. */
const MOST = 24 * 60;

/** How many requests write a secret to these targets, with the variables beside it, the environments and the own reader that are missing. */
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
 * Refuses a delivery that cannot end in time, before there is anything to lose.
 *
 * @param remaining milliseconds that are left of the step.
 * @throws Failure `invalid-input`
 */
export function assertTimeToWrite(targets: readonly PreparedTarget[], remaining: number): void {
  const writes = countWrites(targets);
  const wait = timeUntilLast(writes);
  if (wait < remaining || wait === 0) {
    return;
  }
  const minutes = Math.ceil(wait / MINUTE);
  const enough = minutes + TO_SPARE;
  throw new Failure('invalid-input', {
    operation: 'planning the delivery to GitHub',
    reason: `\`timeout\` is too short: it takes ${writes} writes, and at the pace that GitHub takes them (450 an hour, 70 a minute) the last one has its turn after ${minutes} min`,
    advice:
      enough > MOST
        ? 'No `timeout` would do: spread the targets over several runs. Nothing was created.'
        : `Set \`timeout\` to ${enough}m, or spread the targets over several runs. Nothing was created.`,
  });
}
