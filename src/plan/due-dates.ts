import type { PreparedTarget } from '../model/prepared-target.ts';
import { defaultEnd, resolveLife, type SecretRequest } from '../model/secret.ts';
import { itemInProse, targetInProse } from '../model/target.ts';
import { type Clocks, type Duration, earlier, inVantageTime } from '../model/time.ts';
import type { ListedSecret, ReadList } from '../model/vantage.ts';
import { likelyHeldSecrets, type MarkedSecret, marksAreReadable, parseVantageTime } from './marked-secrets.ts';
import { expirationFromVariable } from './variables.ts';

export interface RotationFacts {
  /** Whether the token endpoint accepts `current-secret`, and how it starts. Undefined if the workflow does not set it. */
  readonly currentSecret: { readonly accepted: boolean; readonly display: string } | undefined;
  readonly secrets: ReadList<ListedSecret> | undefined;
  /** The listed secrets whose mark names a target, whoever created them. Newest first. */
  readonly secretsFor: (target: PreparedTarget) => readonly MarkedSecret[];
  readonly targets: readonly PreparedTarget[];
  /** The listed secrets that were outputs of this step. Newest first. Absent if the step has no targets or no output. */
  readonly outputSecrets?: readonly MarkedSecret[] | undefined;
  readonly clientId: string;
  /** The maximum duration of a run of this step, in milliseconds. Default: the maximum of any run. */
  readonly longestRun?: number | undefined;
}

/** When a secret in use is due for rotation, and why, as text. `dueAt` is absent if it is due at any time. */
export interface DueDate {
  readonly dueAt: Date | undefined;
  readonly why: string;
}

/** When a secret that is valid from `start` to `end` is due for rotation. */
export function dueTime(start: Date, end: Date, rotateBefore: Duration): Date {
  const requested = earlier(end, rotateBefore);
  // If Vantage grants a shorter life than `rotateBefore`, the new secret would be due at once, and so would each one after
  // it. It is due in the middle of its life instead. If clocks disagree, even its start can be later than its expiration.
  return requested > start ? requested : new Date(Math.min((start.getTime() + end.getTime()) / 2, end.getTime()));
}

/** When the secret in a target is due. `updatedAt` is the time of the last write to the target, from GitHub's clock. */
export function targetDueDate(
  prepared: PreparedTarget,
  updatedAt: Date,
  wanted: SecretRequest,
  facts: RotationFacts,
  now: Clocks,
): DueDate {
  if (!marksAreReadable(facts.secrets)) {
    return dueDateByAge(prepared, updatedAt, wanted, facts, now);
  }
  const name = `the ${targetInProse(prepared.target)}`;
  const held = likelyHeldSecrets(updatedAt, facts.secretsFor(prepared), facts.longestRun);
  const [first] = sortByTime(held.map(secret => dueDateOf(secret, name, wanted, now)));
  const why = `${name} is not one that this action created and that Vantage still lists`;
  return first ?? { dueAt: undefined, why };
}

/** The earlier date wins: the variable may belong to a secret that another step wrote to the same place afterwards. */
function dueDateByAge(
  prepared: PreparedTarget,
  updatedAt: Date,
  wanted: SecretRequest,
  { longestRun }: RotationFacts,
  now: Clocks,
): DueDate {
  const written = inVantageTime(updatedAt, now);
  const { startTime = written, expiration = defaultEnd(written) } = resolveLife(wanted, written);
  const byAge = {
    dueAt: dueTime(startTime, expiration, wanted.rotateBefore),
    why: `the ${targetInProse(prepared.target)} was written at ${updatedAt.toISOString()}, so it expires at about ${expiration.toISOString()}`,
  };
  const { scope, variables: { expiration: variable } = {} } = prepared.resolved;
  const stated = variable && expirationFromVariable(variable, updatedAt, longestRun);
  if (variable === undefined || stated === undefined) {
    return byAge;
  }
  const byVariable = {
    dueAt: dueTime(written, stated, wanted.rotateBefore),
    why: `the ${itemInProse('variable', variable.name, scope)} says that the secret expires at ${stated.toISOString()}`,
  };
  return byAge.dueAt < byVariable.dueAt ? byAge : byVariable;
}

/** For a step that also has targets: if another step rotates them, whoever took the output does not get the new secret. */
export function outputDueDates(
  { secrets, outputSecrets }: RotationFacts,
  wanted: SecretRequest,
  now: Clocks,
): readonly DueDate[] {
  if (outputSecrets === undefined || !marksAreReadable(secrets)) {
    return [];
  }
  const [newest] = outputSecrets;
  return newest
    ? [dueDateOf(newest, 'the secret that was an output of this step', wanted, now)]
    : [{ dueAt: undefined, why: 'Vantage lists no secret that was an output of this step' }];
}

/**
 * When `current-secret` may be due, earliest first. Vantage shows how each secret starts, so `current-secret`, which
 * the token endpoint accepts, is one of the unexpired secrets that start with the same characters.
 */
export function currentSecretDueDates(
  display: string,
  { rotateBefore }: SecretRequest,
  { secrets }: RotationFacts,
  now: Date,
): readonly DueDate[] {
  const listed = secrets?.kind === 'found' ? secrets.found : [];
  const dueDates = listed.flatMap(secret => {
    const end = parseVantageTime(secret.expiration);
    const start = parseVantageTime(secret.startTime) ?? new Date(0);
    return end && end > now && secret.valueDisplay?.startsWith(display)
      ? [{ dueAt: dueTime(start, end, rotateBefore), why: `current-secret expires at ${end.toISOString()}` }]
      : [];
  });
  return sortByTime(dueDates);
}

/** If Vantage does not report the life of a secret, it is calculated from the mark, which has the time of GitHub's clock. */
function dueDateOf(secret: MarkedSecret, subject: string, wanted: SecretRequest, now: Clocks) {
  const created = inVantageTime(secret.mark.createdAt, now);
  const { startTime = created, expiration = resolveLife(wanted, created).expiration ?? defaultEnd(created) } = secret;
  const dueAt = dueTime(startTime, expiration, wanted.rotateBefore);
  return { dueAt, why: `${subject} expires at ${expiration.toISOString()}` };
}

function sortByTime<Item extends { readonly dueAt: Date }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
}
