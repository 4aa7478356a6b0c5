import type { Mark } from './mark.ts';
import { CLOCK_SKEW, LONGEST_RUN } from './marked-secrets.ts';

/** A secret that this action created for another client. */
export interface OtherSecret {
  readonly clientId: string;
  readonly mark: Mark;
}

/**
 * The secret of another client that a target may have got when it was last written: a run that wrote it then can have
 * created that secret.
 *
 * @param others those whose mark names the target.
 * @param since leaves out what was created before.
 */
export function secretOfWrite(updatedAt: Date, others: readonly OtherSecret[], since?: Date): OtherSecret | undefined {
  return others.find(
    ({ mark: { mintedAt } }) => isOfRun(mintedAt, updatedAt) && (since === undefined || mintedAt > since),
  );
}

/** Whether one run can have created a secret at the one time and have written it at the other. */
function isOfRun(mintedAt: Date, writtenAt: Date): boolean {
  const took = writtenAt.getTime() - mintedAt.getTime();
  return took >= -CLOCK_SKEW && took <= LONGEST_RUN + CLOCK_SKEW;
}
