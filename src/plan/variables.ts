import { quoted } from '../model/failure.ts';
import type { HeldVariable, OwnReader, PreparedTarget, RepositoryAccess } from '../model/prepared-target.ts';
import type { TargetsRequest } from '../model/request.ts';
import type { SecretRequest } from '../model/secret.ts';
import { itemInProse, type SecretScope, scopeKey, scopeLine, targetInProse, targetLine } from '../model/target.ts';
import { parseInstant } from '../model/time.ts';
import { CLOCK_SKEW, LONGEST_RUN } from './marked-secrets.ts';

export interface VariableWrite {
  readonly scope: SecretScope;
  readonly name: string;
  readonly value: string;
  readonly exists: boolean;
  /** Which repositories can read a new variable of an organization. */
  readonly repositoryAccess: RepositoryAccess | undefined;
  /** The workflow's own repository, if it must be able to read a new variable of an organization. */
  readonly ownReader: OwnReader | undefined;
  readonly content: 'client id' | 'expiration';
}

/** The correct values of the variables next to targets. */
interface VariableValues {
  readonly clientId: string;
  /** The expirations of the secrets that a target can hold. Empty if none is known. */
  readonly expirationsOf: (target: PreparedTarget) => readonly Date[];
  /** Whether the targets get a new secret. Then the expiration is written anyway, so that it is not older than the secret. */
  readonly isNew?: boolean;
}

/** Times that differ by less than this are equal, in milliseconds: some services drop the fraction of a second. */
const SAME_SECOND = 1000;

/** The variables next to targets whose values are wrong. Several targets in one place share its variables. */
export function variablesToWrite(targets: readonly PreparedTarget[], values: VariableValues): readonly VariableWrite[] {
  const byScope = Map.groupBy(targets, ({ resolved }) => scopeKey(resolved.scope));
  return [...byScope.values()].flatMap(([first, ...others]) =>
    first ? variablesOfScope(first, [first, ...others], values) : [],
  );
}

function variablesOfScope(
  { resolved: { scope, variables = {} }, repositoryAccess, ownReader }: PreparedTarget,
  targets: readonly PreparedTarget[],
  { clientId, expirationsOf, isNew = false }: VariableValues,
): readonly VariableWrite[] {
  const write = (variable: HeldVariable, value: string, content: VariableWrite['content']): VariableWrite => {
    const exists = variable.value !== undefined;
    return { scope, name: variable.name, value, exists, repositoryAccess, ownReader, content };
  };
  const { clientId: idVariable, expiration: expirationVariable } = variables;
  const expirations = targets.map(expirationsOf).filter(one => one.length > 0);
  const [first] = expirations.flat().sort((one, other) => one.getTime() - other.getTime());
  return [
    ...(idVariable && idVariable.value !== clientId ? [write(idVariable, clientId, 'client id')] : []),
    ...(expirationVariable && first && (isNew || !mayBeCorrect(expirationVariable, expirations))
      ? [write(expirationVariable, first.toISOString(), 'expiration')]
      : []),
  ];
}

/**
 * When the secret in a target expires, as the variable next to it says. Returns undefined if the variable was written
 * before the last write to the target, or longer than a run after it: then it belongs to another secret.
 */
export function expirationFromVariable(
  variable: HeldVariable,
  writtenAt: Date,
  longestRun = LONGEST_RUN,
): Date | undefined {
  const delay = (variable.updatedAt ?? writtenAt).getTime() - writtenAt.getTime();
  return delay >= 0 && delay <= longestRun ? timeIn(variable) : undefined;
}

/**
 * Says, as part of a sentence, why the variable next to a target does not show when its secret expires: it does not exist,
 * or it was written before the secret. Then a run was killed in between, or the workflow got the variable later, or somebody
 * else wrote the secret. Returns undefined if the variable can belong to the secret, or if the step has no such variable.
 */
