import { itemInProse } from '../../model/target.ts';
import type { VariableWrite } from '../../plan/variables.ts';
import { GitHubWriter } from '../github-writer.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';
import { addOwnRepository } from './repository-access.ts';

/** Writes variables. @returns those that were written, in prose. The writer has what failed. */
export async function writeVariables(
  writes: readonly VariableWrite[],
  writer: GitHubWriter,
): Promise<readonly string[]> {
  const { github, budget, log } = writer;
  const written: string[] = [];
  for (const write of writes) {
    const variable = itemInProse('variable', write.name, write.scope);
    const failure = await writer.attempt(`writing ${variable}`, () =>
      github.variables.write(write.scope, write, write.repositoryAccess, budget),
    );
    if (failure === undefined) {
      written.push(variable);
      log.info(`Wrote the ${write.content} to ${variable}.`);
      await addToNewVariable(write, writer);
    }
  }
  return written;
}

/** Another repository may have created an organization's variable in the meantime, for itself alone. */
async function addToNewVariable(
  { scope, name, exists, ownReader }: VariableWrite,
  writer: GitHubWriter,
): Promise<void> {
  if (!exists && ownReader && scope.kind === 'organization') {
    await addOwnRepository({ kind: 'variable', scope, name }, ownReader.id, writer);
  }
}

/**
 * Writes the variables of a run that creates no secret.
 *
 * @throws Failure that names every variable that cannot be written.
 */
export async function repairVariables(
  writes: readonly VariableWrite[],
  { github, deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  if (!github || writes.length === 0) {
    return;
  }
  const writer = new GitHubWriter(github, deadline, log);
  const written = await writeVariables(writes, writer);
  record.otherWrites = [...record.otherWrites, ...written];
  record.changed ||= written.length > 0;
  writer.assertWritten('writing the variables next to the targets');
}
