import { pause } from '../../http/deadline.ts';
import { type Failure, messageOf } from '../../model/failure.ts';
import { type PreparedTarget, type SharedItem, sharedInProse } from '../../model/prepared-target.ts';
import { targetLine } from '../../model/target.ts';
import { secretsWithoutAccess, variablesWithoutAccess } from '../../plan/readers.ts';
import { GitHubWriter } from '../github-writer.ts';
import type { EnsureRun } from './observe.ts';

/**
 * Gives the workflow's own repository access to a secret or a variable of its organization.
 *
 * @param repository its id.
 * @returns whether it has access now. The writer has the failure otherwise.
 */
export async function addOwnRepository(item: SharedItem, repository: number, writer: GitHubWriter): Promise<boolean> {
  const isAdded = await addRepository(item, repository, writer, notFound => {
    throw notFound;
  });
  if (isAdded) {
    writer.log.info(`Gave this repository access to ${sharedInProse(item)}.`);
  }
  return isAdded;
}

/** @param onNotFound called with the failure if GitHub finds no such repository, secret or variable. */
async function addRepository(
  item: SharedItem,
  repository: number,
  writer: GitHubWriter,
  onNotFound: (failure: Failure) => void,
): Promise<boolean> {
  let isAdded = false;
  await writer.attempt(`giving repository ${repository} access to ${sharedInProse(item)}`, async () => {
    const result = await writer.github.selectedRepositories.add(item, repository, writer.budget);
    isAdded = result === 'added';
    if (typeof result === 'object') {
      onNotFound(result.notFound);
    }
  });
  return isAdded;
}

/**
 * Gives the workflow's own repository access to what it is to read and this run had no other reason to write: another
 * repository may have just written the secret.
 *
 * @throws Failure that names everything that the repository cannot read.
 */
export async function repairRepositoryAccess(run: EnsureRun, targets: readonly PreparedTarget[]): Promise<void> {
  const { record } = run;
  const { github, deadline, log } = run.context;
  if (!github) {
    return;
  }
  const writer = new GitHubWriter(github, deadline, log);
  const guard = new RepositoryAccessGuard(writer);
  const unwritten = targets.filter(({ target }) => !record.written.includes(targetLine(target)));
  for (const { item, own, readers } of [...secretsWithoutAccess(unwritten), ...variablesWithoutAccess(targets)]) {
    if (await addOwnRepository(item, own, writer)) {
      record.changed = true;
      record.otherWrites = [...record.otherWrites, `access of this repository to ${sharedInProse(item)}`];
      // Nobody replaces the list of a variable.
      guard.protect(item, item.kind === 'secret' ? [...readers, own] : []);
    }
  }
  await guard.restoreRemoved();
  writer.assertWritten('giving this repository access to shared secrets and variables');
}

/** Milliseconds between two looks at a list: longer than a run takes from reading the list to the end of its PUT. */
const PAUSE = 2000;

/** A list that is incomplete so often is not the work of concurrent runs. */
const MAX_LOOKS = 10;

interface ProtectedSecret {
  readonly secret: SharedItem;
  /** The ids of all that are known to have had access to it. */
  readonly repositories: Set<number>;
}

/**
 * Protects the selected repositories of an organization's secrets while several runs write them.
 *
 * The PUT of one run replaces the list by the list that this run read before, and so removes the repositories that another
 * run added in between. The first run cannot know of them. So each run looks after the repositories that it knows of: it
 * waits, adds the missing ones one by one, and repeats that until none is missing. Then the repository that was added last
 * is in the list for longer than a PUT takes, so no PUT is left that could remove it.
 */
export class RepositoryAccessGuard {
  readonly #writer: GitHubWriter;
  readonly #secrets: ProtectedSecret[] = [];

  constructor(writer: GitHubWriter) {
    this.#writer = writer;
  }

  /** @param repositories the ids of those that have access to the secret now. */
  protect(secret: SharedItem, repositories: readonly number[]): void {
    if (repositories.length > 0) {
      this.#secrets.push({ secret, repositories: new Set(repositories) });
    }
  }

  /** Looks at the lists and adds the missing repositories until none is missing. The writer has what fails. */
  async restoreRemoved(): Promise<void> {
    let unsettled: readonly ProtectedSecret[] = this.#secrets;
    const { work } = this.#writer.deadline;
    for (let looks = 0; unsettled.length > 0; looks += 1) {
      if (looks === MAX_LOOKS || work.remaining() <= PAUSE || !(await pause(PAUSE, work))) {
        this.#warn(unsettled, 'there was no time to check');
        return;
      }
      const incomplete: ProtectedSecret[] = [];
      for (const one of unsettled) {
        if (await this.#restore(one)) {
          incomplete.push(one);
        }
      }
      unsettled = incomplete;
    }
  }

  /** @returns whether a repository was missing and is added again. */
  async #restore(one: ProtectedSecret): Promise<boolean> {
    const { secret, repositories } = one;
    const { github, budget, log } = this.#writer;
    const listed = await github.selectedRepositories
      .list(secret, budget)
      .catch((error: unknown) => this.#warn([one], messageOf(error)));
    if (!listed) {
      return false;
    }
    const restored: number[] = [];
    for (const id of [...repositories].filter(one => !listed.includes(one))) {
      // A repository of others may have been deleted in the meantime.
      if (await addRepository(secret, id, this.#writer, notFound => log.info(notFound.message))) {
        restored.push(id);
      } else {
        repositories.delete(id);
      }
    }
    for (const id of listed) {
      repositories.add(id);
    }
    if (restored.length > 0) {
      const names = `${restored.length === 1 ? 'repository' : 'repositories'} ${restored.join(', ')}`;
      log.info(`Another run removed the access of ${names} to ${sharedInProse(secret)}. Restored it.`);
    }
    return restored.length > 0;
  }

  #warn(secrets: readonly ProtectedSecret[], reason: string): void {
    const names = secrets.map(({ secret }) => sharedInProse(secret)).join(', ');
    this.#writer.log.warning(
      `Another run may have removed the access of repositories to ${names}: ${reason}. Check the list of repositories.`,
      'targets',
    );
  }
}
