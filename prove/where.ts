import { createHash } from 'node:crypto';

/** One in this many. */
const PROCESSES_ONE_IN = 10;

/** The part for which {@link usesProcesses} is true, as the proof prints it. */
export const PROCESSES_PART = `one in ${PROCESSES_ONE_IN}`;

/**
 * Whether the steps that need no process are processes anyway, as on a runner. The other nine in ten are executed in this
 * process, which takes a fraction of the time. The same for the same ID.
 */
export function usesProcesses(id: string): boolean {
  return createHash('sha256').update(id).digest().readUInt32BE() % PROCESSES_ONE_IN === 0;
}
