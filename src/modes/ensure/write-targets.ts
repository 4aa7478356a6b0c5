import { capitalized, Failure, together } from '../../model/failure.ts';
import type { PreparedTarget, RepositoryAccess } from '../../model/prepared-target.ts';
import type { Secret } from '../../model/secret.ts';
import { itemInProse, type Target, targetInProse } from '../../model/target.ts';
import { sharedSecret } from '../../plan/readers.ts';
import { type VariableWrite, variablesToWrite } from '../../plan/variables.ts';
import { GitHubWriter } from '../github-writer.ts';
import type { EnsureRun } from './observe.ts';
import { addOwnRepository, RepositoryAccessGuard } from './repository-access.ts';

interface WriteParams {
  readonly clientId: string;
  readonly secret: Secret;
  /** When the secret expires. */
  readonly end: Date;
  readonly targets: readonly PreparedTarget[];
}

/** The result of the writes. */
export interface WriteResult {
  /** The targets that hold the new secret. */
  readonly written: readonly Target[];
  /** The targets that do not, or may not. */
  readonly unwritten: readonly { readonly target: Target; readonly failure: Failure }[];
  /** Of these targets, of variables and of access. */
  readonly failures: readonly Failure[];
  /** The variables that were written, in prose. */
  readonly variables: readonly string[];
}

/**
 * Writes the secret to every target, then the variables next to each secret that was written. A target that fails does
 * not stop the others. Never throws for a target.
 */
export async function writeTargets(
  { clientId, secret, end, targets }: WriteParams,
  writer: GitHubWriter,
): Promise<WriteResult> {
  const { github, log } = writer;
  const guard = new RepositoryAccessGuard(writer);
  const written: PreparedTarget[] = [];
  const unwritten: { target: Target; failure: Failure }[] = [];
  for (const prepared of targets) {
    const { target } = prepared;
    const name = targetInProse(target);
    let repositoryAccess: RepositoryAccess | undefined;
    const failure = await writer.attempt(`writing ${name}`, async () => {
      repositoryAccess = await github.secrets.write(prepared, secret, writer.budget);
    });
    if (failure) {
      unwritten.push({ target, failure });
    } else {
      written.push({ ...prepared, ...(repositoryAccess ? { repositoryAccess } : {}) });
      log.info(`Wrote ${name}.`);
      await protectAccess(prepared, repositoryAccess, guard, writer);
    }
  }
  const variables = await writeVariables(
    variablesToWrite(written, { clientId, expirationsOf: () => [end], isNew: true }),
    writer,
  );
  await guard.restoreRemoved();
  return { written: written.map(({ target }) => target), unwritten, failures: writer.failures, variables };
}

/**
 * Gives the workflow's own repository access if the target asks for it. The PUT cannot do that: GitHub would refuse the
 * secret together with the repository.
 */
async function protectAccess(
  { target, ownReader }: PreparedTarget,
  repositoryAccess: RepositoryAccess | undefined,
  guard: RepositoryAccessGuard,
  writer: GitHubWriter,
): Promise<void> {
  const secret = sharedSecret(target);
  if (!secret || repositoryAccess?.visibility !== 'selected') {
    return;
  }
  const { repositories } = repositoryAccess;
  const own = ownReader && !repositories.includes(ownReader.id) ? ownReader.id : undefined;
  const isAdded = own !== undefined && (await addOwnRepository(secret, own, writer));
  guard.protect(secret, isAdded ? [...repositories, own] : repositories);
}

/** The targets that may hold the secret, because the response to the write was lost. */
export function possiblyWritten({ unwritten }: WriteResult): readonly Target[] {
  return unwritten.filter(({ failure }) => failure.outcomeUnknown).map(({ target }) => target);
}

/** What to do about a delivery that reached some targets, once each of its failures has said what to do about it. */
export const FIX_AND_RUN_AGAIN = 'Fix what failed and run the step again.';

/** The failure of a delivery that reached some targets: names those that hold the new secret, and those that do not. */
export function partialDelivery(result: WriteResult): Failure {
  const { failures } = result;
  const holders = result.written.map(targetInProse).join(', ') || 'none for certain';
  const unsure = possiblyWritten(result).map(targetInProse).join(', ');
  const maybe = unsure === '' ? '' : `; possibly written: ${unsure}`;
  return new Failure(
    'partial-hand-off',
    {
      operation: 'writing the new secret to every target',
      reason: `it is in use, so it is kept. Written: ${holders}${maybe}. ${capitalized(failures.map(({ message }) => message).join(' · '))}`,
      advice: FIX_AND_RUN_AGAIN,
      failures,
    },
    { cause: failures[0] },
  );
}

/** The failure of a delivery that reached no target. */
export function failedDelivery({ failures }: WriteResult): Failure {
  return together('writing the new secret to GitHub', failures);
}

/** Writes variables. @returns those that were written, in prose. The writer has what failed. */
export async function writeVariables(
  writes: readonly VariableWrite[],
  writer: GitHubWriter,
): Promise<readonly string[]> {
  const { github, budget, log } = writer;
  const written: string[] = [];
  for (const write of writes) {
    const { scope, name, content, exists, ownReader, repositoryAccess } = write;
    const variable = itemInProse('variable', name, scope);
    const failure = await writer.attempt(`writing ${variable}`, () =>
      github.variables.write(scope, write, repositoryAccess, budget),
    );
    if (failure === undefined) {
      written.push(variable);
      log.info(`Wrote the ${content} to ${variable}.`);
      // Another repository may have created an organization's variable in the meantime, for itself alone.
      if (!exists && ownReader && scope.kind === 'organization') {
        await addOwnRepository({ kind: 'variable', scope, name }, ownReader.id, writer);
      }
    }
  }
  return written;
}

/**
 * Writes the variables of a run that creates no secret.
 *
 * @throws Failure that names every variable that cannot be written.
 */
export async function repairVariables({ context, record }: EnsureRun, writes: readonly VariableWrite[]): Promise<void> {
  const { github, deadline, log } = context;
  if (!github) {
    return;
  }
  const writer = new GitHubWriter(github, deadline, log);
  const written = await writeVariables(writes, writer);
  record.otherWrites = [...record.otherWrites, ...written];
  record.changed ||= written.length > 0;
  writer.assertWritten('writing the variables next to the targets');
}
