import type { PreparedTarget } from '../../model/prepared-target.ts';
import { scopeInProse } from '../../model/target.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/**
 * Creates the environments that do not exist, and reads their public keys.
 *
 * @throws Failure if one cannot be created. No secret was created yet.
 */
export async function createEnvironments(
  targets: readonly PreparedTarget[],
  { github, deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<readonly PreparedTarget[]> {
  const resolvedScopes = new Map(targets.map(({ resolved }) => [resolved, resolved]));
  for (const resolved of resolvedScopes.keys()) {
    const { scope, key } = resolved;
    if (github && key === undefined && scope.kind === 'environment') {
      if (!(await github.pace.turn(deadline.work))) {
        throw deadline.failure(`creating ${scopeInProse(scope)}`, { service: 'GitHub' });
      }
      if (await github.environments.createIfMissing(scope)) {
        record.changed = true;
        record.otherWrites = [...record.otherWrites, scopeInProse(scope)];
        log.info(`Created ${scopeInProse(scope)}.`);
      } else {
        log.info(`Somebody else created ${scopeInProse(scope)} in the meantime. It is left unchanged.`);
      }
      resolvedScopes.set(resolved, { ...resolved, key: await github.secrets.publicKey(scope) });
    }
  }
  return targets.map(target => ({ ...target, resolved: resolvedScopes.get(target.resolved) ?? target.resolved }));
}
