import { isCutMark } from '../model/mark.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { defaultEnd, resolveLife, type SecretRequest } from '../model/secret-life.ts';
import { targetLine } from '../model/target.ts';
import { type Clocks, type Duration, earlier, inVantageTime } from '../model/time.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import { heldSince, instant, type MarkedSecret } from './marked-secrets.ts';
import { endToldBeside, variableLine } from './variables.ts';

/** What is known of the secrets in use. */
export interface Evidence {
  /** What the token endpoint says of `current-secret`, where that was given. */
  readonly currentSecret: { readonly accepted: boolean; readonly display: string } | undefined;
  readonly secrets: ReadList<ListedSecret> | undefined;
  /** The listed secrets whose mark names a target, whoever created them. Newest first. */
  readonly secretsFor: (target: PreparedTarget) => readonly MarkedSecret[];
  readonly targets: readonly PreparedTarget[];
  /** Those of the output of this step, where it has one beside its targets. Newest first. */
  readonly ofOutput?: readonly MarkedSecret[] | undefined;
  readonly clientId: string;
  /** The longest that a run of this step takes, in milliseconds. Default: the longest that any run takes. */
  readonly longestRun?: number | undefined;
}

/** When a secret in use is due, in the words of why. `dueAt` is absent where it is due whatever the time. */
export interface End {
  readonly dueAt: Date | undefined;
  readonly why: string;
}

/** When a secret is due that works from `start` to `end`. */
export function dueAt(start: Date, end: Date, rotateBefore: Duration): Date {
  const asked = earlier(end, rotateBefore);
  // Vantage granted less than was asked for. Due from its first moment on, it would be due again at once, for ever.
  // Where clocks disagree, even its start may seem to come after its end.
  return asked > start ? asked : new Date(Math.min((start.getTime() + end.getTime()) / 2, end.getTime()));
}

/** When the secret of a target is due, which was last written at that time by GitHub's clock. */
export function endOfTarget(
  prepared: PreparedTarget,
  updatedAt: Date,
  wanted: SecretRequest,
  evidence: Evidence,
  now: Clocks,
): End {
  const line = targetLine(prepared.target);
  if (!tellsMarks(evidence.secrets)) {
    return endByAge(prepared, updatedAt, wanted, evidence, now);
  }
  const held = heldSince(updatedAt, evidence.secretsFor(prepared), evidence.longestRun);
  const [first] = held
    .map(secret => {
      const { start, end } = lifeOf(secret, wanted, now);
      return {
        dueAt: dueAt(start, end, wanted.rotateBefore),
        why: `the secret in ${line} ends at ${end.toISOString()}`,
      };
    })
    .sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
  return first ?? { dueAt: undefined, why: `${line} holds no secret that this action created and Vantage still knows` };
}

/** Whichever is earlier counts: the variable may tell of a secret that another step wrote to the same place just after. */
function endByAge(
  prepared: PreparedTarget,
  updatedAt: Date,
  wanted: SecretRequest,
  { longestRun }: Evidence,
  now: Clocks,
): End {
  const line = targetLine(prepared.target);
  const written = inVantageTime(updatedAt, now);
  const { startTime = written, expiration = defaultEnd(written) } = resolveLife(wanted, written);
  const byAge = {
    dueAt: dueAt(startTime, expiration, wanted.rotateBefore),
    why: `${line} was written at ${updatedAt.toISOString()}, and such a secret ends about ${expiration.toISOString()}`,
  };
  const { scope, variables: { expiration: variable } = {} } = prepared.resolved;
  const told = variable && endToldBeside(variable, updatedAt, longestRun);
  if (variable === undefined || told === undefined) {
    return byAge;
  }
  const byVariable = {
    dueAt: dueAt(written, told, wanted.rotateBefore),
    why: `the ${variableLine({ scope, name: variable.name })} says that the secret ends at ${told.toISOString()}`,
  };
  return byAge.dueAt < byVariable.dueAt ? byAge : byVariable;
}

/** Whether the action's own secrets can be told from others: of a list that may be cut, or cuts descriptions, they cannot. */
export function tellsMarks(
  secrets: ReadList<ListedSecret> | undefined,
): secrets is Extract<ReadList<ListedSecret>, { kind: 'found' }> {
  return (
    secrets?.kind === 'found' &&
    secrets.whole &&
    secrets.found.every(({ description }) => description !== undefined && !isCutMark(description))
  );
}

/**
 * When the secret is due that became an output beside the targets: whoever took it gets no new one from another step that
 * writes the same targets.
 */
export function endOfOutput({ secrets, ofOutput }: Evidence, wanted: SecretRequest, now: Clocks): readonly End[] {
  if (ofOutput === undefined || !tellsMarks(secrets)) {
    return [];
  }
  const [newest] = ofOutput;
  if (newest === undefined) {
    return [{ dueAt: undefined, why: 'Vantage knows no secret that was an output of this step' }];
  }
  const { start, end } = lifeOf(newest, wanted, now);
  const why = `the secret that was an output of this step ends at ${end.toISOString()}`;
  return [{ dueAt: dueAt(start, end, wanted.rotateBefore), why }];
}

/**
 * Vantage shows the first three characters of each secret, so `current-secret`, which works, is one of those that begin
 * like it and have not ended. The first of them to be due comes first.
 */
export function endsOfCurrent(
  display: string,
  { rotateBefore }: SecretRequest,
  { secrets }: Evidence,
  now: Date,
): readonly End[] {
  return (secrets?.kind === 'found' ? secrets.found : [])
    .flatMap(secret => {
      const end = instant(secret.expiration);
      const start = instant(secret.startTime) ?? new Date(0);
      return end && end > now && secret.valueDisplay?.startsWith(display)
        ? [{ dueAt: dueAt(start, end, rotateBefore), why: `current-secret ends at ${end.toISOString()}` }]
        : [];
    })
    .sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
}

/** The life of a secret that a target holds. Where Vantage does not tell of it, it counts from the mark, which is of GitHub's clock. */
function lifeOf({ mark, startTime, expiration }: MarkedSecret, wanted: SecretRequest, now: Clocks) {
  const created = inVantageTime(mark.createdAt, now);
  return {
    start: startTime ?? created,
    end: expiration ?? resolveLife(wanted, created).expiration ?? defaultEnd(created),
  };
}
