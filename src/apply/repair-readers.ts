import { type PreparedTarget, together } from '../github/preflight.ts';
import { itemLine } from '../github/readers.ts';
import { type MissingReading, missingSecrets, missingVariables } from '../plan/readers.ts';
import { targetLine } from '../request/targets.ts';
import { admitOwn } from './admit.ts';
import { Attempts } from './attempts.ts';
import type { EnsureLedger } from './ledger.ts';
import { ReadersKeeper } from './readers-keeper.ts';
import type { Workbench } from './workbench.ts';

/**
 * Lets the workflow's own repository read what it is to read and this run had no other reason to write: the secret may
 * well be young, as another repository shares it.
 *
 * @throws Failure that names everything that it cannot read.
 */
export async function repairReaders(
  targets: readonly PreparedTarget[],
  { github, deadline, log }: Workbench,
  ledger: EnsureLedger,
): Promise<void> {
  const readings = readingsToRepair(targets, ledger.written);
  if (!github || readings.length === 0) {
    return;
  }
  const door = { attempts: new Attempts(deadline), github, log };
  const keeper = new ReadersKeeper(door, deadline);
  for (const { item, own, readers } of readings) {
    if (await admitOwn(item, own, door)) {
      ledger.changed = true;
      ledger.beside = [...ledger.beside, `this repository as a reader of ${itemLine(item)}`];
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
export function foretellReaders(targets: readonly PreparedTarget[], { log }: Workbench): void {
  for (const { item } of readingsToRepair(targets, [])) {
    log.info(`A run lets this repository read ${itemLine(item)}.`);
  }
}

function readingsToRepair(targets: readonly PreparedTarget[], written: readonly string[]): readonly MissingReading[] {
  const left = targets.filter(({ target }) => !written.includes(targetLine(target)));
  return [...missingSecrets(left), ...missingVariables(targets)];
}
