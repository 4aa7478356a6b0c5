import { quoted } from '../model/failure.ts';
import type { HeldVariable, OwnReader, PreparedTarget, RepositoryAccess } from '../model/prepared-target.ts';
import { type SecretScope, scopeLine } from '../model/target.ts';
import { parseInstant } from '../model/time.ts';
import { LONGEST_RUN } from './marked-secrets.ts';

/** A variable to write beside targets. */
export interface VariableWrite {
  readonly scope: SecretScope;
  readonly name: string;
  readonly value: string;
  /** Whether it is there already. */
  readonly exists: boolean;
  /** Who is to read a new one of an organization. */
  readonly repositoryAccess: RepositoryAccess | undefined;
  /** The workflow's own repository, where it is to read a new one of an organization. */
  readonly ownReader: OwnReader | undefined;
  /** What it tells, in words. */
  readonly tells: 'client id' | 'expiration';
}

/** What the variables beside targets are to say. */
export interface VariableValues {
  readonly clientId: string;
  /** When the secret of a target may end: of several that it may hold, each may be the one. None where nothing is known. */
  readonly endsOf: (target: PreparedTarget) => readonly Date[];
}

/** How far two spellings of one time may be apart, in milliseconds: some tell less than others. */
const SAME_SECOND = 1000;

/** The variables beside targets that do not say what they are to say: one of a name in each place, however many targets it has. */
export function variablesToWrite(targets: readonly PreparedTarget[], values: VariableValues): readonly VariableWrite[] {
  const byScope = Map.groupBy(targets, ({ resolved }) => scopeLine(resolved.scope).toLowerCase());
  return [...byScope.values()].flatMap(([first, ...others]) =>
    first ? variablesOfScope(first, [first, ...others], values) : [],
  );
}

function variablesOfScope(
  { resolved: { scope, variables = {} }, repositoryAccess, ownReader }: PreparedTarget,
  targets: readonly PreparedTarget[],
  { clientId, endsOf }: VariableValues,
): readonly VariableWrite[] {
  const write = ({ name, value: held }: HeldVariable, value: string, tells: VariableWrite['tells']): VariableWrite => {
    return { scope, name, value, exists: held !== undefined, repositoryAccess, ownReader, tells };
  };
  const { clientId: names, expiration: ends } = variables;
  const possible = targets.map(endsOf).filter(one => one.length > 0);
  const [end] = possible.flat().sort((one, other) => one.getTime() - other.getTime());
  return [
    ...(names && names.value !== clientId ? [write(names, clientId, 'client id')] : []),
    ...(ends && end && !maySay(ends, possible) ? [write(ends, end.toISOString(), 'expiration')] : []),
  ];
}

/**
 * When the secret of a target ends, as the variable beside it says. One that is older than the secret, or that was written
 * long after it, tells of another secret.
 *
 * @param writtenAt when the target was last written.
 * @param longestRun in milliseconds: the run that wrote the secret wrote the variable as well.
 */
export function endToldBeside(variable: HeldVariable, writtenAt: Date, longestRun = LONGEST_RUN): Date | undefined {
  const age = (variable.updatedAt ?? writtenAt).getTime() - writtenAt.getTime();
  return age >= 0 && age <= longestRun ? parseInstant(variable.value?.trim() ?? '') : undefined;
}

/**
 * The other client that the variable beside a target names, in words, if it names one: the secret beside it is that
 * client's. One in another case may be another, as no documentation says that Vantage does not tell upper from lower case.
 */
export function otherClientBeside(
  { resolved: { scope, variables } }: PreparedTarget,
  clientId: string,
): string | undefined {
  const { name = '', value } = variables?.clientId ?? {};
  return value?.trim() && value.trim() !== clientId
    ? `the ${variableLine({ scope, name })} names another client: ${quoted(value)}`
    : undefined;
}

/** The expiration variables that do not hold a time. */
export function malformedExpirations(targets: readonly PreparedTarget[]): readonly VariableLine[] {
  return [...new Set(targets.map(({ resolved }) => resolved))].flatMap(({ scope, variables: { expiration } = {} }) => {
    const value = expiration?.value;
    return expiration && value !== undefined && parseInstant(value.trim()) === undefined
      ? [{ line: variableLine({ scope, name: expiration.name }), value }]
      : [];
  });
}

/** The expiration variables that are not there, in words. */
export function missingExpirations(targets: readonly PreparedTarget[]): readonly string[] {
  return [...new Set(targets.map(({ resolved }) => resolved))].flatMap(({ scope, variables: { expiration } = {} }) =>
    expiration && expiration.value === undefined ? [variableLine({ scope, name: expiration.name })] : [],
  );
}

/** A variable in words, and what it holds. */
export interface VariableLine {
  readonly line: string;
  readonly value: string;
}

/** How a variable reads. */
export function variableLine({ scope, name }: Pick<VariableWrite, 'scope' | 'name'>): string {
  return `variable ${name} of ${scopeLine(scope)}`;
}

/**
 * Whether a variable says when the first of the secrets beside it ends, as far as is known: of two that a target may hold
 * either may be right, and what is not known to be wrong stays.
 */
function maySay(variable: HeldVariable, possible: readonly (readonly Date[])[]): boolean {
  const latest = Math.min(...possible.map(ends => Math.max(...ends.map(end => end.getTime()))));
  return possible.flat().some(end => end.getTime() <= latest && isAt(variable, end));
}

function isAt({ value }: HeldVariable, time: Date): boolean {
  const held = parseInstant(value?.trim() ?? '');
  return held !== undefined && Math.abs(held.getTime() - time.getTime()) < SAME_SECOND;
}
