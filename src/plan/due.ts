import type { PreparedTarget } from '../model/prepared-target.ts';
import type { SecretRequest } from '../model/secret-life.ts';
import { targetLine } from '../model/target.ts';
import type { Clocks } from '../model/time.ts';
import { type End, type Evidence, endOfOutput, endOfTarget, endsOfCurrent } from './ends.ts';
import { otherClientBeside } from './variables.ts';

/** Why a secret is due, as a word for machines. The README's table tells what each means. */
export type DueReason =
  | 'always'
  | 'new-client'
  | 'maybe-new-client'
  | 'current-secret-refused'
  | 'nothing-holds-one'
  | 'target-missing'
  | 'other-client'
  | 'no-own-secret'
  | 'expires-soon';

/** Whether a secret must be created, and why. */
export type Due =
  | {
      readonly due: true;
      readonly reason: DueReason;
      /** The same in words. */
      readonly why: string;
      /** The targets that are to hold it. */
      readonly targets: readonly PreparedTarget[];
      /** When the first of the other targets is due, where any is left. */
      readonly restDueAt?: Date;
      /** What the targets hold is known not to work, or to be of another client. */
      readonly isDead?: true;
    }
  /** `dueAt` is absent where nothing tells when the secret in use ends. */
  | { readonly due: false; readonly dueAt?: Date };

/** A target, and whether it is due: at once where `dueAt` is absent. */
interface Verdict extends End {
  readonly prepared: PreparedTarget;
  readonly reason: DueReason;
  readonly isDead?: true;
}

/** The reasons of targets that are due, the one to name first. */
const GRAVITY: readonly DueReason[] = ['target-missing', 'other-client', 'no-own-secret', 'expires-soon'];

/** What is due this soon after a rotation goes along with it, in milliseconds: a set of targets is not written in one moment. */
const TOGETHER = 24 * 60 * 60_000;

/**
 * Decides whether a secret is due, and for which targets: the stored one is refused, or is of another client; or a target
 * holds none, or one that ends before long. Where Vantage lists secrets their ends are known; else the variable beside a
 * target tells, or its age with the life that is asked for. Ends are of Vantage's clock, and so is what this decides.
 */
export function decideDue(wanted: SecretRequest, evidence: Evidence, now: Clocks): Due {
  const { currentSecret, targets } = evidence;
  if (currentSecret?.accepted === false) {
    return {
      due: true,
      reason: 'current-secret-refused',
      why: 'the token endpoint refuses current-secret',
      targets,
      isDead: true,
    };
  }
  if (targets.length === 0 && currentSecret === undefined) {
    return {
      due: true,
      reason: 'nothing-holds-one',
      why: 'neither a target nor current-secret says that anything holds one',
      targets,
    };
  }
  const ends = [
    ...(currentSecret ? endsOfCurrent(currentSecret.display, wanted, evidence, now.vantage) : []),
    ...endOfOutput(evidence, wanted, now),
  ];
  const verdicts = targets.map(prepared => judge(prepared, wanted, evidence, now));
  const [current] = ends.filter(end => isDueBy(end, now.vantage));
  const due = verdicts.filter(end => isDueBy(end, now.vantage));
  const [first] = due.toSorted(byGravity);
  if (first === undefined) {
    const dueAt = earliest([...ends, ...verdicts]);
    return current
      ? { due: true, reason: current.dueAt ? 'expires-soon' : 'no-own-secret', why: current.why, targets }
      : { due: false, ...(dueAt ? { dueAt } : {}) };
  }
  const written = current ? verdicts : verdicts.filter(verdict => goesAlong(verdict, due, now.vantage));
  const restDueAt = earliest(verdicts.filter(verdict => !written.includes(verdict)));
  return {
    due: true,
    reason: first.reason,
    why: first.why,
    targets: written.map(({ prepared }) => prepared),
    ...(restDueAt ? { restDueAt } : {}),
    ...(due.some(({ isDead }) => isDead) ? { isDead: true } : {}),
  };
}

function judge(prepared: PreparedTarget, wanted: SecretRequest, evidence: Evidence, now: Clocks): Verdict {
  if (prepared.updatedAt === undefined) {
    const why = `${targetLine(prepared.target)} does not exist yet`;
    return { prepared, reason: 'target-missing', dueAt: undefined, why };
  }
  const stranger = otherClientBeside(prepared, evidence.clientId);
  if (stranger !== undefined) {
    return { prepared, reason: 'other-client', dueAt: undefined, why: stranger, isDead: true };
  }
  const end = endOfTarget(prepared, prepared.updatedAt, wanted, evidence, now);
  return {
    prepared,
    reason: end.dueAt ? 'expires-soon' : 'no-own-secret',
    ...end,
  };
}

/** The targets of one place share its variables, so they hold one secret. */
function goesAlong(verdict: Verdict, due: readonly Verdict[], now: Date): boolean {
  const { resolved } = verdict.prepared;
  const sharesVariables =
    resolved.variables !== undefined && due.some(({ prepared }) => prepared.resolved === resolved);
  return sharesVariables || isDueBy(verdict, new Date(now.getTime() + TOGETHER));
}

function isDueBy({ dueAt }: End, time: Date): boolean {
  return dueAt === undefined || dueAt <= time;
}

function earliest(ends: readonly End[]): Date | undefined {
  return ends.flatMap(({ dueAt }) => dueAt ?? []).sort((one, other) => one.getTime() - other.getTime())[0];
}

function byGravity(one: Verdict, other: Verdict): number {
  const graver = GRAVITY.indexOf(one.reason) - GRAVITY.indexOf(other.reason);
  return graver || (one.dueAt?.getTime() ?? 0) - (other.dueAt?.getTime() ?? 0);
}
