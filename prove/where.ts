import { createHash } from 'node:crypto';

/** One in this many. */
const PROCESSES_ONE_IN = 10;

/** What the proof prints about the steps that it does not interrupt. */
export const WHERE_NOTE = `of one in ${PROCESSES_ONE_IN}, they are processes too`;

/**
 * Whether the steps that need no process are processes anyway, as on a runner. The other nine in ten are executed in this
 * process, which takes a fraction of the time. The same for the same ID.
 */
export function usesProcesses(id: string): boolean {
  return createHash('sha256').update(id).digest().readUInt32BE() % PROCESSES_ONE_IN === 0;
}
