import { Failure } from '../failure.ts';
import type { GitHub } from '../github/github.ts';
import { itemLine, type SharedItem } from '../github/readers.ts';
import type { Log } from '../log.ts';
import type { Attempts } from './attempts.ts';

/** What lets a repository read, and where what fails goes to. */
export interface Doorkeeper {
  readonly attempts: Attempts;
  readonly github: GitHub;
  readonly log: Log;
}

/**
 * Lets the workflow's own repository read a secret or a variable of its organization.
 *
 * @param repository GitHub's number for it.
 * @returns whether it may now. What failed is among the attempts.
 */
export async function admitOwn(item: SharedItem, repository: number, door: Doorkeeper): Promise<boolean> {
  const isAdmitted = await admit(item, repository, door, failure => {
    throw failure;
  });
  if (isAdmitted) {
    door.log.info(`Let this repository read ${itemLine(item)}.`);
  }
  return isAdmitted;
}

/** The same for a repository of others, which may be gone by now. */
export async function admitAgain(item: SharedItem, repository: number, door: Doorkeeper): Promise<boolean> {
  return admit(item, repository, door, failure => door.log.info(failure.message));
}

/** @param onMissing told where GitHub knows no such repository, or nothing to read. */
async function admit(
  item: SharedItem,
  repository: number,
  { attempts, github }: Doorkeeper,
  onMissing: (failure: Failure) => void,
): Promise<boolean> {
  let isAdmitted = false;
  await attempts.attempt(`letting repository ${repository} read ${itemLine(item)}`, async () => {
    const admission = await github.readers.add(item, repository, attempts.span);
    if (admission instanceof Failure) {
      onMissing(admission);
    }
    isAdmitted = admission === 'added';
  });
  return isAdmitted;
}
