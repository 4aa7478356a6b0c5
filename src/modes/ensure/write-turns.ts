import { Failure } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { StepContext } from '../step-context.ts';

const MINUTE = 60_000;

/** The minutes that the rest of a step may need, in addition to the waits of its writes. */
const MARGIN = 2;

/** The largest `timeout`, in minutes. */
const MAX_TIMEOUT = 24 * 60;

/** The operation that fails if there is no time for the writes of a delivery. */
export const PLANNING_DELIVERY = 'planning the delivery to GitHub';

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
 * Reserves the turns of a delivery, so that no other client of the run takes them. Refuses a delivery that cannot end in
 * time, before there is a secret to lose.
 *
 * @throws Failure `invalid-input`, or `timeout` if only the deliveries of other clients are in the way.
 */
export function reserveWrites(
  targets: readonly PreparedTarget[],
  { github, deadline }: Pick<StepContext, 'github' | 'deadline'>,
): void {
  if (!github) {
    return;
  }
  const { pace } = github;
  const writes = countWrites(targets);
  const wait = pace.reserve(writes);
  const remaining = deadline.work.remaining();
  if (wait === 0 || wait < remaining) {
    return;
  }
  pace.release();
  const alone = pace.timeUntilLast(writes);
  const { perHour, perMinute } = pace.rate;
  const paceText = `the pace that GitHub allows (${perHour} an hour, ${perMinute} a minute)`;
  throw alone > 0 && alone >= remaining ? tooMany(writes, alone, paceText) : afterOthers(writes, wait, paceText);
}

/** Waits until the turn of a delivery comes, so that its secret does not exist long before it is delivered. @throws Failure */
export async function waitForTurn({ github, deadline }: Pick<StepContext, 'github' | 'deadline'>): Promise<void> {
  if (github && !(await github.pace.ready(deadline.work))) {
    throw deadline.failure('waiting for the turn to write to GitHub', { service: 'GitHub' });
  }
}

function tooMany(writes: number, wait: number, pace: string): Failure {
  const minutes = Math.ceil(wait / MINUTE);
  const enough = minutes + MARGIN;
  const timeout = enough > MAX_TIMEOUT ? 'No `timeout` is long enough:' : `Set \`timeout\` to ${enough}m, or`;
  return new Failure('invalid-input', {
    operation: PLANNING_DELIVERY,
    reason: `\`timeout\` is too short: the delivery needs ${writes} writes, and at ${pace} the last one starts after ${minutes} min`,
    advice: `${timeout} spread the targets over several runs. No secret was created.`,
  });
}

function afterOthers(writes: number, wait: number, pace: string): Failure {
  return new Failure('timeout', {
    operation: PLANNING_DELIVERY,
    reason: `the writes of other clients come first, and at ${pace} the last of the ${writes} writes of this one starts after ${Math.ceil(wait / MINUTE)} min`,
    advice: 'No secret was created. Run the step again in an hour, which does what is left, or raise `timeout`.',
  });
}
