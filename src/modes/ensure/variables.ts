import { together } from '../../model/failure.ts';
import { type VariableWrite, variableLine } from '../../plan/variables.ts';
import type { Workbench } from '../step-context.ts';
import { admitOwn, type Doorkeeper } from './readers.ts';
import type { EnsureLedger } from './record.ts';
import { Attempts } from './write-targets.ts';

/** Writes variables. @returns those that were written, in words; what failed is among the attempts. */
export async function writeVariables(writes: readonly VariableWrite[], door: Doorkeeper): Promise<readonly string[]> {
  const { attempts, github, log } = door;
  const written: string[] = [];
  for (const write of writes) {
    const line = variableLine(write);
    const send = () => github.variables.write(write.place, write, write.audience, attempts.span);
    if ((await attempts.attempt(`writing the ${line}`, send)) === undefined) {
      written.push(line);
      log.info(`Wrote the ${write.tells} to the ${line}.`);
      await admitToNew(write, door);
    }
  }
  return written;
}

/** A new variable of an organization may be one that another repository has made in the meantime. */
async function admitToNew({ place, name, exists, ownReader }: VariableWrite, door: Doorkeeper): Promise<void> {
  if (!exists && ownReader && place.kind === 'organization') {
    await admitOwn({ kind: 'variable', place, name }, ownReader.id, door);
  }
}

/**
 * Writes the variables of a run that creates no secret.
 *
 * @throws Failure that names every one that cannot be written.
 */
export async function repairVariables(
  writes: readonly VariableWrite[],
  { github, deadline, log }: Workbench,
  ledger: EnsureLedger,
): Promise<void> {
  if (!github || writes.length === 0) {
    return;
  }
  const attempts = new Attempts(deadline);
  const written = await writeVariables(writes, { attempts, github, log });
  ledger.beside = [...ledger.beside, ...written];
  ledger.changed ||= written.length > 0;
  if (attempts.failures.length > 0) {
    throw together('writing the variables beside the targets', attempts.failures);
  }
}
