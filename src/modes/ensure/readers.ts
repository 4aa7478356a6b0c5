import type { GitHub } from '../../github/github.ts';
import { Failure, together } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import { itemLine, type PreparedTarget, type SharedItem } from '../../model/prepared-target.ts';
import { targetLine } from '../../model/target.ts';
import { type MissingAccess, secretsWithoutAccess, variablesWithoutAccess } from '../../plan/readers.ts';
import type { StepContext } from '../step-context.ts';
import { ReadersKeeper } from './readers-keeper.ts';
import type { EnsureRecord } from './record.ts';
import { Attempts } from './write-targets.ts';

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
    const admission = await github.readers.add(item, repository, attempts.budget);
    if (admission instanceof Failure) {
      onMissing(admission);
    }
    isAdmitted = admission === 'added';
  });
  return isAdmitted;
}

/**
 * Lets the workflow's own repository read what it is to read and this run had no other reason to write: the secret may
 * well be young, as another repository shares it.
 *
 * @throws Failure that names everything that it cannot read.
 */
export async function repairReaders(
  targets: readonly PreparedTarget[],
  { github, deadline, log }: StepContext,
  record: EnsureRecord,
): Promise<void> {
  const readings = readingsToRepair(targets, record.written);
  if (!github || readings.length === 0) {
    return;
  }
  const door = { attempts: new Attempts(deadline), github, log };
  const keeper = new ReadersKeeper(door, deadline);
  for (const { item, own, readers } of readings) {
    if (await admitOwn(item, own, door)) {
      record.changed = true;
      record.otherWrites = [...record.otherWrites, `this repository as a reader of ${itemLine(item)}`];
      // Nobody replaces the list of a variable.
      keeper.watch(item, item.kind === 'secret' ? [...readers, own] : []);
    }
  }
  await keeper.settle();
  if (door.attempts.failures.length > 0) {
    throw together('letting this repository read what it shares', door.attempts.failures);
  }
}

/** What a run that changes nothing else would let the workflow's own repository read, in words. */
export function foretellReaders(targets: readonly PreparedTarget[], { log }: StepContext): void {
  for (const { item } of readingsToRepair(targets, [])) {
    log.info(`A run lets this repository read ${itemLine(item)}.`);
  }
}

function readingsToRepair(targets: readonly PreparedTarget[], written: readonly string[]): readonly MissingAccess[] {
  const left = targets.filter(({ target }) => !written.includes(targetLine(target)));
  return [...secretsWithoutAccess(left), ...variablesWithoutAccess(targets)];
}