export function whyExpirationUnknown(
  { target, resolved: { scope, variables } }: PreparedTarget,
  writtenAt: Date,
  { expiration }: Pick<SecretRequest, 'expiration'>,
): string | undefined {
  const variable = variables?.expiration;
  if (variable === undefined) {
    return undefined;
  }
  const name = `the ${itemInProse('variable', variable.name, scope)}`;
  const unknown = `so it is not known when the ${targetInProse(target)} expires`;
  if (variable.value === undefined) {
    return `${name} does not exist, ${unknown}`;
  }
  // With a fixed expiration, that of the secret before is right, and GitHub may not date a write that changes nothing.
  const isFixed = expiration !== undefined && 'at' in expiration;
  return !isFixed && variable.updatedAt && variable.updatedAt.getTime() + CLOCK_SKEW < writtenAt.getTime()
    ? `${name} is older than the secret, ${unknown}`
    : undefined;
}

/**
 * Says, as part of a sentence, that the variable next to a target names another client, to which the secret belongs then.
 * Ids that differ only in case count as different, because it is not documented whether ids are case-sensitive.
 */
export function otherClientInVariable({ resolved }: PreparedTarget, clientId: string): string | undefined {
  const { scope, variables } = resolved;
  const { name = '', value } = variables?.clientId ?? {};
  return value?.trim() && value.trim() !== clientId
    ? `the ${itemInProse('variable', name, scope)} names another client: ${quoted(value)}`
    : undefined;
}

/** Whether only marks can show which client the secret in a target belongs to: no variable next to it names a client. */
export function needsMarks({ updatedAt, resolved }: PreparedTarget): boolean {
  return updatedAt !== undefined && resolved.variables?.clientId?.value === undefined;
}

/** The expiration variables whose value is not a time. They are named in prose. */
export function malformedExpirations(targets: readonly PreparedTarget[]) {
  return expirationVariables(targets).flatMap(({ name, variable }) =>
    variable.value !== undefined && timeIn(variable) === undefined ? [{ name, value: variable.value }] : [],
  );
}

/** The expiration variables that do not exist, in prose. */
export function missingExpirations(targets: readonly PreparedTarget[]): readonly string[] {
  return expirationVariables(targets).flatMap(({ name, variable }) => (variable.value === undefined ? [name] : []));
}

function expirationVariables(targets: readonly PreparedTarget[]) {
  return [...new Set(targets.map(({ resolved }) => resolved))].flatMap(({ scope, variables: { expiration } = {} }) =>
    expiration ? [{ name: itemInProse('variable', expiration.name, scope), variable: expiration }] : [],
  );
}

/** The name of a variable and its place, as text. */
export function variableLine({ scope, name }: Pick<VariableWrite, 'scope' | 'name'>): string {
  return `variable ${name} of ${scopeLine(scope)}`;
}

/**
 * Whether a variable can be the time when the first of the secrets next to it expires. If a target can hold one of several
 * secrets, each of its expirations can be correct, and the variable is only replaced if it is certainly wrong.
 */
function mayBeCorrect(variable: HeldVariable, expirations: readonly (readonly Date[])[]): boolean {
  const times = expirations.map(ofTarget => ofTarget.map(Number));
  const latest = Math.min(...times.map(ofTarget => Math.max(...ofTarget)));
  const stated = timeIn(variable)?.getTime() ?? Number.NaN;
  return times.flat().some(one => one <= latest && Math.abs(stated - one) < SAME_SECOND);
}

function timeIn({ value }: HeldVariable): Date | undefined {
  return parseInstant(value?.trim() ?? '');
}

/** Returns what turns the line of a secret or a variable, as the outputs show it, into words for a sentence. */
export function proseOf(github: TargetsRequest | undefined): (line: string) => string {
  const { targets = [], clientIdVariable, expirationVariable } = github ?? {};
  const variables = [clientIdVariable, expirationVariable].filter(name => name !== undefined);
  const prose = new Map(
    targets.flatMap(target => [
      [targetLine(target), targetInProse(target)] as const,
      ...variables.map(name => {
        const { scope } = target;
        return [variableLine({ scope, name }), itemInProse('variable', name, scope)] as const;
      }),
    ]),
  );
  return line => prose.get(line) ?? line;
}
