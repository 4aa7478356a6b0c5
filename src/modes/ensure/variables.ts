import { together } from '../../model/failure.ts';
import { type VariableWrite, variableLine } from '../../plan/variables.ts';
import type { StepContext } from '../step-context.ts';
import { admitOwn, type Doorkeeper } from './readers.ts';
import type { EnsureRecord } from './record.ts';
import { Attempts } from './write-targets.ts';

/** Writes variables. @returns those that were written, in words; what failed is among the attempts. */
export async function writeVariables(writes: readonly VariableWrite[], door: Doorkeeper): Promise<readonly string[]> {
  const { attempts, github, log } = door;
  const written: string[] = [];
  for (const write of writes) {
    const line = variableLine(write);
    const send = () => github.variables.write(write.scope, write, write.repositoryAccess, attempts.budget);
    if ((await attempts.attempt(`writing the ${line}`, send)) === undefined) {
      written.push(line);
      log.info(`Wrote the ${write.content} to the ${line}.`);
      await admitToNew(write, door);
    }
  }
  return written;
}

/** A new variable of an organization may be one that another repository has made in the meantime. */
async function admitToNew({ scope, name, exists, ownReader }: VariableWrite, door: Doorkeeper): Promise<void> {
  if (!exists && ownReader && scope.kind === 'organization') {
    await admitOwn({ kind: 'variable', scope, name }, ownReader.id, door);
  }
}

/**
 * Writes the variables of a run that creates no secret.
 *
 * @throws Failure that names every one that cannot be written.
 */
export async function repairVariables(
  writes: readonly VariableWrite[],
  { github, deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  if (!github || writes.length === 0) {
    return;
  }
  const attempts = new Attempts(deadline);
  const written = await writeVariables(writes, { attempts, github, log });
  record.otherWrites = [...record.otherWrites, ...written];
  record.changed ||= written.length > 0;
  if (attempts.failures.length > 0) {
    throw together('writing the variables beside the targets', attempts.failures);
  }
}
