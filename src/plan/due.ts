import type { PreparedTarget } from '../model/prepared-target.ts';
import type { SecretRequest } from '../model/secret.ts';
import { targetInProse } from '../model/target.ts';
import type { Clocks } from '../model/time.ts';
import { currentSecretDueDates, type DueDate, outputDueDates, type RotationFacts, targetDueDate } from './due-dates.ts';
import { marksAreReadable } from './marked-secrets.ts';
import { otherClientInVariable, whyExpirationUnknown } from './variables.ts';

/** Why a secret is due, for programs. The table in docs/inputs-and-outputs.md explains each reason. */
export type DueReason =
  | 'always'
  | 'new-client'
  | 'maybe-new-client'
  | 'current-secret-refused'
  | 'nothing-holds-one'
  | 'target-missing'
  | 'other-client'
  | 'no-own-secret'
  | 'expiration-unknown'
  | 'expires-soon';

/** Whether a secret must be created, and why. */
export type Due =
  | {
      readonly due: true;
      readonly reason: DueReason;
      readonly why: string;
      readonly targets: readonly PreparedTarget[];
      /** When the first of the other targets is due. Absent if there are no others. */
      readonly restDueAt?: Date | undefined;
      /** Set if a secret in use does not work, or belongs to another client. */
      readonly isUnusable?: true;
    }
  /** When the secret in use becomes due, if anything shows it, and why: which secret, and when it expires. */
  | { readonly due: false; readonly dueAt?: Date | undefined; readonly why?: string | undefined };

interface TargetDueDate extends DueDate {
  readonly prepared: PreparedTarget;
  readonly reason: DueReason;
  readonly isUnusable?: true;
}

/** The reasons for which a target can be due. The first one that applies is the reason of the rotation. */
const PRIORITY: readonly DueReason[] = [
  'target-missing',
  'other-client',
  'no-own-secret',
  'expiration-unknown',
  'expires-soon',
];

/** Milliseconds in which targets are due together: those of one rotation are not written at the same moment. */
const TOGETHER = 24 * 60 * 60_000;

/**
 * Decides whether a secret is due, and for which targets. It is due if the token endpoint refuses `current-secret`, or if
 * a target holds no secret, holds the secret of another client, or holds one that expires soon. If Vantage lists secrets,
 * their expirations are known. Otherwise they come from the expiration variables. A variable that a killed run did not
 * write makes a secret due as well. Without such variables, the age of the target and the requested life decide. All times
 * in the result are from Vantage's clock.
 */
export function decideDue(wanted: SecretRequest, facts: RotationFacts, now: Clocks): Due {
  const { currentSecret, targets } = facts;
  if (currentSecret?.accepted === false) {
    const why = 'the token endpoint refuses current-secret';
    return { due: true, reason: 'current-secret-refused', why, targets, isUnusable: true };
  }
  if (targets.length === 0 && currentSecret === undefined) {
    const why = 'there is no target and no current-secret, so nothing shows that a secret is in use';
    return { due: true, reason: 'nothing-holds-one', why, targets };
  }
  const otherDueDates = [
    ...(currentSecret ? currentSecretDueDates(currentSecret.display, wanted, facts, now.vantage) : []),
    ...outputDueDates(facts, wanted, now),
  ];
  const targetDueDates = targets.map(prepared => judge(prepared, wanted, facts, now));
  const [other] = otherDueDates.filter(one => isDueBy(one, now.vantage));
  const due = targetDueDates.filter(one => isDueBy(one, now.vantage));
  const [first] = due.toSorted(byPriority);
  if (first === undefined) {
    const next = earliest([...otherDueDates, ...targetDueDates]);
    return other
      ? { due: true, reason: other.dueAt ? 'expires-soon' : 'no-own-secret', why: other.why, targets }
      : { due: false, dueAt: next?.dueAt, why: next?.why };
  }
  const rotated = other ? targetDueDates : targetDueDates.filter(one => rotatesTogether(one, due, now.vantage));
  const restDueAt = earliest(targetDueDates.filter(one => !rotated.includes(one)))?.dueAt;
  return {
    due: true,
    reason: first.reason,
    why: first.why,
    targets: rotated.map(({ prepared }) => prepared),
    restDueAt,
    ...(due.some(({ isUnusable }) => isUnusable) ? { isUnusable: true } : {}),
  };
}

function judge(prepared: PreparedTarget, wanted: SecretRequest, facts: RotationFacts, now: Clocks): TargetDueDate {
  const { updatedAt } = prepared;
  if (updatedAt === undefined) {
    const why = `the ${targetInProse(prepared.target)} does not exist yet`;
    return { prepared, reason: 'target-missing', dueAt: undefined, why };
  }
  const otherClient = otherClientInVariable(prepared, facts.clientId);
  if (otherClient !== undefined) {
    return { prepared, reason: 'other-client', dueAt: undefined, why: otherClient, isUnusable: true };
  }
  const unknown = !marksAreReadable(facts.secrets) && whyExpirationUnknown(prepared, updatedAt, wanted);
  if (unknown) {
    return { prepared, reason: 'expiration-unknown', dueAt: undefined, why: unknown };
  }
  const dueDate = targetDueDate(prepared, updatedAt, wanted, facts, now);
  return { prepared, reason: dueDate.dueAt ? 'expires-soon' : 'no-own-secret', ...dueDate };
}

/** Targets in one place share its variables, so they must hold the same secret. */
function rotatesTogether(dueDate: TargetDueDate, due: readonly TargetDueDate[], now: Date): boolean {
  const { resolved } = dueDate.prepared;
  const sharesVariables = resolved.variables && due.some(({ prepared }) => prepared.resolved === resolved);
  return sharesVariables || isDueBy(dueDate, new Date(now.getTime() + TOGETHER));
}

function isDueBy({ dueAt }: DueDate, time: Date): boolean {
  return dueAt === undefined || dueAt <= time;
}

function earliest(dueDates: readonly DueDate[]): DueDate | undefined {
  return dueDates
    .flatMap(({ dueAt, why }) => (dueAt ? { dueAt, why } : []))
    .sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime())[0];
}

function byPriority(one: TargetDueDate, other: TargetDueDate): number {
  return (
    PRIORITY.indexOf(one.reason) - PRIORITY.indexOf(other.reason) ||
    (one.dueAt?.getTime() ?? 0) - (other.dueAt?.getTime() ?? 0)
  );
}
